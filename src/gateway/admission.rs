//! Which messages are answered.

use std::sync::PoisonError;

use super::{answer::Answerer, message::Message};
use crate::{
    inbox::Waiting,
    policy::{Rule, Situation, Verdict},
    session::{RoomFacts, RoomFailure},
};

/// A message that may be answered, and its room as it is now.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) waiting: Waiting,
    pub(super) message: Message,
    pub(super) members: u64,
    pub(super) encrypted: bool,
}

impl Answerer {
    /// Those of the messages that may be answered; the others are closed.
    pub(super) async fn answerable(
        &self,
        together: Vec<Waiting>,
    ) -> Result<Vec<Asked>, RoomFailure> {
        let mut answerable = Vec::new();
        let mut others = Vec::new();
        for waiting in together {
            let seq = waiting.seq;
            match self.judge(waiting).await? {
                Some(asked) => answerable.push(asked),
                None => others.push(seq),
            }
        }
        if !others.is_empty() {
            self.inbox.close(others).await.map_err(RoomFailure::Store)?;
        }
        Ok(answerable)
    }

    /// Whether a message may be answered; `None` where it may not.
    async fn judge(&self, waiting: Waiting) -> Result<Option<Asked>, RoomFailure> {
        let Some(message) = Message::read(&waiting.payload) else {
            tracing::debug!(room = %waiting.room_id, event = %waiting.event_id,
                "not answered: not a text message");
            return Ok(None);
        };
        let facts = self.rooms.facts(&waiting.room_id).await?;
        let may_answer = self.may_answer(&waiting, &message, facts).await;
        Ok(may_answer.then_some(Asked {
            waiting,
            message,
            members: facts.members,
            encrypted: facts.encrypted,
        }))
    }

    async fn may_answer(&self, waiting: &Waiting, message: &Message, facts: RoomFacts) -> bool {
        let sender = message.sender();
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
            Verdict::Answer => true,
            Verdict::Ignore(Rule::EncryptionDisabled) => {
                self.say_unread(&waiting.room_id);
                false
            }
            Verdict::Ignore(rule) => {
                tracing::info!(room = %waiting.room_id, %sender, "not answered: {rule}");
                false
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
