//! Saying in the room that a message cannot be read, where its key has not come in time: its sender
//! waits for an answer, and only they can send it again.

use std::{
    collections::HashMap,
    convert::Infallible,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    health::{Health, millis},
    pauses::{Endpoint, Pauses},
    settings::Current,
    shown,
};
use crate::{
    error::{Error, Result},
    ipc::now,
    journal::{Journal, Keyless},
    policy::{Protection, Situation, is_direct},
    session::{Envelope, RoomFailure, Rooms, Trust},
};

/// A sender is told once in this time, and not of what came before it.
const DAY: Duration = Duration::from_hours(24);
/// The bounds of the time between two looks.
const SOONEST: Duration = Duration::from_secs(1);
const LATEST: Duration = Duration::from_secs(30);
/// How long a key that was found in the backup may take until the message is read with it.
const READING: Duration = Duration::from_mins(2);

/// Whoever says it.
pub struct MissingKeys {
    settings: Current,
    journal: Journal,
    rooms: Rooms,
    pauses: Pauses,
    /// Megolm sessions that were found in the backup, and when.
    found: HashMap<String, Instant>,
}

impl MissingKeys {
    pub fn new(settings: Current, journal: Journal, rooms: Rooms, health: &Health) -> Self {
        Self {
            settings,
            journal,
            rooms,
            pauses: health.pauses.clone(),
            found: HashMap::new(),
        }
    }

    /// Looks again and again whether there is something to say.
    ///
    /// # Errors
    ///
    /// When a store fails.
    pub async fn run(mut self) -> Result<Infallible> {
        loop {
            let patience = self.settings.get().key_patience;
            let pause = patience.map_or(LATEST, |patience| patience / 4);
            tokio::time::sleep(pause.clamp(SOONEST, LATEST)).await;
            if let Some(patience) = patience {
                self.look(patience).await?;
            }
        }
    }

    async fn look(&mut self, patience: Duration) -> Result<()> {
        let ago = |time: Duration| now().saturating_sub(millis(time));
        let waiting = self.journal.keyless(ago(DAY), ago(patience));
        let mut told = Vec::new();
        for keyless in waiting.await? {
            let subject = keyless.subject();
            if told.contains(&subject) {
                continue;
            }
            match self.tell(&keyless).await {
                Ok(true) => {
                    self.journal.told(subject.clone()).await?;
                    told.push(subject);
                }
                Ok(false) => {}
                Err(RoomFailure::Store(error)) => return Err(error),
                // Later it may be possible.
                Err(failure) => tracing::debug!(
                    room_id = keyless.room_id,
                    "cannot say that a message cannot be read: {failure}"
                ),
            }
        }
        Ok(())
    }

    /// Says that this message cannot be read; whether it did.
    async fn tell(&mut self, keyless: &Keyless) -> Result<bool, RoomFailure> {
        let (room_id, sender) = (&*keyless.room_id, &*keyless.sender);
        if !self.may_tell(keyless).await? || self.is_in_backup(keyless).await {
            return Ok(false);
        }
        let name = self.rooms.display_name(room_id, sender).await;
        let members = self.rooms.facts(room_id).await?.members;
        let name = (!is_direct(members)).then(|| name.as_deref().unwrap_or(sender));
        let content = content(keyless, name).to_string();
        // Sent again after a death, it is the same event.
        let transaction_id = format!("nb-keyless-{}", keyless.event_id);
        let content = ("m.room.message", &*content);
        let sending = self.rooms.send(room_id, content, &transaction_id, true);
        // In a box, so that the compiler sees without more ado that it may go to another thread.
        let sent = Box::pin(self.pauses.attempt(Endpoint::Send, sending)).await;
        let paused = || Err(RoomFailure::Later(Error::unreachable("sending is paused")));
        sent.unwrap_or_else(paused)?;
        tracing::info!(
            event = "undecryptable",
            room_id,
            sender,
            event_id = keyless.event_id,
            "said in {} that a message of {sender} cannot be read",
            shown(&self.rooms, room_id)
        );
        Ok(true)
    }

    /// Whether the message, if it could be read, might be answered. Whether it mentions the bot is
    /// not known.
    async fn may_tell(&self, keyless: &Keyless) -> Result<bool, RoomFailure> {
        let (room_id, sender) = (&*keyless.room_id, &*keyless.sender);
        let facts = self.rooms.facts(room_id).await?;
        let known_as = self.rooms.journal.names().of(room_id);
        let situation = Situation {
            sender,
            room_id,
            known_as: &known_as,
            members: facts.members,
            encrypted: true,
            protection: Protection::Encrypted(Trust::Verified),
            mentions_bot: false,
            mentions_room: false,
            is_reaction: false,
            in_own_thread: false,
        };
        let policy = &self.settings.get().policy;
        Ok(policy.objection(&situation).is_none() && self.rooms.may_speak(room_id, true).await)
    }

    /// Whether the key has come into the backup, so that the message is about to be read.
    async fn is_in_backup(&mut self, keyless: &Keyless) -> bool {
        let Some(session_id) = &keyless.session_id else {
            return false;
        };
        if let Some(at) = self.found.get(session_id) {
            return at.elapsed() < READING;
        }
        let room_id = &keyless.room_id;
        let found = self.rooms.look_in_backup(room_id, session_id).await;
        if found {
            self.found.retain(|_, at| at.elapsed() < DAY);
            self.found.insert(session_id.clone(), Instant::now());
        }
        found
    }
}

/// What is said: no reply to the message, which would count as its answer. In a group it says whose
/// message it was, and mentions them.
fn content(keyless: &Keyless, name: Option<&str>) -> Value {
    let reason = keyless.reason.as_deref().unwrap_or_default();
    let help = if reason.contains("m.unverified") {
        "your client sends keys only to verified devices. Please verify me, then send it again."
    } else {
        "its key has not reached me. Please send it again."
    };
    let (whose, mentions) = match name {
        Some(name) => (
            format!("a message from {name}"),
            json!({"user_ids": [keyless.sender]}),
        ),
        None => ("your message".to_owned(), json!({})),
    };
    let body = format!("I cannot read {whose}: {help}");
    let mut content = json!({"msgtype": "m.notice", "body": body, "m.mentions": mentions});
    let event = Envelope::of(&keyless.payload);
    if let Some(root) = event.as_ref().and_then(Envelope::thread) {
        content["m.relates_to"] = json!({
            "rel_type": "m.thread", "event_id": root, "is_falling_back": true,
            "m.in_reply_to": {"event_id": root},
        });
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(reason: &str, payload: &Value, name: Option<&str>) -> Value {
        let keyless = Keyless {
            room_id: "!r:h".to_owned(),
            event_id: "$1".to_owned(),
            sender: "@ann:h".to_owned(),
            session_id: None,
            reason: Some(reason.to_owned()),
            payload: payload.to_string(),
        };
        content(&keyless, name)
    }

    #[test]
    fn it_says_what_helps_where_the_message_was_sent() {
        let ann = Some("Ann");
        let plain = said("its key has not come", &Value::Null, ann);
        let body = "I cannot read a message from Ann: its key has not reached me. \
                    Please send it again.";
        assert_eq!(plain["body"], body);
        assert_eq!(plain["m.mentions"]["user_ids"][0], "@ann:h");
        let direct = said("its key has not come", &Value::Null, None);
        let body = "I cannot read your message: its key has not reached me. Please send it again.";
        assert_eq!(
            (&direct["body"], &direct["m.mentions"]),
            (&json!(body), &json!({}))
        );
        assert!(plain.get("m.relates_to").is_none());
        let threaded = json!({
            "type": "m.room.encrypted", "sender": "@ann:h", "event_id": "$1",
            "content": {"m.relates_to": {"rel_type": "m.thread", "event_id": "$root"}},
        });
        let threaded = said("its sender keeps the key (m.unverified)", &threaded, ann);
        assert_eq!(threaded["m.relates_to"]["event_id"], "$root");
        assert!(threaded["body"].as_str().unwrap().contains("verify me"));
    }
}
