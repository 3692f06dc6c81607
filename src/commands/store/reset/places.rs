//! Where a reset works: all of it beside the store that it replaces.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    error::{Error, Result},
    instance::private_directory,
};

/// What is copied of the old store: the files that hold keys, rooms and unanswered messages, with
/// what their databases have not yet put into them.
const COPIED: [&str; 6] = [
    "matrix-sdk-crypto.sqlite3",
    "matrix-sdk-crypto.sqlite3-wal",
    "matrix-sdk-state.sqlite3",
    "matrix-sdk-state.sqlite3-wal",
    "inbox.sqlite3",
    "inbox.sqlite3-wal",
];

/// The data directory and what a reset puts into it.
#[derive(Clone, Debug)]
pub(super) struct Places {
    directory: PathBuf,
}

impl Places {
    pub(super) fn of(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
        }
    }

    /// The data directory.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The store of the bot: the old one until the swap, the new one after it.
    pub(super) fn store(&self) -> PathBuf {
        self.directory.join("matrix-store")
    }

    /// The new store until the swap.
    pub(super) fn new_store(&self) -> PathBuf {
        self.directory.join("matrix-store.reset")
    }

    /// The copy of the old store that is read: opening a store changes its files.
    pub(super) fn copy(&self) -> PathBuf {
        self.directory.join("matrix-store.reset-copy")
    }

    /// The store of the device that the new one is tried with.
    pub(super) fn trial_store(&self) -> PathBuf {
        self.directory.join("matrix-store.reset-trial")
    }

    /// Copies of the old store what a reset reads.
    pub(super) fn copy_old_store(&self) -> Result<()> {
        remove(&self.copy())?;
        private_directory(&self.copy())?;
        for name in COPIED {
            let (from, to) = (self.store().join(name), self.copy().join(name));
            match fs::copy(&from, &to) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(
                        Error::failure(format!("cannot copy {}", from.display())).because(error)
                    );
                }
            }
        }
        Ok(())
    }

    /// Removes what there is of the new device.
    pub(super) fn discard(&self) -> Result<()> {
        [self.new_store(), self.trial_store()]
            .iter()
            .try_for_each(|place| remove(place))
    }

    /// Removes all that a reset made, but the journal.
    pub(super) fn clear(&self) -> Result<()> {
        self.discard()?;
        remove(&self.copy())
    }
}

/// Removes a directory, if it is there.
pub(super) fn remove(place: &Path) -> Result<()> {
    match fs::remove_dir_all(place) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::failure(format!("cannot remove {}", place.display())).because(error))
        }
        _ => Ok(()),
    }
}
