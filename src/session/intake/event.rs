//! An event of a timeline, whoever decrypted it, and the few fields that decide where it goes.

use serde::Deserialize;
use serde_json::Value;

/// An event of a room's timeline. Everything in it is somebody's claim.
#[derive(Clone, Debug)]
pub(in crate::session) struct Event {
    /// Its JSON: decrypted, where it could be.
    pub(in crate::session) json: String,
    /// Whether and how it was encrypted.
    pub(in crate::session) secrecy: Secrecy,
}

impl Event {
    /// Its id; `None` for what is not an event at all.
    pub(super) fn id(&self) -> Option<String> {
        Envelope::read(self).map(|envelope| envelope.event_id)
    }
}

/// Whether and how an event was encrypted.
#[derive(Clone, Debug)]
pub(in crate::session) enum Secrecy {
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

/// The fields of an event that decide where it goes.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) sender: String,
    pub(super) event_id: String,
    pub(super) state_key: Option<String>,
    #[serde(default)]
    pub(super) content: Value,
    #[serde(default)]
    unsigned: Value,
    /// What a redaction takes back, in rooms before version 11.
    redacts: Option<Value>,
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
    pub(super) fn read(event: &Event) -> Option<Self> {
        let mut envelope: Self = serde_json::from_str(&event.json).ok()?;
        if matches!(event.secrecy, Secrecy::Decrypted { .. }) {
            envelope.state_key = None;
        }
        Some(envelope)
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

    /// Whether this very device sent it.
    pub(super) fn is_by_this_device(&self) -> bool {
        self.unsigned["transaction_id"].is_string()
    }

    /// Whether the room's encryption begins with this event.
    pub(super) fn begins_encryption(&self) -> bool {
        self.kind == "m.room.encryption"
            && self.state_key.as_deref() == Some("")
            && self.unsigned["prev_content"]["algorithm"].is_null()
    }

    /// The event that this one takes back (spec, "m.room.redaction").
    pub(super) fn redacts(&self) -> Option<&str> {
        let redacts = self.content.get("redacts").or(self.redacts.as_ref());
        redacts.and_then(Value::as_str)
    }

    /// The event that this one edits.
    pub(super) fn replaces(&self) -> Option<&str> {
        let relation = &self.content["m.relates_to"];
        let is_edit = relation["rel_type"] == "m.replace";
        relation["event_id"].as_str().filter(|_| is_edit)
    }

    /// Whether it says to be an edit, of whatever.
    pub(super) fn is_edit(&self) -> bool {
        self.content["m.relates_to"]["rel_type"] == "m.replace"
    }

    /// The event that this one replies to. What a client adds for those that do not know threads
    /// is no reply.
    pub(super) fn replies_to(&self) -> Option<&str> {
        let relation = &self.content["m.relates_to"];
        let is_fallback = relation["is_falling_back"] == true;
        relation["m.in_reply_to"]["event_id"]
            .as_str()
            .filter(|_| !is_fallback)
    }

    /// The room's main timeline, or one of its threads.
    pub(super) fn conversation(&self, room_id: &str) -> String {
        let relation = &self.content["m.relates_to"];
        match relation["event_id"].as_str() {
            Some(root) if relation["rel_type"] == "m.thread" => format!("{room_id} {root}"),
            _ => room_id.to_owned(),
        }
    }
}
