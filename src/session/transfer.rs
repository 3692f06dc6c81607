//! What a new device takes over from the store of an old one: its room keys, and the secrets of
//! the account's identity.

use std::{fmt, path::Path};

use matrix_sdk::{
    SqliteCryptoStore, SqliteStoreConfig,
    ruma::{DeviceId, OwnedUserId},
};
use matrix_sdk_base::crypto::{
    OlmMachine, encrypt_room_key_export, store::CryptoStore, types::SecretsBundle,
    vodozemac::Ed25519SecretKey,
};

use super::{failure::translate, open::Session};
use crate::{
    config::Secret,
    error::{Error, Result},
};

/// Rounds of a key derivation that has nothing to protect: the passphrase is random.
const ROUNDS: u32 = 1;

/// A random id for a device that does not exist yet.
#[must_use]
pub fn new_device_id() -> String {
    DeviceId::new().to_string()
}

/// The encryption store of a device that is given up, opened to take out what another can use.
pub struct OldStore {
    machine: OlmMachine,
}

/// The private keys of an account's identity, and that of its key backup.
pub struct IdentitySecrets {
    user_id: OwnedUserId,
    bundle: SecretsBundle,
}

/// Room keys in a file, and the passphrase that opens it.
#[derive(Debug)]
pub struct KeyFile {
    /// How many there are.
    pub count: u64,
    passphrase: Secret,
}

impl fmt::Debug for OldStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OldStore").finish_non_exhaustive()
    }
}

impl fmt::Debug for IdentitySecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentitySecrets").finish_non_exhaustive()
    }
}

impl OldStore {
    /// Opens the store in this directory; `None` where there is none. It is written to.
    ///
    /// # Errors
    ///
    /// When there is a store and it cannot be read.
    pub async fn open(store: &Path) -> Result<Option<Self>> {
        if !store.join("matrix-sdk-crypto.sqlite3").exists() {
            return Ok(None);
        }
        let opened = SqliteCryptoStore::open_with_config(&SqliteStoreConfig::new(store))
            .await
            .map_err(|error| unreadable(error.into()))?;
        let account = opened
            .load_account()
            .await
            .map_err(|error| unreadable(error.into()))?;
        let Some(account) = account else {
            return Ok(None);
        };
        let machine = OlmMachine::with_store(account.user_id(), account.device_id(), opened, None)
            .await
            .map_err(|error| unreadable(error.into()))?;
        Ok(Some(Self { machine }))
    }

    /// The identity's secrets; `None` where this device did not have all of them.
    pub async fn identity_secrets(&self) -> Option<IdentitySecrets> {
        let bundle = self.machine.store().export_secrets_bundle().await;
        let bundle = bundle
            .inspect_err(|error| tracing::debug!(%error, "the old store has no identity"))
            .ok()?;
        Some(IdentitySecrets {
            user_id: self.machine.user_id().to_owned(),
            bundle,
        })
    }

    /// How many room keys it has.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub async fn count_room_keys(&self) -> Result<u64> {
        let keys = self.machine.store().export_room_keys(|_| true).await;
        let keys = keys.map_err(|error| unreadable(error.into()))?;
        Ok(keys.len() as u64)
    }

    /// Writes all room keys into a file, encrypted with a passphrase of its own.
    ///
    /// # Errors
    ///
    /// When they cannot be read or written.
    pub async fn export_room_keys(&self, file: &Path) -> Result<KeyFile> {
        let keys = self.machine.store().export_room_keys(|_| true).await;
        let keys = keys.map_err(|error| unreadable(error.into()))?;
        let passphrase = Secret::new(Ed25519SecretKey::new().to_base64());
        let text = encrypt_room_key_export(&keys, passphrase.expose(), ROUNDS)
            .map_err(|error| Error::failure("cannot encrypt the room keys").because(error))?;
        tokio::fs::write(file, text).await.map_err(|error| {
            Error::failure(format!("cannot write the room keys to {}", file.display()))
                .because(error)
        })?;
        Ok(KeyFile {
            count: keys.len() as u64,
            passphrase,
        })
    }
}

impl IdentitySecrets {
    /// Whether these are the secrets of this user's identity with this public master key.
    #[must_use]
    pub fn belong_to(&self, user_id: &str, master: &str) -> bool {
        let secret = Ed25519SecretKey::from_base64(&self.bundle.cross_signing.master_key);
        self.user_id == user_id
            && secret.is_ok_and(|secret| secret.public_key().to_base64() == master)
    }
}

impl Session {
    /// Takes over the identity's secrets and lets it vouch for this device, and publishes the
    /// device's keys. Only before the first step.
    ///
    /// # Errors
    ///
    /// When the homeserver cannot be reached or refuses, or the store fails.
    pub async fn import_identity(&self, secrets: &IdentitySecrets) -> Result<()> {
        use matrix_sdk::encryption::BundleImportError as E;
        let encryption = self.client.encryption();
        encryption
            .import_secrets_bundle(&secrets.bundle)
            .await
            .map_err(|error| match error {
                E::DeviceKeys(error) => translate("publish the device's keys", &error),
                E::SecretImport(error) => {
                    Error::failure("the identity's keys cannot be taken over").because(error)
                }
            })
    }

    /// Unlocks the identity and the key backup with the account's recovery key, and lets the
    /// identity vouch for this device.
    ///
    /// # Errors
    ///
    /// When it is not the account's recovery key, or the homeserver cannot be reached.
    pub async fn unlock_identity(&self, recovery_key: &Secret) -> Result<()> {
        use matrix_sdk::encryption::{recovery::RecoveryError, secret_storage::SecretStorageError};
        let recovery = self.client.encryption().recovery();
        let unlocked = recovery.recover(recovery_key.expose()).await;
        unlocked.map_err(|error| match error {
            RecoveryError::Sdk(error)
            | RecoveryError::SecretStorage(SecretStorageError::Sdk(error)) => {
                translate("read the account's recovery data", &error)
            }
            error => Error::failure("the recovery key does not open the account's identity")
                .because(error)
                .hint("give the key that was shown when recovery was set up"),
        })
    }

    /// Takes over room keys from a file.
    ///
    /// # Errors
    ///
    /// When they cannot be read or stored.
    pub async fn import_room_keys(&self, file: &Path, keys: &KeyFile) -> Result<()> {
        let encryption = self.client.encryption();
        encryption
            .import_room_keys(file.to_owned(), keys.passphrase.expose())
            .await
            .map(drop)
            .map_err(|error| Error::failure("cannot take over the room keys").because(error))
    }
}

fn unreadable(error: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::failure("the old encryption store cannot be read").because(error)
}
