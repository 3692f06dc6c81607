//! Archiving encryption stores and activating new ones. None is ever deleted.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use crate::{
    error::{Error, Result},
    files::{directories, directory_of, private_directory, remove_failed},
    journal::{Damage, Stored, Summary, damaged_databases},
    session::{StoreAccount, new_device_id},
};

/// What the name of a store that is being made begins with, before its device's id.
const NEW: &str = "matrix-store.new-";

/// A store that is being made beside the one in use. Its device's id is chosen before the login:
/// where that is cut short, the next one makes no second device.
#[derive(Debug)]
pub struct NewStore {
    pub path: PathBuf,
    pub device_id: String,
}

impl NewStore {
    /// Makes room for a store beside this one; so a place that cannot be written is found before
    /// anyone logs in. What a login of the same user that was cut short has left is taken.
    pub async fn beside(place: &Path, is_user: impl Fn(&str) -> bool) -> Result<Self> {
        let parent = directory_of(place);
        for path in directories(parent, NEW)? {
            let device_id = match StoreAccount::read(&path).await {
                Ok(Some(account)) if is_user(&account.user_id) => Some(account.device_id),
                // Another user's, who may come back.
                Ok(Some(_)) => continue,
                Ok(None) => device_of(&path),
                Err(error) => {
                    tracing::debug!(%error, "removing an unfinished store");
                    None
                }
            };
            match device_id {
                Some(device_id) => return Ok(Self { path, device_id }),
                None => remove(&path)?,
            }
        }
        Self::fresh(parent)
    }

    fn fresh(parent: &Path) -> Result<Self> {
        let device_id = new_device_id();
        let path = parent.join(format!("{NEW}{device_id}"));
        private_directory(&path)?;
        Ok(Self { path, device_id })
    }

    /// Another in place of this one, which is of no use.
    pub fn replace(&self) -> Result<Self> {
        self.discard();
        Self::fresh(directory_of(&self.path))
    }

    /// Removes it, if no device was ever made in it.
    pub async fn discard_unused(&self) {
        if matches!(StoreAccount::read(&self.path).await, Ok(None)) {
            self.discard();
        }
    }

    /// Removes it, where its device is none of the account's.
    pub fn discard(&self) {
        if let Err(error) = remove(&self.path) {
            tracing::warn!(%error, "cannot remove an unused store");
        }
    }

    /// Puts this store in place; the one that was there is archived. Returns where.
    pub fn install(&self, place: &Path) -> Result<Option<PathBuf>> {
        let archived = archive(place)?;
        if let Err(error) = fs::rename(&self.path, place) {
            put_back(place, archived.as_deref());
            return Err(failed("activate", place, error));
        }
        Ok(archived)
    }
}

/// Puts the old store, which was archived there, back in the place of a new one.
pub fn put_back(place: &Path, archived: Option<&Path>) {
    let restored = remove(place).and_then(|()| match archived {
        Some(archived) => {
            fs::rename(archived, place).map_err(|error| failed("put back", place, error))
        }
        None => Ok(()),
    });
    if let Err(error) = restored {
        tracing::error!(place = %place.display(), %error, "cannot put the old store back");
    }
}

/// Renames a store to an archive with its time; `None` where there is none.
pub fn archive(place: &Path) -> Result<Option<PathBuf>> {
    let failed = |error| failed("archive", place, error);
    if !place.try_exists().map_err(failed)? {
        return Ok(None);
    }
    let archived = free_name(place);
    fs::rename(place, &archived).map_err(failed)?;
    Ok(Some(archived))
}

/// A free name beside this place, with the time.
pub fn free_name(place: &Path) -> PathBuf {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs());
    let named = |time: u64| {
        let mut name = place.as_os_str().to_owned();
        name.push(format!(".old-{time}"));
        PathBuf::from(name)
    };
    let mut time = now;
    while named(time).exists() {
        time += 1;
    }
    named(time)
}

/// The device that the name of a new store names, if it is one of ours.
fn device_of(directory: &Path) -> Option<String> {
    let id = directory.file_name()?.to_str()?.strip_prefix(NEW)?;
    let is_ours = id.len() == new_device_id().len()
        && id.chars().all(|letter| letter.is_ascii_alphanumeric());
    is_ours.then(|| id.to_owned())
}

/// Removes a directory, if it is there.
pub fn remove(directory: &Path) -> Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(remove_failed(directory, error))
        }
        _ => Ok(()),
    }
}

/// What the journal of a store holds, while nobody has it open. One that cannot be read has
/// nothing to give.
pub async fn journal_summary(store: &Path) -> Summary {
    match Summary::read(store).await {
        Ok(Some(Stored::Sound { summary, .. })) => summary,
        Ok(_) => Summary::default(),
        Err(error) => {
            tracing::warn!(%error, "cannot read the message queue");
            Summary::default()
        }
    }
}

/// What is damaged in a store, looked at before anybody opens it. What cannot be looked through
/// may be sound.
pub async fn damage(store: &Path) -> Option<String> {
    match damaged_databases(store).await {
        Ok(damaged) => damaged
            .first()
            .map(|Damage { file, why }| format!("{file} is damaged: {why}")),
        Err(error) => {
            tracing::warn!(%error, "cannot tell whether the store is damaged");
            None
        }
    }
}

fn failed(what: &str, place: &Path, error: io::Error) -> Error {
    Error::failure(format!("cannot {what} the store {}", place.display())).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::archives;

    async fn beside(place: &Path) -> NewStore {
        NewStore::beside(place, |user| user == "@bot:h")
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn the_old_store_is_kept_and_can_be_put_back() {
        let home = tempfile::tempdir().unwrap();
        let place = home.path().join("matrix-store");
        fs::create_dir(&place).unwrap();
        fs::write(place.join("old"), "").unwrap();

        let new = beside(&place).await;
        fs::write(new.path.join("new"), "").unwrap();
        let archived = new.install(&place).unwrap();
        assert!(place.join("new").exists());
        assert!(archived.as_ref().unwrap().join("old").exists());

        put_back(&place, archived.as_deref());
        assert!(place.join("old").exists());
        assert!(!place.join("new").exists());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[tokio::test]
    async fn a_store_that_was_left_is_taken_with_its_device_and_others_are_not() {
        let home = tempfile::tempdir().unwrap();
        let place = home.path().join("matrix-store");
        // As an earlier version named them.
        fs::create_dir(home.path().join("matrix-store.new-aB3dE9")).unwrap();
        let left = beside(&place).await;
        let found = beside(&place).await;
        assert_eq!(found.device_id, left.device_id);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
        let another = found.replace().unwrap();
        assert_ne!(another.device_id, left.device_id);
        another.discard();
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }

    #[test]
    fn archives_are_found_latest_first_and_never_overwritten() {
        let home = tempfile::tempdir().unwrap();
        for name in ["matrix-store.old-9", "matrix-store.old-10"] {
            fs::create_dir(home.path().join(name)).unwrap();
        }
        let found = archives(home.path()).unwrap();
        assert!(found[0].ends_with("matrix-store.old-10"), "{found:?}");
        let place = home.path().join("matrix-store");
        let mut names = Vec::new();
        for _ in 0..2 {
            fs::create_dir(&place).unwrap();
            names.push(archive(&place).unwrap().unwrap());
        }
        assert_ne!(names[0], names[1]);
        assert_eq!(
            archives(home.path()).unwrap()[..2],
            [&names[1], &names[0]].map(Clone::clone)
        );
    }
}
