//! Is this device sound? Asked before its store is opened, because opening a store for a device
//! whose keys lie elsewhere breaks that device's encryption for good.

use super::store_account::{StoreAccount, new_device};
use crate::{
    error::{Error, Remedy, Result},
    homeserver::{Account, Whoami},
    ipc::IdentityKeys,
};

/// What is known of the device before its store is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceState {
    /// The user ID in the configuration.
    pub user_id: String,
    /// The device ID in the configuration.
    pub device_id: String,
    /// Whose token it is, as the homeserver says.
    pub whoami: Whoami,
    /// The device whose private keys the store holds.
    pub store: Option<StoreAccount>,
    /// The device's keys as the homeserver publishes them.
    pub published: Option<IdentityKeys>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The token is another user's.
    OtherUser,
    /// The token is another device's.
    OtherDevice,
    /// The token has no device, so there can be no encryption.
    NoDevice,
    /// The store holds another device.
    OtherStore,
    /// The device has published keys, and their private halves are not in the store.
    KeysElsewhere,
    /// The published keys are not those of the store.
    KeysReplaced,
    /// The store's keys were published once, and the homeserver has none now.
    KeysVanished,
}

impl DeviceState {
    /// Asks the homeserver about the configured device.
    ///
    /// # Errors
    ///
    /// When the homeserver cannot be reached or rejects the token.
    pub async fn ask(
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
            published: published.device.map(IdentityKeys::from),
        })
    }

    /// Whether the device may be opened.
    ///
    /// # Errors
    ///
    /// The [`Fault`] for which it must not be.
    pub fn readiness(&self) -> Result<Readiness, Fault> {
        if self.whoami.user_id != self.user_id {
            return Err(Fault::OtherUser);
        }
        match &self.whoami.device_id {
            None => return Err(Fault::NoDevice),
            Some(actual) if *actual != self.device_id => return Err(Fault::OtherDevice),
            Some(_) => {}
        }
        match (&self.store, &self.published) {
            (Some(store), _) if !store.is_of(&self.user_id, &self.device_id) => {
                Err(Fault::OtherStore)
            }
            (None, None) => Ok(Readiness::New),
            (None, Some(_)) => Err(Fault::KeysElsewhere),
            (Some(store), Some(published)) if store.keys == *published => {
                Ok(Readiness::Established)
            }
            (Some(_), Some(_)) => Err(Fault::KeysReplaced),
            (Some(store), None) if store.published => Err(Fault::KeysVanished),
            (Some(_), None) => Ok(Readiness::Unpublished),
        }
    }

    /// The same in the program's own errors.
    ///
    /// # Errors
    ///
    /// What the token is that no bot can use, or the fault, with what to do about it.
    pub fn check(&self) -> Result<Readiness> {
        refuse_token(&self.whoami)?;
        self.readiness().map_err(|fault| fault.explain(self))
    }
}

const NO_DEVICE: &str = "the access token belongs to no device, so it cannot encrypt";

/// Refuses a token that no bot can use, whatever the configuration says of it.
///
/// # Errors
///
/// What the token is, and what to do.
pub fn refuse_token(whoami: &Whoami) -> Result<()> {
    let why = if whoami.is_guest {
        "the access token is a guest's, who can only join rooms open to guests"
    } else if whoami.is_application_service {
        "the access token is an application service's, such as a bridge's: it belongs to no device, \
         so it cannot encrypt"
    } else if whoami.device_id.is_none() {
        NO_DEVICE
    } else {
        return Ok(());
    };
    let error = Error::failure(why);
    Err(error
        .hint("register a user for the bot, and log in with its password")
        .command("nanobot login"))
}

impl Fault {
    /// This fault in words, with the command that fixes it.
    pub fn explain(self, facts: &DeviceState) -> Error {
        let device = &facts.device_id;
        let actual = &facts.whoami;
        let message = match self {
            Self::OtherUser => format!(
                "the access token belongs to {}, but userId is {}",
                actual.user_id, facts.user_id
            ),
            Self::OtherDevice => {
                let actual = actual.device_id.as_deref().unwrap_or_default();
                format!("the access token belongs to device {actual}, but deviceId is {device}")
            }
            Self::NoDevice => NO_DEVICE.to_owned(),
            Self::OtherStore => {
                let (user, other) = facts.store.as_ref().map_or(("", ""), |store| {
                    (store.user_id.as_str(), store.device_id.as_str())
                });
                format!(
                    "matrix-store contains the keys of {user}'s device {other}, \
                     but the configured device is {device} of {}",
                    facts.user_id
                )
            }
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
        Error::failure(message).with_remedy(match self {
            // A device that is sound is kept.
            Self::OtherUser | Self::OtherDevice | Self::NoDevice => {
                Remedy::from("log in again to write a matching token and device")
                    .and_command("nanobot login")
            }
            _ => new_device(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(name: &str) -> IdentityKeys {
        IdentityKeys {
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

    fn facts(store: Option<StoreAccount>, published: Option<IdentityKeys>) -> DeviceState {
        DeviceState {
            user_id: "@bot:example.org".into(),
            device_id: "BOT".into(),
            whoami: Whoami {
                user_id: "@bot:example.org".into(),
                device_id: Some("BOT".into()),
                is_guest: false,
                is_application_service: false,
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
            assert_eq!(facts.readiness(), expected, "{facts:?}");
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

        assert_eq!(other_user.readiness(), Err(Fault::OtherUser));
        assert_eq!(other_device.readiness(), Err(Fault::OtherDevice));
        assert_eq!(no_device.readiness(), Err(Fault::NoDevice));
        assert_eq!(other_store.readiness(), Err(Fault::OtherStore));
    }

    #[test]
    fn a_token_that_no_bot_can_use_is_named() {
        let refused = |change: fn(&mut Whoami)| {
            let mut facts = facts(None, None);
            change(&mut facts.whoami);
            facts.check().unwrap_err().to_string()
        };
        let guest = refused(|whoami| whoami.is_guest = true);
        assert!(guest.contains("a guest's"), "{guest}");
        let no_device = refused(|whoami| whoami.device_id = None);
        assert!(no_device.contains("belongs to no device"), "{no_device}");
        let service = refused(|whoami| {
            whoami.device_id = None;
            whoami.is_application_service = true;
        });
        assert!(service.contains("an application service's"), "{service}");
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
            let error = facts.check().unwrap_err();
            assert!(error.hint_text().unwrap().contains(command), "{error:?}");
        }
    }
}
