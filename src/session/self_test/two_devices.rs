//! Two devices of one account write to each other: what one encrypts, the other reads.

use std::time::Duration;

use matrix_sdk::{
    RoomState,
    deserialized_responses::{TimelineEvent, TimelineEventKind},
    ruma::{EventId, OwnedEventId, RoomId},
    sync::RoomUpdate,
};
use serde_json::json;
use tokio::sync::broadcast;

use super::{Deadline, POLL, room};
use crate::{
    error::{Error, Result},
    session::{history::undecryptable_because, open::Session},
};

/// How often a message is sent whose key does not come: the sender learns of a new device only
/// with a sync.
const ATTEMPTS: usize = 3;

/// A message of one device to the other.
struct Told {
    event_id: OwnedEventId,
    heard: TimelineEvent,
}

impl Session {
    /// Sends an encrypted message from this device to another of the same account, and one back,
    /// in a private room.
    ///
    /// # Errors
    ///
    /// Which direction failed and why, or why that cannot be told.
    pub async fn exchange_with(&mut self, other: &mut Self, limit: Duration) -> Result<()> {
        let deadline = Deadline::new(limit);
        self.catch_up(deadline).await?;
        other.catch_up(deadline).await?;
        let mut new = None;
        let room = room::find_or_make(&self.client, true, &mut new, deadline).await?;
        let room = room.room_id().to_owned();
        self.wait_for_room(&room, deadline).await?;
        other.wait_for_room(&room, deadline).await?;
        let there = self.tell(other, &room, deadline).await;
        let back = match there {
            Ok(()) => other.tell(self, &room, deadline).await,
            Err(error) => return Err(failed("the old devices cannot read the new one", error)),
        };
        back.map_err(|error| failed("the new device cannot read others", error))
    }

    async fn catch_up(&mut self, deadline: Deadline) -> Result<()> {
        let step = self.patient_step(Duration::ZERO);
        deadline.within("sync with the homeserver", step).await
    }

    async fn wait_for_room(&mut self, room_id: &RoomId, deadline: Deadline) -> Result<()> {
        let waiting = async {
            loop {
                let room = self.client.get_room(room_id);
                if room.is_some_and(|room| {
                    room.state() == RoomState::Joined && room.encryption_state().is_encrypted()
                }) {
                    return Ok(());
                }
                self.patient_step(POLL).await?;
            }
        };
        deadline.within("see the test room", waiting).await
    }

    /// Sends a message until the other device reads it.
    async fn tell(&mut self, other: &mut Self, room: &RoomId, deadline: Deadline) -> Result<()> {
        let mut attempt = 1;
        loop {
            self.catch_up(deadline).await?;
            let told = self.tell_once(other, room, deadline).await?;
            self.take_back_told(room, &told.event_id).await;
            let Some(why) = undecryptable_because(&told.heard) else {
                return match told.heard.kind {
                    TimelineEventKind::Decrypted(_) => Ok(()),
                    _ => Err(Error::failure("a message came unencrypted")),
                };
            };
            if attempt == ATTEMPTS {
                return Err(Error::failure(why));
            }
            attempt += 1;
        }
    }

    async fn tell_once(
        &self,
        other: &mut Self,
        room_id: &RoomId,
        deadline: Deadline,
    ) -> Result<Told> {
        let room = self
            .client
            .get_room(room_id)
            .ok_or_else(|| Error::failure("the test room is gone"))?;
        let mut updates = other.client.subscribe_to_room_updates(room_id);
        let content = json!({ "msgtype": "m.notice", "body": "nanobot store reset: a test" });
        let transaction = matrix_sdk::ruma::TransactionId::new();
        let sent = deadline
            .request("send a message", || async {
                room.send_raw("m.room.message", content.clone())
                    .with_transaction_id(&transaction)
                    .await
            })
            .await?;
        let event_id = sent.response.event_id;
        let listening = async {
            loop {
                if let Some(heard) = find(&mut updates, &event_id)? {
                    return Ok(heard);
                }
                other.patient_step(POLL).await?;
            }
        };
        let heard = deadline.within("hear a message", listening).await?;
        Ok(Told { event_id, heard })
    }

    /// The room is the bot's alone, so a message that stays does no harm.
    async fn take_back_told(&self, room_id: &RoomId, event_id: &EventId) {
        let Some(room) = self.client.get_room(room_id) else {
            return;
        };
        if let Err(error) = room.redact(event_id, None, None).await {
            tracing::debug!(%error, "a message of the test stays");
        }
    }
}

/// The event among the updates that have come so far.
fn find(
    updates: &mut broadcast::Receiver<RoomUpdate>,
    event_id: &EventId,
) -> Result<Option<TimelineEvent>> {
    use broadcast::error::TryRecvError;
    loop {
        let updates = match updates.try_recv() {
            Ok(RoomUpdate::Joined { updates, .. }) => updates,
            Ok(_) | Err(TryRecvError::Lagged(_)) => continue,
            Err(TryRecvError::Empty) => return Ok(None),
            Err(TryRecvError::Closed) => {
                return Err(Error::failure("the sync ended during the test"));
            }
        };
        let mut events = updates.timeline.events.into_iter();
        if let Some(event) = events.find(|event| event.event_id().as_deref() == Some(event_id)) {
            return Ok(Some(event));
        }
    }
}

fn failed(what: &str, error: Error) -> Error {
    let kind = error.kind();
    Error::new(kind, what).because(error)
}
