//! Asking the agent: what it is told, and what becomes of its failures.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{context::Context, filter::Admitted, quotes::Quotes};
use crate::{
    agent::{Answer, Draft, Failure, Question, Quote, Room, Sender, without_block},
    gateway::{
        delivery::Delivery,
        health::metrics::Metrics,
        in_flight::{Attempt, InFlight},
        media::Media,
        panics::caught,
        permits::{Held, Stage, Undone},
        presence::{AtWork, Mark, Marker, Typing},
        render::compose,
        settings::Settings,
    },
    journal::Waiting,
    policy::is_direct,
    session::{RoomFailure, Rooms},
};

/// What is said where the agent broke down.
const BROKEN: &str = "I could not answer that because of an internal error. See the bot's log.";

/// Asks the agent.
pub struct Asker {
    pub settings: Arc<Settings>,
    pub rooms: Rooms,
    pub media: Arc<Media>,
    pub quotes: Arc<Quotes>,
    pub context: Context,
    pub typing: Typing,
    pub marker: Marker,
    pub in_flight: InFlight,
    pub metrics: Metrics,
}

/// What a question about these messages is known by: other messages or other words make another.
fn id(messages: &[Admitted]) -> String {
    let mut hash = Sha256::new();
    for Waiting {
        event_id, revision, ..
    } in messages.iter().map(|asked| &asked.waiting)
    {
        hash.update(format!("{event_id} {revision}\n"));
    }
    format!("{:.32x}", hash.finalize())
}

/// What came of asking the agent.
pub struct Said {
    pub answer: Result<Answer, Failure>,
    /// What the room was shown of it before.
    pub shown: String,
    /// The sign that the bot is at work.
    pub at_work: AtWork,
}

impl Asker {
    /// The agent's answer to these messages of one conversation, shown while it is being written
    /// if that is wanted; `None` where none is wanted any more. Where they are a command that the
    /// agent knows, it gets that.
    pub async fn ask(
        &self,
        (messages, command): (&[Admitted], Option<String>),
        attempt: &Attempt,
        delivery: &Delivery,
        held: &mut Held<'_>,
    ) -> Result<Option<Said>, Undone> {
        let Some(last) = messages.last() else {
            return Ok(None);
        };
        let question = self.question(messages, last, held).await?;
        let question = Question {
            command,
            ..question
        };
        // Only those with files have to wait here, so that few hold their messages meanwhile.
        let stopping = &self.in_flight.stopping;
        let asking = stopping.run_until_cancelled(held.wait_for(Stage::Asking));
        let may_ask = asking.await.is_some() && !stopping.is_cancelled();
        let agent = &self.settings.agent.agent;
        if !may_ask || !attempt.asks(messages.len(), agent.is_repeatable()) {
            return Ok(None);
        }
        held.release(&Stage::Fetching(question.sender.user_id.clone()));
        for asked in messages.iter().filter(|asked| asked.may_be_marked()) {
            let marks = &self.settings.marks;
            self.marker.show(&asked.waiting, marks, Mark::Working);
        }
        let (draft, written) = Draft::new();
        let room_id = &question.room.id;
        let answer = caught("the agent", agent.answer(&question, &draft));
        let answer = self.typing.while_working(room_id, draft.working(), answer);
        let ((answer, at_work), shown) = if self.settings.streaming {
            let shown = written.clone();
            let compose = |words: &str| compose(last.address(), without_block(words));
            let answer = delivery.show_until(answer, (&last.waiting, &compose), written);
            let answer = answer.await;
            (answer, shown.borrow().clone())
        } else {
            drop(written);
            (answer.await, String::new())
        };
        let answer = answer.unwrap_or_else(|error| Err(Failure::new(BROKEN, error)));
        let error = answer.as_ref().err().map(|failure| &failure.error);
        self.metrics.asked(self.settings.agent.kind, error);
        Ok(Some(Said {
            answer,
            shown,
            at_work,
        }))
    }

    /// The messages as the agent gets them, with their files and what they reply to. After a crash
    /// these are fetched again.
    ///
    /// While they are on their way the agent is free for other conversations.
    async fn question(
        &self,
        messages: &[Admitted],
        last: &Admitted,
        held: &mut Held<'_>,
    ) -> Result<Question, Undone> {
        let is_alone = messages.iter().all(|asked| !asked.message.needs_fetching());
        let first = messages.first().unwrap_or(last);
        if !is_alone || self.context.is_needed(first) {
            held.release(&Stage::Asking);
            held.need(Stage::Fetching(last.message.sender.clone()))?;
        } else {
            held.need(Stage::Asking)?;
        }
        held.release(&Stage::Reading);
        let before = self.context.before(first).await?;
        let mut attachments = Vec::from_iter(before.file);
        let mut quotes = Vec::new();
        for asked in messages {
            let (quote, file) = self.quotes.of(asked).await?;
            quotes.push(quote);
            attachments.extend(file);
            if let Some(file) = &asked.message.file {
                // What cannot be had for good is told to the agent; what is left may come later.
                let fetched = self.media.fetch(&asked.waiting.event_id, file).await;
                attachments.push(fetched.map_err(RoomFailure::Later)?);
            }
        }
        let sender = &last.message.sender;
        let only_reply_to = (messages.len() == 1).then(|| quotes.pop().flatten());
        let of_several = messages.iter().any(|asked| asked.message.sender != *sender)
            || quotes.iter().any(Option::is_some);
        let room_id = &last.waiting.room_id;
        Ok(Question {
            id: id(messages),
            text: self.words(messages, of_several, &quotes).await,
            attachments,
            sender: self.sender(last).await,
            reply_to: only_reply_to.flatten(),
            context: before.said,
            room: Room {
                id: room_id.clone(),
                name: self.rooms.name(room_id),
                direct: is_direct(last.members),
                encrypted: last.encrypted,
                follows: Some(self.rooms.journal.names().origin(room_id))
                    .filter(|origin| origin != room_id),
            },
            thread: last.message.thread.clone(),
            event_id: last.waiting.event_id.clone(),
            of_several,
            command: None,
            history: None,
        })
    }

    /// The words of all messages, each after what it replies to; where several people wrote, each
    /// said to be whose it is.
    async fn words(
        &self,
        messages: &[Admitted],
        of_several: bool,
        quotes: &[Option<Quote>],
    ) -> String {
        let mut texts = Vec::new();
        for (number, asked) in messages.iter().enumerate() {
            let text = asked.message.text();
            texts.extend(quotes.get(number).into_iter().flatten().map(Quote::told));
            texts.push(if of_several {
                self.sender(asked).await.quote(&text)
            } else {
                text
            });
        }
        texts.join("\n\n")
    }

    async fn sender(&self, asked: &Admitted) -> Sender {
        let (room_id, user_id) = (&asked.waiting.room_id, &asked.message.sender);
        Sender {
            user_id: user_id.clone(),
            display_name: self.rooms.display_name(room_id, user_id).await,
        }
    }
}
