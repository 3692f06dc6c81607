//! Whose device the encryption store on disk holds.

use std::path::Path;

use matrix_sdk::{SqliteCryptoStore, SqliteStoreConfig, ruma::DeviceId};
use matrix_sdk_base::crypto::{Account, store::CryptoStore};

use crate::{
    error::{Error, Remedy, Result},
    homeserver::DeviceKeys,
    ipc::IdentityKeys,
};

/// Why a store cannot be opened, in its own words.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

impl From<DeviceKeys> for IdentityKeys {
    /// A key that a broken upload lacks is like no key of ours.
    fn from(keys: DeviceKeys) -> Self {
        Self {
            ed25519: keys.ed25519.unwrap_or_default(),
            curve25519: keys.curve25519.unwrap_or_default(),
        }
    }
}

/// What fixes a device whose keys or store are broken.
pub fn new_device() -> Remedy {
    Remedy::from("create a new device for the bot (the old store is archived)")
        .and_command("nanobot store reset")
}

/// The device that a store on disk holds the private keys of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreAccount {
    /// The user it belongs to.
    pub user_id: String,
    /// The device it is.
    pub device_id: String,
    /// Its public identity keys.
    pub keys: IdentityKeys,
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

    /// Whether it is this user's device of this id.
    pub fn is_of(&self, user_id: &str, device_id: &str) -> bool {
        self.user_id == user_id && self.device_id == device_id
    }

    pub fn of(account: &Account) -> Self {
        Self {
            user_id: account.user_id().to_string(),
            device_id: account.device_id().to_string(),
            keys: IdentityKeys {
                ed25519: account.identity_keys().ed25519.to_base64(),
                curve25519: account.identity_keys().curve25519.to_base64(),
            },
            published: account.shared(),
        }
    }
}

/// A copy of the account of the store in this directory, private keys included; `None` as in
/// [`StoreAccount::read`], and on the same terms.
pub async fn load_account(store: &Path) -> Result<Option<Account>> {
    let opened = open_store(store).await;
    let opened = opened.map_err(|cause| unreadable(store, cause))?;
    Ok(opened.map(|(_, account)| account))
}

/// The encryption keys of the store in this directory, with its account; `None` and terms as
/// above.
pub async fn open_store(store: &Path) -> Result<Option<(SqliteCryptoStore, Account)>, Cause> {
    // Opening creates what is not there, and an empty store is not an account.
    if !store.join("matrix-sdk-crypto.sqlite3").try_exists()? {
        return Ok(None);
    }
    let opened = SqliteCryptoStore::open_with_config(&SqliteStoreConfig::new(store)).await?;
    let account = opened.load_account().await?;
    Ok(account.map(|account| (opened, account)))
}

/// That the bot's own store cannot be read.
pub fn unreadable(store: &Path, cause: Cause) -> Error {
    Error::failure(format!(
        "cannot read the encryption store {}",
        store.display()
    ))
    .because(cause)
    .with_remedy(new_device())
}

/// A random id for a device that does not exist yet.
pub fn new_device_id() -> String {
    DeviceId::new().to_string()
}
