//! The SDK's timelines and pages of history, for [intake](crate::session::intake).

use std::collections::{BTreeMap, BTreeSet};

use matrix_sdk::{
    Client,
    deserialized_responses::{
        TimelineEvent, TimelineEventKind, UnableToDecryptReason, VerificationLevel,
        VerificationState,
    },
    room::MessagesOptions,
    ruma::{OwnedRoomId, RoomId, UInt, assign, events::room::encrypted::Relation},
    sync::JoinedRoomUpdate,
};

use serde_json::Value;

use super::progress::Progress;
use crate::{
    error::{Error, Kind, Result},
    session::{
        intake::{
            event::{Event, Secrecy},
            look_back::{Histories, Timeline},
        },
        rooms::trust::Trust,
        sdk::{self, SdkError},
    },
    text::excerpt,
};

/// Events per page of a gap.
const PAGE: u32 = 50;
/// How often a homeserver that is well otherwise may fail to give a room's gap.
const MAX_GAP_FAILURES: u32 = 5;

/// How often the homeserver failed to give each room's gap.
pub type GapFailures = BTreeMap<OwnedRoomId, u32>;

/// What a sync brought of a room.
pub fn timeline(update: &JoinedRoomUpdate) -> Timeline {
    let timeline = &update.timeline;
    let before = timeline.prev_batch.clone().filter(|_| timeline.limited);
    Timeline {
        newest_first: timeline.events.iter().rev().map(event).collect(),
        before,
    }
}

/// An event as the SDK gives it. One that it did not even try to decrypt, because it cannot read
/// what the event says to relate to, can be decrypted without that.
pub fn event(event: &TimelineEvent) -> Event {
    let json = event.raw().json().get();
    let readable = left_encrypted(event).and_then(|_| without_malformed_relation(json));
    Event {
        json: readable.unwrap_or_else(|| json.to_owned()),
        secrecy: secrecy(event),
    }
}

/// The Megolm session of an event that the SDK left encrypted without a word.
pub fn left_encrypted(event: &TimelineEvent) -> Option<String> {
    let is_left = matches!(event.kind, TimelineEventKind::PlainText { .. })
        && event.kind.event_type().as_deref() == Some("m.room.encrypted");
    let content: Value = is_left.then(|| event.raw().get_field("content").ok())???;
    content["session_id"].as_str().map(str::to_owned)
}

fn without_malformed_relation(json: &str) -> Option<String> {
    let mut event: Value = serde_json::from_str(json).ok()?;
    let relation = event["content"].as_object_mut()?.remove("m.relates_to")?;
    let is_malformed = serde_json::from_value::<Relation>(relation).is_err();
    is_malformed.then(|| event.to_string())
}

fn secrecy(event: &TimelineEvent) -> Secrecy {
    match &event.kind {
        TimelineEventKind::PlainText { .. } => Secrecy::Clear,
        TimelineEventKind::Decrypted(decrypted) => {
            let info = &decrypted.encryption_info;
            Secrecy::Decrypted {
                trust: Trust::of(info).name().to_owned(),
                session_id: info.session_id().map(str::to_owned),
                is_forged: info.verification_state
                    == VerificationState::Unverified(VerificationLevel::MismatchedSender),
            }
        }
        TimelineEventKind::UnableToDecrypt { utd_info, .. } => reason_in_words(&utd_info.reason)
            .map_or(Secrecy::Malformed, |reason| Secrecy::Undecryptable {
                reason,
            }),
    }
}

/// Why an event cannot be decrypted, in words; `None` for one that was.
pub fn undecryptable_because(event: &TimelineEvent) -> Option<String> {
    match secrecy(event) {
        Secrecy::Undecryptable { reason } => Some(reason),
        Secrecy::Malformed => Some("it is damaged".to_owned()),
        Secrecy::Clear | Secrecy::Decrypted { .. } => None,
    }
}

/// Why an event cannot be decrypted, for the operator; `None` for one that never can.
fn reason_in_words(reason: &UnableToDecryptReason) -> Option<String> {
    use UnableToDecryptReason as Reason;
    Some(match reason {
        Reason::MalformedEncryptedEvent => return None,
        Reason::MissingMegolmSession {
            withheld_code: Some(code),
        } => {
            let code = excerpt(code.as_str());
            format!("its sender keeps the key from the bot ({code})")
        }
        Reason::MissingMegolmSession {
            withheld_code: None,
        } => "its key has not come".to_owned(),
        Reason::UnknownMegolmMessageIndex => {
            "the bot's key begins only after this message".to_owned()
        }
        Reason::MismatchedIdentityKeys | Reason::SenderIdentityNotTrusted(_) => {
            "its key came from someone other than its sender".to_owned()
        }
        _ => "it is damaged".to_owned(),
    })
}

/// The histories of the bot's rooms.
pub struct Homeserver<'a> {
    pub client: &'a Client,
    pub failures: &'a mut GapFailures,
    /// Megolm sessions of events that are to be decrypted once more.
    pub recovered: &'a mut BTreeSet<String>,
    pub progress: &'a Progress,
}

impl Histories for Homeserver<'_> {
    async fn page(
        &mut self,
        room_id: &str,
        before: String,
        to: Option<&str>,
    ) -> Result<Option<Timeline>> {
        let id = RoomId::parse(room_id).map_err(|error| {
            Error::failure("a room that was synced has no room ID").because(error)
        })?;
        let Some(room) = self.client.get_room(&id) else {
            return Ok(None);
        };
        let mut to = to.map(str::to_owned);
        loop {
            let options = assign!(MessagesOptions::backward(), {
                from: Some(before.clone()),
                to: to.clone(),
                limit: UInt::from(PAGE),
            });
            let doing = "read the messages that a sync left out";
            match sdk::call(doing, room.messages(options)).await {
                Ok(page) => {
                    self.progress.made();
                    let left = page.chunk.iter().filter_map(left_encrypted);
                    self.recovered.extend(left);
                    return Ok(Some(Timeline {
                        newest_first: page.chunk.iter().map(event).collect(),
                        before: page.end,
                    }));
                }
                // Not every homeserver takes a position of a sync for the end of a page.
                Err(error) if to.is_some() && error.status() == Some(400) => to = None,
                Err(error) => return self.failed(id, error).await,
            }
        }
    }
}

impl Homeserver<'_> {
    /// Decides whether a gap is asked for again or given up.
    ///
    /// A homeserver that is away comes back; one that refuses this room, or fails on it again
    /// and again while it is well otherwise, must not keep every other room waiting.
    async fn failed(&mut self, room_id: OwnedRoomId, error: SdkError) -> Result<Option<Timeline>> {
        let status = error.status();
        let error = Error::from(error);
        let given_up = match error.kind() {
            Kind::Unreachable if status != Some(429) && self.client.whoami().await.is_ok() => {
                let failures = self.failures.entry(room_id.clone()).or_default();
                *failures += 1;
                *failures >= MAX_GAP_FAILURES
            }
            Kind::Failure => status.is_some(),
            _ => false,
        };
        if given_up {
            tracing::error!(%room_id, %error, "messages of this room are skipped");
            return Ok(None);
        }
        Err(error)
    }
}

#[cfg(test)]
mod tests {
    use matrix_sdk::ruma::serde::Raw;
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_relation_that_cannot_be_read_is_left_out() {
        let encrypted = |relation: &Value| {
            let event = json!({
                "type": "m.room.encrypted", "sender": "@ann:example.org", "event_id": "$1",
                "origin_server_ts": 1,
                "content": {
                    "algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "AwgA", "session_id": "s",
                    "device_id": "D", "sender_key": "k", "m.relates_to": relation,
                },
            });
            let raw = Raw::from_json_string(event.to_string()).unwrap();
            TimelineEvent::from_plaintext(raw)
        };
        for (relation, stays) in [
            (json!({"m.in_reply_to": {"event_id": "$0"}}), true),
            (json!({"rel_type": "m.thread", "event_id": "$0"}), true),
            (json!({"m.in_reply_to": {}}), false),
            (json!({"m.in_reply_to": {"event_id": 5}}), false),
            (json!({"rel_type": "m.thread"}), false),
            (json!({"rel_type": 7}), false),
            (json!("a string"), false),
            (json!([]), false),
        ] {
            let left = encrypted(&relation);
            assert_eq!(left_encrypted(&left).as_deref(), Some("s"));
            let json: Value = serde_json::from_str(&event(&left).json).unwrap();
            let kept = json["content"].get("m.relates_to");
            assert_eq!(kept, stays.then_some(&relation), "{relation}");
            assert_eq!(json["content"]["ciphertext"], "AwgA");
        }
    }
}
