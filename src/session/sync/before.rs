//! What was said in a room, or in a thread of it, before an event.

use std::time::Duration;

use matrix_sdk::{
    deserialized_responses::TimelineEvent,
    room::{IncludeRelations, RelationsOptions},
    ruma::{EventId, OwnedEventId, UInt, assign, events::relation::RelationType},
};
use tokio::time::timeout;

use super::look_up::{Found, found};
use crate::{
    error::Error,
    journal::Protection,
    session::{
        rooms::handle::Rooms,
        sdk::{self, RoomFailure},
    },
};

/// How long it may take: somebody waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Events that are looked through. Homeservers give no more of them at once; around an event, half of
/// them are before it.
const MOST: u32 = 100;

/// An event as it reads now.
#[derive(Debug)]
pub struct Earlier {
    /// Its JSON, decrypted, with its newest edit applied.
    pub payload: String,
    /// How it came.
    pub protection: Protection,
}

impl Rooms {
    /// What was said before this event, the newest first: in this thread, without the event that it
    /// begins with, or in the room. In a room that is `encrypted`, what came in clear is
    /// [`Protection::Exposed`]. What cannot be read is left out.
    ///
    /// # Errors
    ///
    /// When the homeserver refuses or cannot be reached in time, or a store fails.
    pub async fn said_before(
        &self,
        room_id: &str,
        thread: Option<&str>,
        event_id: &str,
        encrypted: bool,
    ) -> Result<Vec<Earlier>, RoomFailure> {
        let looking = async {
            match thread {
                Some(root) => self.in_thread(room_id, root, event_id).await,
                None => self.in_room(room_id, event_id).await,
            }
        };
        let late = |_| {
            let words = "the homeserver did not say in time what was said before";
            RoomFailure::Later(Error::unreachable(words))
        };
        let events = timeout(PATIENCE, looking).await.map_err(late)??;
        let readable = events.iter().filter_map(|event| {
            let id = event.event_id()?;
            match found(event, id.as_str(), encrypted)? {
                Found::Readable {
                    payload,
                    protection,
                } => Some(Earlier {
                    payload,
                    protection,
                }),
                Found::Deleted | Found::Unreadable => None,
            }
        });
        Ok(readable.collect())
    }

    async fn in_room(
        &self,
        room_id: &str,
        event_id: &str,
    ) -> Result<Vec<TimelineEvent>, RoomFailure> {
        let (room, event_id) = (self.room(room_id)?, parsed(event_id)?);
        let asking = room.event_with_context(&event_id, true, UInt::from(MOST), None);
        let around = sdk::call("read what was said before", asking).await?;
        Ok(around.events_before)
    }

    async fn in_thread(
        &self,
        room_id: &str,
        root: &str,
        event_id: &str,
    ) -> Result<Vec<TimelineEvent>, RoomFailure> {
        let options = assign!(RelationsOptions::default(), {
            limit: Some(UInt::from(MOST)),
            include_relations: IncludeRelations::RelationsOfType(RelationType::Thread),
        });
        let place = self.room(room_id)?;
        let asking = place.relations(parsed(root)?, options);
        let mut events = sdk::call("read a thread", asking).await?.chunk;
        let is_it = |event: &TimelineEvent| event.event_id().is_some_and(|id| id == event_id);
        // What was said since is not before it.
        if let Some(at) = events.iter().position(is_it) {
            events.drain(..=at);
        }
        Ok(events)
    }
}

fn parsed(event_id: &str) -> Result<OwnedEventId, RoomFailure> {
    EventId::parse(event_id)
        .map_err(|error| RoomFailure::Never(Error::failure("not an event ID").because(error)))
}
