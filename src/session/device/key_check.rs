//! What a homeserver shows others of this device: whether they can encrypt to it, and whether its
//! owner vouches for it. And whether another program's keys are in the way of its own.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use matrix_sdk::{Client, store::StateStoreDataKey};

use super::{
    signatures::{Chain, verify_chain},
    store_account::new_device,
};
use crate::{
    error::{Error, Result},
    homeserver::Account,
    ipc::IdentityKeys,
    session::sdk,
};

/// What others see of this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyCheck {
    /// Why they cannot encrypt to it; `None` where they can.
    pub problem: Option<KeyProblem>,
    /// How far it can be traced to its owner.
    pub chain: Chain,
    /// How many one-time keys there are for those who begin conversations.
    pub one_time_keys: u64,
}

/// Why others cannot encrypt to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyProblem {
    /// The homeserver has no keys of it.
    Gone,
    /// The homeserver has other keys of it than those that are here.
    Replaced,
    /// There are no one-time keys for new conversations. The next sync uploads some, unless the
    /// homeserver refuses them.
    NoOneTimeKeys,
}

impl KeyCheck {
    /// Asks the homeserver about the token's device, which has these keys. Changes nothing.
    ///
    /// # Errors
    ///
    /// When the homeserver cannot be reached or rejects the token.
    pub async fn run(
        account: &Account,
        user_id: &str,
        device_id: &str,
        ours: &IdentityKeys,
    ) -> Result<Self> {
        let (published, one_time_keys) = tokio::try_join!(
            account.published_keys(user_id, device_id),
            account.one_time_key_count()
        )?;
        let chain = verify_chain(&published, user_id, device_id);
        let problem = match published.device.map(IdentityKeys::from) {
            None => Some(KeyProblem::Gone),
            Some(keys) if keys != *ours => Some(KeyProblem::Replaced),
            Some(_) => (one_time_keys == 0).then_some(KeyProblem::NoOneTimeKeys),
        };
        Ok(Self {
            problem,
            chain,
            one_time_keys,
        })
    }
}

impl KeyProblem {
    /// This in words, with the command that fixes it.
    pub fn explain(self) -> Error {
        match self {
            Self::Gone => Error::failure("the homeserver does not publish this device's keys")
                .with_remedy(new_device()),
            Self::Replaced => {
                Error::failure("another program has published its keys for this device")
                    .with_remedy(new_device())
            }
            Self::NoOneTimeKeys => Error::failure("the homeserver has no one-time keys")
                .hint("check why")
                .command("nanobot doctor"),
        }
    }
}

/// Whether the homeserver holds one-time keys of another store under this device's name, so that
/// it has refused ours. Clones share it.
#[derive(Clone, Debug)]
pub struct KeyConflict(Arc<AtomicBool>);

impl KeyConflict {
    /// Watches for what no sync ever reports, and says it aloud when it happens and at every start
    /// from then on: the SDK reports it only once in the life of a store.
    pub async fn watch(client: &Client) -> Result<Self> {
        let mut conflicts = client.subscribe_to_duplicate_key_upload_errors();
        let store = client.state_store();
        let reported = store.get_kv_data(StateStoreDataKey::OneTimeKeyAlreadyUploaded);
        let reported = sdk::call("read matrix-store", reported).await?;
        let conflict = Self(Arc::default());
        if reported.is_some() {
            conflict.see();
            return Ok(conflict);
        }
        let watched = conflict.clone();
        tokio::spawn(async move {
            if conflicts.recv().await.is_ok() {
                watched.see();
            }
        });
        Ok(conflict)
    }

    /// Whether it ever did since this store is in use.
    pub fn is_seen(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn see(&self) {
        self.0.store(true, Ordering::Relaxed);
        tracing::error!(
            "encryption is broken: another program has published keys for this device; \
             stop this gateway, then run `nanobot store reset --force`"
        );
    }
}
