//! From an event of a timeline to what the journal keeps of it.

use matrix_sdk::deserialized_responses::{
    TimelineEvent, TimelineEventKind, UnableToDecryptReason, VerificationLevel, VerificationState,
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    homeserver::tame,
    inbox::{Arrival, Entry},
};

/// The few fields of an event that decide where it goes. Everything in it is somebody's claim.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope {
    #[serde(rename = "type")]
    kind: String,
    sender: String,
    event_id: String,
    state_key: Option<String>,
    #[serde(default)]
    content: Value,
    #[serde(default)]
    unsigned: Value,
}

/// What an event says about where the bot's view of a room begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Boundary {
    /// Nothing.
    None,
    /// The bot accepted an invitation here: the invitation comes before.
    Accepted,
    /// Everything before this is not for the bot.
    Start,
}

impl Envelope {
    /// Reads the fields; `None` for what is not an event at all.
    ///
    /// A decrypted event is never a state event, whatever its sender wrote into it.
    pub(super) fn read(event: &TimelineEvent) -> Option<Self> {
        let mut envelope: Self = serde_json::from_str(event.raw().json().get()).ok()?;
        if event.encryption_info().is_some() {
            envelope.state_key = None;
        }
        Some(envelope)
    }

    pub(super) fn event_id(&self) -> &str {
        &self.event_id
    }

    /// Where the bot's view of the room begins, looking back from the newest event.
    ///
    /// A message sent with the invitation is for the bot: its sender had shared the key with it
    /// by then. What was said before is not, nor what was said before it last left.
    pub(super) fn boundary(&self, own_id: &str, invited: bool) -> Boundary {
        if self.kind != "m.room.member" || self.state_key.as_deref() != Some(own_id) {
            return Boundary::None;
        }
        let previous = self.unsigned["prev_content"]["membership"].as_str();
        match (self.content["membership"].as_str(), previous) {
            // A new name or picture, not an arrival.
            (Some("join"), Some("join")) => Boundary::None,
            (Some("join"), Some("invite")) => Boundary::Accepted,
            // Not every homeserver says what came before.
            (Some("join"), None) if invited => Boundary::Accepted,
            _ => Boundary::Start,
        }
    }

    /// What this event means to the bot.
    fn arrival(&self, room_id: &str, event: &TimelineEvent, own_id: &str) -> Arrival {
        if self.sender == own_id || self.state_key.is_some() {
            return Arrival::Seen;
        }
        let payload = event.raw().json().get().to_owned();
        match &event.kind {
            TimelineEventKind::UnableToDecrypt { utd_info, .. }
                if utd_info.reason == UnableToDecryptReason::MalformedEncryptedEvent =>
            {
                Arrival::Seen
            }
            // The SDK hands an event over as it is when its store fails while decrypting.
            TimelineEventKind::UnableToDecrypt { .. } | TimelineEventKind::PlainText { .. }
                if self.kind == "m.room.encrypted" =>
            {
                Arrival::Undecryptable {
                    session_id: self.content["session_id"].as_str().map(str::to_owned),
                    reason: undecryptable_because(event)
                        .unwrap_or_else(|| "the encryption store failed".to_owned()),
                    payload,
                }
            }
            _ if self.kind != "m.room.message" || self.is_edit() => Arrival::Seen,
            TimelineEventKind::Decrypted(_) if is_forged(event) => {
                tracing::warn!(
                    sender = %self.sender,
                    event = %self.event_id,
                    "dropping a message that was encrypted by someone other than its sender"
                );
                Arrival::Seen
            }
            _ => Arrival::Message {
                conversation: self.conversation(room_id),
                payload,
            },
        }
    }

    fn is_edit(&self) -> bool {
        self.content["m.relates_to"]["rel_type"] == "m.replace"
    }

    /// The room's main timeline, or one of its threads.
    fn conversation(&self, room_id: &str) -> String {
        let relation = &self.content["m.relates_to"];
        match relation["event_id"].as_str() {
            Some(root) if relation["rel_type"] == "m.thread" => format!("{room_id} {root}"),
            _ => room_id.to_owned(),
        }
    }
}

/// What the journal keeps of an event in this room; `None` for what is not an event at all.
pub(super) fn entry(room_id: &str, event: &TimelineEvent, own_id: &str) -> Option<Entry> {
    let envelope = Envelope::read(event)?;
    Some(Entry {
        room_id: room_id.to_owned(),
        arrival: envelope.arrival(room_id, event, own_id),
        event_id: envelope.event_id,
    })
}

/// Why an event cannot be decrypted, for the operator; `None` for one that was.
pub(super) fn undecryptable_because(event: &TimelineEvent) -> Option<String> {
    use UnableToDecryptReason as Reason;
    let TimelineEventKind::UnableToDecrypt { utd_info, .. } = &event.kind else {
        return None;
    };
    Some(match &utd_info.reason {
        Reason::MissingMegolmSession {
            withheld_code: Some(code),
        } => {
            let code = tame(code.as_str(), &[]);
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

fn is_forged(event: &TimelineEvent) -> bool {
    event.encryption_info().is_some_and(|info| {
        matches!(
            info.verification_state,
            VerificationState::Unverified(VerificationLevel::MismatchedSender)
        )
    })
}

#[cfg(test)]
mod tests {
    use matrix_sdk::ruma::serde::Raw;
    use serde_json::json;

    use super::*;

    const BOT: &str = "@bot:example.org";

    fn event(json: &Value) -> TimelineEvent {
        TimelineEvent::from_plaintext(Raw::new(json).unwrap().cast_unchecked())
    }

    fn message(content: &Value) -> TimelineEvent {
        event(&json!({
            "type": "m.room.message", "sender": "@ann:example.org", "event_id": "$1",
            "origin_server_ts": 1, "content": content,
        }))
    }

    fn conversation(content: &Value) -> Option<String> {
        match entry("!r", &message(content), BOT)?.arrival {
            Arrival::Message { conversation, .. } => Some(conversation),
            _ => None,
        }
    }

    #[test]
    fn a_thread_is_a_conversation_of_its_own() {
        assert_eq!(conversation(&json!({"body": "hi"})).unwrap(), "!r");
        let threaded = json!({"m.relates_to": {"rel_type": "m.thread", "event_id": "$root"}});
        assert_eq!(conversation(&threaded).unwrap(), "!r $root");
    }

    #[test]
    fn edits_own_events_and_nonsense_are_only_remembered() {
        let edit = json!({"m.relates_to": {"rel_type": "m.replace", "event_id": "$0"}});
        assert_eq!(conversation(&edit), None);
        let own = json!({
            "type": "m.room.message", "sender": BOT, "event_id": "$1", "content": {"body": "hi"},
        });
        assert_eq!(
            entry("!r", &event(&own), BOT).unwrap().arrival,
            Arrival::Seen
        );
        assert_eq!(entry("!r", &event(&json!({"type": 5})), BOT), None);
    }

    /// An event as it comes out of decryption: whatever its sender wrote.
    fn decrypted(json: &Value) -> TimelineEvent {
        let info = json!({
            "sender": json["sender"], "sender_device": null, "forwarder": null,
            "algorithm_info": {"MegolmV1AesSha2": {
                "curve25519_key": "", "sender_claimed_keys": {}, "session_id": null,
            }},
            "verification_state": {"Unverified": "UnsignedDevice"},
        });
        let event = json!({"event": json, "encryption_info": info});
        TimelineEvent::from_decrypted(serde_json::from_value(event).unwrap(), None)
    }

    #[test]
    fn a_forged_membership_in_an_encrypted_event_cuts_nothing_off() {
        let forged = decrypted(&json!({
            "type": "m.room.member", "sender": "@eve:example.org", "state_key": BOT,
            "event_id": "$1", "room_id": "!r", "content": {"membership": "leave"},
        }));
        assert!(forged.encryption_info().is_some());
        let envelope = Envelope::read(&forged).unwrap();
        assert_eq!(envelope.boundary(BOT, false), Boundary::None);
    }

    #[test]
    fn an_encrypted_event_that_was_handed_over_as_it_is_waits_for_its_key() {
        let raw = event(&json!({
            "type": "m.room.encrypted", "sender": "@ann:example.org", "event_id": "$1",
            "content": {"algorithm": "m.megolm.v1.aes-sha2", "session_id": "megolm"},
        }));
        let Arrival::Undecryptable {
            session_id, reason, ..
        } = entry("!r", &raw, BOT).unwrap().arrival
        else {
            panic!("not kept");
        };
        assert_eq!(session_id.as_deref(), Some("megolm"));
        assert_eq!(reason, "the encryption store failed");
    }

    #[test]
    fn the_view_of_a_room_begins_at_the_invitation() {
        let member = |membership: &str, previous: Option<&str>| {
            let event = event(&json!({
                "type": "m.room.member", "sender": BOT, "state_key": BOT, "event_id": "$1",
                "content": {"membership": membership},
                "unsigned": {"prev_content": {"membership": previous}},
            }));
            Envelope::read(&event).unwrap().boundary(BOT, false)
        };
        assert_eq!(member("join", Some("join")), Boundary::None);
        assert_eq!(member("join", Some("invite")), Boundary::Accepted);
        assert_eq!(member("join", Some("leave")), Boundary::Start);
        assert_eq!(member("join", None), Boundary::Start);
        assert_eq!(member("invite", None), Boundary::Start);
        assert_eq!(member("leave", Some("join")), Boundary::Start);
    }
}
