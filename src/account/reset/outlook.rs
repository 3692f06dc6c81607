//! What will restore the account's cross-signing identity on the new device.

use std::path::Path;

use super::Options;
use crate::{
    config::Secret,
    error::Result,
    session::{
        COST, Credentials, IdentitySecrets, Remains, SecretStorage, find_identity, latest_archives,
    },
};

/// What will restore the account's cross-signing identity on the new device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outlook {
    /// The account has none yet: it gets its first.
    First,
    /// The recovery key that was given.
    GivenKey,
    /// The old store.
    OldStore,
    /// An archived store.
    Archive,
    /// The recovery key in the keyring.
    KeyringKey,
    /// The recovery key, which nobody has given yet.
    MissingKey,
    /// Another verified session, later.
    OtherSession,
    /// Nothing.
    Nothing,
    /// The homeserver could not be asked.
    #[default]
    Unknown,
}

/// What is at hand for the new device.
pub struct AtHand<'a> {
    pub options: &'a Options,
    /// The identity's private keys in the old store.
    pub secrets: Option<&'a IdentitySecrets>,
    /// The recovery key in the keyring.
    pub keyring_key: Option<&'a Secret>,
}

impl Outlook {
    /// Asks the homeserver with the old device's token. `directory` is the data directory.
    pub async fn find(
        credentials: &Credentials,
        at_hand: AtHand<'_>,
        directory: &Path,
    ) -> Result<Self> {
        let account = credentials.account()?;
        let (user_id, device_id) = (&credentials.user_id, &credentials.device_id);
        let keys = account.published_keys(user_id, device_id).await?;
        let Some(master) = keys.master.map(|master| master.public) else {
            return Ok(Self::First);
        };
        if at_hand.options.recovery_key.is_some() {
            return Ok(Self::GivenKey);
        }
        let secrets = at_hand.secrets;
        if secrets.is_some_and(|secrets| secrets.belong_to(&master)) {
            return Ok(Self::OldStore);
        }
        let archives = latest_archives(directory);
        if find_identity(&archives, user_id, Some(&master))
            .await
            .is_some()
        {
            return Ok(Self::Archive);
        }
        let remains = Remains::find(&account, user_id, device_id, &[]).await?;
        if !remains.in_secret_storage {
            return Ok(if remains.has_verified_session {
                Self::OtherSession
            } else {
                Self::Nothing
            });
        }
        let storage = SecretStorage::read(&account, user_id).await?;
        let fits = |key| storage.is_some_and(|storage| storage.check(key).is_ok());
        Ok(if at_hand.keyring_key.is_some_and(fits) {
            Self::KeyringKey
        } else {
            Self::MissingKey
        })
    }

    /// What restores it, if anything does.
    pub fn kept(self) -> Option<&'static str> {
        Some(match self {
            Self::First => "the account gets its first cross-signing identity",
            Self::GivenKey => "the cross-signing identity, restored with the recovery key",
            Self::OldStore => "the cross-signing identity, from the old store",
            Self::Archive => "the cross-signing identity, from an archived store",
            Self::KeyringKey => {
                "the cross-signing identity, restored with the recovery key in the keyring"
            }
            Self::MissingKey | Self::OtherSession | Self::Nothing | Self::Unknown => return None,
        })
    }

    /// What is lost, if anything is: with these options, and whether somebody can be asked.
    pub fn lost(self, resets_identity: bool, is_interactive: bool) -> Option<String> {
        let words = match self {
            Self::MissingKey if is_interactive => {
                return Some(
                    "the device's verification, unless you enter the recovery key: you will be \
                     asked"
                        .to_owned(),
                );
            }
            Self::MissingKey | Self::OtherSession | Self::Nothing if resets_identity => {
                return Some(format!("the cross-signing identity: {COST}"));
            }
            Self::MissingKey => "--recovery-key-file FILE keeps it",
            Self::OtherSession => {
                "another verified session of the account can verify the new device afterwards"
            }
            Self::Nothing => {
                "nothing restores it; --reset-identity creates a new identity, and everyone who \
                 verified the bot must verify it again"
            }
            _ => return None,
        };
        Some(format!("the device's verification: {words}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_not_kept_is_said_to_be_lost() {
        use Outlook as O;
        for outlook in [
            O::First,
            O::GivenKey,
            O::OldStore,
            O::Archive,
            O::KeyringKey,
            O::MissingKey,
            O::OtherSession,
            O::Nothing,
        ] {
            for (resets, asks) in [(false, false), (false, true), (true, false), (true, true)] {
                let is_lost = outlook.lost(resets, asks).is_some();
                assert_ne!(is_lost, outlook.kept().is_some(), "{outlook:?}");
            }
        }
    }
}
