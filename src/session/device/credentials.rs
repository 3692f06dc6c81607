//! What it takes to act as the bot's device.

use std::path::Path;

use url::Url;

use super::{preflight::DeviceState, store_account::StoreAccount};
use crate::{
    address::travels_in_clear,
    config::{Matrix, Secret},
    error::Result,
    homeserver::{Account, Homeserver, Options},
};

/// What it takes to act as the bot's device.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The homeserver's base URL.
    pub homeserver: Url,
    /// The bot's user ID.
    pub user_id: String,
    /// The bot's device ID.
    pub device_id: String,
    /// The token of that device.
    pub access_token: Secret,
    /// How the homeserver is reached.
    pub options: Options,
}

impl Credentials {
    /// The configured device.
    ///
    /// # Errors
    ///
    /// [`NotLoggedIn`](crate::error::Kind::NotLoggedIn) when something of it is missing,
    /// [`Config`](crate::error::Kind::Config) when it cannot be had.
    pub fn new(matrix: &Matrix) -> Result<Self> {
        // Without a login everything is missing, and that is the one thing to say.
        let access_token = matrix.access_token()?;
        Ok(Self {
            user_id: matrix.user_id()?.to_owned(),
            device_id: matrix.device_id()?.to_owned(),
            homeserver: matrix.homeserver()?,
            access_token,
            options: configured_options(matrix)?,
        })
    }

    /// The account at its homeserver, to ask about without a device.
    ///
    /// # Errors
    ///
    /// When the homeserver's address cannot be used.
    pub fn account(&self) -> Result<Account> {
        let homeserver = Homeserver::new(self.homeserver.as_str(), &self.options)?;
        Ok(homeserver.with_token(&self.access_token))
    }

    /// What is known of the device, before this store is opened for it. The caller holds its lock.
    ///
    /// # Errors
    ///
    /// When the store cannot be read, or the homeserver fails.
    pub async fn device_state(&self, account: &Account, store: &Path) -> Result<DeviceState> {
        let owned = StoreAccount::read(store).await?;
        DeviceState::ask(account, &self.user_id, &self.device_id, owned).await
    }
}

/// The configured device, to act as; says so where its token travels unencrypted.
///
/// # Errors
///
/// As [`Credentials::new`].
pub fn credentials(matrix: &Matrix) -> Result<Credentials> {
    let credentials = Credentials::new(matrix)?;
    let homeserver = &credentials.homeserver;
    if travels_in_clear(homeserver) {
        tracing::warn!(%homeserver, "the token travels unencrypted: use an https:// homeserver");
    }
    Ok(credentials)
}

/// How the configured homeserver is reached.
///
/// # Errors
///
/// [`Config`](crate::error::Kind::Config) when the proxy setting needs a variable that cannot be
/// had.
pub fn configured_options(matrix: &Matrix) -> Result<Options> {
    Ok(Options {
        proxy: matrix.proxy()?.cloned(),
        // Whoever wrote it there allowed it; they are told what it means.
        allow_http: true,
        ..Options::default()
    })
}
