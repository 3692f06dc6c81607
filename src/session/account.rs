//! Whose device the encryption store on disk holds.

use std::path::Path;

use matrix_sdk::{SqliteCryptoStore, SqliteStoreConfig};
use matrix_sdk_base::crypto::{Account, store::CryptoStore};

use super::preflight::{DeviceKeyPair, NEW_DEVICE};
use crate::error::{Error, Result};

/// Why a store cannot be opened, in its own words.
pub(super) type Cause = Box<dyn std::error::Error + Send + Sync>;

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
        Ok(account.as_ref().map(Self::of))
    }

    pub(super) fn of(account: &Account) -> Self {
        Self {
            user_id: account.user_id().to_string(),
            device_id: account.device_id().to_string(),
            keys: DeviceKeyPair {
                ed25519: account.identity_keys().ed25519.to_base64(),
                curve25519: account.identity_keys().curve25519.to_base64(),
            },
            published: account.shared(),
        }
    }
}

/// A copy of the account of the store in this directory, private keys included; `None` as in
/// [`StoreAccount::read`], and on the same terms.
pub(super) async fn load_account(store: &Path) -> Result<Option<Account>> {
    let opened = open_store(store)
        .await
        .map_err(|error| unreadable(store, error))?;
    Ok(opened.map(|(_, account)| account))
}

/// The encryption keys of the store in this directory, with its account; `None` and terms as
/// above.
pub(super) async fn open_store(
    store: &Path,
) -> Result<Option<(SqliteCryptoStore, Account)>, Cause> {
    // Opening creates what is not there, and an empty store is not an account.
    if !store.join("matrix-sdk-crypto.sqlite3").try_exists()? {
        return Ok(None);
    }
    let opened = SqliteCryptoStore::open_with_config(&SqliteStoreConfig::new(store)).await?;
    let account = opened.load_account().await?;
    Ok(account.map(|account| (opened, account)))
}

/// That the bot's own store cannot be read.
pub(super) fn unreadable(store: &Path, cause: Cause) -> Error {
    Error::failure(format!(
        "cannot read the encryption store {}",
        store.display()
    ))
    .because(cause)
    .hint(NEW_DEVICE)
}
