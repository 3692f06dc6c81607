//! The SDK's databases, as this program opens them.

mod cache;

/// Implements a store's trait for what wraps a `store`: by these methods, and by passing the others
/// on.
macro_rules! passing_on {
    (
        $store:ident for $wrapper:ident around $inner:ident;
        { $($method:tt)* }
        $(fn $name:ident($($arg:ident: $kind:ty),*) -> $out:ty;)*
    ) => {
        #[async_trait]
        impl $store for $wrapper {
            type Error = <$inner as $store>::Error;

            $($method)*

            $(async fn $name(&self, $($arg: $kind),*) -> Result<$out> {
                self.store.$name($($arg),*).await
            })*
        }
    };
}

mod crypto;
mod routine;
mod state;

use std::path::Path;

use matrix_sdk::{
    SqliteCryptoStore, SqliteStateStore, SqliteStoreConfig,
    cross_process_lock::CrossProcessLockConfig, ruma::UserId, store::StoreConfig,
};

pub use crypto::DueQueries;

use self::{crypto::CachedCrypto, state::CachedState};
use crate::error::{Error, Result};

/// Connections to each of the SDK's databases, and what each may keep of it in memory, in bytes: what
/// the system keeps of a file is read almost as fast.
const CONNECTIONS: usize = 2;
const CACHE: u32 = 200_000;

/// Opens the SDK's databases of this user in this directory, made if they are not there. What is due
/// in them is told there.
///
/// # Errors
///
/// When they cannot be opened or written.
pub async fn open(store: &Path, own_id: &UserId, due: DueQueries) -> Result<StoreConfig> {
    let config = SqliteStoreConfig::with_low_memory_config(store)
        .pool_max_size(CONNECTIONS)
        .cache_size(CACHE);
    let failed = |error| failure(store).because(error);
    let state = SqliteStateStore::open_with_config(&config);
    let state = state.await.map_err(failed)?;
    let crypto = SqliteCryptoStore::open_with_config(&config);
    let crypto = crypto.await.map_err(failed)?;
    Ok(StoreConfig::new(CrossProcessLockConfig::SingleProcess)
        .state_store(CachedState::new(state))
        .crypto_store(CachedCrypto::new(crypto, own_id, due)))
}

/// That this store cannot be opened.
pub fn failure(store: &Path) -> Error {
    Error::failure(format!("cannot open the store {}", store.display()))
        .hint("check that this user may write there and that the disk is not full")
}
