//! Does a message of the bot reach its homeserver encrypted, and come back through sync?

use std::time::Duration;

use matrix_sdk::{
    Room,
    deserialized_responses::{TimelineEvent, TimelineEventKind},
    ruma::{EventId, OwnedEventId, OwnedRoomId, TransactionId},
    sync::RoomUpdate,
};
use serde_json::{Value, json};
use tokio::{
    sync::{MutexGuard, broadcast},
    time::Instant,
};

use super::{Deadline, SelfTester, passed, room};
use crate::{
    error::{Error, Result},
    instance::TestOutcome,
    session::history::undecryptable_because,
};

/// A message that came back, to be taken back.
pub(super) struct Heard<'a> {
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
    pub(super) async fn hear_itself(&self, deadline: Deadline) -> Result<Heard<'_>> {
        let turn = async { Ok(self.new_room.lock().await) };
        let mut turn = deadline.within("begin: another test runs", turn).await?;
        let encrypted = self.e2ee_enabled;
        let room = room::find_or_make(&self.client, encrypted, &mut turn, deadline).await?;
        let mut updates = self.client.subscribe_to_room_updates(room.room_id());
        let transaction = TransactionId::new();
        let body = format!("nanobot self test {transaction}");
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
        let came_back = come_back(&mut updates, &event_id);
        let event = deadline
            .within("read the message back through sync", came_back)
            .await?;
        let latency = started.elapsed();
        let kept = self
            .account
            .event(room.room_id().as_str(), event_id.as_str());
        let kept = deadline
            .call("see how the homeserver keeps the message", kept)
            .await?;
        let verdict = judge_heard(&event, &body, encrypted)
            .and_then(|()| judge_kept(&kept, &body, encrypted));
        Ok(Heard {
            room,
            event_id,
            verdict: verdict.map(|()| latency),
            _turn: turn,
        })
    }

    /// Redacts the message, and judges. That it stays is no failure of the round trip.
    pub(super) async fn take_back(
        &self,
        heard: Heard<'_>,
        deadline: Deadline,
    ) -> Result<TestOutcome> {
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
