//! An event of a timeline, whoever decrypted it, and the few fields that decide where it goes.

use serde_json::Value;

use crate::{address::is_plain_id, journal::PartOf};

/// An event of a room's timeline. Everything in it is somebody's claim.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its JSON: decrypted, where it could be.
    pub json: String,
    /// Whether and how it was encrypted.
    pub secrecy: Secrecy,
}

impl Event {
    /// Its id; `None` for what is not an event at all.
    pub fn id(&self) -> Option<String> {
        Envelope::read(self).map(|envelope| envelope.event_id)
    }
}

/// Whether and how an event was encrypted.
#[derive(Clone, Debug)]
pub enum Secrecy {
    /// It was not.
    Clear,
    /// It was, and could be decrypted.
    Decrypted {
        /// How far its sender's device can be trusted, by name.
        trust: String,
        /// The Megolm session it was encrypted with.
        session_id: Option<String>,
        /// Somebody else than its sender encrypted it.
        is_forged: bool,
    },
    /// It was, and cannot be decrypted, at least not yet.
    Undecryptable {
        /// Why, in words.
        reason: String,
    },
    /// It claims to be encrypted and is not.
    Malformed,
}

/// The fields of an event that decide where it goes. Of those that somebody wrote, each may be
/// anything: what is malformed is not there.
#[derive(Debug)]
pub struct Envelope {
    pub kind: String,
    pub sender: String,
    pub event_id: String,
    pub state_key: Option<String>,
    pub content: Value,
    unsigned: Value,
    /// What a redaction takes back, in rooms before version 11.
    redacts: Value,
}

/// What an event says about where the bot's view of a room begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boundary {
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
    pub fn read(event: &Event) -> Option<Self> {
        let mut envelope = Self::of(&event.json)?;
        if matches!(event.secrecy, Secrecy::Decrypted { .. }) {
            envelope.state_key = None;
        }
        Some(envelope)
    }

    /// Reads the fields of a message's JSON; `None` for what is not an event at all.
    pub fn of(json: &str) -> Option<Self> {
        let mut event: Value = serde_json::from_str(json).ok()?;
        let text = |field: &str| event[field].as_str().map(str::to_owned);
        Some(Self {
            kind: text("type")?,
            sender: text("sender")?,
            event_id: text("event_id")?,
            state_key: text("state_key"),
            content: event["content"].take(),
            unsigned: event["unsigned"].take(),
            redacts: event["redacts"].take(),
        })
    }

    /// A message that this account has sent.
    pub fn sent(kind: &str, event_id: String, content: Value) -> Self {
        Self {
            kind: kind.to_owned(),
            sender: String::new(),
            event_id,
            state_key: None,
            content,
            unsigned: Value::Null,
            redacts: Value::Null,
        }
    }

    /// Where the bot's view of the room begins, looking back from the newest event.
    ///
    /// A message sent with the invitation is for the bot: its sender had shared the key with it
    /// by then. What was said before is not, nor what was said before it last left.
    pub fn boundary(&self, own_id: &str, invited: bool) -> Boundary {
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

    /// Whether this very device sent it.
    pub fn is_by_this_device(&self) -> bool {
        self.unsigned["transaction_id"].is_string()
    }

    /// Whether the room's encryption begins with this event.
    pub fn begins_encryption(&self) -> bool {
        self.kind == "m.room.encryption"
            && self.state_key.as_deref() == Some("")
            && self.unsigned["prev_content"]["algorithm"].is_null()
    }

    /// The event that this one takes back (spec, "m.room.redaction").
    pub fn redacts(&self) -> Option<&str> {
        event_id(&self.content["redacts"]).or(event_id(&self.redacts))
    }

    /// The event that this one edits.
    pub fn replaces(&self) -> Option<&str> {
        let relation = &self.content["m.relates_to"];
        let is_edit = relation["rel_type"] == "m.replace";
        event_id(&relation["event_id"]).filter(|_| is_edit)
    }

    /// The event that this one is a reaction to, or the poll that it is a vote in (spec, "Event
    /// annotations and reactions"; MSC3381). No other event is told by what it belongs to alone.
    pub fn reacts_to(&self) -> Option<&str> {
        let relation = &self.content["m.relates_to"];
        let expected = reaction_relation(&self.kind)?;
        event_id(&relation["event_id"]).filter(|_| relation["rel_type"] == expected)
    }

    /// The event that this one replies to. What a client adds for those that do not know threads
    /// is no reply.
    pub fn replies_to(&self) -> Option<&str> {
        let relation = &self.content["m.relates_to"];
        let is_fallback = relation["is_falling_back"] == true;
        event_id(&relation["m.in_reply_to"]["event_id"]).filter(|_| !is_fallback)
    }

    /// The message that this account's event answers without being a reply to it. Encryption does
    /// not hide that.
    pub fn answers(&self) -> Option<&str> {
        event_id(&self.content["m.relates_to"][PartOf::FIELD])
    }

    /// The event that its thread begins with; `None` in the room's main timeline.
    pub fn thread(&self) -> Option<&str> {
        let relation = &self.content["m.relates_to"];
        let is_thread = relation["rel_type"] == "m.thread";
        event_id(&relation["event_id"]).filter(|_| is_thread)
    }
}

/// The id of an event, where it is one (spec, appendices: "Event IDs").
fn event_id(value: &Value) -> Option<&str> {
    let id = value.as_str()?;
    (id.starts_with('$') && is_plain_id(id)).then_some(id)
}

/// The type of the relation by which an event of this type is a reaction or a vote, if it is one.
pub fn reaction_relation(kind: &str) -> Option<&'static str> {
    match kind {
        "m.reaction" => Some("m.annotation"),
        "m.poll.response" | "org.matrix.msc3381.poll.response" => Some("m.reference"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_that_is_no_reply_says_what_it_answers() {
        let answers = |relation: Value| {
            let content = json!({"m.relates_to": relation});
            let event = Envelope::sent("m.room.encrypted", "$2".to_owned(), content);
            assert_eq!(event.replies_to(), None);
            event.answers().map(str::to_owned)
        };
        assert_eq!(
            answers(json!({"nanobot.answer": "$1"})),
            Some("$1".to_owned())
        );
        assert_eq!(answers(json!({"nanobot.answer": "1"})), None);
        assert_eq!(answers(json!("x")), None);
    }
}
