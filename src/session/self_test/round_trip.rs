//! Does a message of the bot reach its homeserver encrypted, and come back through sync? Do two
//! devices of one account read what the other encrypts?

use std::time::Duration;

use matrix_sdk::{
    Client, Room,
    deserialized_responses::{TimelineEvent, TimelineEventKind},
    ruma::{EventId, OwnedEventId, OwnedRoomId, RoomId, TransactionId},
    sync::RoomUpdate,
};
use serde_json::{Value, json};
use tokio::{
    sync::{MutexGuard, broadcast},
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use super::{Deadline, POLL, SelfTester, passed, room};
use crate::{
    error::{Error, Result},
    ipc::TestOutcome,
    session::sync::{history::undecryptable_because, session::Session},
};

/// How often a message is sent whose key does not come: the sender learns of a new device only
/// with a sync.
const ATTEMPTS: usize = 3;

/// A message that came back, to be taken back.
pub struct Heard<'a> {
    room: Room,
    event_id: OwnedEventId,
    /// The latency, if all was as it should be.
    verdict: Result<Duration>,
    /// Until then the room is this test's alone.
    _turn: MutexGuard<'a, Option<OwnedRoomId>>,
}

impl SelfTester {
    /// Sends a message to itself, waits until it has come back through somebody's sync, and looks
    /// at what the homeserver keeps of it.
    pub async fn hear_itself(&self, deadline: Deadline) -> Result<Heard<'_>> {
        let turn = async { Ok(self.new_room.lock().await) };
        let mut turn = deadline.within("begin: another test runs", turn).await?;
        let encrypted = self.e2ee_enabled;
        let room = room::find_or_make(&self.client, encrypted, &mut turn, deadline).await?;
        let body = format!("nanobot self test {}", TransactionId::new());
        let waiting = "read the message back through sync";
        let message = send(&room, &body, &self.client, waiting, deadline).await?;
        let event_id = message.event_id;
        let kept = self
            .account
            .event(room.room_id().as_str(), event_id.as_str());
        let kept = deadline
            .call("see how the homeserver keeps the message", kept)
            .await?;
        let verdict = judge_heard(&message.event, &body, encrypted)
            .and_then(|()| judge_kept(&kept, &body, encrypted));
        Ok(Heard {
            room,
            event_id,
            verdict: verdict.map(|()| message.latency),
            _turn: turn,
        })
    }

    /// Redacts the message, and judges. That it stays is no failure of the round trip.
    pub async fn take_back(&self, heard: Heard<'_>, deadline: Deadline) -> Result<TestOutcome> {
        let transaction = TransactionId::new();
        let redacted = deadline
            .request("redact the message", || async {
                let transaction = Some(transaction.clone());
                let answer = heard.room.redact(&heard.event_id, None, transaction).await;
                answer.map_err(matrix_sdk::Error::from)
            })
            .await;
        let latency = heard.verdict?;
        let detail = if self.e2ee_enabled {
            "a message to itself was encrypted on the homeserver and came back through sync"
        } else {
            "a message to itself came back through sync, unencrypted as e2eeEnabled is false"
        };
        let warning = redacted.err().map(|error| error.to_string());
        Ok(passed(detail, warning, latency))
    }
}

/// A message, as it came through a sync.
struct Message {
    event_id: OwnedEventId,
    event: TimelineEvent,
    latency: Duration,
}

/// Sends a message to a room, and waits until it comes to this client through somebody's sync.
async fn send(
    room: &Room,
    body: &str,
    reader: &Client,
    waiting: &str,
    deadline: Deadline,
) -> Result<Message> {
    let mut updates = reader.subscribe_to_room_updates(room.room_id());
    let transaction = TransactionId::new();
    let content = json!({ "msgtype": "m.notice", "body": body });
    let (started, sent) = deadline
        .request("send a message", || async {
            let started = Instant::now();
            let sent = room
                .send_raw("m.room.message", content.clone())
                .with_transaction_id(&transaction)
                .await?;
            Ok((started, sent))
        })
        .await?;
    let event_id = sent.response.event_id;
    let coming = come_back(&mut updates, &event_id);
    Ok(Message {
        event: deadline.within(waiting, coming).await?,
        event_id,
        latency: started.elapsed(),
    })
}

/// Waits for an event among what the syncs bring, also of those since the message was sent.
async fn come_back(
    updates: &mut broadcast::Receiver<RoomUpdate>,
    event_id: &EventId,
) -> Result<TimelineEvent> {
    loop {
        let updates = match updates.recv().await {
            Ok(RoomUpdate::Joined { updates, .. }) => updates,
            Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => continue,
            Err(broadcast::error::RecvError::Closed) => {
                return Err(Error::failure("the sync ended during the test"));
            }
        };
        let mut events = updates.timeline.events.into_iter();
        if let Some(event) = events.find(|event| event.event_id().as_deref() == Some(event_id)) {
            return Ok(event);
        }
    }
}

/// Whether the message came back as it was sent.
fn judge_heard(event: &TimelineEvent, body: &str, encrypted: bool) -> Result<()> {
    if let Some(why) = undecryptable_because(event) {
        return Err(Error::failure(format!(
            "the bot cannot decrypt its own message: {why}"
        )));
    }
    if encrypted && !matches!(event.kind, TimelineEventKind::Decrypted(_)) {
        return Err(Error::failure(
            "a message in an encrypted room came back unencrypted",
        ));
    }
    let event: Value = serde_json::from_str(event.raw().json().get()).unwrap_or_default();
    if event["content"]["body"] != body {
        return Err(Error::failure("a message came back changed"));
    }
    Ok(())
}

/// Whether the homeserver keeps the message in the form that it should have there.
fn judge_kept(event: &Value, body: &str, encrypted: bool) -> Result<()> {
    let is_encrypted = event["type"] == "m.room.encrypted"
        && event["content"]["algorithm"] == "m.megolm.v1.aes-sha2"
        && !event.to_string().contains(body);
    if encrypted && !is_encrypted {
        return Err(Error::failure(
            "a message that should be encrypted lies on the homeserver unencrypted",
        ));
    }
    if !encrypted && event["content"]["body"] != body {
        return Err(Error::failure(
            "the homeserver keeps a message other than it was sent",
        ));
    }
    Ok(())
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
        // This one last, so that it knows of the other.
        other.catch_up(deadline).await?;
        self.catch_up(deadline).await?;
        let (ours, theirs) = (self.client.clone(), other.client.clone());
        let over = CancellationToken::new();
        let test = async {
            let exchanged = exchange(&ours, &theirs, deadline).await;
            over.cancel();
            exchanged
        };
        tokio::try_join!(
            test,
            self.step_until(&over, deadline),
            other.step_until(&over, deadline)
        )?;
        Ok(())
    }
}

async fn exchange(ours: &Client, theirs: &Client, deadline: Deadline) -> Result<()> {
    let room = room::find_or_make(ours, true, &mut None, deadline).await?;
    let here = wait_for_room(ours, room.room_id(), deadline).await?;
    let there = wait_for_room(theirs, room.room_id(), deadline).await?;
    let told = tell(&here, theirs, deadline).await;
    told.map_err(|error| failed("the old devices cannot read the new one", error))?;
    let told = tell(&there, ours, deadline).await;
    told.map_err(|error| failed("the new device cannot read others", error))
}

async fn wait_for_room(client: &Client, room_id: &RoomId, deadline: Deadline) -> Result<Room> {
    let waiting = async { Ok(client.await_room_remote_echo(room_id).await) };
    deadline.within("see the test room", waiting).await
}

/// Sends a message until the other device reads it.
async fn tell(room: &Room, reader: &Client, deadline: Deadline) -> Result<()> {
    let mut attempt = 1;
    loop {
        let body = "nanobot store reset: a test";
        let message = send(room, body, reader, "hear a message", deadline).await?;
        // The room is the bot's alone, so a message that stays does no harm.
        if let Err(error) = room.redact(&message.event_id, None, None).await {
            tracing::debug!(%error, "a message of the test stays");
        }
        let Some(why) = undecryptable_because(&message.event) else {
            return match message.event.kind {
                TimelineEventKind::Decrypted(_) => Ok(()),
                _ => Err(Error::failure("a message came unencrypted")),
            };
        };
        if attempt == ATTEMPTS {
            return Err(Error::failure(why));
        }
        attempt += 1;
        sleep(POLL).await;
    }
}

fn failed(what: &str, error: Error) -> Error {
    let kind = error.kind();
    Error::new(kind, what).because(error)
}

#[cfg(test)]
mod tests {
    use matrix_sdk::ruma::serde::Raw;

    use super::*;

    fn plain(body: &str) -> Value {
        json!({ "type": "m.room.message", "sender": "@bot:h", "event_id": "$1",
            "origin_server_ts": 1, "content": { "msgtype": "m.notice", "body": body } })
    }

    fn encrypted(ciphertext: &str) -> Value {
        json!({ "type": "m.room.encrypted", "sender": "@bot:h", "event_id": "$1",
            "content": { "algorithm": "m.megolm.v1.aes-sha2", "ciphertext": ciphertext } })
    }

    fn came(json: &Value) -> TimelineEvent {
        TimelineEvent::from_plaintext(Raw::new(json).unwrap().cast_unchecked())
    }

    const BODY: &str = "the words";

    #[test]
    fn a_message_in_the_clear_is_a_failure_where_it_should_be_encrypted() {
        assert!(judge_heard(&came(&plain(BODY)), BODY, true).is_err());
        assert!(judge_kept(&plain(BODY), BODY, true).is_err());
        judge_heard(&came(&plain(BODY)), BODY, false).unwrap();
        judge_kept(&plain(BODY), BODY, false).unwrap();
        judge_kept(&encrypted("AwgA"), BODY, true).unwrap();
    }

    #[test]
    fn encrypted_in_name_alone_is_a_failure() {
        assert!(judge_kept(&encrypted("it has the words"), BODY, true).is_err());
        assert!(judge_kept(&json!({ "type": "m.room.encrypted" }), BODY, true).is_err());
    }

    #[test]
    fn another_message_is_a_failure() {
        assert!(judge_heard(&came(&plain("other")), BODY, false).is_err());
        assert!(judge_kept(&plain("other"), BODY, false).is_err());
    }
}
