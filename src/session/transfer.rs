//! What a new device takes over from an old one besides its room keys: the secrets of the
//! account's identity.

use std::fmt;

use matrix_sdk::ruma::DeviceId;
use matrix_sdk_base::crypto::{
    OlmMachine,
    types::{BackupSecrets, SecretsBundle},
    vodozemac::Ed25519SecretKey,
};

use super::{failure::translate, open::Session};
use crate::error::{Error, Result};

/// A random id for a device that does not exist yet.
#[must_use]
pub fn new_device_id() -> String {
    DeviceId::new().to_string()
}

/// The private keys of an account's identity, and that of its key backup.
pub struct IdentitySecrets {
    bundle: SecretsBundle,
}

impl fmt::Debug for IdentitySecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentitySecrets").finish_non_exhaustive()
    }
}

impl IdentitySecrets {
    /// Those of a device; `None` where it does not have all of them.
    pub(super) async fn of(machine: &OlmMachine) -> Option<Self> {
        let bundle = machine.store().export_secrets_bundle().await;
        let bundle = bundle
            .inspect_err(|error| tracing::debug!(%error, "the store has no identity"))
            .ok()?;
        Some(Self { bundle })
    }

    /// Whether these are the secrets of the identity with this public master key.
    #[must_use]
    pub fn belong_to(&self, master: &str) -> bool {
        let secret = Ed25519SecretKey::from_base64(&self.bundle.cross_signing.master_key);
        secret.is_ok_and(|secret| secret.public_key().to_base64() == master)
    }
}

impl IdentitySecrets {
    /// The version of the key backup whose key is among them.
    #[must_use]
    pub fn backup_version(&self) -> Option<&str> {
        let BackupSecrets::MegolmBackupV1Curve25519AesSha2(backup) = self.bundle.backup.as_ref()?;
        Some(&backup.backup_version)
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
}
