//! The account's cross-signing identity, which vouches for this device to everyone else.

use matrix_sdk::ruma::{
    api::client::uiaa::{AuthData, MatrixUserIdentifier, Password, UserIdentifier},
    assign,
};

use super::{failure::translate, open::Session};
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
        if shown.device_names_self_signing() {
            return Ok(Identity::Verified);
        }
        self.sign_own_device().await
    }

    /// Gives the account a new identity in place of the one it has, which vouches for this device.
    ///
    /// # Errors
    ///
    /// When the homeserver cannot be reached, refuses, or asks for more than a password.
    pub async fn replace_identity(&self, password: &Secret) -> Result<()> {
        self.bootstrap(Some(password)).await
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
        let user = UserIdentifier::Matrix(MatrixUserIdentifier::new(
            self.user_id.localpart().to_owned(),
        ));
        let answer = assign!(Password::new(user, password.expose().to_owned()), {
            session: challenge.session.clone(),
        });
        encryption
            .bootstrap_cross_signing(Some(AuthData::Password(answer)))
            .await
            .map_err(|error| failed(&error))
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
