//! Which messages are answered.

use super::{answer::Answerer, message::Message};
use crate::{
    inbox::Waiting,
    policy::{Protection, Situation, Verdict},
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
        let may_answer = self.may_answer(&waiting, &message, facts).await?;
        Ok(may_answer.then_some(Asked {
            waiting,
            message,
            members: facts.members,
            encrypted: facts.encrypted,
        }))
    }

    async fn may_answer(
        &self,
        waiting: &Waiting,
        message: &Message,
        facts: RoomFacts,
    ) -> Result<bool, RoomFailure> {
        let sender = message.sender();
        let mentions_room =
            message.mentions_room() && self.rooms.may_notify(&waiting.room_id, sender).await;
        let mut situation = Situation {
            sender,
            room_id: &waiting.room_id,
            members: facts.members,
            encrypted: facts.encrypted,
            protection: Protection::Clear,
            mentions_bot: message.mentions(&self.user_id),
            mentions_room,
        };
        let mut verdict = self.policy.judge(&situation);
        let Verdict::Ignore(rule) = verdict else {
            return Ok(true);
        };
        self.refusals.add(rule, waiting, message);
        Ok(false)
    }
}
