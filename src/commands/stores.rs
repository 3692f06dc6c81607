//! Setting encryption stores aside and putting new ones in their place. None is ever deleted.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use tempfile::TempDir;

use crate::{
    error::{Error, Result},
    inbox::{Damage, damaged_databases},
};

/// A store that is being made beside the one in use. It is removed unless it is installed.
#[derive(Debug)]
pub(in crate::commands) struct NewStore {
    directory: TempDir,
}

/// A store that was put in place.
#[derive(Debug)]
pub(in crate::commands) struct Installed {
    place: PathBuf,
    archived: Option<PathBuf>,
}

impl NewStore {
    /// Makes room for a store beside this one; so a place that cannot be written is found before
    /// anyone logs in.
    pub(in crate::commands) fn beside(place: &Path) -> Result<Self> {
        let parent = place.parent().unwrap_or(Path::new("."));
        tempfile::Builder::new()
            .prefix("matrix-store.new-")
            .tempdir_in(parent)
            .map(|directory| Self { directory })
            .map_err(|error| {
                Error::failure(format!("cannot make a store in {}", parent.display()))
                    .because(error)
                    .hint("let this user write there, or choose another place with --config")
            })
    }

    pub(in crate::commands) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Puts this store in place; the one that was there is kept aside.
    pub(in crate::commands) fn install(self, place: &Path) -> Result<Installed> {
        let archived = archive(place)?;
        let installed = Installed {
            place: place.to_owned(),
            archived,
        };
        if let Err(error) = fs::rename(self.path(), place) {
            installed.undo();
            return Err(failed("put in place", place, error));
        }
        // Nothing is left there to remove.
        let _ = self.directory.keep();
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
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs());
    let mut name = place.as_os_str().to_owned();
    name.push(format!(".old-{now}"));
    let archived = PathBuf::from(name);
    fs::rename(place, &archived).map_err(failed)?;
    Ok(Some(archived))
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

    #[test]
    fn the_old_store_is_kept_and_can_be_put_back() {
        let home = tempfile::tempdir().unwrap();
        let place = home.path().join("matrix-store");
        fs::create_dir(&place).unwrap();
        fs::write(place.join("old"), "").unwrap();

        let new = NewStore::beside(&place).unwrap();
        fs::write(new.path().join("new"), "").unwrap();
        let installed = new.install(&place).unwrap();
        assert!(place.join("new").exists());
        assert!(installed.archived().unwrap().join("old").exists());

        installed.undo();
        assert!(place.join("old").exists());
        assert!(!place.join("new").exists());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_store_that_is_not_installed_leaves_nothing() {
        let home = tempfile::tempdir().unwrap();
        drop(NewStore::beside(&home.path().join("matrix-store")).unwrap());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }
}
