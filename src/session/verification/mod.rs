//! Verification by comparing emoji, in both directions (spec, "Key verification framework").
//!
//! Whatever the other side does arrives with a sync step, so after every step each verification
//! under way is looked at, by a task of its own: nothing here makes the sync wait.

mod ask;
mod desk;
mod flow;
mod gained;
mod offer;

use std::{fmt, sync::Arc};

use matrix_sdk::sync::SyncResponse;
use tokio_util::sync::{CancellationToken, DropGuard};

use self::desk::Desk;
use super::open::Session;
use crate::{error::Result, homeserver::Account, instance::Verification};

/// Decides whose verifications are taken part in, and hears how they go.
pub trait VerificationHost: Send + Sync + 'static {
    /// Whether a request of this user is accepted. The other devices of the bot's own account are
    /// not asked about.
    fn admits(&self, user_id: &str) -> bool;
    /// Whether this verification's comparison counts as a match, though nobody makes it.
    fn confirms_unseen(&self, verification: &Verification) -> bool;
    /// A verification has come to another stage.
    fn tell(&self, verification: &Verification);
}

/// The verifications of a device while its session is stepped. Clones share them.
#[derive(Clone)]
pub struct Verifications {
    desk: Arc<Desk>,
}

impl fmt::Debug for Verifications {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifications").finish_non_exhaustive()
    }
}

impl Verifications {
    /// Those under way and the last that ended, oldest first.
    #[must_use]
    pub fn list(&self) -> Vec<Verification> {
        self.desk.list()
    }

    /// Asks a user for a verification, in the room that the bot and they have alone; it is made
    /// if there is none. With a device, or for the bot's own account, devices are asked directly.
    ///
    /// # Errors
    ///
    /// When there is nobody to ask, one with them is under way, or the homeserver refuses or
    /// cannot be reached.
    pub async fn start(&self, user_id: &str, device_id: Option<&str>) -> Result<Verification> {
        self.desk.start(user_id, device_id).await
    }

    /// Says how a comparison ended. Where nothing was compared yet, a mismatch ends the
    /// verification.
    ///
    /// # Errors
    ///
    /// When there is no such verification, it is over, or there is nothing to compare yet.
    pub fn decide(&self, id: &str, matches: bool) -> Result<Verification> {
        self.desk.decide(id, matches)
    }

    /// Ends those under way, for the other sides too where they can be told.
    pub async fn give_up(&self) {
        self.desk.give_up().await;
    }
}

impl Session {
    /// Takes part in verifications from now on, as long as this session lives and is stepped.
    /// The caller is in a Tokio runtime.
    pub fn verifications(
        &mut self,
        account: &Account,
        host: impl VerificationHost,
    ) -> Verifications {
        let desk = Arc::new(Desk::new(self, account.clone(), Box::new(host)));
        let stop = CancellationToken::new();
        tokio::spawn(desk.clone().attend(stop.clone()));
        self.verification_ear = Some(Ear {
            desk: desk.clone(),
            _stop: stop.drop_guard(),
        });
        Verifications { desk }
    }
}

/// What hears of every sync response, until the session ends.
pub(super) struct Ear {
    desk: Arc<Desk>,
    _stop: DropGuard,
}

impl Ear {
    pub(super) fn hear(&self, response: &SyncResponse) {
        self.desk.hear(response);
    }
}
