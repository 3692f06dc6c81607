//! Whose device the encryption store on disk holds.

use std::path::Path;

use matrix_sdk::{SqliteCryptoStore, SqliteStoreConfig};
use matrix_sdk_base::crypto::{Account, store::CryptoStore};

use super::preflight::DeviceKeyPair;
use crate::error::{Error, Result};

/// The device that a store on disk holds the private keys of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreAccount {
    /// The user it belongs to.
    pub user_id: String,
    /// The device it is.
    pub device_id: String,
    /// Its public identity keys.
    pub keys: DeviceKeyPair,
    /// Whether its keys were ever published.
    pub published: bool,
}

impl StoreAccount {
    /// Reads the account of the store in this directory; `None` where there is no store, or one
    /// that was never used.
    ///
    /// The caller holds the directory's lock: opening a store writes to it.
    ///
    /// # Errors
    ///
    /// When there is a store and it cannot be read.
    pub async fn read(store: &Path) -> Result<Option<Self>> {
        let account = load_account(store).await?;
        Ok(account.map(|account| Self {
            user_id: account.user_id().to_string(),
            device_id: account.device_id().to_string(),
            keys: DeviceKeyPair {
                ed25519: account.identity_keys().ed25519.to_base64(),
                curve25519: account.identity_keys().curve25519.to_base64(),
            },
            published: account.shared(),
        }))
    }
}

/// A copy of the account of the store in this directory, private keys included; `None` as in
/// [`StoreAccount::read`], and on the same terms.
pub(super) async fn load_account(store: &Path) -> Result<Option<Account>> {
    let unreadable = |error: Box<dyn std::error::Error + Send + Sync>| {
        Error::failure(format!(
            "cannot read the encryption store {}",
            store.display()
        ))
        .because(error)
        .hint("run `nanobot login` to give the bot a new device; the old store is kept aside")
    };
    // Opening creates what is not there, and an empty store is not an account.
    if !store.join("matrix-sdk-crypto.sqlite3").exists() {
        return Ok(None);
    }
    let opened = SqliteCryptoStore::open_with_config(&SqliteStoreConfig::new(store))
        .await
        .map_err(|error| unreadable(error.into()))?;
    opened
        .load_account()
        .await
        .map_err(|error| unreadable(error.into()))
}
