//! The newest message of each conversation, as far as this process has seen it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use crate::{
    threads::lock,
    {journal::Conversation, session::intake::event::Envelope},
};

/// The most conversations of which it is known.
const MOST: usize = 10_000;
/// Types of events that stand in a timeline as messages. What is encrypted may be anything but an
/// edit or a reaction, which encryption does not hide.
const SHOWN: [&str; 5] = [
    "m.room.message",
    "m.room.encrypted",
    "m.sticker",
    "m.poll.start",
    "org.matrix.msc3381.poll.start",
];

/// The newest message of each conversation. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Newest(Arc<Mutex<HashMap<Conversation, String>>>);

impl Newest {
    /// A message of a room was seen, or sent.
    pub fn shown(&self, room_id: &str, event: &Envelope) {
        let is_message = SHOWN.contains(&&*event.kind) && event.state_key.is_none();
        if !is_message || event.replaces().is_some() {
            return;
        }
        let conversation = Conversation::new(room_id, event.thread());
        let mut newest = self.all();
        if newest.len() >= MOST && !newest.contains_key(&conversation) {
            newest.clear();
        }
        newest.insert(conversation, event.event_id.clone());
    }

    /// Whether nothing was said in its conversation after this message. What is not known is denied.
    pub fn is(&self, room_id: &str, thread: Option<&str>, event_id: &str) -> bool {
        let newest = self.all();
        let newest = newest.get(&Conversation::new(room_id, thread));
        newest.is_some_and(|newest| newest == event_id)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Conversation, String>> {
        lock(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn event(id: &str, kind: &str, relation: &Value) -> Envelope {
        let event = json!({
            "type": kind, "sender": "@ann:h", "event_id": id,
            "content": {"body": "x", "m.relates_to": relation},
        });
        Envelope::of(&event.to_string()).unwrap()
    }

    #[test]
    fn only_what_stands_in_the_same_conversation_comes_between() {
        let newest = Newest::default();
        let is = |thread, id| newest.is("!r", thread, id);
        assert!(!is(None, "$1"));
        newest.shown("!r", &event("$1", "m.room.encrypted", &Value::Null));
        let edit = json!({"rel_type": "m.replace", "event_id": "$1"});
        newest.shown("!r", &event("$2", "m.room.encrypted", &edit));
        newest.shown("!r", &event("$3", "m.reaction", &Value::Null));
        newest.shown("!other", &event("$4", "m.room.message", &Value::Null));
        let thread = json!({"rel_type": "m.thread", "event_id": "$1"});
        newest.shown("!r", &event("$5", "m.room.message", &thread));
        assert!(is(None, "$1") && is(Some("$1"), "$5"));
        newest.shown("!r", &event("$6", "m.room.message", &Value::Null));
        assert!(!is(None, "$1") && is(None, "$6"));
    }
}
