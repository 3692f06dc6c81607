//! Whose device the encryption store on disk holds.

use std::path::Path;

use matrix_sdk::{SqliteCryptoStore, SqliteStoreConfig};
use matrix_sdk_base::crypto::store::CryptoStore;

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
        let account = opened
            .load_account()
            .await
            .map_err(|error| unreadable(error.into()))?;
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
