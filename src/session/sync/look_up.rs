//! Events that a message refers to, looked up at the homeserver.

use std::time::Duration;

use matrix_sdk::{
    config::RequestConfig,
    deserialized_responses::{
        TimelineEvent, UnsignedDecryptionResult, UnsignedEventLocation, VerificationLevel,
        VerificationState,
    },
    ruma::EventId,
};
use serde_json::{Map, Value};

use super::history;
use crate::{
    error::Error,
    journal::Protection,
    session::{
        intake::event::{Envelope, Secrecy},
        rooms::handle::Rooms,
        sdk::{self, RoomFailure},
    },
};

/// How long a look-up may take: somebody waits for the answer to what refers to it.
const PATIENCE: Duration = Duration::from_secs(10);

/// An event as it reads now.
#[derive(Debug)]
pub enum Found {
    /// It can be read.
    Readable {
        /// Its JSON, decrypted, with its newest edit applied.
        payload: String,
        /// How it came.
        protection: Protection,
    },
    /// It was taken back.
    Deleted,
    /// It is no event, or cannot be decrypted.
    Unreadable,
}

impl Rooms {
    /// An event of a room as it reads now, with its own edits. In a room that is `encrypted`, what
    /// came in clear is [`Protection::Exposed`].
    ///
    /// # Errors
    ///
    /// When the homeserver refuses or cannot be reached in time, or a store fails.
    pub async fn look_up(
        &self,
        room_id: &str,
        event_id: &str,
        encrypted: bool,
    ) -> Result<Found, RoomFailure> {
        let id = EventId::parse(event_id).map_err(|error| {
            RoomFailure::Never(Error::failure("not an event ID").because(error))
        })?;
        let room = self.room(room_id)?;
        let config = RequestConfig::new().disable_retry().timeout(PATIENCE);
        let asking = room.event(&id, Some(config));
        let event = sdk::call("look up a message", asking).await?;
        Ok(found(&event, event_id, encrypted).unwrap_or(Found::Unreadable))
    }
}

/// The event of this ID as it reads now; `None` where it cannot be read.
pub fn found(event: &TimelineEvent, event_id: &str, encrypted: bool) -> Option<Found> {
    let read = history::event(event);
    let envelope = Envelope::read(&read).filter(|read| read.event_id == event_id)?;
    if envelope.content.as_object().is_none_or(Map::is_empty) {
        return Some(Found::Deleted);
    }
    let protection = match read.secrecy {
        Secrecy::Clear if envelope.kind == "m.room.encrypted" => return None,
        Secrecy::Clear if encrypted => Protection::Exposed,
        Secrecy::Clear => Protection::Clear,
        Secrecy::Decrypted {
            is_forged: true, ..
        }
        | Secrecy::Undecryptable { .. }
        | Secrecy::Malformed => return None,
        Secrecy::Decrypted {
            trust, session_id, ..
        } => Protection::Encrypted { trust, session_id },
    };
    let may_be_edited = !protection.is_encrypted() || has_encrypted_edit(event);
    let edited = may_be_edited.then(|| edited(&read.json)).flatten();
    Some(Found::Readable {
        payload: edited.unwrap_or(read.json),
        protection,
    })
}

/// Whether the edit that the homeserver put beside an encrypted event was encrypted by the same
/// sender: what came in clear would be the homeserver's own words.
fn has_encrypted_edit(event: &TimelineEvent) -> bool {
    let beside = event.kind.unsigned_encryption_map();
    let edit = beside.and_then(|map| map.get(&UnsignedEventLocation::RelationsReplace));
    let Some(UnsignedDecryptionResult::Decrypted(info)) = edit else {
        return false;
    };
    let forged = VerificationState::Unverified(VerificationLevel::MismatchedSender);
    info.verification_state != forged
}

/// An event with the edit that the homeserver put beside it, where that is a valid one (spec,
/// "Validity of replacement events").
fn edited(json: &str) -> Option<String> {
    let mut event: Value = serde_json::from_str(json).ok()?;
    let edit = event["unsigned"]["m.relations"]
        .get_mut("m.replace")?
        .take();
    let is_alike = edit["type"] == event["type"] && edit["sender"] == event["sender"];
    let relation = &edit["content"]["m.relates_to"];
    let is_of_it = relation["event_id"] == event["event_id"] && relation["rel_type"] == "m.replace";
    let is_edit_itself = event["content"]["m.relates_to"]["rel_type"] == "m.replace";
    let mut content = edit["content"].get("m.new_content")?.clone();
    if !is_alike || !is_of_it || is_edit_itself || !content.is_object() {
        return None;
    }
    if let Some(relation) = event["content"].get("m.relates_to") {
        content["m.relates_to"] = relation.clone();
    }
    event["content"] = content;
    Some(event.to_string())
}

#[cfg(test)]
mod tests {
    use matrix_sdk::ruma::serde::Raw;
    use serde_json::json;

    use super::*;

    fn event(edit: &Value) -> Value {
        json!({
            "type": "m.room.message", "sender": "@ann:h", "event_id": "$1", "origin_server_ts": 1,
            "content": {"msgtype": "m.text", "body": "old",
                        "m.relates_to": {"m.in_reply_to": {"event_id": "$0"}}},
            "unsigned": {"m.relations": {"m.replace": edit}},
        })
    }

    fn edit() -> Value {
        json!({
            "type": "m.room.message", "sender": "@ann:h", "event_id": "$2",
            "content": {"body": "* new", "m.new_content": {"msgtype": "m.text", "body": "new"},
                        "m.relates_to": {"rel_type": "m.replace", "event_id": "$1"}},
        })
    }

    fn body(event: &Value, encrypted: bool) -> (String, Protection) {
        let raw = Raw::from_json_string(event.to_string()).unwrap();
        let event = TimelineEvent::from_plaintext(raw);
        let Some(Found::Readable {
            payload,
            protection,
        }) = found(&event, "$1", encrypted)
        else {
            panic!("it is readable");
        };
        let read: Value = serde_json::from_str(&payload).unwrap();
        let body = read["content"]["body"].as_str().unwrap().to_owned();
        let relation = &read["content"]["m.relates_to"]["m.in_reply_to"]["event_id"];
        assert_eq!(relation, "$0");
        (body, protection)
    }

    #[test]
    fn its_own_edit_is_applied_and_no_other() {
        let read = body(&event(&edit()), false);
        assert_eq!(read, ("new".to_owned(), Protection::Clear));
        assert_eq!(body(&event(&Value::Null), true).1, Protection::Exposed);
        for (path, value) in [
            ("/sender", json!("@eve:h")),
            ("/type", json!("m.sticker")),
            ("/content/m.relates_to/event_id", json!("$9")),
            ("/content/m.relates_to/rel_type", json!("m.reference")),
            ("/content/m.new_content", json!("x")),
        ] {
            let mut edit = edit();
            *edit.pointer_mut(path).unwrap() = value;
            assert_eq!(body(&event(&edit), false).0, "old", "{path}");
        }
    }

    #[test]
    fn what_is_encrypted_or_deleted_or_another_event_is_not_read() {
        let look = |event: &Value| {
            let raw = Raw::from_json_string(event.to_string()).unwrap();
            found(&TimelineEvent::from_plaintext(raw), "$1", true)
        };
        let mut encrypted = json!({
            "type": "m.room.encrypted", "sender": "@a:h", "event_id": "$1", "content": {"x": 1},
        });
        assert!(look(&encrypted).is_none());
        encrypted["content"] = json!({});
        assert!(matches!(look(&encrypted), Some(Found::Deleted)));
        assert!(look(&json!({"type": "m.room.message"})).is_none());
        let mut other = event(&Value::Null);
        other["event_id"] = json!("$2");
        assert!(look(&other).is_none());
    }
}
