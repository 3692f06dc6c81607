//! What an event means to the bot.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;

use super::event::{Envelope, Event, Secrecy};
use crate::{
    journal::{
        Arrival, Conversation, Lane, Own, PartOf, Protection, Received, SENDER_MISMATCH,
        Undecryptable,
    },
    text::excerpt,
};

/// Whether what this sender says in this room may be answered, given the room and the sender; what
/// others say is not kept.
pub type Audience = Box<dyn Fn(&str, &str) -> bool + Send + Sync>;

/// Tells from a message's JSON, the bot's user ID and the name it goes by in the room whether the
/// message is a [command](Lane::Command).
pub type CommandRule = fn(payload: &str, own_id: &str, own_name: Option<&str>) -> bool;

/// Types of events with which people say something.
const SAID: [&str; 4] = [
    "m.room.message",
    "m.sticker",
    "m.poll.start",
    "org.matrix.msc3381.poll.start",
];
/// How the types of events begin that need no answer: reactions, votes, live positions, and what
/// clients tell each other for calls, verifications and keys.
const SILENT: [&str; 17] = [
    "io.element.",
    "m.beacon",
    "m.call",
    "m.dummy",
    "m.key.",
    "m.poll.",
    "m.reaction",
    "m.room.",
    "m.rtc.",
    "m.secret.",
    "m.space.",
    "org.matrix.call.",
    "org.matrix.msc3381.",
    "org.matrix.msc3401.",
    "org.matrix.msc3672.",
    "org.matrix.msc4075.",
    "org.matrix.msc4143.",
];

/// Whose device takes events in, and what it keeps.
#[derive(Clone, Copy)]
pub struct Bot<'a> {
    pub user_id: &'a str,
    pub audience: &'a Audience,
    /// Whose reactions and votes are kept.
    pub reactors: &'a Audience,
    pub is_command: CommandRule,
}

impl Bot<'_> {
    /// What an event that could not be decrypted turns out to be now, in a room where the bot goes
    /// by this name.
    pub fn look_again(
        &self,
        kept: &Undecryptable,
        own_name: Option<&str>,
        event: &Event,
    ) -> Option<Arrival> {
        let view = View {
            bot: *self,
            room_id: &kept.room_id,
            own_name,
            was_invited: false,
            was_encrypted: true,
            is_encrypted: true,
        };
        classify(&view, event, true).map(|(_, arrival)| arrival)
    }
}

/// What is known of a room, and of the bot in it, when its events are taken in.
pub struct View<'a> {
    pub bot: Bot<'a>,
    pub room_id: &'a str,
    /// What the bot calls itself there.
    pub own_name: Option<&'a str>,
    /// Whether the bot's own invitation to the room is still journaled as open.
    pub was_invited: bool,
    /// Whether the room was seen encrypted before these events.
    pub was_encrypted: bool,
    /// Whether it is encrypted now.
    pub is_encrypted: bool,
}

impl View<'_> {
    fn is_answered(&self, sender: &str) -> bool {
        (self.bot.audience)(self.room_id, sender)
    }
}

/// What this event means to the bot. An event that the bot breaks down over is put aside, so that
/// it does not meet it again for ever.
pub fn classify(view: &View<'_>, event: &Event, is_exposed: bool) -> Option<(String, Arrival)> {
    let envelope = Envelope::read(event)?;
    let arrival = catch_unwind(AssertUnwindSafe(|| {
        arrival(view, &envelope, event, is_exposed)
    }));
    let arrival = arrival.unwrap_or_else(|_| {
        tracing::error!(room_id = %view.room_id, event_id = %envelope.event_id,
            "cannot take in an event: nanobot broke down over it; please report this");
        Arrival::Broken {
            reason: "nanobot broke down while reading it".to_owned(),
            payload: event.json.clone(),
        }
    });
    Some((envelope.event_id, arrival))
}

fn arrival(view: &View<'_>, envelope: &Envelope, event: &Event, is_exposed: bool) -> Arrival {
    if envelope.state_key.is_some() {
        return Arrival::Seen;
    }
    if envelope.sender == view.bot.user_id {
        return own(envelope);
    }
    if envelope.kind == "m.room.redaction" {
        return envelope.redacts().map_or(Arrival::Seen, |target| {
            let target = target.to_owned();
            Arrival::Redaction { target }
        });
    }
    let protection = match &event.secrecy {
        Secrecy::Malformed => return Arrival::Seen,
        Secrecy::Undecryptable { reason } => return undecryptable(view, envelope, event, reason),
        // The SDK hands an event over as it is when its store fails while decrypting.
        Secrecy::Clear if envelope.kind == "m.room.encrypted" => {
            return undecryptable(view, envelope, event, "the encryption store failed");
        }
        Secrecy::Clear if is_exposed => Protection::Exposed,
        Secrecy::Clear => Protection::Clear,
        Secrecy::Decrypted { is_forged, .. } if *is_forged => {
            return forged(view, envelope);
        }
        Secrecy::Decrypted {
            trust, session_id, ..
        } => Protection::Encrypted {
            trust: trust.clone(),
            session_id: session_id.clone(),
        },
    };
    message(view, envelope, event, protection)
}

fn message(view: &View<'_>, envelope: &Envelope, event: &Event, protection: Protection) -> Arrival {
    let is_reaction = envelope.reacts_to().is_some();
    let is_heard = || (view.bot.reactors)(view.room_id, &envelope.sender);
    if !(is_reaction && is_heard() || is_said(&envelope.kind, &envelope.content)) {
        return Arrival::Seen;
    }
    let received = Received {
        sender: envelope.sender.clone(),
        protection,
        payload: event.json.clone(),
    };
    if is_reaction {
        let conversation = Conversation::new(view.room_id, None).lane(Lane::Reaction);
        return Arrival::Message {
            conversation,
            received,
        };
    }
    if let Some(target) = envelope.replaces() {
        let target = target.to_owned();
        return Arrival::Edit { target, received };
    }
    if !view.is_answered(&envelope.sender) {
        return Arrival::Seen;
    }
    let mut conversation = Conversation::new(view.room_id, envelope.thread());
    if (view.bot.is_command)(&event.json, view.bot.user_id, view.own_name) {
        conversation = conversation.lane(Lane::Command);
    }
    Arrival::Message {
        conversation,
        received,
    }
}

/// Whether somebody says something with an event of this type. That of a type that is not known here
/// is said, too, unless it only belongs to another event, so that its sender learns that it was not
/// read.
pub fn is_said(kind: &str, content: &Value) -> bool {
    let relation = content["m.relates_to"]["rel_type"].as_str();
    let belongs = matches!(relation, Some("m.annotation" | "m.reference"));
    let is_silent = || SILENT.iter().any(|silent| kind.starts_with(silent));
    SAID.contains(&kind) || !(belongs || is_silent())
}

/// An event that somebody else than its sender encrypted: it is nobody's word.
fn forged(view: &View<'_>, envelope: &Envelope) -> Arrival {
    let (room_id, sender) = (view.room_id, &*envelope.sender);
    tracing::warn!(
        event = "message",
        room_id,
        sender,
        event_id = envelope.event_id,
        verdict = SENDER_MISMATCH,
        "{} in {room_id}: not answered: it was encrypted by a device of somebody else",
        excerpt(sender)
    );
    let sender = envelope.sender.clone();
    Arrival::Forged { sender }
}

fn undecryptable(view: &View<'_>, envelope: &Envelope, event: &Event, reason: &str) -> Arrival {
    if !view.is_answered(&envelope.sender) {
        return Arrival::Seen;
    }
    Arrival::Undecryptable {
        sender: envelope.sender.clone(),
        session_id: envelope.content["session_id"].as_str().map(str::to_owned),
        reason: reason.to_owned(),
        payload: event.json.clone(),
    }
}

/// Something that this account said. What it takes back itself means nothing more.
fn own(envelope: &Envelope) -> Arrival {
    let part = envelope.content.get(PartOf::FIELD).cloned();
    let part: Option<PartOf> = part.and_then(|part| serde_json::from_value(part).ok());
    let is_message = matches!(&*envelope.kind, "m.room.message" | "m.room.encrypted");
    // Of other types only parts of answers count: a reaction may say that a message was seen.
    if !is_message && part.is_none() {
        return Arrival::Seen;
    }
    Arrival::Own(Own {
        part,
        replies_to: envelope
            .replies_to()
            .or(envelope.answers())
            .map(str::to_owned),
        replaces: envelope.replaces().map(str::to_owned),
        by_this_device: envelope.is_by_this_device(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        ipc::FateState,
        journal::{Batch, Entry, Journal},
    };

    #[tokio::test]
    async fn what_somebody_else_encrypted_is_refused_and_that_is_remembered() {
        let audience: Audience = Box::new(|_, _| true);
        let view = View {
            bot: Bot {
                user_id: "@bot:h",
                audience: &audience,
                reactors: &audience,
                is_command: |_, _, _| false,
            },
            room_id: "!room",
            own_name: None,
            was_invited: false,
            was_encrypted: true,
            is_encrypted: true,
        };
        let event = json!({
            "type": "m.room.message", "sender": "@ann:h", "event_id": "$1",
            "content": {"msgtype": "m.text", "body": "hello"},
        });
        let event = Event {
            json: event.to_string(),
            secrecy: Secrecy::Decrypted {
                trust: "mismatched".to_owned(),
                session_id: None,
                is_forged: true,
            },
        };
        let (event_id, arrival) = classify(&view, &event, false).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::open(directory.path(), "@bot:h", "BOT")
            .await
            .unwrap();
        let entry = Entry {
            room_id: "!room".to_owned(),
            event_id,
            is_floor: false,
            arrival,
        };
        let batch = Batch {
            entries: vec![entry],
            ..Batch::default()
        };
        assert!(journal.commit(batch).await.unwrap().fresh.is_empty());
        let fate = journal.fate("$1").await.unwrap();
        assert_eq!(fate.state, FateState::Refused);
        assert_eq!(fate.verdict.as_deref(), Some("sender-mismatch"));
        assert_eq!(fate.sender.as_deref(), Some("@ann:h"));
    }
}
