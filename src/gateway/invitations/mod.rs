//! Accepting the invitations of people whom the bot may talk to.

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use backon::BackoffBuilder;
use tokio::sync::Semaphore;

use super::{
    NOTICE, greeter::Greeter, health::Health, pauses::Endpoint, retry, settings::Current, shown,
    upgrades::Upgrades,
};
use crate::{
    address::parse_user_id,
    error::Result,
    ipc::crash_point,
    journal::{Invitation, Journal},
    session::{RoomFailure, Rooms},
    text::excerpt,
    threads::lock,
};

/// How often a refused join is tried: joining may overtake the invitation between homeservers.
const ATTEMPTS: u32 = 6;
/// Rooms that are joined at the same time. A join between homeservers may take minutes.
const JOINING: usize = 4;

/// What becomes of the invitations. Clones share them.
#[derive(Clone)]
pub struct Invitations {
    journal: Journal,
    rooms: Rooms,
    settings: Current,
    health: Health,
    upgrades: Upgrades,
    greeter: Greeter,
    /// Looks come one after the other, or the earlier one would count.
    looking: Arc<tokio::sync::Mutex<()>>,
    open: Arc<Mutex<Open>>,
    joins: Arc<Semaphore>,
    /// One at a time: strangers may invite without end, and nobody waits for it.
    declines: Arc<Semaphore>,
}

impl Invitations {
    pub fn new(upgrades: Upgrades) -> Self {
        Self {
            journal: upgrades.journal.clone(),
            rooms: upgrades.rooms.clone(),
            settings: upgrades.settings.clone(),
            health: upgrades.health.clone(),
            greeter: Greeter {
                journal: upgrades.journal.clone(),
                rooms: upgrades.rooms.clone(),
                settings: upgrades.settings.clone(),
                health: upgrades.health.clone(),
            },
            upgrades,
            looking: Arc::default(),
            open: Arc::default(),
            joins: Arc::new(Semaphore::new(JOINING)),
            declines: Arc::new(Semaphore::new(1)),
        }
    }

    /// Greets the rooms that the last run joined and did not greet.
    pub async fn resume(&self) -> Result<()> {
        self.greeter.resume().await
    }

    /// Looks at every invitation that is open, and accepts or declines those that are new, or may
    /// be accepted only now, without waiting for it.
    pub async fn look(&self) -> Result<()> {
        let _looking = self.looking.lock().await;
        let allow_from = &self.settings.get().policy.allow_from;
        let open = self.journal.invitations().await?;
        self.health.invitations(&open);
        let who = |invitation: &Invitation| match &invitation.inviter {
            None => State::Declining,
            Some(inviter) if allow_from.allows(inviter) => State::Joining,
            Some(_) if self.upgrades.awaits(&invitation.room_id) => State::Joining,
            Some(_) => State::Kept,
        };
        let changed = lock(&self.open).see(open, who);
        for (state, invitation) in changed {
            let invitations = self.clone();
            match state {
                State::Joining => drop(tokio::spawn(invitations.join(invitation))),
                State::Kept => mention(&invitation),
                State::Declining => drop(tokio::spawn(invitations.decline(invitation))),
                State::GivenUp => {}
            }
        }
        Ok(())
    }

    async fn join(self, invitation: Invitation) {
        let (room, inviter) = (&*invitation.room_id, invitation.inviter.as_deref());
        let inviter = inviter.unwrap_or_default();
        if !self.settings.get().policy.allow_from.allows(inviter)
            && let Err(error) = self.upgrades.enters(room).await
        {
            tracing::warn!(room_id = room, "the room may not be left again: {error}");
        }
        if !self.upgrades.awaits(room)
            && let Err(error) = self.greeter.expect(room).await
        {
            tracing::warn!(room_id = room, "the room will not be greeted: {error}");
        }
        let join = || self.rooms.join(room, inviter);
        match self.persist(&invitation, &self.joins, ATTEMPTS, join).await {
            Ok(true) => {
                crash_point("join");
                tracing::info!(
                    event = "joined",
                    room_id = room,
                    sender = inviter,
                    "joined {} (invited by {})",
                    shown(&self.rooms, room),
                    excerpt(inviter)
                );
                self.health.joined(room);
                self.greeter.greet(room).await;
            }
            Ok(false) => tracing::debug!(room_id = room, "the invitation was withdrawn"),
            Err(error) => {
                let why = self.health.words(&error);
                tracing::error!(
                    event = "join_failed",
                    room_id = room,
                    sender = inviter,
                    error = why,
                    "cannot join {} (invited by {}): {why}",
                    shown(&self.rooms, room),
                    excerpt(inviter)
                );
                self.health.not_joined(room, &error);
            }
        }
    }

    async fn decline(self, invitation: Invitation) {
        let room = &*invitation.room_id;
        let decline = || self.rooms.decline(room);
        match self.persist(&invitation, &self.declines, 1, decline).await {
            Ok(true) if invitation.inviter.is_none() => {
                tracing::warn!(
                    event = "declined",
                    room_id = room,
                    "declined a forged invitation to {room}: it contradicts itself about the inviter"
                );
            }
            Ok(true) => tracing::info!(
                event = "declined",
                room_id = room,
                "declined an old invitation to {room}: the inviter is not in allowFrom"
            ),
            Ok(false) => tracing::debug!(room_id = room, "the invitation was withdrawn"),
            Err(error) => tracing::error!(room_id = room, "cannot decline an invitation: {error}"),
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
    ) -> Result<bool> {
        let mut waits = retry::OF_INVITATION.build();
        let mut refusals = 0;
        loop {
            self.health.pauses.over(Endpoint::Join).await;
            // The semaphores are never closed.
            let permit = permits.acquire().await;
            if !self.is_open(invitation) {
                return Ok(false);
            }
            let error = match self.health.pauses.patiently(Endpoint::Join, &work).await {
                Ok(()) => return Ok(true),
                Err(RoomFailure::Later(error)) => error,
                // A homeserver that is in trouble as a whole comes back.
                Err(RoomFailure::Doubtful(error)) if !self.rooms.is_served().await => error,
                Err(failure) => {
                    refusals += 1;
                    failure.into()
                }
            };
            drop(permit);
            if refusals >= attempts {
                lock(&self.open).refused(invitation.id);
                return Err(error);
            }
            tracing::debug!(
                room_id = invitation.room_id,
                "cannot join or decline: {error}; retrying"
            );
            retry::wait(&mut waits).await;
        }
    }

    fn is_open(&self, invitation: &Invitation) -> bool {
        lock(&self.open).is_wanted(invitation.id) && self.rooms.is_invited(&invitation.room_id)
    }
}

/// Says that an invitation stays open, and what would let the bot in.
fn mention(invitation: &Invitation) {
    let inviter = invitation.inviter.as_deref().unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || "@:._=/+-".contains(c);
    let room = &invitation.room_id;
    if parse_user_id(inviter).is_ok() && inviter.chars().all(plain) {
        tracing::info!(target: NOTICE, event = "not_joined", room_id = room, sender = inviter,
            "not joined {room}: {inviter} is not in allowFrom; to accept: \
             `nanobot config set allowFrom --add {inviter}`");
    } else {
        tracing::info!(target: NOTICE, event = "not_joined", room_id = room, sender = inviter,
            "not joined {room}: {} is not in allowFrom", excerpt(inviter));
    }
}

/// The most invitations by strangers that stay open.
pub const MOST_KEPT: usize = 50;

/// What the bot is at with an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is being accepted: somebody invited whom the bot may talk to.
    Joining,
    /// It stays open: whoever invited may be allowed later.
    Kept,
    /// It is being declined: who invited is contradicted, so somebody forged it; or too many newer
    /// ones by strangers are open.
    Declining,
    /// The homeserver neither let the bot in nor decline.
    GivenUp,
}

/// The invitations that are open. Those that are not any more, whether accepted, declined, taken
/// back or replaced by another, are forgotten.
#[derive(Debug, Default)]
pub struct Open(BTreeMap<i64, State>);

impl Open {
    /// Takes in all that are open now, oldest first, and gives those that are in another state than
    /// before. What is made of each follows from who invited, and from who may; what is declined or
    /// given up stays so.
    pub fn see(
        &mut self,
        mut open: Vec<Invitation>,
        who: impl Fn(&Invitation) -> State,
    ) -> Vec<(State, Invitation)> {
        let before = std::mem::take(&mut self.0);
        let state = |open: &Invitation| before.get(&open.id).copied();
        let now = open.iter().map(|open| match state(open) {
            Some(ended @ (State::Declining | State::GivenUp)) => (open.id, ended),
            Some(State::Joining | State::Kept) | None => (open.id, who(open)),
        });
        self.0 = now.collect();
        let kept = self.0.values_mut().rev();
        for state in kept.filter(|state| **state == State::Kept).skip(MOST_KEPT) {
            *state = State::Declining;
        }
        open.retain(|open| state(open) != self.0.get(&open.id).copied());
        let state = |open: Invitation| Some((self.0.get(&open.id).copied()?, open));
        open.into_iter().filter_map(state).collect()
    }

    /// The homeserver refuses what the bot makes of this one.
    pub fn refused(&mut self, id: i64) {
        if let Some(state @ (State::Joining | State::Declining)) = self.0.get_mut(&id) {
            *state = State::GivenUp;
        }
    }

    /// Whether this one is still open, and to be accepted or declined.
    pub fn is_wanted(&self, id: i64) -> bool {
        matches!(self.0.get(&id), Some(State::Joining | State::Declining))
    }
}
