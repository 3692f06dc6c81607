//! Why recovery cannot be set up or used.

use matrix_sdk::encryption::{
    recovery::RecoveryError,
    secret_storage::{ImportError, SecretStorageError},
};
use matrix_sdk_base::crypto::secret_storage::DecodeError;

use crate::{
    error::{Error, Remedy},
    session::sdk::SdkError,
    text::excerpt,
};

/// What a new identity costs.
pub const COST: &str = "everyone who verified the bot must verify it again";

/// Why recovery cannot be set up or used.
#[derive(Debug)]
pub enum RecoveryFailure {
    /// The account has no secret storage, so there is nothing that a key could open.
    NotSetUp,
    /// The key is not the one of the account's secret storage.
    WrongKey,
    /// Nobody has the key.
    NoKey,
    /// The secret storage cannot be used, and why.
    Unusable(String),
    /// The secret storage does not contain the private keys of the account's identity.
    Incomplete,
    /// The secret storage contains the private keys of an identity that was replaced since.
    Outdated,
    /// The account has a secret storage already; a new key would replace the existing one.
    AlreadySetUp,
    /// There is a backup of room keys on the homeserver that this device cannot open.
    BackupExistsOnServer,
    /// This device does not have the private keys of the account's identity.
    NoIdentityKeys,
    /// A homeserver or a store failed.
    Other(Error),
}

impl From<Error> for RecoveryFailure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl From<SdkError> for RecoveryFailure {
    fn from(failed: SdkError) -> Self {
        Self::Other(failed.into())
    }
}

impl From<DecodeError> for RecoveryFailure {
    fn from(error: DecodeError) -> Self {
        use DecodeError as E;
        match error {
            E::Prefix(..) | E::Parity(..) | E::Base58(_) | E::KeyLength(..) | E::Mac(_) => {
                Self::WrongKey
            }
            _ => Self::unusable(&error.to_string()),
        }
    }
}

impl RecoveryFailure {
    pub fn unusable(why: &str) -> Self {
        Self::Unusable(excerpt(why))
    }

    /// What the SDK says of it, while this was done.
    pub fn of(doing: &'static str, error: impl Into<RecoveryError>) -> Self {
        use SecretStorageError as E;
        let error = match error.into() {
            RecoveryError::BackupExistsOnServer => return Self::BackupExistsOnServer,
            RecoveryError::Sdk(error) => return SdkError::new(doing, error).into(),
            RecoveryError::SecretStorage(error) => error,
        };
        match error {
            E::MissingKeyInfo { key_id: None } => Self::NotSetUp,
            E::SecretStorageKey(error) => error.into(),
            // Secrets that the key does not decrypt: its description lacked what would have told.
            E::Decryption(_)
            | E::ImportError {
                error: ImportError::Decryption(_),
                ..
            } => Self::WrongKey,
            E::ImportError {
                error: ImportError::MismatchedPublicKeys,
                ..
            } => Self::Outdated,
            E::Sdk(error)
            | E::ImportError {
                error: ImportError::Sdk(error),
                ..
            } => SdkError::new(doing, error).into(),
            E::Storage(error) => SdkError::new(doing, error).into(),
            other => Self::unusable(&other.to_string()),
        }
    }
}

impl From<RecoveryFailure> for Error {
    fn from(failure: RecoveryFailure) -> Self {
        use RecoveryFailure as F;
        let replace = |text: &str| {
            Remedy::from(format!("{text}; {COST}"))
                .and_command("nanobot login --reset-identity --recovery")
        };
        let (message, remedy) = match failure {
            F::Other(error) => return error,
            F::NotSetUp => (
                "the account has no secret storage, so it has no recovery key".into(),
                Remedy::from("leave the recovery key out; to set one up")
                    .and_command("nanobot login --recovery"),
            ),
            F::WrongKey => (
                "this is not the recovery key of the account's secret storage".into(),
                "a recovery key is 12 groups of four characters; only the newest one works".into(),
            ),
            F::NoKey => (
                "cannot verify the device without the recovery key".into(),
                "search for it: twelve groups of four characters, shown when it was created".into(),
            ),
            F::Unusable(why) => (
                format!("the account's secret storage cannot be used: {why}"),
                "reset the secret storage in the client that created it".into(),
            ),
            F::Incomplete => (
                "the account's secret storage does not contain the private keys of its \
                 cross-signing identity"
                    .into(),
                replace("complete it in the client that created it, or replace the identity"),
            ),
            F::Outdated => (
                "the account's secret storage contains the private keys of a cross-signing \
                 identity that was replaced since"
                    .into(),
                replace("use the recovery key of the current identity, or replace it once more"),
            ),
            F::AlreadySetUp => (
                "recovery is already set up, and a new recovery key would replace the existing one"
                    .into(),
                replace(
                    "keep the recovery key you have. If it is lost, replace the identity together \
                     with it",
                ),
            ),
            F::BackupExistsOnServer => (
                "the account has a backup of room keys that this device cannot open".into(),
                replace(
                    "set up recovery in the client that made the backup, or replace both with a \
                     new identity",
                ),
            ),
            F::NoIdentityKeys => (
                "this device does not have the private keys of the account's cross-signing \
                 identity, so it cannot set up recovery"
                    .into(),
                Remedy::from("check which command verifies this device")
                    .and_command("nanobot doctor --only e2ee"),
            ),
        };
        Self::failure(message).with_remedy(remedy)
    }
}
