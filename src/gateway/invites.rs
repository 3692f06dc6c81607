//! Joining rooms on invitation by people whom the bot may talk to.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use super::{backoff::Backoff, policy::AllowFrom};
use crate::{
    error::{Kind, Result},
    inbox::{Inbox, Invitation},
    session::Rooms,
};

/// How often a join that fails is tried again: joining may overtake the invitation between
/// homeservers.
const ATTEMPTS: u32 = 6;

/// Accepts invitations, each once at a time.
#[derive(Clone, Debug)]
pub(super) struct Doorman {
    inbox: Inbox,
    rooms: Rooms,
    allow_from: AllowFrom,
    handled: Arc<Mutex<HashSet<Invitation>>>,
}

impl Doorman {
    pub(super) fn new(inbox: Inbox, rooms: Rooms, allow_from: AllowFrom) -> Self {
        Self {
            inbox,
            rooms,
            allow_from,
            handled: Arc::default(),
        }
    }

    /// Looks at every invitation that is open, and joins where it may, without waiting for it.
    pub(super) async fn look(&self) -> Result<()> {
        for invitation in self.inbox.invitations().await? {
            if self.rooms.is_invited(&invitation.room_id) && self.take(&invitation) {
                self.consider(invitation);
            }
        }
        Ok(())
    }

    fn consider(&self, invitation: Invitation) {
        if !self.allow_from.allows(&invitation.inviter) {
            tracing::info!(
                room = %invitation.room_id, inviter = %invitation.inviter,
                "not joined: the inviter is not in allowFrom"
            );
            return;
        }
        let doorman = self.clone();
        tokio::spawn(async move {
            doorman.join(&invitation).await;
            // A withdrawn invitation may come again.
            doorman.release(&invitation);
        });
    }

    async fn join(&self, invitation: &Invitation) {
        let mut backoff = Backoff::default();
        for attempt in 1..=ATTEMPTS {
            match self.rooms.join(&invitation.room_id).await {
                Ok(()) => {
                    tracing::info!(room = %invitation.room_id, "joined");
                    return;
                }
                Err(error) if attempt < ATTEMPTS && error.kind() != Kind::NotLoggedIn => {
                    tracing::debug!(room = %invitation.room_id, %error, "joining again later");
                    backoff.wait().await;
                }
                Err(error) => {
                    tracing::error!(room = %invitation.room_id, %error, "could not join");
                    return;
                }
            }
        }
    }

    fn take(&self, invitation: &Invitation) -> bool {
        self.handled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(invitation.clone())
    }

    fn release(&self, invitation: &Invitation) {
        self.handled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(invitation);
    }
}
