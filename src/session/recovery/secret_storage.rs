//! The recovery key: what a lost machine is got back with.
//!
//! Under it the account keeps the private halves of its identity and the key of its room key
//! backup (spec, "Secret storage", "Server-side key backups").

use std::fmt;

use matrix_sdk::ruma::events::{
    EventContentFromType, secret_storage::key::SecretStorageKeyEventContent,
};
use matrix_sdk_base::crypto::secret_storage::SecretStorageKey;
use serde_json::{Value, value::to_raw_value};

use super::failure::RecoveryFailure;
use crate::{
    config::Secret,
    error::{Error, Result},
    homeserver::Account,
};

/// The most rounds that a passphrase may be stretched by; clients ask for half a million. The
/// number comes from the homeserver, and each round costs time.
const MOST_ROUNDS: u64 = 10_000_000;

/// The secret that signs the account's devices (spec, "Cross-signing").
const SELF_SIGNING: &str = "m.cross_signing.self_signing";

/// What an account's secret storage says about the key that opens it.
#[derive(Clone)]
pub struct SecretStorage {
    key: SecretStorageKeyEventContent,
}

impl SecretStorage {
    /// Asks for the secret storage of the token's own account; `None` where there is none.
    ///
    /// # Errors
    ///
    /// [`Unusable`](RecoveryFailure::Unusable) for one that this program does not understand, and
    /// when the homeserver fails.
    pub async fn read(account: &Account, user_id: &str) -> Result<Option<Self>, RecoveryFailure> {
        let Some(id) = key_in_use(account, user_id).await? else {
            return Ok(None);
        };
        let unusable = RecoveryFailure::unusable;
        let described = account.account_data(user_id, &kind(&id)).await;
        let described = described.map_err(Error::from)?;
        let described = described.ok_or_else(|| unusable("the description of its key is gone"))?;
        let key = describe(&id, &described).map_err(|error| unusable(&error.to_string()))?;
        match &key.passphrase {
            Some(phrase) if u64::from(phrase.iterations) > MOST_ROUNDS => {
                Err(unusable("its passphrase would take too long to check"))
            }
            _ => Ok(Self { key }),
        }
        .map(Some)
    }

    /// Whether there is one, whatever is wrong with it.
    ///
    /// # Errors
    ///
    /// When the homeserver fails.
    pub async fn exists(account: &Account, user_id: &str) -> Result<bool> {
        match Self::read(account, user_id).await {
            Ok(storage) => Ok(storage.is_some()),
            Err(RecoveryFailure::Other(error)) => Err(error),
            Err(_) => Ok(true),
        }
    }

    /// Whether it has the key that signs the account's devices. What is encrypted there may still
    /// be that of an identity that was replaced.
    ///
    /// # Errors
    ///
    /// When the homeserver fails.
    pub async fn has_identity(&self, account: &Account, user_id: &str) -> Result<bool> {
        let secret = account.account_data(user_id, SELF_SIGNING).await?;
        let key_id = &self.key.key_id;
        Ok(secret.is_some_and(|secret| secret["encrypted"][key_id].is_object()))
    }

    /// Whether this is the key that it is opened with.
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
        SecretStorageKey::from_account_data(key.expose(), self.key.clone())?;
        Ok(())
    }
}

/// The id of the key of the account's secret storage; `None` where there is none.
pub async fn key_in_use(account: &Account, user_id: &str) -> Result<Option<String>> {
    let default = account
        .account_data(user_id, "m.secret_storage.default_key")
        .await?;
    let key = default.as_ref().and_then(|data| data["key"].as_str());
    Ok(key.map(str::to_owned))
}

/// The type of the account data that describes the key of this id.
fn kind(id: &str) -> String {
    format!("m.secret_storage.key.{id}")
}

fn describe(id: &str, description: &Value) -> serde_json::Result<SecretStorageKeyEventContent> {
    SecretStorageKeyEventContent::from_parts(&kind(id), &to_raw_value(description)?)
}

/// A recovery key, and what the account's secret storage says about it (spec, "Secret storage").
pub struct RecoveryKey {
    key: SecretStorageKey,
}

impl fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryKey")
    }
}

impl RecoveryKey {
    /// A random one.
    pub(crate) fn generate() -> Self {
        Self {
            key: SecretStorageKey::new(),
        }
    }

    /// One that was written down: its id, its description, and the key itself.
    ///
    /// # Errors
    ///
    /// When they do not belong together.
    pub fn restore(id: &str, description: &Value, key: &Secret) -> Result<Self> {
        let damaged = || Error::failure("the recovery key that was written down is damaged");
        let described = describe(id, description).map_err(|error| damaged().because(error))?;
        let key = SecretStorageKey::from_account_data(key.expose(), described);
        let key = key.map_err(|error| damaged().because(error))?;
        Ok(Self { key })
    }

    /// The id that the secret storage knows it by.
    pub(crate) fn id(&self) -> &str {
        self.key.key_id()
    }

    /// What the secret storage says about it, which gives nothing away.
    ///
    /// # Errors
    ///
    /// When it is no JSON, which cannot be.
    pub fn description(&self) -> Result<Value> {
        serde_json::to_value(self.key.event_content())
            .map_err(|error| Error::failure("cannot describe the recovery key").because(error))
    }

    /// The key, as a person keeps it.
    pub(crate) fn secret(&self) -> Secret {
        Secret::new(self.key.to_base58())
    }

    pub(crate) fn content(&self) -> SecretStorageKeyEventContent {
        self.key.event_content().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_was_written_down_is_the_same() {
        let made = RecoveryKey::generate();
        let description = made.description().unwrap();
        let again = RecoveryKey::restore(made.id(), &description, &made.secret()).unwrap();
        assert_eq!(again.id(), made.id());
        assert_eq!(again.secret(), made.secret());
        let other = RecoveryKey::generate().secret();
        assert!(RecoveryKey::restore(made.id(), &description, &other).is_err());
        assert!(!format!("{made:?}").contains(made.secret().expose()));
    }
}
