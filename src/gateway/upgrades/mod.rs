//! Following rooms to those that took their places (spec, "Room upgrades").
//!
//! A tombstone is only a claim. It counts where whoever set it has the power to, where it is the
//! room's current state, and where the new room says that it was made in place of the old one. Until
//! all of that is known the bot may be in the new room, but it is a room like any other.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use backon::BackoffBuilder;

use super::{NOTICE, health::Health, pauses::Endpoint, retry, settings::Current, shown};
use crate::{
    error::{Error, Result},
    homeserver::Account,
    ipc::crash_point,
    journal::Journal,
    session::{RoomFailure, Rooms, Session, Successor, Upgrade},
    text::shell_quote,
    threads::lock,
};

/// How often a refused join is tried: the room may be known to some homeservers only, so far.
const ATTEMPTS: u32 = 6;

/// As what the journal knows that the bot is in a room for nothing but to follow another one.
fn entered(room_id: &str) -> String {
    format!("entered {room_id}")
}

/// What becomes of rooms that were replaced. Clones share it.
#[derive(Clone)]
pub struct Upgrades {
    pub journal: Journal,
    pub rooms: Rooms,
    pub settings: Current,
    pub health: Health,
    pub account: Account,
    state: Arc<Mutex<State>>,
    /// Looks come one after the other.
    looking: Arc<tokio::sync::Mutex<()>>,
}

/// What this process is at.
#[derive(Default)]
struct State {
    /// Upgrades whose new room the bot wants to be in: both rooms.
    awaited: BTreeSet<(String, String)>,
    /// Upgrades that do not count, until that is journaled.
    refused: BTreeSet<(String, String)>,
    /// Rooms that are, or were found to be, listed as direct ones where the old ones are.
    carried: BTreeSet<String>,
    /// Old rooms, and why their upgrades do not count.
    told: BTreeSet<(String, String)>,
}

impl Upgrades {
    pub fn new(session: &Session, settings: &Current, health: &Health) -> Self {
        Self {
            journal: session.journal.clone(),
            rooms: session.rooms(),
            settings: settings.clone(),
            health: health.clone(),
            account: session.account.clone(),
            state: Arc::default(),
            looking: Arc::default(),
        }
    }

    /// Looks at every room that the bot is in and that names another to take its place: follows
    /// where that is proved, and joins the other one where it has to, without waiting for it.
    ///
    /// # Errors
    ///
    /// When a store or the journal fails.
    pub async fn look(&self) -> Result<()> {
        let _looking = self.looking.lock().await;
        let replaced = self.rooms.replaced();
        // Another tombstone, another room.
        let is_still = |rooms: &(String, String)| replaced.contains(rooms);
        lock(&self.state).awaited.retain(is_still);
        for (old, new) in replaced {
            if self.journal.names().successor(&old) == Some(&new) {
                self.carry_direct(&old, &new);
                continue;
            }
            let rooms = (old, new);
            let is_refused = lock(&self.state).refused.contains(&rooms);
            let (old, new) = rooms;
            if is_refused || self.journal.is_refused(&old, &new).await? {
                continue;
            }
            match self.rooms.upgrade(&old).await {
                Ok(Ok(upgrade)) => self.proceed(upgrade).await?,
                Ok(Err(why)) => self.tell(&old, &new, &why),
                Err(RoomFailure::Store(error)) => return Err(error),
                Err(error) => self.tell(&old, &new, &error.to_string()),
            }
        }
        Ok(())
    }

    /// Whether a room is one to which the bot wants to follow, so that an invitation to it is
    /// accepted whoever sent it.
    pub fn awaits(&self, room_id: &str) -> bool {
        let state = lock(&self.state);
        state.awaited.iter().any(|(_, new)| new == room_id)
    }

    /// The bot is about to enter a room, and for nothing but to follow another one.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn enters(&self, room_id: &str) -> Result<()> {
        self.journal.told(entered(room_id)).await
    }

    /// Goes on with an upgrade by someone who may replace the room.
    async fn proceed(&self, upgrade: Upgrade) -> Result<()> {
        let rooms = (upgrade.old.clone(), upgrade.new.clone());
        match self.rooms.successor(&upgrade).await {
            Successor::Absent => {
                if lock(&self.state).awaited.insert(rooms) {
                    tokio::spawn(self.clone().join(upgrade));
                }
            }
            Successor::Unfinished(why) => self.tell(&upgrade.old, &upgrade.new, why),
            Successor::Confirmed => {
                self.journal.follow(&upgrade.old, &upgrade.new).await?;
                crash_point("upgrade-follow");
                lock(&self.state).awaited.remove(&rooms);
                self.announce(&upgrade);
                self.carry_direct(&upgrade.old, &upgrade.new);
            }
            Successor::Refused(why) => {
                self.tell(&upgrade.old, &upgrade.new, &why);
                let mut state = lock(&self.state);
                state.awaited.remove(&rooms);
                if state.refused.insert(rooms) {
                    tokio::spawn(self.clone().refuse(upgrade));
                }
            }
        }
        Ok(())
    }

    /// Joins the new room, however long the homeserver is away. Where it is private, the bot waits
    /// for an invitation.
    async fn join(self, upgrade: Upgrade) {
        let mut waits = retry::OF_INVITATION.build();
        let mut refusals = 0;
        while self.awaits(&upgrade.new) && !self.rooms.is_joined(&upgrade.new) {
            let error = match self.try_join(&upgrade).await {
                Ok(()) => return,
                Err(error) => error,
            };
            if matches!(&error, RoomFailure::Never(_)) {
                refusals += 1;
            }
            let Upgrade { old, new, .. } = &upgrade;
            let why = self.health.words(&Error::from(error));
            if refusals == ATTEMPTS {
                tracing::info!(target: NOTICE, event = "upgrade_waits", room_id = old,
                    successor = new, error = why,
                    "{} was upgraded to {new}, and the bot waits for an invitation to it: {why}",
                    shown(&self.rooms, old));
                return;
            }
            tracing::debug!(room_id = old, successor = new, "cannot follow yet: {why}");
            retry::wait(&mut waits).await;
        }
    }

    async fn try_join(&self, upgrade: &Upgrade) -> Result<(), RoomFailure> {
        let Upgrade { old, new, .. } = upgrade;
        let pauses = &self.health.pauses;
        pauses.over(Endpoint::Join).await;
        // The SDK takes whatever came last for the state of a room.
        let asking = self.account.room_state(old, "m.room.tombstone", "").await;
        let current = asking.map_err(|failure| RoomFailure::Doubtful(failure.into()))?;
        if current.is_none_or(|current| current["replacement_room"] != new.as_str()) {
            let why = "the room's current state does not say so";
            return Err(RoomFailure::Never(Error::failure(why)));
        }
        if !self
            .is_invited_by_friend(new)
            .await
            .map_err(RoomFailure::Store)?
        {
            self.enters(new).await.map_err(RoomFailure::Store)?;
        }
        let joining = || self.rooms.join_successor(upgrade);
        pauses.patiently(Endpoint::Join, joining).await?;
        crash_point("upgrade-join");
        Ok(())
    }

    /// Whether the bot would be in this room anyway before long.
    async fn is_invited_by_friend(&self, room_id: &str) -> Result<bool> {
        let settings = self.settings.get();
        let open = self.journal.invitations().await?;
        Ok(open.into_iter().any(|invitation| {
            let inviter = invitation.inviter.unwrap_or_default();
            invitation.room_id == room_id && settings.policy.allow_from.allows(&inviter)
        }))
    }

    /// Leaves a room that does not take the other's place, if the bot is there for nothing else; only
    /// then is it journaled, so that a run that dies before is followed by one that comes here again.
    async fn refuse(self, Upgrade { old, new, .. }: Upgrade) {
        let refusing = async {
            if self.journal.was_told(entered(&new)).await? {
                let leaving = || self.rooms.leave(&new);
                let left = self.health.pauses.patiently(Endpoint::Join, leaving).await;
                if let Err(error) = left {
                    tracing::warn!(room_id = new, "cannot leave the room again: {error}");
                }
            }
            self.journal.refuse_successor(&old, &new).await
        };
        if let Err(error) = refusing.await {
            tracing::warn!(room_id = new, "cannot refuse the room for good: {error}");
        }
    }

    /// Lists the new room as a direct one if the old one is, once in a run, without waiting for it.
    fn carry_direct(&self, old: &str, new: &str) {
        if !lock(&self.state).carried.insert(new.to_owned()) {
            return;
        }
        let (rooms, old, new) = (self.rooms.clone(), old.to_owned(), new.to_owned());
        tokio::spawn(async move {
            if let Err(error) = rooms.carry_direct(&old, &new).await {
                tracing::warn!(
                    room_id = new,
                    "cannot list the room as a direct one: {error}"
                );
            }
        });
    }

    /// Says that the bot follows, and what is to be changed in the configuration.
    fn announce(&self, upgrade: &Upgrade) {
        let Upgrade { old, new, by } = upgrade;
        tracing::info!(target: NOTICE, event = "upgrade_followed", room_id = old, successor = new,
            sender = %by, "followed the upgrade of {} to {new} by {by}", shown(&self.rooms, old));
        let listed = &self.settings.get().policy.group_allow_from;
        if listed.contains(old) && !listed.contains(new) {
            let (old, new) = (shell_quote(old), shell_quote(new));
            tracing::info!(target: NOTICE, event = "upgrade_listed",
                "groupAllowFrom lists the old room, which now means the new one; to update it: \
                 `nanobot config set groupAllowFrom --add {new} --remove {old}`");
        }
    }

    /// Says once why an upgrade is not followed, or not yet.
    fn tell(&self, old: &str, new: &str, why: &str) {
        if lock(&self.state)
            .told
            .insert((old.to_owned(), why.to_owned()))
        {
            tracing::warn!(
                event = "upgrade_not_followed",
                room_id = old,
                successor = new,
                "not followed the upgrade of {} ({old}) to {new}: {why}",
                shown(&self.rooms, old)
            );
        }
    }
}
