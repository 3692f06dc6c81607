//! Answering one message: may it be answered, what is said, and saying it exactly once.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use sha2::{Digest, Sha256};

use super::{health::Health, media::Media, message::Message, split::split};
use crate::{
    agent::{Agent, Draft, Question, Room, Sender},
    error::{Error, Result},
    inbox::{Inbox, Part, Waiting},
    instance::crash_point,
    policy::{Policy, Rule, Situation, Verdict},
    session::{RoomFailure, Rooms},
};

/// Everything it takes to answer a message.
#[derive(Debug)]
pub(super) struct Answerer {
    pub(super) inbox: Inbox,
    pub(super) rooms: Rooms,
    pub(super) policy: Policy,
    pub(super) agent: Arc<dyn Agent>,
    pub(super) media: Media,
    pub(super) user_id: String,
    pub(super) health: Health,
    /// Encrypted rooms of which it was said that they are not read.
    pub(super) unread: Mutex<HashSet<String>>,
}

impl Answerer {
    /// Answers the message and closes it. After a failure it may be called again with the same
    /// message: what was sent is not sent again.
    pub(super) async fn answer(&self, waiting: &Waiting) -> Result<(), RoomFailure> {
        let parts = match Message::read(&waiting.payload) {
            Some(message) if self.may_answer(waiting, &message).await? => {
                self.parts(waiting, &message).await?
            }
            Some(_) => Vec::new(),
            None => {
                tracing::debug!(room = %waiting.room_id, event = %waiting.event_id,
                    "not answered: not a text message");
                Vec::new()
            }
        };
        for part in parts {
            crash_point("send");
            let transaction_id = transaction_id(waiting, part.part);
            self.rooms
                .send(&waiting.room_id, &part.content, &transaction_id)
                .await?;
            crash_point("close");
            self.inbox
                .part_sent(waiting.seq, part.part)
                .await
                .map_err(RoomFailure::Store)?;
        }
        self.inbox
            .close(waiting.seq)
            .await
            .map_err(RoomFailure::Store)
    }

    /// What remains to be sent: of the recorded reply, or of a new one, recorded before any of it
    /// is sent.
    async fn parts(&self, waiting: &Waiting, message: &Message) -> Result<Vec<Part>, RoomFailure> {
        let recorded = self.inbox.reply(waiting.seq).await;
        if let Some(parts) = recorded.map_err(RoomFailure::Store)? {
            return Ok(parts);
        }
        let question = self.question(waiting, message).await?;
        let (draft, _) = Draft::new();
        let text = match self.agent.answer(&question, &draft).await {
            Ok(answer) => answer.text,
            Err(failure) => {
                tracing::error!(room = %waiting.room_id, error = %failure.error, "the agent failed");
                failure.words
            }
        };
        if text.trim().is_empty() {
            return Ok(Vec::new());
        }
        let parts = compose_parts(message, &text).map_err(RoomFailure::Never)?;
        self.inbox
            .record_reply(waiting.seq, parts.clone())
            .await
            .map_err(RoomFailure::Store)?;
        Ok(parts)
    }

    /// The message as the agent gets it, its file fetched. After a crash it is fetched again.
    async fn question(
        &self,
        waiting: &Waiting,
        message: &Message,
    ) -> Result<Question, RoomFailure> {
        let mut attachments = Vec::new();
        if let Some(file) = message.file() {
            // What cannot be had for good is told to the agent; what is left may come later.
            let fetched = self.media.fetch(&waiting.event_id, file).await;
            attachments.push(fetched.map_err(RoomFailure::Later)?);
        }
        Ok(Question {
            text: message.text(),
            attachments,
            sender: Sender {
                user_id: message.sender().to_owned(),
                display_name: None,
            },
            room: Room {
                id: waiting.room_id.clone(),
                ..Room::default()
            },
            thread: message.thread().map(str::to_owned),
            event_id: waiting.event_id.clone(),
        })
    }

    async fn may_answer(&self, waiting: &Waiting, message: &Message) -> Result<bool, RoomFailure> {
        let sender = message.sender();
        let facts = self.rooms.facts(&waiting.room_id).await?;
        let mentions_room =
            message.mentions_room() && self.rooms.may_notify(&waiting.room_id, sender).await;
        let verdict = self.policy.judge(&Situation {
            sender,
            room_id: &waiting.room_id,
            members: facts.members,
            encrypted: facts.encrypted,
            mentions_bot: message.mentions(&self.user_id),
            mentions_room,
        });
        match verdict {
            Verdict::Answer => Ok(true),
            Verdict::Ignore(Rule::EncryptionDisabled) => {
                self.say_unread(&waiting.room_id);
                Ok(false)
            }
            Verdict::Ignore(rule) => {
                tracing::info!(room = %waiting.room_id, %sender, "not answered: {rule}");
                Ok(false)
            }
        }
    }

    fn say_unread(&self, room_id: &str) {
        let mut said = self.unread.lock().unwrap_or_else(PoisonError::into_inner);
        if said.insert(room_id.to_owned()) {
            tracing::warn!(room = %room_id, "not answered: {}", Rule::EncryptionDisabled);
        }
    }
}

fn compose_parts(message: &Message, text: &str) -> Result<Vec<Part>> {
    split(text)
        .into_iter()
        .zip(0..)
        .map(|(text, part)| {
            let content = serde_json::to_string(&message.reply(text.to_owned()))
                .map_err(|error| Error::failure("cannot write a reply as JSON").because(error))?;
            Ok(Part { part, content })
        })
        .collect()
}

/// The same for the same message, whenever it is sent: the homeserver then keeps only one.
fn transaction_id(waiting: &Waiting, part: u32) -> String {
    let hash = Sha256::digest(format!("{} {}", waiting.room_id, waiting.event_id));
    format!("nanobot-{hash:.32x}-{part}")
}
