//! What verifies a device that its owner does not vouch for: in each case another command.

use std::collections::BTreeMap;

use super::{
    recovery::{RecoveryFailure, SecretStorage},
    signatures::{Chain, verify_chain},
};
use crate::{
    error::Result,
    homeserver::{Account, PublishedKeys},
};

/// What gets a device verified by its account, in the case at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cure {
    /// The device itself is broken: it is replaced.
    NewDevice,
    /// The account has no identity: a login sets one up.
    FirstIdentity,
    /// The account has a recovery key.
    RecoveryKey,
    /// A verified session of the account can vouch for the device.
    OtherSession,
    /// Nothing is left of the identity that could vouch for anything: a new one.
    NewIdentity,
}

impl Cure {
    /// Chooses by what is wrong; `None` where nothing is.
    #[must_use]
    pub fn choose(
        chain: Chain,
        has_recovery_key: bool,
        has_verified_session: bool,
    ) -> Option<Self> {
        match chain {
            Chain::Whole => None,
            Chain::NoDeviceKeys | Chain::Device(_) => Some(Self::NewDevice),
            Chain::NoIdentity => Some(Self::FirstIdentity),
            Chain::Owner(_) if has_recovery_key => Some(Self::RecoveryKey),
            Chain::Owner(_) if has_verified_session => Some(Self::OtherSession),
            Chain::Owner(_) | Chain::NoSelfSigning | Chain::SelfSigning(_) => {
                Some(Self::NewIdentity)
            }
        }
    }

    /// Asks the homeserver what the account has, and chooses.
    ///
    /// # Errors
    ///
    /// When the homeserver fails.
    pub async fn find(
        account: &Account,
        user_id: &str,
        device_id: &str,
        chain: Chain,
    ) -> Result<Option<Self>> {
        if !matches!(chain, Chain::Owner(_)) {
            return Ok(Self::choose(chain, false, false));
        }
        let has_recovery_key = match SecretStorage::read(account, user_id).await {
            Ok(storage) => storage.is_some(),
            Err(RecoveryFailure::Other(error)) => return Err(error),
            Err(_) => false,
        };
        let devices = account.published_devices(user_id).await?;
        let has_session = is_another_verified(&devices, user_id, device_id);
        Ok(Self::choose(chain, has_recovery_key, has_session))
    }

    /// The command.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            Self::NewDevice => "nanobot store reset",
            Self::FirstIdentity => "nanobot login",
            Self::RecoveryKey => "nanobot verify recovery",
            Self::OtherSession => "nanobot verify",
            Self::NewIdentity => "nanobot login --reset-identity",
        }
    }

    /// What to do, as a sentence without its full stop and without the command.
    #[must_use]
    pub fn action(self) -> &'static str {
        match self {
            Self::NewDevice => "replace the device",
            Self::FirstIdentity => "log in again with the password, which sets one up",
            Self::RecoveryKey => "verify the device with the account's recovery key",
            Self::OtherSession => {
                "verify the device from another session of the bot's account, such as Element"
            }
            Self::NewIdentity => {
                "give the account a new identity, after which whoever verified the bot has to \
                 verify it again"
            }
        }
    }

    /// The same where a gateway may run: most of it needs the store.
    #[must_use]
    pub fn action_beside_gateway(self) -> String {
        match self {
            Self::OtherSession => self.action().to_owned(),
            _ => format!("stop the gateway and {}", self.action()),
        }
    }

    /// What to do, with the command.
    #[must_use]
    pub fn advice(self) -> String {
        format!("{}: `{}`", self.action(), self.command())
    }
}

/// Whether one of an account's devices, but for this one, is verified by it.
#[must_use]
pub fn is_another_verified(
    devices: &BTreeMap<String, PublishedKeys>,
    user_id: &str,
    device_id: &str,
) -> bool {
    devices
        .iter()
        .any(|(id, keys)| id != device_id && verify_chain(keys, user_id, id) == Chain::Whole)
}

#[cfg(test)]
mod tests {
    use super::{super::signatures::Flaw, *};

    #[test]
    fn a_recovery_key_is_advised_only_where_there_is_one() {
        let unsigned = Chain::Owner(Flaw::Unsigned);
        let table = [
            (Chain::Whole, true, true, None),
            (Chain::NoIdentity, true, true, Some(Cure::FirstIdentity)),
            (unsigned, true, true, Some(Cure::RecoveryKey)),
            (unsigned, true, false, Some(Cure::RecoveryKey)),
            (unsigned, false, true, Some(Cure::OtherSession)),
            (unsigned, false, false, Some(Cure::NewIdentity)),
            (Chain::NoSelfSigning, true, true, Some(Cure::NewIdentity)),
            (Chain::NoDeviceKeys, true, true, Some(Cure::NewDevice)),
        ];
        for (chain, key, session, expected) in table {
            assert_eq!(Cure::choose(chain, key, session), expected, "{chain:?}");
        }
    }
}
