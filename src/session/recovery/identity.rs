//! The account's cross-signing identity, which verifies this device to everyone else; and how a
//! recovery key stores and restores it.

use matrix_sdk::{
    encryption::{
        CrossSigningResetAuthType, recovery::RecoveryError, secret_storage::SecretStorageError,
    },
    ruma::{
        api::client::uiaa::{AuthData, MatrixUserIdentifier, Password, UiaaInfo, UserIdentifier},
        assign,
        events::secret_storage::default_key::SecretStorageDefaultKeyEventContent,
    },
};

use super::{
    backup::RoomKeyBackup,
    failure::RecoveryFailure,
    secret_storage::{RecoveryKey, SecretStorage, key_in_use},
};
use crate::{
    config::Secret,
    error::{Error, Result},
    session::{
        crypto::key_store::IdentitySecrets,
        device::signatures::{Chain, verify_chain},
        sdk::{self, SdkError},
        sync::session::Session,
    },
};

/// How this device stands to its account's cross-signing identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The identity was made here, and has signed this device.
    Created,
    /// There was one, and it has signed this device.
    Verified,
    /// There was one, and it has not signed this device.
    Unverified,
}

impl Session {
    /// Makes sure that the account has a cross-signing identity, and that it signs this
    /// device where the keys for that are here.
    ///
    /// What the homeserver shows decides, not the store: the SDK keeps an identity locally before
    /// its upload succeeds.
    ///
    /// # Errors
    ///
    /// When the homeserver cannot be reached, refuses, or asks for more than a password.
    pub async fn ensure_identity(&self, password: Option<&Secret>) -> Result<Identity> {
        let (user_id, device_id) = (&self.credentials.user_id, &self.credentials.device_id);
        let shown = self.account.published_keys(user_id, device_id).await?;
        if shown.master.is_none() {
            return self.bootstrap(password).await.map(|()| Identity::Created);
        }
        if verify_chain(&shown, user_id, device_id) == Chain::Whole {
            return Ok(Identity::Verified);
        }
        self.sign_own_device().await
    }

    /// Uploads a new identity. Most homeservers take the first one without asking; where they
    /// ask, the password is the answer.
    async fn bootstrap(&self, password: Option<&Secret>) -> Result<()> {
        let encryption = self.client.encryption();
        let doing = "set up cross-signing";
        let asked = sdk::call(doing, encryption.bootstrap_cross_signing(None)).await;
        let Err(failed) = asked else {
            return Ok(());
        };
        let (Some(challenge), Some(password)) = (failed.error.as_uiaa_response(), password) else {
            return Err(failed.into());
        };
        let answer = Some(self.answer(challenge, password));
        Ok(sdk::call(doing, encryption.bootstrap_cross_signing(answer)).await?)
    }

    /// The public master key of the account's identity, as the homeserver shows it.
    ///
    /// # Errors
    ///
    /// When the homeserver fails.
    pub async fn published_master(&self) -> Result<Option<String>> {
        let (user_id, device_id) = (&self.credentials.user_id, &self.credentials.device_id);
        let shown = self.account.published_keys(user_id, device_id).await?;
        Ok(shown.master.map(|master| master.public))
    }

    /// Replaces the account's identity by a new one that signs this device. Everyone who had
    /// verified the old one is told by their client.
    ///
    /// # Errors
    ///
    /// When the homeserver cannot be reached, refuses, or asks for more than a password.
    pub async fn reset_identity(&self, password: &Secret) -> Result<()> {
        let encryption = self.client.encryption();
        let doing = "replace the identity";
        let Some(pending) = sdk::call(doing, encryption.reset_cross_signing()).await? else {
            return Ok(());
        };
        let CrossSigningResetAuthType::Uiaa(challenge) = pending.auth_type() else {
            return Err(Error::failure(
                "cannot replace the cross-signing identity: the homeserver requires approval in a browser",
            ));
        };
        let answer = self.answer(challenge, password);
        Ok(sdk::call(doing, pending.auth(Some(answer))).await?)
    }

    /// The password, in answer to a homeserver that asks for it.
    fn answer(&self, challenge: &UiaaInfo, password: &Secret) -> AuthData {
        let user = UserIdentifier::Matrix(MatrixUserIdentifier::new(
            self.user_id.localpart().to_owned(),
        ));
        AuthData::Password(assign!(Password::new(user, password.expose().to_owned()), {
            session: challenge.session.clone(),
        }))
    }

    /// Signs this device with the identity, if its private keys are in the store.
    async fn sign_own_device(&self) -> Result<Identity> {
        let encryption = self.client.encryption();
        let status = encryption.cross_signing_status().await;
        if !status.is_some_and(|status| status.has_self_signing) {
            return Ok(Identity::Unverified);
        }
        let device = sdk::call("read the device", encryption.get_own_device()).await?;
        let Some(device) = device else {
            return Ok(Identity::Unverified);
        };
        device.verify().await.map_err(|error| {
            Error::failure("cannot sign the device with the cross-signing identity").because(error)
        })?;
        Ok(Identity::Verified)
    }

    /// Imports the identity's private keys, signs this device with them, and publishes the
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
                E::DeviceKeys(error) => SdkError::new("publish the device's keys", error).into(),
                E::SecretImport(error) => {
                    Error::failure("cannot import the private keys of the cross-signing identity")
                        .because(error)
                }
            })
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
        let is_closed = match Box::pin(encryption.recovery().recover(key.expose())).await {
            Ok(()) => false,
            Err(RecoveryError::SecretStorage(
                SecretStorageError::InconsistentBackupDecryptionKey
                | SecretStorageError::MissingOrInvalidBackupDecryptionKey,
            )) => true,
            Err(error) => {
                return Err(RecoveryFailure::of(
                    "recover from the secret storage",
                    error,
                ));
            }
        };
        let status = encryption.cross_signing_status().await;
        if !status.is_some_and(|status| status.has_self_signing) {
            return Err(RecoveryFailure::Incomplete);
        }
        self.ensure_backup(key, is_closed).await
    }

    /// Keeps the identity's keys and a backup of the room keys on the homeserver, under this new
    /// recovery key. `write_down` is called when all speaks for it and before the homeserver takes
    /// any of it. What is stored already is left alone, and the new key refused, unless it belongs
    /// to an identity that is no more and this one `supersedes` it. What an earlier call with the same key has begun is completed. Room keys that are
    /// here may take up to 30 s.
    ///
    /// # Errors
    ///
    /// The [`RecoveryFailure`], also where the key cannot be written down.
    pub async fn enable_recovery(
        &self,
        supersedes: bool,
        key: &RecoveryKey,
        write_down: impl FnOnce() -> Result<()>,
    ) -> Result<(), RecoveryFailure> {
        // Before that the device may not know of its own backup.
        self.settle().await;
        let (account, user_id) = (&self.account, self.user_id.as_str());
        let begun = key_in_use(account, user_id).await?.as_deref() == Some(key.id());
        let encryption = self.client.encryption();
        // So that the keys of an identity that the account does not have are gone from here: those
        // of one whose upload was cut short.
        let identity = encryption.request_user_identity(&self.user_id);
        sdk::call("look up the account's identity", identity).await?;
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
        if !supersedes && !begun && SecretStorage::read(account, user_id).await?.is_some() {
            return Err(RecoveryFailure::AlreadySetUp);
        }
        let backup = self.missing_backup(supersedes).await?;
        write_down()?;
        if let Some(new) = backup {
            self.make_backup(new).await?;
        }
        if !begun {
            self.put_key(key).await?;
        }
        let doing = "store the keys of the identity";
        let storage = self.open_storage(doing, &key.secret()).await?;
        let stored = storage.export_secrets().await;
        stored.map_err(|error| RecoveryFailure::of(doing, error))?;
        self.back_up_room_keys().await;
        Ok(())
    }

    /// Makes this the key of the account's secret storage.
    async fn put_key(&self, key: &RecoveryKey) -> Result<(), RecoveryFailure> {
        let account = self.client.account();
        let doing = "set up the secret storage";
        sdk::call(doing, account.set_account_data(key.content())).await?;
        let default = SecretStorageDefaultKeyEventContent::new(key.id().to_owned());
        sdk::call(doing, account.set_account_data(default)).await?;
        Ok(())
    }
}
