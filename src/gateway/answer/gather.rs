//! What reactions and votes are about is looked up before they are messages for the agent: only those
//! about something that the bot itself said are.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use super::quotes::came;
use crate::{
    gateway::{
        in_flight::Attempt,
        permits::{Held, Stage, Undone},
        reactions::{Target, Together},
        settings::Settings,
    },
    ipc::crash_point,
    journal::{Conversation, Gathered, Journal, Waiting},
    policy::Nothing,
    session::{Envelope, Found, RoomFailure, Rooms},
};

/// Gathers the reactions and votes of a room.
pub struct Gatherer {
    pub journal: Journal,
    pub rooms: Rooms,
    pub settings: Arc<Settings>,
    pub user_id: String,
}

/// What was gathered.
struct Gathering {
    gathered: Vec<Gathered>,
    /// Those that are about nothing that the bot said.
    others: Vec<(i64, &'static str)>,
}

impl Gatherer {
    /// Lets those wait as messages that are about something the bot said, and closes the others. Gives
    /// the conversations that have something to answer; where the attempt is cancelled, none.
    pub async fn gather(
        &self,
        room_id: &str,
        all: Vec<Waiting>,
        attempt: &Attempt,
        held: &mut Held<'_>,
    ) -> Result<Vec<Conversation>, Undone> {
        let looking = attempt.unless_cancelled(self.look_up(room_id, all, held));
        let Some(Gathering { gathered, others }) = looking.await.transpose()? else {
            return Ok(Vec::new());
        };
        // From here on to the end: what waits elsewhere has to be answered there.
        self.journal.close_refused(others).await?;
        let conversations = gathered.iter().map(|it| it.conversation.clone()).collect();
        self.journal.gathered(gathered).await?;
        crash_point("gather");
        Ok(conversations)
    }

    /// Finds out which of them are about something that the bot said.
    async fn look_up(
        &self,
        room_id: &str,
        all: Vec<Waiting>,
        held: &mut Held<'_>,
    ) -> Result<Gathering, Undone> {
        held.need(Stage::Reading)?;
        let is_encrypted = self.rooms.is_encrypted(room_id).await?;
        let (mut targets, mut together, mut others) = (HashMap::new(), Vec::new(), Vec::new());
        for waiting in all {
            if let Some((event, about)) = read(&waiting) {
                let target = match targets.entry(about) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(new) => {
                        let found = self.target(room_id, new.key(), is_encrypted).await?;
                        new.insert(found)
                    }
                };
                let unproved = is_encrypted && !waiting.protection.is_encrypted();
                let told = target
                    .as_ref()
                    .and_then(|target| target.told(&event, unproved));
                if let Some(told) = told {
                    Together::add(&mut together, &waiting, event, told);
                    continue;
                }
            }
            others.push((waiting.seq, Nothing::Elsewhere.name()));
        }
        let together = together.into_iter();
        Ok(Gathering {
            gathered: together.filter_map(|it| it.gathered(room_id)).collect(),
            others,
        })
    }

    /// The event of this ID, if the bot itself said it in this room.
    async fn target(
        &self,
        room_id: &str,
        event_id: &str,
        is_encrypted: bool,
    ) -> Result<Option<Target>, RoomFailure> {
        let looking = self.rooms.look_up(room_id, event_id, is_encrypted);
        let (payload, protection) = match looking.await {
            Ok(Found::Readable {
                payload,
                protection,
            }) => (payload, protection),
            Ok(Found::Deleted | Found::Unreadable) => return Ok(None),
            Err(RoomFailure::Never(error) | RoomFailure::Doubtful(error)) => {
                tracing::debug!(room_id, event_id, "no reaction to be told: {error}");
                return Ok(None);
            }
            Err(failure) => return Err(failure),
        };
        let event = Envelope::of(&payload).filter(|event| event.sender == self.user_id);
        let policy = &self.settings.policy;
        let is_shown = policy
            .not_shown(&self.user_id, came(&protection), true)
            .is_none();
        Ok(event.filter(|_| is_shown).and_then(Target::of))
    }
}

/// A reaction, and the event that it is about.
fn read(waiting: &Waiting) -> Option<(Envelope, String)> {
    let event = Envelope::of(&waiting.payload)?;
    let about = event.reacts_to()?.to_owned();
    Some((event, about))
}
