//! A new recovery key, made here before any homeserver knows of it.

use std::fmt;

use matrix_sdk::ruma::events::{
    EventContentFromType, secret_storage::key::SecretStorageKeyEventContent,
};
use matrix_sdk_base::crypto::secret_storage::SecretStorageKey;
use serde_json::{Value, value::to_raw_value};

use crate::{
    config::Secret,
    error::{Error, Result},
};

/// A recovery key, and what the account's secret storage says about it (spec, "Secret storage").
pub struct RecoveryKey {
    key: SecretStorageKey,
}

impl fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecoveryKey").finish_non_exhaustive()
    }
}

impl RecoveryKey {
    /// A random one.
    #[must_use]
    pub fn generate() -> Self {
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
        let kind = format!("m.secret_storage.key.{id}");
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
            Error::failure("the recovery key that was written down is damaged").because(error)
        };
        let described = to_raw_value(description)
            .and_then(|raw| SecretStorageKeyEventContent::from_parts(&kind, &raw))
            .map_err(|error| failed(error.into()))?;
        let key = SecretStorageKey::from_account_data(key.expose(), described)
            .map_err(|error| failed(error.into()))?;
        Ok(Self { key })
    }

    /// The id that the secret storage knows it by.
    #[must_use]
    pub fn id(&self) -> &str {
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
    #[must_use]
    pub fn secret(&self) -> Secret {
        Secret::new(self.key.to_base58())
    }

    pub(super) fn content(&self) -> SecretStorageKeyEventContent {
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
