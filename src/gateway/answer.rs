//! Answering what waits in a conversation: may it be answered, what is said, and saying it
//! exactly once.

use std::{num::NonZeroUsize, sync::Arc};

use super::{
    admission::Asked,
    ask::Said,
    commands::Command,
    health::Health,
    media::Media,
    pauses::{Endpoint, Pauses},
    places::{Held, Need, Place, Places, Undone},
    receipts::Receipts,
    refusals::Refusals,
    turns::{Turn, Turns},
    typing::{AtWork, Typing},
    words::{compose, interrupted, notice},
};
use crate::{
    agent::{Agent, Failure},
    error::Result,
    homeserver::tame,
    inbox::{Inbox, Part, Waiting, behind},
    instance::crash_point,
    policy::Policy,
    session::{RoomFailure, Rooms},
};

/// What is said for an agent that failed without a word.
const SPEECHLESS: &str = "I could not answer that. The reason is in my log.";

/// Everything it takes to answer messages.
#[derive(Debug)]
pub(super) struct Answerer {
    pub(super) inbox: Inbox,
    pub(super) rooms: Rooms,
    pub(super) policy: Policy,
    pub(super) agent: Arc<dyn Agent>,
    /// [`Kind::name`](crate::agent::Kind::name).
    pub(super) agent_kind: &'static str,
    /// How many conversations the agent is asked about at the same time.
    pub(super) most: NonZeroUsize,
    pub(super) places: Places,
    pub(super) pauses: Pauses,
    pub(super) turns: Turns,
    pub(super) typing: Typing,
    pub(super) receipts: Receipts,
    pub(super) media: Media,
    pub(super) user_id: String,
    pub(super) health: Health,
    /// Whether answers are shown while they are being written.
    pub(super) streaming: bool,
    pub(super) refusals: Refusals,
}

/// What remains to be sent.
struct Reply {
    parts: Vec<Part>,
    /// There is an agent's answer in it, and the room sees the bot at work.
    at_work: Option<AtWork>,
}

impl Answerer {
    /// Answers these messages of one conversation with one reply, and closes them. After a
    /// failure it may be called again with the same messages: what was sent is not sent again.
    ///
    /// Where the turn is cut short, they stay as they are.
    pub(super) async fn answer(
        &self,
        conversation: &str,
        together: Vec<Waiting>,
        turn: Turn,
        held: &mut Held<'_>,
    ) -> Result<(), Undone> {
        let answerable = self.answerable(together, held);
        let Some(asked) = turn.unless_cut(answerable).await.transpose()? else {
            return Ok(());
        };
        let Some(last) = asked.last() else {
            return Ok(());
        };
        let Some(reply) = self.reply(conversation, &asked, last, turn, held).await? else {
            self.end_drafts(Some(&asked)).await?;
            return Ok(());
        };
        held.release(Place::Asking);
        if !reply.parts.is_empty() {
            self.may_send(conversation, &reply, held)?;
        }
        if !self.deliver(&last.waiting, &reply).await? {
            self.end_drafts(Some(&asked)).await?;
            return Ok(());
        }
        self.take_back_drafts(&asked).await?;
        let seqs = asked.iter().map(|asked| asked.waiting.seq).collect();
        self.inbox.close(seqs).await.map_err(RoomFailure::Store)?;
        let Waiting {
            room_id, event_id, ..
        } = &last.waiting;
        self.receipts.read(room_id, last.message.thread(), event_id);
        Ok(())
    }

    /// Whether a recorded reply may be sent now. The bot's own words never wait for agents'.
    fn may_send(
        &self,
        conversation: &str,
        reply: &Reply,
        held: &mut Held<'_>,
    ) -> Result<(), Undone> {
        if self.pauses.is_paused(Endpoint::Send) {
            return Err(Undone::Needs(Need::Place(Place::Sending)));
        }
        if reply.at_work.is_some() || behind(conversation).is_none() {
            held.need(Place::Sending)?;
        }
        held.release(Place::Reading);
        Ok(())
    }

    /// What remains to be sent: of the recorded reply, or of a new one, recorded before any of it
    /// is sent. `None` where the messages are not to be answered any more.
    async fn reply(
        &self,
        conversation: &str,
        asked: &[Asked],
        last: &Asked,
        turn: Turn,
        held: &mut Held<'_>,
    ) -> Result<Option<Reply>, Undone> {
        let seq = last.waiting.seq;
        let recorded = self.inbox.reply(seq).await;
        if let Some(parts) = recorded.map_err(RoomFailure::Store)? {
            return Ok(Some(Reply {
                parts,
                at_work: None,
            }));
        }
        let reply = if let Some((about, command)) = self.command(conversation, last).await {
            let words = self.obey(&command, about, last).await?;
            Reply {
                parts: notice(&last.message, &words),
                at_work: None,
            }
        } else {
            // Others may send while the agent takes its time.
            held.release(Place::Sending);
            match self.consult(asked, last, turn, held).await? {
                Some(reply) => reply,
                None => return Ok(None),
            }
        };
        if reply.parts.is_empty() {
            return Ok(Some(reply));
        }
        // Work that may not be doubled is not thrown away for other words.
        let is_repeatable = self.agent.is_repeatable();
        let revision = is_repeatable.then_some(last.waiting.revision);
        let earlier = asked.iter().map(|asked| asked.waiting.seq);
        let earlier = earlier.filter(|earlier| *earlier != seq).collect();
        let recorded = self
            .inbox
            .record_reply(seq, revision, earlier, reply.parts.clone())
            .await
            .map_err(RoomFailure::Store)?;
        Ok(recorded.then_some(reply))
    }

    /// The reply that the agent gives; `None` where none is wanted any more.
    async fn consult(
        &self,
        asked: &[Asked],
        last: &Asked,
        turn: Turn,
        held: &mut Held<'_>,
    ) -> Result<Option<Reply>, Undone> {
        // What an earlier run showed of answers to the others alone. Afterwards it may be too late:
        // once the reply is recorded, it is taken up without them.
        if let [others @ .., _] = asked {
            self.take_back_drafts(others).await?;
        }
        let asking = self.ask(asked, &turn, held);
        let answered = turn.unless_cut(asking).await.transpose()?;
        let Some(said) = answered.flatten() else {
            return Ok(None);
        };
        let Said {
            answer,
            mut files,
            shown,
            at_work,
        } = said;
        crash_point("render");
        Ok(Some(Reply {
            parts: match answer {
                Ok(answer) => {
                    files.extend(compose(&last.message, &answer.text));
                    files
                }
                Err(failure) => self.failed(last, &failure, &shown),
            },
            at_work: Some(at_work),
        }))
    }

    /// The command that this message is, and the conversation it is about.
    async fn command<'a>(
        &self,
        conversation: &'a str,
        asked: &Asked,
    ) -> Option<(&'a str, Command)> {
        let behind = behind(conversation)?;
        let room_id = &asked.waiting.room_id;
        let name = self.rooms.display_name(room_id, &self.user_id).await;
        let command = Command::of(&asked.message, &self.user_id, name.as_deref())?;
        Some((behind, command))
    }

    /// Sends what remains of a reply; whether it did. It does not go on with one that was taken
    /// back meanwhile.
    async fn deliver(&self, waiting: &Waiting, reply: &Reply) -> Result<bool, RoomFailure> {
        let outlet = self.outlet(waiting);
        let delivery = self.delivery(&outlet, waiting);
        for (index, part) in reply.parts.iter().enumerate() {
            // The first was read or recorded a moment ago.
            if index > 0 {
                let waits = self.inbox.waits(waiting.seq).await;
                if !waits.map_err(RoomFailure::Store)? {
                    return Ok(false);
                }
            }
            crash_point("send");
            let event_id = delivery.send(part).await?;
            crash_point("close");
            self.inbox
                .part_sent(waiting.seq, part.part, event_id)
                .await
                .map_err(RoomFailure::Store)?;
        }
        Ok(true)
    }

    /// What is said of an agent's failure; the whole story goes to the log.
    /// It follows what was shown of the answer.
    fn failed(&self, asked: &Asked, failure: &Failure, shown: &str) -> Vec<Part> {
        let Waiting {
            room_id, event_id, ..
        } = &asked.waiting;
        tracing::error!(room = %room_id, event = %event_id, error = %failure.error, "the agent failed");
        self.health.failed(&failure.error);
        let words = tame(&failure.words, &[]);
        let words = if words.is_empty() { SPEECHLESS } else { &words };
        if shown.trim().is_empty() {
            notice(&asked.message, words)
        } else {
            compose(&asked.message, &interrupted(shown, words))
        }
    }
}
