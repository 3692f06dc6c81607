//! The encryption keys of a store alone: no session, no token, no request. The device in it
//! cannot speak to a homeserver from here.

use std::{
    fmt,
    fs::{self, File},
    io,
    path::Path,
};

use matrix_sdk_base::crypto::{
    OlmMachine,
    types::{BackupSecrets, SecretsBundle},
    vodozemac::Ed25519SecretKey,
};
use tempfile::TempDir;

use super::room_keys::RoomKeys;
use crate::{
    error::{Error, Result},
    files::directories,
    session::device::store_account::{Cause, StoreAccount, open_store, unreadable},
};

/// The files of a store that hold its keys.
const FILES: [&str; 2] = ["matrix-sdk-crypto.sqlite3", "matrix-sdk-crypto.sqlite3-wal"];

/// What the name of a copy begins with.
const COPY: &str = "matrix-store.copy-";

/// The keys of a store.
#[derive(Debug)]
pub struct KeyStore {
    account: StoreAccount,
    machine: OlmMachine,
    /// Where they lie, if that is a copy: removed when this is dropped.
    _copy: Option<Copy>,
}

/// A copy of a store's keys, which is removed when this is dropped. As long as somebody has it the
/// directory is locked, so that one that a killed process left is known.
#[derive(Debug)]
struct Copy {
    directory: TempDir,
    _lock: File,
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
        let place = copy.directory.path().to_owned();
        Self::open_at(&place, Some(copy)).await.map_err(failed)
    }

    async fn open_at(place: &Path, copy: Option<Copy>) -> Result<Option<Self>, Cause> {
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
        let bundle = self.machine.store().export_secrets_bundle().await;
        let bundle = bundle
            .inspect_err(|error| tracing::debug!(%error, "the store has no identity"))
            .ok()?;
        Some(IdentitySecrets { bundle })
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

fn copy(store: &Path, room: &Path) -> io::Result<Copy> {
    remove_left(room);
    let copy = loop {
        let directory = tempfile::Builder::new().prefix(COPY).tempdir_in(room)?;
        let lock = File::open(directory.path())?;
        // Another process may have taken it for one that was left, before it was locked.
        if lock.try_lock().is_ok() && directory.path().exists() {
            break Copy {
                directory,
                _lock: lock,
            };
        }
    };
    for file in FILES {
        match fs::copy(store.join(file), copy.directory.path().join(file)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            copied => copied.map(drop)?,
        }
    }
    Ok(copy)
}

/// Removes the copies that killed processes have left. One that somebody has is locked.
fn remove_left(room: &Path) {
    for left in directories(room, COPY).unwrap_or_default() {
        let removed = File::open(&left).and_then(|lock| match lock.try_lock() {
            Ok(()) => fs::remove_dir_all(&left),
            Err(_) => Ok(()),
        });
        if let Err(error) = removed {
            tracing::debug!(%error, directory = %left.display(), "a copy of a store is left");
        }
    }
}

/// The private keys of an account's identity, and that of its key backup.
pub struct IdentitySecrets {
    pub bundle: SecretsBundle,
}

impl fmt::Debug for IdentitySecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentitySecrets")
    }
}

impl IdentitySecrets {
    /// Whether these are the secrets of the identity with this public master key.
    pub fn belong_to(&self, master: &str) -> bool {
        let secret = Ed25519SecretKey::from_base64(&self.bundle.cross_signing.master_key);
        secret.is_ok_and(|secret| secret.public_key().to_base64() == master)
    }

    /// The version of the key backup whose key is among them.
    pub fn backup_version(&self) -> Option<&str> {
        let BackupSecrets::MegolmBackupV1Curve25519AesSha2(backup) = self.bundle.backup.as_ref()?;
        Some(&backup.backup_version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_that_nobody_has_are_removed_and_others_stay() {
        let home = tempfile::tempdir().unwrap();
        let store = home.path().join("matrix-store");
        fs::create_dir(&store).unwrap();
        fs::write(store.join(FILES[0]), "keys").unwrap();
        let left = home.path().join(format!("{COPY}left"));
        fs::create_dir(&left).unwrap();
        fs::write(left.join(FILES[0]), "keys").unwrap();

        let first = copy(&store, home.path()).unwrap();
        assert!(!left.exists());
        let second = copy(&store, home.path()).unwrap();
        let file = first.directory.path().join(FILES[0]);
        assert_eq!(fs::read_to_string(file).unwrap(), "keys");
        drop((first, second));
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }
}
