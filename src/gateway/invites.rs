//! Joining rooms on invitation by people whom the bot may talk to.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    backoff::Backoff,
    pauses::{Endpoint, Pauses},
};
use crate::{
    error::{Kind, Result},
    inbox::{Inbox, Invitation},
    policy::AllowFrom,
    session::Rooms,
};

/// How often a refused join is tried: joining may overtake the invitation between homeservers.
const ATTEMPTS: u32 = 6;

/// Accepts invitations, each once at a time.
#[derive(Clone, Debug)]
pub(super) struct Doorman {
    inbox: Inbox,
    rooms: Rooms,
    allow_from: AllowFrom,
    pauses: Pauses,
    handled: Arc<Mutex<HashSet<Invitation>>>,
}

impl Doorman {
    pub(super) fn new(inbox: Inbox, rooms: Rooms, allow_from: AllowFrom, pauses: Pauses) -> Self {
        Self {
            inbox,
            rooms,
            allow_from,
            pauses,
            handled: Arc::default(),
        }
    }

    /// Looks at every invitation that is open, and joins where it may, without waiting for it.
    pub(super) async fn look(&self) -> Result<()> {
        let open = self.inbox.invitations().await?;
        self.forget_all_but(&open);
        for invitation in open {
            if self.rooms.is_invited(&invitation.room_id) && self.take(&invitation) {
                self.consider(invitation);
            }
        }
        Ok(())
    }

    fn consider(&self, invitation: Invitation) {
        let inviter = invitation.inviter.as_deref().unwrap_or_default();
        if !self.allow_from.allows(inviter) {
            tracing::info!(
                room = %invitation.room_id, %inviter,
                "not joined: the inviter is not in allowFrom"
            );
            return;
        }
        let doorman = self.clone();
        tokio::spawn(async move { doorman.join(&invitation).await });
    }

    /// Joins, however long the homeserver is away or asks for patience.
    async fn join(&self, invitation: &Invitation) {
        let mut backoff = Backoff::default();
        let mut refusals = 0;
        loop {
            let join = || self.rooms.join(&invitation.room_id);
            let Err(error) = self.pauses.patiently(Endpoint::Join, join).await else {
                tracing::info!(room = %invitation.room_id, "joined");
                return;
            };
            if error.kind() != Kind::Unreachable {
                refusals += 1;
            }
            if refusals >= ATTEMPTS || !self.rooms.is_invited(&invitation.room_id) {
                tracing::error!(room = %invitation.room_id, %error, "could not join");
                return;
            }
            tracing::debug!(room = %invitation.room_id, %error, "joining again later");
            backoff.wait().await;
        }
    }

    fn take(&self, invitation: &Invitation) -> bool {
        self.handled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(invitation.clone())
    }

    /// An invitation that was withdrawn may come again.
    fn forget_all_but(&self, open: &[Invitation]) {
        self.handled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|invitation| open.contains(invitation));
    }
}
