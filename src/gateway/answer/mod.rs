//! Answering what waits in a conversation: may it be answered, what does the agent say, which
//! files come with it, and sending it exactly once.

mod address;
mod ask;
mod attachments;
mod behind;
mod context;
mod failure;
mod filter;
mod gather;
mod quotes;
mod tools;

pub use tools::Tools;

use std::{panic::resume_unwind, sync::Arc, time::Instant};

use tokio::task::spawn_blocking;

use self::{
    ask::Asker,
    attachments::Attachments,
    filter::{Admitted, Filter},
    gather::Gatherer,
};
use super::{
    chat_commands::{Addressee, ChatCommands},
    delivery::Delivery,
    health::{Health, metrics, millis},
    in_flight::Attempt,
    pauses::{Endpoint, Pauses},
    permits::{Held, Stage, Undone},
    presence::{AtWork, Mark, Marker, Receipts},
    render::{self, Address, append, compose, notice},
    settings::Settings,
    shown,
};
use crate::{
    agent::{Answer, Extras},
    error::Result,
    ipc::crash_point,
    journal::{Conversation, Journal, Lane, Part, Waiting},
};

/// What is said to a message of a kind that is not known here.
const CANNOT_READ: &str =
    "I cannot read this kind of message. Please send it as text or as a file.";
/// Bytes of an answer with which others wait too long until it is rendered.
const LONG: usize = 32 * 1024;
/// What the log says of messages that were answered.
const ANSWERED: &str = "answered";

/// The stages that a message goes through, by the settings of one moment.
pub struct Answerer {
    pub settings: Arc<Settings>,
    pub delivery: Delivery,
    journal: Journal,
    /// Finds out what reactions are about.
    pub gatherer: Gatherer,
    filter: Filter,
    commands: ChatCommands,
    asker: Asker,
    attachments: Attachments,
    receipts: Receipts,
    marker: Marker,
    pauses: Pauses,
    health: Health,
}

/// What remains to be sent.
struct Reply {
    parts: Vec<Part>,
    /// What the log says of the messages once they are answered; `None` where it was said.
    verdict: Option<&'static str>,
    /// There is an agent's answer in it, and the room sees the bot at work.
    at_work: Option<AtWork>,
}

impl Answerer {
    /// Answers these messages of one conversation with one reply, and closes them. After a
    /// failure it may be called again with the same messages: what was sent is not sent again.
    ///
    /// Where the attempt is cancelled, they stay as they are. The log tells how long it took since
    /// `began`.
    pub async fn answer(
        &self,
        conversation: &Conversation,
        waiting: Vec<Waiting>,
        attempt: Attempt,
        held: &mut Held<'_>,
        began: Instant,
    ) -> Result<(), Undone> {
        let mut refused: Vec<_> = waiting.iter().map(|waiting| waiting.seq).collect();
        let admitting = Box::pin(self.filter.admit(conversation.lane, waiting, held));
        let admitted = attempt.unless_cancelled(admitting).await.transpose()?;
        let Some(messages) = admitted else {
            return Ok(());
        };
        refused.retain(|seq| messages.iter().all(|asked| asked.waiting.seq != *seq));
        self.marker.end_all(&refused);
        let Some(last) = messages.last() else {
            return Ok(());
        };
        let mut verdict = None;
        let replying = self.reply(conversation, &messages, last, attempt, held);
        let (sent, in_words) = match replying.await? {
            Some(reply) => {
                verdict = reply.verdict;
                held.release(&Stage::Asking);
                self.may_send(conversation, &reply, held)?;
                let sent = self.delivery.send(&last.waiting, &reply.parts).await?;
                (sent, !reply.parts.is_empty())
            }
            None => (false, false),
        };
        let seqs: Vec<_> = messages.iter().map(|asked| asked.waiting.seq).collect();
        if !sent {
            return self.delivery.end_drafts(Some(&seqs)).await;
        }
        for asked in &messages {
            self.delivery.take_back_draft(&asked.waiting).await?;
            // Before it is closed: a run that dies here is followed by one that comes here again.
            if conversation.lane == Lane::Message && asked.may_be_marked() {
                let failed = verdict.is_none().then_some(Mark::Failed);
                let marks = &self.settings.marks;
                self.marker.settle(&asked.waiting, marks, failed).await;
            }
        }
        if in_words {
            self.journal.close_answered(seqs).await?;
        } else {
            // Nothing else says that the agent was asked.
            self.journal.close(seqs).await?;
        }
        let result = match verdict {
            Some(ANSWERED) => metrics::ANSWERED,
            Some(_) => metrics::COMMAND,
            None => metrics::FAILED,
        };
        self.health.metrics.observe_answer(result, began.elapsed());
        if let Some(verdict) = verdict {
            self.health.count_answered(messages.len());
            self.tell(verdict, last, began);
        }
        let (room, thread) = (&last.waiting.room_id, last.message.thread.as_deref());
        let thread = Conversation::new(room, thread);
        let kind = self.settings.read_receipts;
        self.receipts.read(&thread, &last.waiting.event_id, kind);
        Ok(())
    }

    /// What remains to be sent: of the recorded reply, or of a new one, recorded before any of it
    /// is sent. `None` where the messages are not to be answered any more.
    async fn reply(
        &self,
        conversation: &Conversation,
        messages: &[Admitted],
        last: &Admitted,
        attempt: Attempt,
        held: &mut Held<'_>,
    ) -> Result<Option<Reply>, Undone> {
        let Waiting { seq, revision, .. } = last.waiting;
        if let Some(parts) = self.journal.reply(seq).await? {
            return Ok(Some(Reply {
                parts,
                verdict: Some(ANSWERED),
                at_work: None,
            }));
        }
        let addressee = self.commands.read(conversation, &last.message).await;
        let reply = if let Addressee::Bot(command) = addressee {
            let obeying = self
                .commands
                .obey(&command, conversation, seq, last.encrypted);
            let words = obeying.await?;
            Reply {
                parts: if last.muted {
                    Vec::new()
                } else {
                    notice(last.address(), &words)
                },
                verdict: Some("obeyed"),
                at_work: None,
            }
        } else if messages.iter().all(|asked| asked.message.is_unreadable) {
            Reply {
                parts: self.admit_unread(conversation, last).await?,
                verdict: Some("unreadable"),
                at_work: None,
            }
        } else {
            self.mark_seen(messages);
            // Others may send while the agent takes its time.
            held.release(&Stage::Sending);
            let command = match addressee {
                // Of several messages the words are told.
                Addressee::Agent(command) if messages.len() == 1 => Some(command),
                _ => None,
            };
            let asked = (messages, last, command);
            match self.consult(asked, attempt, held).await? {
                Some(reply) => reply,
                None => return Ok(None),
            }
        };
        if reply.parts.is_empty() {
            return Ok(Some(reply));
        }
        // Work that may not be doubled is not thrown away for other words.
        let revision = self
            .settings
            .agent
            .agent
            .is_repeatable()
            .then_some(revision);
        let earlier = messages.iter().map(|message| message.waiting.seq);
        let earlier = earlier.filter(|earlier| *earlier != seq).collect();
        let parts = reply.parts.clone();
        let recording = self.journal.record_reply(seq, revision, earlier, parts);
        Ok(recording.await?.then_some(reply))
    }

    fn mark_seen(&self, messages: &[Admitted]) {
        for asked in messages.iter().filter(|asked| asked.may_be_marked()) {
            let marks = &self.settings.marks;
            self.marker.show(&asked.waiting, marks, Mark::Seen);
        }
    }

    /// What is said to a message of a kind that the bot cannot read: once in a conversation.
    async fn admit_unread(
        &self,
        conversation: &Conversation,
        last: &Admitted,
    ) -> Result<Vec<Part>> {
        let Conversation { room, thread, .. } = conversation;
        let subject = format!(
            "unreadable {room} {}",
            thread.as_deref().unwrap_or_default()
        );
        if self.journal.was_told(subject.clone()).await? {
            return Ok(Vec::new());
        }
        self.journal.told(subject).await?;
        Ok(notice(last.address(), CANNOT_READ))
    }

    /// The reply that the agent gives; `None` where none is wanted any more.
    async fn consult(
        &self,
        (messages, last, command): (&[Admitted], &Admitted, Option<String>),
        attempt: Attempt,
        held: &mut Held<'_>,
    ) -> Result<Option<Reply>, Undone> {
        // What an earlier run showed of answers to the others alone. Afterwards it may be too late:
        // once the reply is recorded, it is taken up without them.
        if let [others @ .., _] = messages {
            for asked in others {
                self.delivery.take_back_draft(&asked.waiting).await?;
            }
        }
        let asking = async {
            let said = self
                .asker
                .ask((messages, command), &attempt, &self.delivery, held);
            let Some(mut said) = said.await? else {
                return Ok::<_, Undone>(None);
            };
            held.release(&Stage::Asking);
            let files = match &mut said.answer {
                Ok(answer) => {
                    last.answer_as(answer.extras.reply);
                    self.attachments.upload(last, answer).await?
                }
                Err(_) => Vec::new(),
            };
            Ok(Some((said, files)))
        };
        let answered = attempt.unless_cancelled(Box::pin(asking));
        let answered = answered.await.transpose()?;
        let Some((said, mut parts)) = answered.flatten() else {
            return Ok(None);
        };
        crash_point("render");
        let verdict = said.answer.is_ok().then_some(ANSWERED);
        match said.answer {
            Ok(answer) => {
                self.health.agent_outage.ended();
                parts.extend(rendered(last, answer).await);
            }
            Err(failure) => parts = self.failed(last, &failure, &said.shown),
        }
        Ok(Some(Reply {
            parts,
            verdict,
            at_work: Some(said.at_work),
        }))
    }

    /// Whether a recorded reply may be sent now. The bot's own words never wait for agents'.
    fn may_send(
        &self,
        conversation: &Conversation,
        reply: &Reply,
        held: &mut Held<'_>,
    ) -> Result<(), Undone> {
        if reply.parts.is_empty() {
            return Ok(());
        }
        if self.pauses.is_paused(Endpoint::Send) {
            return Err(Undone::Needs(Stage::Sending));
        }
        if reply.at_work.is_some() || conversation.lane == Lane::Message {
            held.need(Stage::Sending)?;
        }
        held.release(&Stage::Reading);
        Ok(())
    }

    /// Logs what became of messages, of which this is the last.
    fn tell(&self, verdict: &str, last: &Admitted, began: Instant) {
        let (room_id, sender) = (&*last.waiting.room_id, &*last.message.sender);
        let (agent, ms) = (self.settings.agent.kind, millis(began.elapsed()));
        tracing::info!(
            event = "message",
            room_id,
            sender,
            event_id = last.waiting.event_id,
            verdict,
            agent,
            ms,
            "{sender} in {}: {verdict} by {agent} in {ms} ms",
            shown(&self.asker.rooms, room_id)
        );
    }
}

/// The events of an answer beside its files.
async fn rendered(last: &Admitted, answer: Answer) -> Vec<Part> {
    let Address { message, manner } = last.address();
    if answer.text.len() < LONG {
        return say(last.address(), answer);
    }
    let message = message.clone();
    let saying = move || {
        let message = &message;
        say(Address { message, manner }, answer)
    };
    // A panic goes on where panics are counted.
    let parts = spawn_blocking(saying).await;
    parts.unwrap_or_else(|error| resume_unwind(error.into_panic()))
}

/// The same, at once. A poll that is not valid is sent as a list.
fn say(address: Address<'_>, answer: Answer) -> Vec<Part> {
    let Extras { reaction, poll, .. } = answer.extras;
    let mut text = answer.text;
    let started = poll.as_ref().map(|asked| render::poll(address, asked));
    if let (Some(None), Some(asked)) = (&started, &poll) {
        tracing::info!("the agent's poll is not valid; sent as a list");
        text = append(&text, &asked.in_words());
    }
    let mut parts = compose(address, &text);
    parts.extend(started.flatten());
    if let Some(emoji) = reaction {
        let reaction = render::reaction(address, &emoji);
        if reaction.is_none() {
            tracing::info!("what the agent reacts with is no emoji, and is not sent");
        }
        parts.extend(reaction);
    }
    parts
}
