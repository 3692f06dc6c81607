//! The recovery key: what a lost machine is got back with.
//!
//! Under it the account keeps the private halves of its identity and the key of its room key
//! backup (spec, "Secret storage", "Server-side key backups").

use std::fmt;

use matrix_sdk::{
    encryption::{
        recovery::RecoveryError,
        secret_storage::{ImportError, SecretStorageError},
    },
    ruma::events::{
        EventContentFromType,
        secret_storage::{
            default_key::SecretStorageDefaultKeyEventContent, key::SecretStorageKeyEventContent,
        },
    },
};
use matrix_sdk_base::crypto::secret_storage::{DecodeError, SecretStorageKey};
use serde_json::value::to_raw_value;

use super::{backup::RoomKeyBackup, failure::translate, open::Session, recovery_key::RecoveryKey};
use crate::{
    config::Secret,
    error::{Error, Result},
    homeserver::{Account, tame},
};

/// The most rounds that a passphrase may be stretched by; clients ask for half a million. The
/// number comes from the homeserver, and each round costs time.
const MOST_ROUNDS: u64 = 10_000_000;

/// What an account's secret storage says about the key that opens it.
#[derive(Clone)]
pub struct SecretStorage {
    key: SecretStorageKeyEventContent,
}

impl fmt::Debug for SecretStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretStorage").finish_non_exhaustive()
    }
}

/// Why recovery cannot be set up or used.
#[derive(Debug)]
pub enum RecoveryFailure {
    /// The account has no secret storage, so there is nothing that a key could open.
    NotSetUp,
    /// The key is not the one of the account's secret storage.
    WrongKey,
    /// The secret storage cannot be used, and why.
    Unusable(String),
    /// The secret storage does not hold the keys of the account's identity.
    Incomplete,
    /// The secret storage holds the keys of an identity that was replaced since.
    Outdated,
    /// The account has a secret storage already; a new key would shut out the old one.
    AlreadySetUp,
    /// There is a backup of room keys on the homeserver that this device cannot open.
    BackupExistsOnServer,
    /// This device does not have the private keys of the account's identity.
    NoIdentityKeys,
    /// A homeserver or a store failed.
    Other(Error),
}

/// Whether what is stored already may be superseded by a new recovery key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It is left alone, and the new key refused.
    Keep,
    /// It belongs to an identity that is no more.
    Supersede,
}

impl SecretStorage {
    /// Asks for the secret storage of the token's own account; `None` where there is none.
    ///
    /// # Errors
    ///
    /// [`Unusable`](RecoveryFailure::Unusable) for one that this program does not understand, and
    /// when the homeserver fails.
    pub async fn read(account: &Account, user_id: &str) -> Result<Option<Self>, RecoveryFailure> {
        let Some(id) = in_use(account, user_id).await? else {
            return Ok(None);
        };
        let kind = format!("m.secret_storage.key.{id}");
        let described = account
            .account_data(user_id, &kind)
            .await
            .map_err(Error::from)?;
        let described = described.ok_or_else(|| unusable("the description of its key is gone"))?;
        let read = to_raw_value(&described)
            .and_then(|raw| SecretStorageKeyEventContent::from_parts(&kind, &raw));
        let key = read.map_err(|error| unusable(&error.to_string()))?;
        match &key.passphrase {
            Some(phrase) if u64::from(phrase.iterations) > MOST_ROUNDS => {
                Err(unusable("its passphrase would take too long to check"))
            }
            _ => Ok(Some(Self { key })),
        }
    }

    /// Whether this is the key that it is opened with.
    #[must_use]
    pub fn is_of(&self, key: &RecoveryKey) -> bool {
        self.key.key_id == key.id()
    }

    /// Whether this is the recovery key, or the passphrase that it was made from. Changes nothing;
    /// takes about a second for a passphrase.
    ///
    /// # Errors
    ///
    /// [`WrongKey`](RecoveryFailure::WrongKey) when it is not.
    pub fn check(&self, key: &Secret) -> Result<(), RecoveryFailure> {
        SecretStorageKey::from_account_data(key.expose(), self.key.clone())
            .map(drop)
            .map_err(|error| wrong_key(&error))
    }
}

impl Session {
    /// Takes the identity's keys and that of the backup out of the secret storage, and signs this
    /// device with them; where there is no backup, one is made. It may be repeated.
    ///
    /// # Errors
    ///
    /// The [`RecoveryFailure`].
    pub async fn recover(&self, key: &Secret) -> Result<RoomKeyBackup, RecoveryFailure> {
        let encryption = self.client.encryption();
        // The backup comes last, and the device is verified by then.
        let is_closed = match encryption.recovery().recover(key.expose()).await {
            Ok(()) => false,
            Err(RecoveryError::SecretStorage(
                SecretStorageError::InconsistentBackupDecryptionKey
                | SecretStorageError::MissingOrInvalidBackupDecryptionKey,
            )) => true,
            Err(error) => return Err(failure("recover from the secret storage", error)),
        };
        let status = encryption.cross_signing_status().await;
        if !status.is_some_and(|status| status.has_self_signing) {
            return Err(RecoveryFailure::Incomplete);
        }
        self.ensure_backup(key, is_closed).await
    }

    /// Keeps the identity's keys and a backup of the room keys on the homeserver, under this new
    /// recovery key. `write_down` is called when all speaks for it and before the homeserver takes
    /// any of it. What an earlier call with the same key has begun is completed. Room keys that are
    /// here may take up to 30 s.
    ///
    /// # Errors
    ///
    /// The [`RecoveryFailure`], also where the key cannot be written down.
    pub async fn enable_recovery(
        &self,
        account: &Account,
        existing: Existing,
        key: &RecoveryKey,
        write_down: impl FnOnce() -> Result<()>,
    ) -> Result<(), RecoveryFailure> {
        // Before that the device may not know of its own backup.
        self.settle().await;
        let begun = in_use(account, self.user_id.as_str()).await?.as_deref() == Some(key.id());
        let encryption = self.client.encryption();
        // So that the keys of an identity that the account does not have are gone from here: those
        // of one whose upload was cut short.
        encryption
            .request_user_identity(&self.user_id)
            .await
            .map_err(|error| sdk("look up the account's identity", &error))?;
        let status = encryption.cross_signing_status().await;
        let is_complete = status.is_some_and(|status| status.is_complete());
        if begun && !(is_complete && encryption.backups().are_enabled().await) {
            match self.recover(&key.secret()).await {
                // What is missing there is here.
                Err(RecoveryFailure::Incomplete) if is_complete => {}
                recovered => {
                    recovered?;
                }
            }
        } else if !is_complete {
            return Err(RecoveryFailure::NoIdentityKeys);
        }
        if existing == Existing::Keep
            && !begun
            && SecretStorage::read(account, self.user_id.as_str())
                .await?
                .is_some()
        {
            return Err(RecoveryFailure::AlreadySetUp);
        }
        let backup = self.missing_backup(account, existing).await?;
        write_down()?;
        self.make_backup(backup).await?;
        if !begun {
            self.put_key(key).await?;
        }
        let doing = "store the keys of the identity";
        let storage = encryption
            .secret_storage()
            .open_secret_store(key.secret().expose())
            .await
            .map_err(|error| storage_failure(doing, error))?;
        let stored = storage.export_secrets().await;
        stored.map_err(|error| storage_failure(doing, error))?;
        self.back_up_room_keys().await;
        Ok(())
    }

    /// Makes this the key of the account's secret storage.
    async fn put_key(&self, key: &RecoveryKey) -> Result<(), RecoveryFailure> {
        let account = self.client.account();
        let failed = |error: &matrix_sdk::Error| sdk("set up the secret storage", error);
        account
            .set_account_data(key.content())
            .await
            .map_err(|error| failed(&error))?;
        let default = SecretStorageDefaultKeyEventContent::new(key.id().to_owned());
        account
            .set_account_data(default)
            .await
            .map(drop)
            .map_err(|error| failed(&error))
    }
}

/// The id of the key of the account's secret storage; `None` where there is none.
async fn in_use(account: &Account, user_id: &str) -> Result<Option<String>> {
    let default = account
        .account_data(user_id, "m.secret_storage.default_key")
        .await?;
    let key = default.as_ref().and_then(|data| data["key"].as_str());
    Ok(key.map(str::to_owned))
}

impl From<Error> for RecoveryFailure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl From<RecoveryFailure> for Error {
    fn from(failure: RecoveryFailure) -> Self {
        use RecoveryFailure as F;
        match failure {
            F::NotSetUp => Self::failure(
                "the account has no secret storage, so no recovery key opens anything",
            )
            .hint("leave the recovery key out; to set recovery up: nanobot login --recovery"),
            F::WrongKey => Self::failure(
                "this is not the recovery key of the account's secret storage",
            )
            .hint("a recovery key is twelve groups of four characters; the latest one counts"),
            F::Unusable(why) => {
                Self::failure(format!("the account's secret storage cannot be used: {why}"))
                    .hint("set it up anew in the client that made it")
            }
            F::Incomplete => Self::failure(
                "the account's secret storage does not hold the keys of its identity",
            )
            .hint(
                "complete it in the client that made it, or replace the identity: \
                 nanobot login --reset-identity --recovery",
            ),
            F::Outdated => Self::failure(
                "the account's secret storage holds the keys of an identity that was replaced since",
            )
            .hint(
                "use the recovery key of the new identity, or replace it once more: \
                 nanobot login --reset-identity --recovery",
            ),
            F::AlreadySetUp => Self::failure(
                "recovery is set up already, and a new recovery key would shut out the old one",
            )
            .hint("to use the key there is: nanobot verify recovery"),
            F::BackupExistsOnServer => Self::failure(
                "the account has a backup of room keys that this device cannot open",
            )
            .hint("set recovery up in the client that made the backup"),
            F::NoIdentityKeys => Self::failure(
                "this device does not have the keys of the account's identity, so it cannot store them",
            )
            .hint(
                "verify it from another session of the account: nanobot verify; or replace the \
                 identity: nanobot login --reset-identity --recovery",
            ),
            F::Other(error) => error,
        }
    }
}

fn unusable(why: &str) -> RecoveryFailure {
    RecoveryFailure::Unusable(tame(why, &[]))
}

fn wrong_key(error: &DecodeError) -> RecoveryFailure {
    match error {
        DecodeError::UnsupportedAlgorithm(_)
        | DecodeError::KdfIterationCount(_)
        | DecodeError::MacLength(..)
        | DecodeError::IvLength(..)
        | DecodeError::Base64(_) => unusable(&error.to_string()),
        DecodeError::Prefix(..)
        | DecodeError::Parity(..)
        | DecodeError::Base58(_)
        | DecodeError::KeyLength(..)
        | DecodeError::Mac(_) => RecoveryFailure::WrongKey,
    }
}

pub(super) fn failure(doing: &str, error: RecoveryError) -> RecoveryFailure {
    match error {
        RecoveryError::BackupExistsOnServer => RecoveryFailure::BackupExistsOnServer,
        RecoveryError::Sdk(error) => sdk(doing, &error),
        RecoveryError::SecretStorage(error) => storage_failure(doing, error),
    }
}

pub(super) fn storage_failure(doing: &str, error: SecretStorageError) -> RecoveryFailure {
    use SecretStorageError as E;
    match error {
        E::MissingKeyInfo { key_id: None } => RecoveryFailure::NotSetUp,
        E::SecretStorageKey(error) => wrong_key(&error),
        // Secrets that the key does not decrypt: its description lacked what would have told.
        E::Decryption(_)
        | E::ImportError {
            error: ImportError::Decryption(_),
            ..
        } => RecoveryFailure::WrongKey,
        E::ImportError {
            error: ImportError::MismatchedPublicKeys,
            ..
        } => RecoveryFailure::Outdated,
        E::Sdk(error)
        | E::ImportError {
            error: ImportError::Sdk(error),
            ..
        } => sdk(doing, &error),
        E::Storage(error) => sdk(doing, &error.into()),
        other => unusable(&other.to_string()),
    }
}

pub(super) fn sdk(doing: &str, error: &matrix_sdk::Error) -> RecoveryFailure {
    RecoveryFailure::Other(translate(doing, error))
}
