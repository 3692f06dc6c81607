//! How the events of an answer refer to the message that they answer.

use serde_json::{Value, json};

use crate::{gateway::message::Message, journal::PartOf};

/// The message that is answered, and how its answer refers to it.
#[derive(Clone, Copy, Debug)]
pub struct Address<'m> {
    pub message: &'m Message,
    pub manner: Manner,
}

/// How an answer refers to what it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// All its events are replies, and the first mentions who asked.
    Mention,
    /// All its events are replies.
    Reply,
    /// It is what comes next in the chat. In a room that is `encrypted` each event also says where
    /// everyone sees it what it answers: another device of the bot may be unable to read it, and
    /// must not answer again.
    Plain { encrypted: bool },
}

impl Address<'_> {
    /// Whom an event of the answer mentions (client-server API, `m.mentions`): whoever asked, once
    /// at most, and nobody else, whatever the words are.
    pub fn mentions(&self, is_first: bool) -> Value {
        match self.manner {
            Manner::Mention if is_first => json!({"user_ids": [self.message.sender]}),
            _ => json!({}),
        }
    }

    /// What an event of the answer relates to: as a reply, in the thread of the message. There,
    /// only the first of them is shown as a reply (client-server API, "Fallback for unthreaded
    /// clients").
    pub fn relation(&self, is_first: bool) -> Option<Value> {
        let event_id = &*self.message.event_id;
        let is_reply = !matches!(self.manner, Manner::Plain { .. });
        let mut relation = json!({});
        if is_reply || self.message.thread.is_some() {
            relation["m.in_reply_to"] = json!({"event_id": self.message.shown_as()});
        }
        if let Some(root) = &self.message.thread {
            relation["rel_type"] = "m.thread".into();
            relation["event_id"] = root.as_str().into();
            relation["is_falling_back"] = (!(is_first && is_reply)).into();
        }
        if let Manner::Plain { encrypted: true } = self.manner {
            relation[PartOf::FIELD] = event_id.into();
        }
        (relation != json!({})).then_some(relation)
    }

    /// Puts into the content of an event of the answer what it refers to.
    pub fn refer(&self, content: &mut Value, is_first: bool) {
        content["m.mentions"] = self.mentions(is_first);
        if let Some(relation) = self.relation(is_first) {
            content["m.relates_to"] = relation;
        }
    }
}
