//! What a homeserver shows others of this device: whether they can encrypt to it, and whether its
//! owner vouches for it.

use super::{
    preflight::{DeviceKeyPair, NEW_DEVICE},
    signatures::{Chain, verify_chain},
};
use crate::{
    error::{Error, Result},
    homeserver::Account,
};

/// What others see of this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Why they cannot encrypt to it; `None` where they can.
    pub trouble: Option<KeyTrouble>,
    /// How far it can be traced to its owner.
    pub chain: Chain,
}

/// Why others cannot encrypt to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyTrouble {
    /// The homeserver has no keys of it.
    Gone,
    /// The homeserver has other keys of it than those that are here.
    Replaced,
    /// There are no one-time keys for new conversations. The next sync uploads some, unless the
    /// homeserver refuses them.
    NoOneTimeKeys,
}

impl Shown {
    /// Asks the homeserver about the token's device, which has these keys. Changes nothing.
    ///
    /// # Errors
    ///
    /// When the homeserver cannot be reached or rejects the token.
    pub async fn ask(
        account: &Account,
        user_id: &str,
        device_id: &str,
        ours: &DeviceKeyPair,
    ) -> Result<Self> {
        let (published, one_time_keys) = tokio::try_join!(
            account.published_keys(user_id, device_id),
            account.one_time_key_count()
        )?;
        let chain = verify_chain(&published, user_id, device_id);
        let trouble = match published.device.map(DeviceKeyPair::from) {
            None => Some(KeyTrouble::Gone),
            Some(keys) if keys != *ours => Some(KeyTrouble::Replaced),
            Some(_) => (one_time_keys == 0).then_some(KeyTrouble::NoOneTimeKeys),
        };
        Ok(Self { trouble, chain })
    }
}

impl KeyTrouble {
    /// This in words, with the command that mends it.
    #[must_use]
    pub fn explain(self) -> Error {
        match self {
            Self::Gone => Error::failure("the homeserver does not publish this device's keys")
                .hint(NEW_DEVICE),
            Self::Replaced => {
                Error::failure("another program has published its keys for this device")
                    .hint(NEW_DEVICE)
            }
            Self::NoOneTimeKeys => Error::failure("the homeserver holds no one-time keys")
                .hint("run `nanobot doctor` to see why it takes none"),
        }
    }
}
