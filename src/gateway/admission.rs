//! Which messages are answered.

use super::{
    answer::Answerer,
    message::Message,
    places::{Held, Place, Undone},
};
use crate::{
    inbox::{Protection, Waiting},
    policy::{Protection as Came, Rule, Situation},
    session::{RoomFacts, RoomFailure, Trust},
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
        held: &mut Held<'_>,
    ) -> Result<Vec<Asked>, Undone> {
        let mut answerable = Vec::new();
        let mut others = Vec::new();
        let mut undone = None;
        for waiting in together {
            let seq = waiting.seq;
            match self.judge(waiting, held).await {
                Ok(Some(asked)) => answerable.push(asked),
                Ok(None) => others.push(seq),
                Err(why) => {
                    undone = Some(why);
                    break;
                }
            }
        }
        // In any case: they are said and counted once.
        if !others.is_empty() {
            self.inbox.close(others).await.map_err(RoomFailure::Store)?;
        }
        undone.map_or(Ok(answerable), Err)
    }

    /// Whether a message may be answered; `None` where it may not.
    async fn judge(&self, waiting: Waiting, held: &mut Held<'_>) -> Result<Option<Asked>, Undone> {
        let Some(message) = Message::read(&waiting.payload) else {
            tracing::debug!(room = %waiting.room_id, event = %waiting.event_id,
                "not answered: not a text message");
            return Ok(None);
        };
        let RoomFacts { members, encrypted } = self.rooms.facts(&waiting.room_id).await?;
        let asked = Asked {
            // What was encrypted once stays so, whatever the homeserver says of it now.
            encrypted: encrypted
                || waiting.protection != Protection::Clear
                || self.inbox.is_encrypted(&waiting.room_id),
            waiting,
            message,
            members,
        };
        Ok(match self.refusal(&asked, held).await? {
            None => Some(asked),
            Some(rule) => {
                self.refusals.add(rule, &asked.waiting, &asked.message);
                None
            }
        })
    }

    /// The rule by which a message is not answered. A device that is not known may only be so
    /// for the moment, and is looked for.
    async fn refusal(&self, asked: &Asked, held: &mut Held<'_>) -> Result<Option<Rule>, Undone> {
        let Asked {
            waiting, message, ..
        } = asked;
        let (room_id, sender) = (&waiting.room_id, message.sender());
        let mentions_room = message.mentions_room() && self.rooms.may_notify(room_id, sender).await;
        let mut situation = Situation {
            sender,
            room_id,
            members: asked.members,
            encrypted: asked.encrypted,
            protection: self.protection(waiting, sender).await?,
            mentions_bot: message.mentions(&self.user_id),
            mentions_room,
        };
        let rule = self.policy.judge(&situation).rule();
        let (Some(rule), Some(session)) = (rule, session_of(waiting)) else {
            return Ok(rule);
        };
        if !rule.may_pass() || !self.refusals.is_worth_a_look(session) {
            return Ok(Some(rule));
        }
        // That takes a while, in which the agent is free for others.
        held.release(Place::Asking);
        held.need_to_fetch(sender)?;
        held.release(Place::Reading);
        tracing::info!(room = %room_id, event = %waiting.event_id, %sender,
            "looking for the device that encrypted a message");
        let trust = self.rooms.look_for_device(room_id, session, sender).await?;
        situation.protection = Came::Encrypted(trust.unwrap_or(Trust::Unknown));
        let rule = self.policy.judge(&situation).rule();
        if rule.is_some_and(Rule::may_pass) {
            self.refusals.looked_in_vain(session);
        }
        Ok(rule)
    }

    /// How a message came, by what is known of its sender's device now.
    async fn protection(&self, waiting: &Waiting, sender: &str) -> Result<Came, RoomFailure> {
        let at_intake = match &waiting.protection {
            Protection::Clear => return Ok(Came::Clear),
            Protection::Exposed => return Ok(Came::Exposed),
            Protection::Encrypted { trust, .. } => Trust::from_name(trust),
        };
        let now = match session_of(waiting) {
            Some(session) => self.rooms.trust(&waiting.room_id, session, sender).await?,
            None => None,
        };
        // A session of an earlier device may be unknown to this one.
        Ok(Came::Encrypted(now.unwrap_or(at_intake)))
    }
}

fn session_of(waiting: &Waiting) -> Option<&str> {
    match &waiting.protection {
        Protection::Encrypted { session_id, .. } => session_id.as_deref(),
        Protection::Clear | Protection::Exposed => None,
    }
}
