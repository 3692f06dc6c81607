//! The account's cross-signing identity, which vouches for this device to everyone else.

use matrix_sdk::ruma::{
    api::client::uiaa::{AuthData, MatrixUserIdentifier, Password, UserIdentifier},
    assign,
};

use super::{failure::translate, open::Session};
use crate::{config::Secret, error::Result};

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
    /// Gives the account a cross-signing identity if it has none.
    ///
    /// Most homeservers take the first one without asking; where they ask, the password is the
    /// answer.
    ///
    /// # Errors
    ///
    /// When the homeserver refuses, or asks for more than a password.
    pub async fn ensure_identity(&self, password: Option<&Secret>) -> Result<Identity> {
        let encryption = self.client.encryption();
        let failed = |error: matrix_sdk::Error| translate("set up cross-signing", &error);
        let existing = encryption
            .request_user_identity(&self.user_id)
            .await
            .map_err(failed)?;
        if existing.is_some() {
            let device = encryption
                .get_own_device()
                .await
                .map_err(|error| translate("read the device", &error.into()))?;
            let vouched = device.is_some_and(|device| device.is_cross_signed_by_owner());
            return Ok(if vouched {
                Identity::Verified
            } else {
                Identity::Unverified
            });
        }
        match encryption.bootstrap_cross_signing(None).await {
            Ok(()) => Ok(Identity::Created),
            Err(error) => {
                let (Some(challenge), Some(password)) = (error.as_uiaa_response(), password) else {
                    return Err(failed(error));
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
                    .map_err(failed)?;
                Ok(Identity::Created)
            }
        }
    }
}
