//! Setting encryption stores aside and putting new ones in their place. None is ever deleted.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use crate::{
    error::{Error, Result},
    inbox::{Damage, damaged_databases},
    instance::private_directory,
    session::{StoreAccount, new_device_id},
};

/// What the name of a store that is being made begins with, before its device's id.
const NEW: &str = "matrix-store.new-";
/// What the name of an archived store begins with, before the time it was archived at.
pub(in crate::commands) const ARCHIVE: &str = "matrix-store.old-";

/// A store that is being made beside the one in use. Its device's id is chosen before the login:
/// where that is cut short, the next one makes no second device.
#[derive(Debug)]
pub(in crate::commands) struct NewStore {
    directory: PathBuf,
    device_id: String,
}

/// A store that was put in place.
#[derive(Debug)]
pub(in crate::commands) struct Installed {
    place: PathBuf,
    archived: Option<PathBuf>,
}

impl NewStore {
    /// Makes room for a store beside this one; so a place that cannot be written is found before
    /// anyone logs in. What a login of the same user that was cut short has left is taken.
    pub(in crate::commands) async fn beside(
        place: &Path,
        is_user: impl Fn(&str) -> bool,
    ) -> Result<Self> {
        let parent = place.parent().unwrap_or(Path::new("."));
        for directory in beside(parent, NEW)? {
            match StoreAccount::read(&directory).await {
                Ok(Some(account)) if is_user(&account.user_id) => {
                    return Ok(Self {
                        directory,
                        device_id: account.device_id,
                    });
                }
                // Another user's, who may come back.
                Ok(Some(_)) => {}
                Ok(None) => {
                    if let Some(device_id) = device_of(&directory) {
                        return Ok(Self {
                            directory,
                            device_id,
                        });
                    }
                    remove(&directory)?;
                }
                Err(error) => {
                    tracing::debug!(%error, "a store that was never finished is removed");
                    remove(&directory)?;
                }
            }
        }
        Self::fresh(parent)
    }

    fn fresh(parent: &Path) -> Result<Self> {
        let device_id = new_device_id();
        let directory = parent.join(format!("{NEW}{device_id}"));
        private_directory(&directory)?;
        Ok(Self {
            directory,
            device_id,
        })
    }

    /// The id of its device.
    pub(in crate::commands) fn device_id(&self) -> &str {
        &self.device_id
    }

    /// Another in place of this one, which is of no use.
    pub(in crate::commands) fn replace(&self) -> Result<Self> {
        self.discard();
        Self::fresh(self.directory.parent().unwrap_or(Path::new(".")))
    }

    /// Removes it, if no device was ever made in it.
    pub(in crate::commands) async fn discard_unused(&self) {
        if matches!(StoreAccount::read(&self.directory).await, Ok(None)) {
            self.discard();
        }
    }

    /// Removes it, where its device is none of the account's.
    pub(in crate::commands) fn discard(&self) {
        if let Err(error) = remove(&self.directory) {
            tracing::warn!(%error, "a store that nothing uses is left");
        }
    }

    pub(in crate::commands) fn path(&self) -> &Path {
        &self.directory
    }

    /// Puts this store in place; the one that was there is kept aside.
    pub(in crate::commands) fn install(&self, place: &Path) -> Result<Installed> {
        let archived = archive(place)?;
        let installed = Installed {
            place: place.to_owned(),
            archived,
        };
        if let Err(error) = fs::rename(self.path(), place) {
            installed.undo();
            return Err(failed("put in place", place, error));
        }
        Ok(installed)
    }
}

impl Installed {
    /// Where the old store is kept.
    pub(in crate::commands) fn archived(&self) -> Option<&Path> {
        self.archived.as_deref()
    }

    /// Puts the old store back.
    pub(in crate::commands) fn undo(&self) {
        let removed = match fs::remove_dir_all(&self.place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        };
        let restored = removed.and_then(|()| match &self.archived {
            Some(archived) => fs::rename(archived, &self.place),
            None => Ok(()),
        });
        if let Err(error) = restored {
            tracing::error!(place = %self.place.display(), %error, "cannot put the old store back");
        }
    }
}

/// Moves a store aside under a name that tells when; `None` where there is none.
pub(in crate::commands) fn archive(place: &Path) -> Result<Option<PathBuf>> {
    let failed = |error| failed("set aside", place, error);
    if !place.try_exists().map_err(failed)? {
        return Ok(None);
    }
    let archived = free_name(place);
    fs::rename(place, &archived).map_err(failed)?;
    Ok(Some(archived))
}

/// A name beside this place that tells when, and that nothing has.
pub(in crate::commands) fn free_name(place: &Path) -> PathBuf {
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

/// The archived stores in a directory, the latest first.
pub(in crate::commands) fn archives(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found = beside(directory, ARCHIVE)?;
    let time = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.and_then(|name| name.strip_prefix(ARCHIVE)?.parse::<u64>().ok())
    };
    found.sort_by_key(|path| std::cmp::Reverse(time(path)));
    Ok(found)
}

/// The directories in this one whose names begin so.
fn beside(directory: &Path, prefix: &str) -> Result<Vec<PathBuf>> {
    let cannot = |error: io::Error| {
        Error::failure(format!("cannot list {}", directory.display())).because(error)
    };
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(cannot)?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(cannot)?;
        if entry.file_name().to_string_lossy().starts_with(prefix) && entry.path().is_dir() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// The device that the name of a new store names, if it is one of ours.
fn device_of(directory: &Path) -> Option<String> {
    let id = directory.file_name()?.to_str()?.strip_prefix(NEW)?;
    let is_ours = id.len() == new_device_id().len()
        && id.chars().all(|letter| letter.is_ascii_alphanumeric());
    is_ours.then(|| id.to_owned())
}

fn remove(directory: &Path) -> Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::failure(format!("cannot remove {}", directory.display())).because(error))
        }
        _ => Ok(()),
    }
}

/// What is damaged in a store, looked at before anybody opens it. What cannot be looked through
/// may be sound.
pub(in crate::commands) async fn damage(store: &Path) -> Option<String> {
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
    Error::failure(format!("the store {} cannot be {what}", place.display())).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        fs::write(new.path().join("new"), "").unwrap();
        let installed = new.install(&place).unwrap();
        assert!(place.join("new").exists());
        assert!(installed.archived().unwrap().join("old").exists());

        installed.undo();
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
        assert_eq!(found.device_id(), left.device_id());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
        let another = found.replace().unwrap();
        assert_ne!(another.device_id(), left.device_id());
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
