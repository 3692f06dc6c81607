//! Where a reset works: all of it beside the store that it replaces.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    account::archive::remove,
    error::{Error, Result},
    files::private_directory,
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
pub struct Places {
    /// The data directory.
    pub directory: PathBuf,
    /// The store of the bot: the old one until the activation, the new one after it.
    pub store: PathBuf,
    /// The new store until the activation.
    pub new_store: PathBuf,
    /// The copy of the old store that is read: opening a store changes its files.
    pub copy: PathBuf,
    /// The store of the device that the new one is tried with.
    pub trial_store: PathBuf,
}

impl Places {
    pub fn of(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            store: directory.join("matrix-store"),
            new_store: directory.join("matrix-store.reset"),
            copy: directory.join("matrix-store.reset-copy"),
            trial_store: directory.join("matrix-store.reset-trial"),
        }
    }

    /// Copies of the old store what a reset reads.
    pub fn copy_old_store(&self) -> Result<()> {
        remove(&self.copy)?;
        private_directory(&self.copy)?;
        for name in COPIED {
            let from = self.store.join(name);
            match fs::copy(&from, self.copy.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    let message = format!("cannot copy {}", from.display());
                    return Err(Error::failure(message).because(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Removes what there is of the new device.
    pub fn discard(&self) -> Result<()> {
        remove(&self.new_store)?;
        remove(&self.trial_store)
    }
}
