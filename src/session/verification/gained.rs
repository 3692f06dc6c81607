//! What a verification was good for: the signatures that others can check.

use std::time::Duration;

use matrix_sdk::{
    Client,
    ruma::{OwnedDeviceId, UserId},
};
use tokio::time::{Instant, sleep};

use crate::{
    homeserver::Account,
    session::signatures::{Chain, owner_chain},
};

/// How long signatures may take to be shown: those of the bot go out with its next sync, and the
/// other device makes its own when it is told.
const LIMIT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(500);

/// What was gained, and whether a signature came of it.
pub(super) struct Gain {
    pub(super) signed: bool,
    pub(super) words: String,
}

/// A finished verification.
pub(super) struct Finished<'a> {
    pub(super) client: &'a Client,
    pub(super) account: &'a Account,
    pub(super) own_id: &'a UserId,
    pub(super) user_id: &'a UserId,
    pub(super) device_id: &'a str,
}

impl Finished<'_> {
    /// Asks the homeserver until it shows what should come of it, or time is up.
    pub(super) async fn gain(&self) -> Gain {
        let end = Instant::now() + LIMIT;
        loop {
            let gain = if self.user_id == self.own_id {
                self.of_own_account().await
            } else {
                self.of_other_user().await
            };
            match gain {
                Ok((gain, true)) => return gain,
                Ok((gain, false)) if Instant::now() >= end => return gain,
                Err(error) if Instant::now() >= end => {
                    return Gain {
                        signed: false,
                        words: format!("what came of it cannot be asked: {error}"),
                    };
                }
                _ => sleep(PAUSE).await,
            }
        }
    }

    /// What there is, and whether that is all there will be.
    async fn of_other_user(&self) -> matrix_sdk::Result<(Gain, bool)> {
        let (user, device) = (self.user_id, self.device_id);
        let encryption = self.client.encryption();
        let identity = encryption.request_user_identity(user).await?;
        let status = encryption.cross_signing_status().await;
        let unsigned = |why: &str| Gain {
            signed: false,
            words: format!("the bot trusts device {device} of {user}; {why}"),
        };
        Ok(match identity {
            None => (
                unsigned("they have no cross-signing identity that it could sign"),
                true,
            ),
            Some(identity) if identity.is_verified() => {
                let words = format!(
                    "the bot has signed the identity of {user}, {}",
                    self.shown().await
                );
                (
                    Gain {
                        signed: true,
                        words,
                    },
                    true,
                )
            }
            Some(_) if !status.is_some_and(|status| status.has_user_signing) => (
                unsigned(
                    "it has not the keys to sign their identity: run `nanobot verify recovery`",
                ),
                true,
            ),
            Some(_) => (
                unsigned("the homeserver does not show its signature of their identity"),
                false,
            ),
        })
    }

    /// What the other user's client can make of it.
    async fn shown(&self) -> &'static str {
        match self.own_chain().await {
            Some(Chain::Whole) => "and their client can show the bot as verified",
            _ => "but the bot's own device is not verified by its owner",
        }
    }

    async fn of_own_account(&self) -> matrix_sdk::Result<(Gain, bool)> {
        let encryption = self.client.encryption();
        encryption.request_user_identity(self.own_id).await?;
        let other = OwnedDeviceId::from(self.device_id);
        let other = encryption.get_device(self.own_id, &other).await?;
        let other = other.is_some_and(|device| device.is_cross_signed_by_owner());
        let ours = self.own_chain().await == Some(Chain::Whole);
        let device = self.device_id;
        let words = match (ours, other) {
            (true, true) => {
                format!("the bot's device and device {device} are both verified by their owner")
            }
            (true, false) => {
                format!("the bot's device is verified by its owner, but device {device} is not")
            }
            (false, true) => format!(
                "device {device} is verified by its owner, but has not signed the bot's device"
            ),
            (false, false) => format!(
                "the bot's device and device {device} trust each other, but their owner's identity \
                 vouches for neither"
            ),
        };
        let gain = Gain {
            signed: ours,
            words,
        };
        Ok((gain, ours && other))
    }

    /// How far others can trace the bot's device; `None` where that cannot be asked.
    async fn own_chain(&self) -> Option<Chain> {
        let device_id = self.client.device_id()?;
        let chain = owner_chain(self.account, self.own_id.as_str(), device_id.as_str()).await;
        chain
            .inspect_err(|error| tracing::debug!(%error, "cannot ask what others see of the bot"))
            .ok()
    }
}
