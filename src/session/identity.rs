//! The account's cross-signing identity, which vouches for this device to everyone else.

use matrix_sdk::{
    encryption::CrossSigningResetAuthType,
    ruma::{
        api::client::uiaa::{AuthData, MatrixUserIdentifier, Password, UiaaInfo, UserIdentifier},
        assign,
    },
};

use super::{
    failure::translate,
    open::Session,
    signatures::{Chain, verify_chain},
};
use crate::{
    config::Secret,
    error::{Error, Result},
    homeserver::Account,
};

/// How this device stands to its account's cross-signing identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The identity was made here, and vouches for this device.
    Created,
    /// There was one, and it vouches for this device.
    Verified,
    /// There was one, and it does not vouch for this device.
    Unverified,
}

impl Session {
    /// Sees to it that the account has a cross-signing identity, and that it vouches for this
    /// device where the keys for that are here.
    ///
    /// What the homeserver shows decides, not the store: the SDK keeps an identity locally before
    /// its upload succeeds.
    ///
    /// # Errors
    ///
    /// When the homeserver cannot be reached, refuses, or asks for more than a password.
    pub async fn ensure_identity(
        &self,
        account: &Account,
        device_id: &str,
        password: Option<&Secret>,
    ) -> Result<Identity> {
        let shown = account
            .published_keys(self.user_id.as_str(), device_id)
            .await?;
        if shown.master.is_none() {
            return self.bootstrap(password).await.map(|()| Identity::Created);
        }
        if verify_chain(&shown, self.user_id.as_str(), device_id) == Chain::Whole {
            return Ok(Identity::Verified);
        }
        self.sign_own_device().await
    }

    /// Uploads a new identity. Most homeservers take the first one without asking; where they
    /// ask, the password is the answer.
    async fn bootstrap(&self, password: Option<&Secret>) -> Result<()> {
        let encryption = self.client.encryption();
        let failed = |error: &matrix_sdk::Error| translate("set up cross-signing", error);
        let Err(error) = encryption.bootstrap_cross_signing(None).await else {
            return Ok(());
        };
        let (Some(challenge), Some(password)) = (error.as_uiaa_response(), password) else {
            return Err(failed(&error));
        };
        encryption
            .bootstrap_cross_signing(Some(self.answer(challenge, password)))
            .await
            .map_err(|error| failed(&error))
    }

    /// The public master key of the account's identity, as the homeserver shows it.
    ///
    /// # Errors
    ///
    /// When the homeserver fails.
    pub async fn published_master(&self, account: &Account) -> Result<Option<String>> {
        let device_id = self.client.device_id().map(ToString::to_string);
        let (user_id, device_id) = (self.user_id.as_str(), device_id.unwrap_or_default());
        let shown = account.published_keys(user_id, &device_id).await?;
        Ok(shown.master.map(|master| master.public))
    }

    /// Replaces the account's identity by a new one that vouches for this device. Everyone who had
    /// verified the old one is told by their client.
    ///
    /// # Errors
    ///
    /// When the homeserver cannot be reached, refuses, or asks for more than a password.
    pub async fn reset_identity(&self, password: &Secret) -> Result<()> {
        let encryption = self.client.encryption();
        let failed = |error: &matrix_sdk::Error| translate("replace the identity", error);
        let pending = encryption.reset_cross_signing().await;
        let Some(pending) = pending.map_err(|error| failed(&error))? else {
            return Ok(());
        };
        let CrossSigningResetAuthType::Uiaa(challenge) = pending.auth_type() else {
            return Err(Error::failure(
                "cannot replace the identity: the homeserver wants it allowed in a browser",
            ));
        };
        let answer = self.answer(challenge, password);
        let replaced = pending.auth(Some(answer)).await;
        replaced.map_err(|error| failed(&error))
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

    /// Lets the identity vouch for this device, if its private keys are in the store.
    async fn sign_own_device(&self) -> Result<Identity> {
        let encryption = self.client.encryption();
        let status = encryption.cross_signing_status().await;
        if !status.is_some_and(|status| status.has_self_signing) {
            return Ok(Identity::Unverified);
        }
        let device = encryption
            .get_own_device()
            .await
            .map_err(|error| translate("read the device", &error.into()))?;
        let Some(device) = device else {
            return Ok(Identity::Unverified);
        };
        device.verify().await.map_err(|error| {
            Error::failure("the device cannot be signed by its owner").because(error)
        })?;
        Ok(Identity::Verified)
    }
}
