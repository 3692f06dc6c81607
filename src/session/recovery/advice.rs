//! What verifies a device that its account has not verified: in each case another command.

use std::{collections::BTreeMap, path::PathBuf};

use super::{failure::RecoveryFailure, secret_storage::SecretStorage};
use crate::{
    error::{Error, Remedy, Result},
    homeserver::{Account, PublishedKeys},
    session::{
        crypto::archives::find_identity,
        device::signatures::{Chain, verify_chain},
    },
};

/// What is left of an account's identity that can verify a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remains {
    /// A store on this machine has the identity's private keys.
    pub on_machine: bool,
    /// The account's secret storage has them, and a recovery key opens it.
    pub in_secret_storage: bool,
    /// Another session of the account is verified, and can verify this one.
    pub has_verified_session: bool,
}

/// What gets a device verified by its account, in the case at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityFix {
    /// The device itself is broken: it is replaced.
    NewDevice,
    /// The homeserver has no keys of the device: a login publishes them, or makes a new device.
    PublishKeys,
    /// The account has no identity: a login creates one.
    FirstIdentity,
    /// An archived store here has the identity's private keys: a login takes them.
    KeysOnMachine,
    /// The recovery key opens the identity's private keys.
    RecoveryKey,
    /// A verified session of the account can verify the device.
    OtherSession,
    /// Nothing is left of the identity that could verify anything: a new one.
    NewIdentity,
}

impl Remains {
    /// Asks the homeserver what the account has, and looks into these stores on the machine.
    ///
    /// # Errors
    ///
    /// When the homeserver fails.
    pub async fn find(
        account: &Account,
        user_id: &str,
        device_id: &str,
        stores: &[PathBuf],
    ) -> Result<Self> {
        let keys = account.published_keys(user_id, device_id).await?;
        let Some(master) = keys.master.map(|master| master.public) else {
            return Ok(Self::default());
        };
        let in_secret_storage = match SecretStorage::read(account, user_id).await {
            Ok(Some(storage)) => storage.has_identity(account, user_id).await?,
            Err(RecoveryFailure::Other(error)) => return Err(error),
            Ok(None) | Err(_) => false,
        };
        let devices = account.published_devices(user_id).await?;
        Ok(Self {
            on_machine: find_identity(stores, user_id, Some(&master))
                .await
                .is_some(),
            in_secret_storage,
            has_verified_session: is_another_verified(&devices, user_id, device_id),
        })
    }

    /// The same for a device that its account has not verified; there is nothing to look for
    /// elsewhere.
    ///
    /// # Errors
    ///
    /// When the homeserver fails.
    pub async fn find_if_unverified(
        account: &Account,
        user_id: &str,
        device_id: &str,
        chain: Chain,
        stores: &[PathBuf],
    ) -> Result<Self> {
        match chain {
            Chain::Owner(_) => Self::find(account, user_id, device_id, stores).await,
            _ => Ok(Self::default()),
        }
    }
}

impl IdentityFix {
    /// Chooses by what is wrong; `None` where nothing is.
    pub fn choose(chain: Chain, remains: Remains) -> Option<Self> {
        match chain {
            Chain::Whole => None,
            Chain::NoDeviceKeys => Some(Self::PublishKeys),
            Chain::Device(_) => Some(Self::NewDevice),
            Chain::NoIdentity => Some(Self::FirstIdentity),
            Chain::Owner(_) => Some(Self::of(remains)),
            Chain::NoSelfSigning | Chain::SelfSigning(_) => Some(Self::NewIdentity),
        }
    }

    /// Chooses for a device that is sound, of an account whose identity is.
    fn of(remains: Remains) -> Self {
        if remains.on_machine {
            Self::KeysOnMachine
        } else if remains.in_secret_storage {
            Self::RecoveryKey
        } else if remains.has_verified_session {
            Self::OtherSession
        } else {
            Self::NewIdentity
        }
    }

    /// Asks the homeserver what the account has, looks into these stores on the machine, and
    /// chooses.
    ///
    /// # Errors
    ///
    /// When the homeserver fails.
    pub async fn find(
        account: &Account,
        user_id: &str,
        device_id: &str,
        chain: Chain,
        stores: &[PathBuf],
    ) -> Result<Option<Self>> {
        let remains = Remains::find_if_unverified(account, user_id, device_id, chain, stores);
        Ok(Self::choose(chain, remains.await?))
    }

    /// The command.
    pub fn command(self) -> &'static str {
        match self {
            Self::NewDevice => "nanobot store reset --force",
            Self::PublishKeys | Self::FirstIdentity | Self::KeysOnMachine => "nanobot login",
            Self::RecoveryKey => "nanobot verify recovery",
            Self::OtherSession => "nanobot verify",
            Self::NewIdentity => "nanobot login --reset-identity --recovery",
        }
    }

    /// What to do, as a sentence without its full stop and without the command.
    pub fn action(self) -> &'static str {
        match self {
            Self::NewDevice => "replace the device",
            Self::PublishKeys => {
                "log in again with the password, which publishes the device's keys"
            }
            Self::FirstIdentity => {
                "log in again with the password, which creates a cross-signing identity"
            }
            Self::KeysOnMachine => {
                "log in again with the password: an earlier store on this machine has the private \
                 keys of the cross-signing identity"
            }
            Self::RecoveryKey => "verify the device with the account's recovery key",
            Self::OtherSession => {
                "verify the device from another session of the bot's account, such as Element"
            }
            Self::NewIdentity => {
                "create a new cross-signing identity with the password; everyone who verified the \
                 bot must verify it again"
            }
        }
    }

    /// The same where a gateway may run: most of it needs the store.
    pub fn action_beside_gateway(self) -> String {
        match self {
            Self::OtherSession => self.action().to_owned(),
            _ => format!("stop the gateway and {}", self.action()),
        }
    }

    /// What to do, with the command.
    pub fn advice(self) -> String {
        format!("{}: `{}`", self.action(), self.command())
    }

    /// What to do, as data.
    pub fn remedy(self) -> Remedy {
        Remedy::from(self.action()).and_command(self.command())
    }
}

impl RecoveryFailure {
    /// This in words, with the one command that verifies the device in this case; `remains` is
    /// what the account has, and `chain` how far the device can be traced to its owner.
    pub fn advise(self, chain: Chain, remains: Remains) -> Error {
        let is_key_useless = matches!(
            self,
            Self::NotSetUp | Self::Incomplete | Self::Outdated | Self::Unusable(_)
        );
        let is_key_wrong = matches!(self, Self::WrongKey | Self::NoKey);
        // Everything else is not for recovery to fix.
        let is_unverified = matches!(
            chain,
            Chain::Owner(_) | Chain::NoSelfSigning | Chain::SelfSigning(_)
        );
        if matches!(self, Self::Other(_)) || !is_unverified {
            return self.into();
        }
        let without_key = Remains {
            in_secret_storage: remains.in_secret_storage && !is_key_useless && !is_key_wrong,
            ..remains
        };
        let fix = IdentityFix::choose(chain, without_key);
        let error = Error::from(self);
        match fix {
            None => error,
            Some(fix) if is_key_wrong => {
                let text = format!("{}. If it is lost, {}", error.remedy().text, fix.action());
                error.with_remedy(Remedy::from(text).and_command(fix.command()))
            }
            Some(fix) => error.with_remedy(fix.remedy()),
        }
    }
}

/// Whether one of an account's devices, but for this one, is verified by it.
fn is_another_verified(
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
    use super::*;
    use crate::session::device::signatures::Flaw;

    const UNSIGNED: Chain = Chain::Owner(Flaw::Unsigned);

    fn remains(on_machine: bool, in_secret_storage: bool, has_verified_session: bool) -> Remains {
        Remains {
            on_machine,
            in_secret_storage,
            has_verified_session,
        }
    }

    #[test]
    fn each_state_has_the_command_that_works_there() {
        use IdentityFix as Fix;
        let all = remains(true, true, true);
        let table = [
            (Chain::Whole, all, None),
            (Chain::NoIdentity, all, Some(Fix::FirstIdentity)),
            (UNSIGNED, all, Some(Fix::KeysOnMachine)),
            (UNSIGNED, remains(false, true, true), Some(Fix::RecoveryKey)),
            (
                UNSIGNED,
                remains(false, true, false),
                Some(Fix::RecoveryKey),
            ),
            (
                UNSIGNED,
                remains(false, false, true),
                Some(Fix::OtherSession),
            ),
            (UNSIGNED, Remains::default(), Some(Fix::NewIdentity)),
            (Chain::NoSelfSigning, all, Some(Fix::NewIdentity)),
            (Chain::NoDeviceKeys, all, Some(Fix::PublishKeys)),
            (Chain::Device(Flaw::Unsigned), all, Some(Fix::NewDevice)),
        ];
        for (chain, remains, expected) in table {
            assert_eq!(IdentityFix::choose(chain, remains), expected, "{chain:?}");
        }
    }

    #[test]
    fn no_failure_of_recovery_advises_what_has_just_failed() {
        use RecoveryFailure as Failure;
        let failures: [fn() -> Failure; 9] = [
            || Failure::NotSetUp,
            || Failure::WrongKey,
            || Failure::NoKey,
            || Failure::Unusable(String::new()),
            || Failure::Incomplete,
            || Failure::Outdated,
            || Failure::AlreadySetUp,
            || Failure::BackupExistsOnServer,
            || Failure::NoIdentityKeys,
        ];
        for failure in failures {
            for has_verified_session in [false, true] {
                let remains = remains(false, true, has_verified_session);
                let error = failure().advise(UNSIGNED, remains);
                let commands = &error.remedy().commands;
                assert_eq!(commands.len(), 1, "{error:?}");
                // Only where no recovery key was tried yet may one be of use.
                let is_untried = matches!(
                    failure(),
                    Failure::AlreadySetUp | Failure::BackupExistsOnServer | Failure::NoIdentityKeys
                );
                let is_advised = commands[0] == "nanobot verify recovery";
                assert_eq!(is_advised, is_untried, "{error:?}");
            }
        }
    }
}
