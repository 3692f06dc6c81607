//! What a verification was good for: the signatures that others can check.

use std::time::Duration;

use matrix_sdk::ruma::{OwnedDeviceId, UserId};
use tokio::time::{Instant, sleep};

use super::registry::Registry;
use crate::session::device::signatures::{Chain, owner_chain};

/// How long signatures may take to be shown: those of the bot go out with its next sync, and the
/// other device makes its own when it is told.
const LIMIT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(500);

/// What came of a verification.
pub struct Outcome {
    /// Whether a signature did.
    pub signed: bool,
    pub words: String,
    /// Whether that is all that will come.
    is_final: bool,
}

impl Registry {
    /// Asks the homeserver until it shows what should come of it, or time is up.
    pub async fn outcome(&self, user_id: &UserId, device_id: &str) -> Outcome {
        let end = Instant::now() + LIMIT;
        loop {
            let outcome = if user_id == self.own_id {
                self.of_own_account(device_id).await
            } else {
                self.of_other_user(user_id, device_id).await
            };
            let is_over = Instant::now() >= end;
            match outcome {
                Ok(outcome) if outcome.is_final || is_over => return outcome,
                Err(error) if is_over => {
                    return Outcome {
                        signed: false,
                        words: format!("what came of it cannot be asked: {error}"),
                        is_final: true,
                    };
                }
                _ => sleep(PAUSE).await,
            }
        }
    }

    async fn of_other_user(&self, user: &UserId, device: &str) -> matrix_sdk::Result<Outcome> {
        let encryption = self.client.encryption();
        let identity = encryption.request_user_identity(user).await?;
        let status = encryption.cross_signing_status().await;
        let unsigned = |why: &str, is_final| Outcome {
            signed: false,
            words: format!("the bot trusts device {device} of {user}; {why}"),
            is_final,
        };
        Ok(match identity {
            None => unsigned(
                "they have no cross-signing identity that it could sign",
                true,
            ),
            Some(identity) if identity.is_verified() => Outcome {
                signed: true,
                words: format!(
                    "the bot has signed the identity of {user}, {}",
                    self.shown().await
                ),
                is_final: true,
            },
            Some(_) if !status.is_some_and(|status| status.has_user_signing) => unsigned(
                "it has not the keys to sign their identity: run `nanobot verify recovery`",
                true,
            ),
            Some(_) => unsigned(
                "the homeserver does not show its signature of their identity",
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

    async fn of_own_account(&self, device: &str) -> matrix_sdk::Result<Outcome> {
        let encryption = self.client.encryption();
        encryption.request_user_identity(&self.own_id).await?;
        let other = OwnedDeviceId::from(device);
        let other = encryption.get_device(&self.own_id, &other).await?;
        let other = other.is_some_and(|device| device.is_cross_signed_by_owner());
        let ours = self.own_chain().await == Some(Chain::Whole);
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
        Ok(Outcome {
            signed: ours,
            words,
            is_final: ours && other,
        })
    }

    /// How far others can trace the bot's device; `None` where that cannot be asked.
    async fn own_chain(&self) -> Option<Chain> {
        let device_id = self.client.device_id()?;
        let chain = owner_chain(&self.account, self.own_id.as_str(), device_id.as_str()).await;
        chain
            .inspect_err(|error| tracing::debug!(%error, "cannot ask what others see of the bot"))
            .ok()
    }
}
