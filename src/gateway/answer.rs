//! Answering one message: may it be answered, what is said, and saying it exactly once.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    health::Health,
    media::Media,
    message::Message,
    words::{Delivery, compose, interrupted},
};
use crate::{
    agent::{Agent, Draft, Question, Room, Sender},
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
    /// Whether answers are shown while they are being written.
    pub(super) streaming: bool,
    /// Encrypted rooms of which it was said that they are not read.
    pub(super) unread: Mutex<HashSet<String>>,
}

impl Answerer {
    /// Answers the message and closes it. After a failure it may be called again with the same
    /// message: what was sent is not sent again.
    pub(super) async fn answer(&self, waiting: &Waiting) -> Result<(), RoomFailure> {
        let delivery = Delivery {
            outlet: &(&self.rooms, &*waiting.room_id),
            inbox: &self.inbox,
            waiting,
        };
        let parts = match Message::read(&waiting.payload) {
            Some(message) if self.may_answer(waiting, &message).await? => {
                self.parts(waiting, &message, delivery).await?
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
            delivery.send(&part).await?;
            crash_point("close");
            self.inbox
                .part_sent(waiting.seq, part.part)
                .await
                .map_err(RoomFailure::Store)?;
        }
        delivery.take_back_drafts().await?;
        self.inbox
            .close(waiting.seq)
            .await
            .map_err(RoomFailure::Store)
    }

    /// What remains to be sent: of the recorded reply, or of a new one, recorded before any of it
    /// is sent.
    async fn parts(
        &self,
        waiting: &Waiting,
        message: &Message,
        delivery: Delivery<'_>,
    ) -> Result<Vec<Part>, RoomFailure> {
        let recorded = self.inbox.reply(waiting.seq).await;
        if let Some(parts) = recorded.map_err(RoomFailure::Store)? {
            return Ok(parts);
        }
        let question = self.question(waiting, message).await?;
        let text = self.words(&question, message, delivery).await;
        let parts = compose(message, &text);
        if parts.is_empty() {
            return Ok(parts);
        }
        self.inbox
            .record_reply(waiting.seq, parts.clone())
            .await
            .map_err(RoomFailure::Store)?;
        Ok(parts)
    }

    /// What the agent says, shown while it is being written if that is wanted; or why it says
    /// nothing.
    async fn words(
        &self,
        question: &Question,
        message: &Message,
        delivery: Delivery<'_>,
    ) -> String {
        let (draft, shown) = Draft::new();
        let answer = self.agent.answer(question, &draft);
        let answer = if self.streaming {
            delivery.show_until(answer, message, shown.clone()).await
        } else {
            answer.await
        };
        match answer {
            Ok(answer) => answer.text,
            Err(failure) => {
                tracing::error!(room = %question.room.id, error = %failure.error, "the agent failed");
                if self.streaming {
                    interrupted(&shown.borrow(), &failure.words)
                } else {
                    failure.words
                }
            }
        }
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
