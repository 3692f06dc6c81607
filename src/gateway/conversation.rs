//! The worker of one conversation: its messages in their order, each until it is answered or given
//! up.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;

use super::{
    answer::Answerer,
    backoff::Backoff,
    pauses::{Endpoint, LONGEST},
    places::{Held, Need, Place, Undone},
    setbacks::{Next, Setbacks},
    turns::Turn,
};
use crate::{
    error::{Error, Kind, Result},
    homeserver::Restraint,
    inbox::{Waiting, behind},
    session::RoomFailure,
};

/// What the workers of all conversations share.
pub(super) struct Work {
    pub(super) answerer: Answerer,
    /// How many messages are answered with one reply.
    pub(super) together: u32,
    /// What an earlier run left is in the journal up to here.
    pub(super) left_to: i64,
    /// No message is begun any more.
    pub(super) stop: CancellationToken,
}

/// What a worker knows of the messages it is at, beside what is in the journal.
pub(super) struct Conversation<'a> {
    work: &'a Work,
    name: &'a str,
    /// Sees to it that another conversation is answered.
    wake: &'a (dyn Fn(String) + Sync),
    /// The conversation that this is the urgent part of.
    behind: Option<&'a str>,
    /// What is waited for before messages are read again; `None` where it is not known.
    needs: Option<Need>,
    backoff: Backoff,
    setbacks: Setbacks,
    /// What an earlier run left is counted up to here.
    counted_to: i64,
}

/// The messages that are answered together, without their words.
struct Subject {
    /// That of the last, under which the reply is recorded.
    seq: i64,
    seqs: Vec<i64>,
    room_id: String,
    event_id: String,
}

impl Subject {
    fn of(waiting: &[Waiting]) -> Option<Self> {
        let last = waiting.last()?;
        Some(Self {
            seq: last.seq,
            seqs: waiting.iter().map(|waiting| waiting.seq).collect(),
            room_id: last.room_id.clone(),
            event_id: last.event_id.clone(),
        })
    }
}

impl<'a> Conversation<'a> {
    pub(super) fn new(work: &'a Work, name: &'a str, wake: &'a (dyn Fn(String) + Sync)) -> Self {
        let behind = behind(name);
        Self {
            work,
            name,
            wake,
            behind,
            needs: None,
            backoff: Backoff::default(),
            setbacks: Setbacks::default(),
            counted_to: 0,
        }
    }

    /// Answers its messages until none waits.
    pub(super) async fn answer_all(mut self) -> Result<()> {
        let work = self.work;
        // Each command is obeyed by itself.
        let together = self.behind.map_or(work.together, |_| 1);
        while !work.stop.is_cancelled() {
            // Before they are read: whoever closes them then cuts the turn short.
            let turn = work.answerer.turns.begin(self.name);
            let mut held = work.answerer.places.held();
            if !self.wait_for_place(&turn, &mut held).await {
                continue;
            }
            let inbox = &work.answerer.inbox;
            let waiting = inbox.next_together(self.name, together).await?;
            let Some(subject) = Subject::of(&waiting) else {
                return Ok(());
            };
            turn.is_about(subject.seqs.clone());
            if self.was_too_much(&subject).await? {
                continue;
            }
            let answering = work.answerer.answer(self.name, waiting, turn, &mut held);
            // In a box, so that those who wait do not take as much memory as those who answer.
            let answering = AssertUnwindSafe(Box::pin(answering));
            let outcome = answering.catch_unwind().await;
            drop(held);
            self.conclude(&subject, outcome.ok()).await?;
        }
        Ok(())
    }

    /// Waits for the place that is needed; whether it is there, and messages can be read.
    async fn wait_for_place(&self, turn: &Turn, held: &mut Held<'_>) -> bool {
        let waiting = async {
            match &self.needs {
                Some(Need::Place(Place::Sending)) => self.wait_until_sendable(held).await,
                Some(Need::Place(place)) => held.wait_for(*place).await,
                Some(Need::Fetching(sender)) => held.wait_to_fetch(sender).await,
                // Commands go before everything, and hold little.
                None if self.behind.is_some() => {}
                // Where the agent is free, that is all it takes.
                None if held.take(Place::Asking) => {}
                None => held.wait_for(Place::Reading).await,
            }
        };
        tokio::select! {
            () = self.work.stop.cancelled() => false,
            there = turn.unless_cut(waiting) => there.is_some(),
        }
    }

    async fn wait_until_sendable(&self, held: &mut Held<'_>) {
        let pauses = &self.work.answerer.pauses;
        loop {
            pauses.over(Endpoint::Send).await;
            if self.behind.is_some() {
                return;
            }
            held.wait_for(Place::Sending).await;
            // One of many tries whether a pause is over, and the others go on waiting.
            if !pauses.is_paused(Endpoint::Send) {
                return;
            }
            held.release(Place::Sending);
        }
    }

    /// Counts that an earlier run ended before this was answered; whether that is too often.
    async fn was_too_much(&mut self, subject: &Subject) -> Result<bool> {
        if subject.seq > self.work.left_to || subject.seq <= self.counted_to {
            return Ok(false);
        }
        self.counted_to = subject.seq;
        let attempts = self.work.answerer.inbox.attempt_failed(subject.seq).await?;
        if !Setbacks::is_too_much(attempts.count) {
            return Ok(false);
        }
        let why = Error::failure("the bot ended again and again before it was answered");
        self.give_up(subject, &why).await?;
        Ok(true)
    }

    /// Does what an outcome calls for; it is `None` where the bot broke down.
    async fn conclude(
        &mut self,
        subject: &Subject,
        outcome: Option<Result<(), Undone>>,
    ) -> Result<()> {
        self.needs = None;
        match outcome {
            Some(Ok(())) => self.done(),
            Some(Err(Undone::Needs(need))) => self.needs = Some(need),
            Some(Err(Undone::Failed(RoomFailure::Store(error)))) => return Err(error),
            Some(Err(Undone::Failed(RoomFailure::Never(error)))) => {
                self.give_up(subject, &error).await?;
            }
            Some(Err(Undone::Failed(RoomFailure::Later(error)))) => {
                self.later(subject, &error).await;
            }
            Some(Err(Undone::Failed(RoomFailure::Doubtful(error)))) => {
                // A homeserver that is in trouble as a whole comes back.
                if !self.work.answerer.rooms.is_served().await {
                    self.later(subject, &error).await;
                    return Ok(());
                }
                let in_all = self.count(subject).await?;
                let next = self.setbacks.refused(subject.seq, in_all);
                self.again_or_give_up(subject, next, &error).await?;
            }
            None => {
                let error = Error::failure("the bot broke down over it; its log says how");
                let in_all = self.count(subject).await?;
                let next = self.setbacks.broke_down(subject.seq, in_all);
                self.again_or_give_up(subject, next, &error).await?;
            }
        }
        Ok(())
    }

    async fn count(&self, subject: &Subject) -> Result<u32> {
        let inbox = &self.work.answerer.inbox;
        Ok(inbox.attempt_failed(subject.seq).await?.count)
    }

    /// Goes on with what comes behind.
    fn done(&mut self) {
        self.backoff = Backoff::default();
        // What came after something urgent has waited for it.
        if let Some(conversation) = self.behind {
            (self.wake)(conversation.to_owned());
        }
    }

    async fn again_or_give_up(
        &mut self,
        subject: &Subject,
        next: Next,
        error: &Error,
    ) -> Result<()> {
        match next {
            Next::GiveUp => self.give_up(subject, error).await?,
            Next::Again(pause) => {
                tracing::warn!(room = %subject.room_id, event = %subject.event_id, %error,
                    "answering again in {} s", pause.as_secs());
                self.pause(subject, pause).await;
            }
        }
        Ok(())
    }

    /// Leaves it to a person, so that the conversation goes on.
    async fn give_up(&mut self, subject: &Subject, error: &Error) -> Result<()> {
        tracing::error!(room = %subject.room_id, event = %subject.event_id, %error,
            "a message stays without an answer");
        let answerer = &self.work.answerer;
        answerer.health.failed(error);
        let reason = answerer.health.words(error);
        answerer.inbox.park(subject.seqs.clone(), reason).await?;
        self.done();
        Ok(())
    }

    /// Waits before it is tried again.
    async fn later(&mut self, subject: &Subject, error: &Error) {
        // What was refused for now because of sending waits for that, and needs no words.
        if self.work.answerer.pauses.is_paused(Endpoint::Send) {
            self.needs = Some(Need::Place(Place::Sending));
            return;
        }
        // The sync loop gets the same answer, and ends the bot with it.
        if error.kind() == Kind::NotLoggedIn {
            tracing::debug!(%error, "answering waits");
        } else {
            tracing::warn!(room = %subject.room_id, %error, "answering again later");
        }
        let asked = match error.cause() {
            Some(Restraint::RateLimit { after }) => *after,
            _ => None,
        };
        let asked = asked.unwrap_or_default().min(LONGEST);
        let pause = self.backoff.next().max(asked);
        self.pause(subject, pause).await;
    }

    /// Waits this long, unless the messages are dropped meanwhile.
    async fn pause(&self, subject: &Subject, pause: Duration) {
        let turn = self.work.answerer.turns.begin(self.name);
        turn.is_about(subject.seqs.clone());
        tokio::select! {
            _ = turn.unless_cut(tokio::time::sleep(pause)) => {}
            () = self.work.stop.cancelled() => {}
        }
    }
}
