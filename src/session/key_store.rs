//! The encryption keys of a store alone: no session, no token, no request. The device in it
//! cannot speak to a homeserver from here.

use std::{fs, io, path::Path};

use matrix_sdk_base::crypto::OlmMachine;
use tempfile::TempDir;

use super::{
    account::{Cause, StoreAccount, open_store, unreadable},
    room_keys::RoomKeys,
    transfer::IdentitySecrets,
};
use crate::error::{Error, Result};

/// The files of a store that hold its keys.
const FILES: [&str; 2] = ["matrix-sdk-crypto.sqlite3", "matrix-sdk-crypto.sqlite3-wal"];

/// The keys of a store.
#[derive(Debug)]
pub struct KeyStore {
    account: StoreAccount,
    machine: OlmMachine,
    /// Where they lie, if that is a copy: removed when this is dropped.
    _copy: Option<TempDir>,
}

/// What came of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Keys that were not there before, or decrypt more than what was there.
    pub new: usize,
    /// All keys that were given.
    pub given: usize,
}

impl KeyStore {
    /// Opens the keys of the store in this directory; `None` where there is no store, or one that
    /// was never used.
    ///
    /// The caller holds the directory's lock: opening a store writes to it.
    ///
    /// # Errors
    ///
    /// When there is a store and it cannot be read.
    pub async fn open(store: &Path) -> Result<Option<Self>> {
        let opened = Self::open_at(store, None).await;
        opened.map_err(|cause| unreadable(store, cause))
    }

    /// Opens a copy of the keys of a store that is to stay as it is, made in this directory for as
    /// long as it is needed.
    ///
    /// # Errors
    ///
    /// When they cannot be copied or read.
    pub async fn open_copy(store: &Path, room: &Path) -> Result<Option<Self>> {
        let failed = |cause: Cause| {
            Error::failure(format!("cannot read the keys in {}", store.display())).because(cause)
        };
        let copy = copy(store, room).map_err(|error| failed(error.into()))?;
        let place = copy.path().to_owned();
        Self::open_at(&place, Some(copy)).await.map_err(failed)
    }

    async fn open_at(place: &Path, copy: Option<TempDir>) -> Result<Option<Self>, Cause> {
        let Some((store, account)) = open_store(place).await? else {
            return Ok(None);
        };
        let (user, device) = (account.user_id(), account.device_id());
        let machine = OlmMachine::with_store(user, device, store, None).await?;
        Ok(Some(Self {
            account: StoreAccount::of(&account),
            machine,
            _copy: copy,
        }))
    }

    /// The device they belong to.
    #[must_use]
    pub fn account(&self) -> &StoreAccount {
        &self.account
    }

    /// How many room keys there are.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub async fn count(&self) -> Result<usize> {
        let counts = self.machine.store().inbound_group_session_counts(None);
        counts.await.map(|counts| counts.total).map_err(unusable)
    }

    /// All room keys.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub async fn export(&self) -> Result<RoomKeys> {
        let keys = self.machine.store().export_room_keys(|_| true);
        keys.await.map(RoomKeys).map_err(unusable)
    }

    /// The secrets of the account's identity; `None` where this device does not have all of them.
    pub async fn identity_secrets(&self) -> Option<IdentitySecrets> {
        IdentitySecrets::of(&self.machine).await
    }

    /// Takes room keys in, all or none. A key that is there already and decrypts as much stays.
    ///
    /// # Errors
    ///
    /// When the store cannot be written.
    pub async fn import(&self, keys: RoomKeys) -> Result<Imported> {
        let given = keys.count();
        let store = self.machine.store();
        let result = store.import_room_keys(keys.0, None, |_, _| {}).await;
        let result = result.map_err(unusable)?;
        Ok(Imported {
            new: result.imported_count,
            given,
        })
    }
}

fn unusable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::failure("the encryption store cannot be used").because(error)
}

fn copy(store: &Path, room: &Path) -> io::Result<TempDir> {
    let copy = tempfile::Builder::new()
        .prefix("matrix-store.copy-")
        .tempdir_in(room)?;
    for file in FILES {
        match fs::copy(store.join(file), copy.path().join(file)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            copied => copied.map(drop)?,
        }
    }
    Ok(copy)
}
