//! Accepting the invitations of people whom the bot may talk to.

mod state;
#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::Semaphore;

use self::state::{Action, Inviter, Open};
use super::pauses::{Endpoint, Pauses};
use crate::{
    error::{Error, Result},
    homeserver::{UserId, tame},
    inbox::{Inbox, Invitation},
    policy::AllowFrom,
    session::{RoomFailure, Rooms},
};

/// How often a refused join is tried: joining may overtake the invitation between homeservers.
const ATTEMPTS: u32 = 6;
/// How long the first pause between two tries is; each next one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause: a room of which the homeserver says again and again that it is busy is not
/// worth more.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// Rooms that are joined at the same time. A join between homeservers may take minutes.
const JOINING: usize = 4;

/// What becomes of the invitations. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Invitations {
    inbox: Inbox,
    rooms: Rooms,
    allow_from: AllowFrom,
    pauses: Pauses,
    open: Arc<Mutex<Open>>,
    joins: Arc<Semaphore>,
    /// One at a time: strangers may invite without end, and nobody waits for it.
    declines: Arc<Semaphore>,
}

impl Invitations {
    pub(super) fn new(inbox: Inbox, rooms: Rooms, allow_from: AllowFrom, pauses: Pauses) -> Self {
        Self {
            inbox,
            rooms,
            allow_from,
            pauses,
            open: Arc::default(),
            joins: Arc::new(Semaphore::new(JOINING)),
            declines: Arc::new(Semaphore::new(1)),
        }
    }

    /// Looks at every invitation that is open, and accepts or declines those that are new, without
    /// waiting for it.
    pub(super) async fn look(&self) -> Result<()> {
        let open = self.inbox.invitations().await?;
        let actions = self.open().see(open, |invitation| self.who(invitation));
        for (invitation, action) in actions {
            match action {
                Action::Mention => mention(&invitation),
                Action::Join => self.spawn(invitation, Self::join),
                Action::Decline => self.spawn(invitation, Self::decline),
            }
        }
        Ok(())
    }

    fn who(&self, invitation: &Invitation) -> Inviter {
        match &invitation.inviter {
            None => Inviter::Contradicted,
            Some(inviter) if self.allow_from.allows(inviter) => Inviter::Allowed,
            Some(_) => Inviter::Stranger,
        }
    }

    fn spawn<F: Future<Output = ()> + Send>(
        &self,
        invitation: Invitation,
        work: impl FnOnce(Self, Invitation) -> F + Send + 'static,
    ) {
        let invitations = self.clone();
        tokio::spawn(async move { work(invitations, invitation).await });
    }

    async fn join(self, invitation: Invitation) {
        let (room, inviter) = (&*invitation.room_id, invitation.inviter.as_deref());
        let inviter = inviter.unwrap_or_default();
        let join = || self.rooms.join(room, inviter);
        match self.persist(&invitation, &self.joins, ATTEMPTS, join).await {
            Ok(true) => tracing::info!(%room, inviter = shown(inviter), "joined"),
            Ok(false) => tracing::debug!(%room, "the invitation is not open any more"),
            Err(error) => {
                tracing::error!(%room, inviter = shown(inviter), %error, "could not join");
            }
        }
    }

    async fn decline(self, invitation: Invitation) {
        let room = &*invitation.room_id;
        let decline = || self.rooms.decline(room);
        match self.persist(&invitation, &self.declines, 1, decline).await {
            Ok(true) if invitation.inviter.is_none() => {
                tracing::warn!(%room, "declined an invitation: it contradicts itself about who \
                    invited, so somebody forged it");
            }
            Ok(true) => tracing::info!(%room, "declined an invitation by someone who is not in \
                allowFrom: there are too many newer ones"),
            Ok(false) => tracing::debug!(%room, "the invitation is not open any more"),
            Err(error) => tracing::error!(%room, %error, "could not decline an invitation"),
        }
    }

    /// Does this, however long the homeserver is away, while the invitation is open; `false` where
    /// it is not any more.
    async fn persist<F: Future<Output = Result<(), RoomFailure>>>(
        &self,
        invitation: &Invitation,
        permits: &Semaphore,
        attempts: u32,
        work: impl Fn() -> F,
    ) -> Result<bool, Error> {
        let mut pause = FIRST_PAUSE;
        let mut refusals = 0;
        loop {
            self.pauses.over(Endpoint::Join).await;
            // The semaphores are never closed.
            let permit = permits.acquire().await;
            if !self.is_open(invitation) {
                return Ok(false);
            }
            let error = match self.pauses.patiently(Endpoint::Join, &work).await {
                Ok(()) => return Ok(true),
                Err(RoomFailure::Later(error)) => error,
                // A homeserver that is in trouble as a whole comes back.
                Err(RoomFailure::Doubtful(error)) if !self.rooms.is_served().await => error,
                Err(failure) => {
                    refusals += 1;
                    failure.into_error()
                }
            };
            drop(permit);
            if refusals >= attempts {
                self.open().refused(invitation.id);
                return Err(error);
            }
            tracing::debug!(room = %invitation.room_id, %error, "trying again later");
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn is_open(&self, invitation: &Invitation) -> bool {
        self.open().contains(invitation.id) && self.rooms.is_invited(&invitation.room_id)
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says that an invitation stays open, and what would let the bot in.
fn mention(invitation: &Invitation) {
    let inviter = invitation.inviter.as_deref().unwrap_or_default();
    let plain =
        |character: char| character.is_ascii_alphanumeric() || "@:._=/+-".contains(character);
    let room = &invitation.room_id;
    if UserId::parse(inviter).is_ok() && inviter.chars().all(plain) {
        tracing::info!(%room, %inviter, "not joined: the inviter is not in allowFrom; \
            to let the bot in: nanobot config set allowFrom --add {inviter}");
    } else {
        tracing::info!(%room, inviter = shown(inviter),
            "not joined: the inviter is not in allowFrom");
    }
}

/// Somebody's claim of who they are, fit to be shown.
fn shown(inviter: &str) -> String {
    tame(inviter, &[])
}
