//! Asking the agent: what it is told, and what becomes of its failures.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use super::{
    admission::Asked,
    answer::Answerer,
    places::{Held, Place, Undone},
    turns::Turn,
    typing::AtWork,
};
use crate::{
    agent::{Answer, Draft, Failure, Question, Room, Sender},
    error::Error,
    inbox::Part,
    policy::is_direct,
    session::RoomFailure,
};

/// What came of asking the agent.
pub(super) struct Said {
    pub(super) answer: Result<Answer, Failure>,
    /// The events that show the answer's files.
    pub(super) files: Vec<Part>,
    /// What the room was shown of it before.
    pub(super) shown: String,
    /// The sign that the bot is at work.
    pub(super) at_work: AtWork,
}

/// What is said where the agent broke down.
const BROKEN: &str = "I could not answer that: something in me broke. The reason is in my log.";

impl Answerer {
    /// The agent's answer to these messages of one conversation, shown while it is being written
    /// if that is wanted; `None` where none is wanted any more.
    pub(super) async fn ask(
        &self,
        messages: &[Asked],
        turn: &Turn,
        held: &mut Held<'_>,
    ) -> Result<Option<Said>, Undone> {
        let (Some(question), Some(last)) = (self.question(messages, held).await?, messages.last())
        else {
            return Ok(None);
        };
        if !self.may_ask(held).await || !turn.asks(messages.len()) {
            return Ok(None);
        }
        let at_work = self.typing.begin(&question.room.id);
        let (draft, shown) = Draft::new();
        let shown = self.streaming.then_some(shown);
        let answer = unbroken(async { self.agent.answer(&question, &draft).await });
        let answer = if let Some(shown) = &shown {
            let outlet = self.outlet(&last.waiting);
            let delivery = self.delivery(&outlet, &last.waiting);
            delivery
                .show_until(answer, &last.message, shown.clone())
                .await
        } else {
            answer.await
        };
        let mut answer = answer.unwrap_or_else(|error| Err(Failure::new(BROKEN, error)));
        held.release(Place::Asking);
        let files = match &mut answer {
            Ok(answer) => self.enclose(last, answer).await?,
            Err(_) => Vec::new(),
        };
        let shown = shown.map(|shown| shown.borrow().clone());
        Ok(Some(Said {
            answer,
            files,
            shown: shown.unwrap_or_default(),
            at_work,
        }))
    }

    /// Waits for the agent, if it is not there already; whether it is to be asked then. Only those
    /// with files have to wait here, so that few hold their messages meanwhile.
    async fn may_ask(&self, held: &mut Held<'_>) -> bool {
        tokio::select! {
            biased;
            () = self.turns.stopping() => false,
            () = held.wait_for(Place::Asking) => {
                held.fetched();
                true
            }
        }
    }

    /// The messages as the agent gets them, with their files. After a crash these are fetched
    /// again. `None` without any message.
    ///
    /// While a file is on its way the agent is free for other conversations.
    async fn question(
        &self,
        messages: &[Asked],
        held: &mut Held<'_>,
    ) -> Result<Option<Question>, Undone> {
        let Some(last) = messages.last() else {
            return Ok(None);
        };
        if messages.iter().any(|asked| asked.message.file().is_some()) {
            held.release(Place::Asking);
            held.need_to_fetch(last.message.sender())?;
        } else {
            held.need(Place::Asking)?;
        }
        held.release(Place::Reading);
        let mut attachments = Vec::new();
        for Asked {
            waiting, message, ..
        } in messages
        {
            if let Some(file) = message.file() {
                // What cannot be had for good is told to the agent; what is left may come later.
                let fetched = self.media.fetch(&waiting.event_id, file).await;
                attachments.push(fetched.map_err(RoomFailure::Later)?);
            }
        }
        let room_id = &last.waiting.room_id;
        let is_last = |asked: &Asked| asked.message.sender() == last.message.sender();
        let of_several = !messages.iter().all(is_last);
        Ok(Some(Question {
            text: self.words(messages, of_several).await,
            attachments,
            sender: self.sender(last).await,
            room: Room {
                id: room_id.clone(),
                name: self.rooms.name(room_id),
                direct: is_direct(last.members),
                encrypted: last.encrypted || self.is_secret(&last.waiting),
            },
            thread: last.message.thread().map(str::to_owned),
            event_id: last.waiting.event_id.clone(),
            of_several,
        }))
    }

    /// The words of all messages; where several people wrote, each said to be whose it is.
    async fn words(&self, messages: &[Asked], of_several: bool) -> String {
        let mut texts = Vec::new();
        for asked in messages {
            let text = asked.message.text();
            texts.push(if of_several {
                self.sender(asked).await.quote(&text)
            } else {
                text
            });
        }
        texts.join("\n\n")
    }

    async fn sender(&self, asked: &Asked) -> Sender {
        let (room_id, user_id) = (&asked.waiting.room_id, asked.message.sender());
        Sender {
            user_id: user_id.to_owned(),
            display_name: self.rooms.display_name(room_id, user_id).await,
        }
    }
}

/// What an agent does, or that it panicked, which must not end the bot: the next start would take
/// up the same message, and end in the same way.
pub(super) async fn unbroken<T>(work: impl Future<Output = T>) -> Result<T, Error> {
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .map_err(|panic| Error::failure(format!("the agent broke down: {}", words(&*panic))))
}

/// What a panic says of itself.
fn words(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("it does not say why")
}
