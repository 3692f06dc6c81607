//! Is this device sound? Asked before its store is opened, because opening a store for a device
//! whose keys lie elsewhere breaks that device's encryption for good.

use crate::{
    error::{Error, Kind, Result},
    homeserver::{Account, DeviceKeys, Whoami},
};

use super::account::StoreAccount;

/// What mends a fault of a device or its store.
pub(super) const NEW_DEVICE: &str = "run `nanobot store reset` to give the bot a new device";
/// What mends a device that does not work though its keys are the published ones: a login alone
/// would keep it.
pub(super) const FRESH_DEVICE: &str =
    "stop the gateway if it runs, then run `nanobot store reset --force`";
/// What mends a token that is not the device's: one that is sound is kept.
const RIGHT_TOKEN: &str = "run `nanobot login`, which writes token and device together";

/// A device's public identity keys, in unpadded base64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceKeyPair {
    /// The fingerprint key.
    pub ed25519: String,
    /// The identity key that others encrypt to.
    pub curve25519: String,
}

impl From<DeviceKeys> for DeviceKeyPair {
    /// A key that a broken upload lacks is like no key of ours.
    fn from(keys: DeviceKeys) -> Self {
        Self {
            ed25519: keys.ed25519.unwrap_or_default(),
            curve25519: keys.curve25519.unwrap_or_default(),
        }
    }
}

/// What is known of the device before its store is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The user id in the configuration.
    pub user_id: String,
    /// The device id in the configuration.
    pub device_id: String,
    /// Whose token it is, as the homeserver says.
    pub whoami: Whoami,
    /// The device whose private keys the store holds.
    pub store: Option<StoreAccount>,
    /// The device's keys as the homeserver publishes them.
    pub published: Option<DeviceKeyPair>,
}

/// A device that may be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It has no keys yet: neither here nor published.
    New,
    /// Its keys are here and were never published, an interrupted login.
    Unpublished,
    /// Its keys are here, and the published ones are the same.
    Established,
}

/// Why a device must not be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The token is another user's.
    OtherUser {
        /// Whose it is.
        actual: String,
    },
    /// The token is another device's.
    OtherDevice {
        /// Which it is.
        actual: String,
    },
    /// The token has no device, so there can be no encryption.
    NoDevice,
    /// The store holds another device.
    OtherStore {
        /// Its user.
        user_id: String,
        /// Its device id.
        device_id: String,
    },
    /// The device has published keys, and their private halves are not in the store.
    KeysElsewhere,
    /// The published keys are not those of the store.
    KeysReplaced,
    /// The store's keys were published once, and the homeserver has none now.
    KeysVanished,
}

/// Judges what is known of a device.
///
/// # Errors
///
/// The [`Fault`] for which the device must not be opened.
pub fn judge(facts: &Facts) -> Result<Readiness, Fault> {
    if facts.whoami.user_id != facts.user_id {
        return Err(Fault::OtherUser {
            actual: facts.whoami.user_id.clone(),
        });
    }
    match &facts.whoami.device_id {
        None => return Err(Fault::NoDevice),
        Some(actual) if *actual != facts.device_id => {
            return Err(Fault::OtherDevice {
                actual: actual.clone(),
            });
        }
        Some(_) => {}
    }
    if let Some(store) = &facts.store
        && (store.user_id != facts.user_id || store.device_id != facts.device_id)
    {
        return Err(Fault::OtherStore {
            user_id: store.user_id.clone(),
            device_id: store.device_id.clone(),
        });
    }
    match (&facts.store, &facts.published) {
        (None, None) => Ok(Readiness::New),
        (None, Some(_)) => Err(Fault::KeysElsewhere),
        (Some(store), Some(published)) if store.keys == *published => Ok(Readiness::Established),
        (Some(_), Some(_)) => Err(Fault::KeysReplaced),
        (Some(store), None) if store.published => Err(Fault::KeysVanished),
        (Some(_), None) => Ok(Readiness::Unpublished),
    }
}

impl Facts {
    /// Asks the homeserver about the configured device.
    ///
    /// # Errors
    ///
    /// When the homeserver cannot be reached or rejects the token.
    pub async fn gather(
        account: &Account,
        user_id: &str,
        device_id: &str,
        store: Option<StoreAccount>,
    ) -> Result<Self> {
        let (whoami, published) =
            tokio::try_join!(account.whoami(), account.published_keys(user_id, device_id))?;
        Ok(Self {
            user_id: user_id.to_owned(),
            device_id: device_id.to_owned(),
            whoami,
            store,
            published: published.device.map(DeviceKeyPair::from),
        })
    }

    /// Judges these facts, in the program's own errors.
    ///
    /// # Errors
    ///
    /// The fault, with what to do about it.
    pub fn readiness(&self) -> Result<Readiness> {
        judge(self).map_err(|fault| fault.explain(self))
    }
}

impl Fault {
    /// This fault in words, with the command that mends it.
    #[must_use]
    pub fn explain(&self, facts: &Facts) -> Error {
        let device = &facts.device_id;
        let message = match self {
            Self::OtherUser { actual } => format!(
                "the access token belongs to {actual}, but userId is {}",
                facts.user_id
            ),
            Self::OtherDevice { actual } => {
                format!("the access token belongs to device {actual}, but deviceId is {device}")
            }
            Self::NoDevice => {
                "the access token belongs to no device, so it cannot encrypt".to_owned()
            }
            Self::OtherStore { user_id, device_id } => format!(
                "matrix-store holds the keys of {user_id}'s device {device_id}, \
                 but the configured device is {device} of {}",
                facts.user_id
            ),
            Self::KeysElsewhere => format!(
                "device {device} has encryption keys that are not in matrix-store: \
                 the token was copied from another client, or the store was deleted"
            ),
            Self::KeysReplaced => format!(
                "the keys of device {device} on the homeserver are not those in matrix-store: \
                 another program has used this device"
            ),
            Self::KeysVanished => format!(
                "the homeserver no longer has the keys of device {device}: the device was removed"
            ),
        };
        Error::new(Kind::Failure, message).hint(self.remedy())
    }

    fn remedy(&self) -> &'static str {
        match self {
            Self::OtherUser { .. } | Self::OtherDevice { .. } | Self::NoDevice => RIGHT_TOKEN,
            Self::OtherStore { .. }
            | Self::KeysElsewhere
            | Self::KeysReplaced
            | Self::KeysVanished => NEW_DEVICE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(name: &str) -> DeviceKeyPair {
        DeviceKeyPair {
            ed25519: format!("{name}-ed25519"),
            curve25519: format!("{name}-curve25519"),
        }
    }

    fn store(published: bool) -> StoreAccount {
        StoreAccount {
            user_id: "@bot:example.org".into(),
            device_id: "BOT".into(),
            keys: keys("ours"),
            published,
        }
    }

    fn facts(store: Option<StoreAccount>, published: Option<DeviceKeyPair>) -> Facts {
        Facts {
            user_id: "@bot:example.org".into(),
            device_id: "BOT".into(),
            whoami: Whoami {
                user_id: "@bot:example.org".into(),
                device_id: Some("BOT".into()),
                is_guest: false,
            },
            store,
            published,
        }
    }

    #[test]
    fn the_truth_table() {
        let table = [
            (None, None, Ok(Readiness::New)),
            (None, Some(keys("ours")), Err(Fault::KeysElsewhere)),
            (
                Some(store(true)),
                Some(keys("ours")),
                Ok(Readiness::Established),
            ),
            (
                Some(store(true)),
                Some(keys("theirs")),
                Err(Fault::KeysReplaced),
            ),
            (Some(store(true)), None, Err(Fault::KeysVanished)),
            (Some(store(false)), None, Ok(Readiness::Unpublished)),
            (
                Some(store(false)),
                Some(keys("theirs")),
                Err(Fault::KeysReplaced),
            ),
        ];
        for (store, published, expected) in table {
            let facts = facts(store, published);
            assert_eq!(judge(&facts), expected, "{facts:?}");
        }
    }

    #[test]
    fn a_token_of_someone_else_is_found_before_anything_about_keys() {
        let mut other_user = facts(None, None);
        other_user.whoami.user_id = "@eve:example.org".into();
        let mut other_device = facts(Some(store(true)), Some(keys("theirs")));
        other_device.whoami.device_id = Some("PHONE".into());
        let mut no_device = facts(None, None);
        no_device.whoami.device_id = None;
        let mut other_store = facts(Some(store(true)), None);
        other_store.device_id = "NEW".into();
        other_store.whoami.device_id = Some("NEW".into());

        assert!(matches!(judge(&other_user), Err(Fault::OtherUser { .. })));
        assert!(matches!(
            judge(&other_device),
            Err(Fault::OtherDevice { .. })
        ));
        assert_eq!(judge(&no_device), Err(Fault::NoDevice));
        assert!(matches!(judge(&other_store), Err(Fault::OtherStore { .. })));
    }

    #[test]
    fn a_wrong_token_costs_no_device_and_a_broken_device_is_replaced() {
        let mut other_device = facts(Some(store(true)), Some(keys("ours")));
        other_device.whoami.device_id = Some("PHONE".into());
        let deleted = facts(None, Some(keys("ours")));
        for (facts, command) in [
            (other_device, "`nanobot login`"),
            (deleted, "`nanobot store reset`"),
        ] {
            let error = facts.readiness().unwrap_err();
            assert!(error.hint_text().unwrap().contains(command), "{error:?}");
        }
    }
}
