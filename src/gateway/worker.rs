//! The worker of one conversation: its messages in their order, each until it is answered or given
//! up.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use backon::{BackoffBuilder, ExponentialBackoff};
use tokio::sync::Notify;

use super::{
    NOTICE,
    answer::{Answerer, Tools},
    in_flight::Attempt,
    panics::caught,
    pauses::{Endpoint, LONGEST},
    permits::{Held, Permits, Stage, Undone},
    presence::Mark,
    retry,
    settings::Current,
    shown,
};
use crate::{
    agent::WhileBusy,
    error::{Error, Kind, Result},
    homeserver::Restraint,
    journal::{Conversation, Lane, Waiting},
    session::RoomFailure,
    text::{counted, duration},
    threads::lock,
};

/// How often in all a message may fail, over all runs: each run that ended over it counts.
const MOST_FAILURES: u32 = 30;

/// The most messages that are answered with one reply.
const TOGETHER: u32 = 50;

/// How long reactions are waited for that come together: whoever makes many, or takes one back, is
/// answered once.
const REACTIONS: Duration = Duration::from_secs(2);

/// What the workers of all conversations share.
pub struct Shared {
    pub tools: Tools,
    pub permits: Permits,
    settings: Current,
    /// What was made of the settings last.
    answerer: Mutex<Arc<Answerer>>,
    /// What an earlier run left is in the journal up to here.
    left_to: i64,
}

impl Shared {
    /// For messages of which an earlier run left those up to this place in the journal.
    pub fn new(tools: Tools, settings: Current, left_to: i64) -> Self {
        let now = settings.get();
        Self {
            permits: Permits::new(now.agent.conversations.get()),
            answerer: Mutex::new(Arc::new(tools.answerer(now))),
            tools,
            settings,
            left_to,
        }
    }

    /// What answers messages by the settings of this moment.
    pub fn answerer(&self) -> Arc<Answerer> {
        let mut answerer = lock(&self.answerer);
        let settings = self.settings.get();
        if !Arc::ptr_eq(&answerer.settings, &settings) {
            *answerer = Arc::new(self.tools.answerer(settings));
        }
        answerer.clone()
    }

    /// Lets as many questions be asked at the same time as the settings say now.
    pub fn resize(&self) {
        let conversations = self.settings.get().agent.conversations;
        self.permits.resize(conversations.get());
    }
}

/// What a worker knows of the messages it is at, beside what is in the journal.
pub struct Worker<'a> {
    shared: &'a Shared,
    conversation: &'a Conversation,
    /// Sees to it that another conversation is answered.
    wake: &'a (dyn Fn(Conversation) + Sync),
    /// Notified when something comes in.
    came: Arc<Notify>,
    /// What is waited for before messages are read again; `None` where it is not known.
    needs: Option<Stage>,
    away: ExponentialBackoff,
    refused: ExponentialBackoff,
    panicked: ExponentialBackoff,
    /// The messages that are answered together; the reply is recorded under the last.
    seqs: Vec<i64>,
    /// The last of them.
    event_id: String,
    /// When it was first read.
    began: Instant,
    /// How often answering it has failed since.
    failures: u32,
}

impl<'a> Worker<'a> {
    pub fn new(
        shared: &'a Shared,
        conversation: &'a Conversation,
        wake: &'a (dyn Fn(Conversation) + Sync),
        came: Arc<Notify>,
    ) -> Self {
        Self {
            shared,
            conversation,
            wake,
            came,
            needs: None,
            away: retry::WHILE_AWAY.build(),
            refused: retry::WHEN_REFUSED.build(),
            panicked: retry::AFTER_PANIC.build(),
            seqs: Vec::new(),
            event_id: String::new(),
            began: Instant::now(),
            failures: 0,
        }
    }

    /// Answers the conversation's messages until none waits.
    pub async fn answer_all(mut self) -> Result<()> {
        let shared = self.shared;
        let Tools {
            journal, in_flight, ..
        } = &shared.tools;
        while !in_flight.stopping.is_cancelled() {
            // Before they are read: whoever closes them then cancels the attempt.
            let attempt = in_flight.begin(self.conversation);
            let mut held = Held::new(&shared.permits);
            if !self.wait_for_permit(&attempt, &mut held).await {
                continue;
            }
            // What is begun now ends by the settings of now.
            let answerer = shared.answerer();
            let together = match (self.conversation.lane, answerer.settings.agent.while_busy) {
                // Each command is obeyed by itself.
                (Lane::Reaction, _) | (Lane::Message, WhileBusy::Together) => TOGETHER,
                (Lane::Command, _) | (Lane::Message, WhileBusy::Queue) => 1,
            };
            let waiting = journal.next_together(self.conversation, together).await?;
            let Some(last) = waiting.last() else {
                return Ok(());
            };
            let is_new = self.seqs.last() != Some(&last.seq);
            self.event_id.clone_from(&last.event_id);
            self.seqs = waiting.iter().map(|waiting| waiting.seq).collect();
            attempt.is_about(self.seqs.clone());
            if is_new {
                (self.began, self.failures) = (Instant::now(), 0);
                if self.was_too_much().await? {
                    continue;
                }
            }
            // In a box, so that those who wait do not take as much memory as those who answer.
            let answering = self.answer(&answerer, waiting, attempt, &mut held);
            let outcome = caught("the bot", Box::pin(answering)).await;
            drop(held);
            self.conclude(outcome).await?;
        }
        Ok(())
    }

    /// Answers these messages, and marks those behind them meanwhile.
    async fn answer(
        &self,
        answerer: &Answerer,
        waiting: Vec<Waiting>,
        attempt: Attempt,
        held: &mut Held<'_>,
    ) -> Result<(), Undone> {
        if self.conversation.lane == Lane::Reaction {
            let room_id = &self.conversation.room;
            let gathering = answerer.gatherer.gather(room_id, waiting, &attempt, held);
            gathering.await?.into_iter().for_each(self.wake);
            return Ok(());
        }
        let last = self.seqs.last().copied().unwrap_or_default();
        tokio::select! {
            biased;
            done = answerer.answer(self.conversation, waiting, attempt, held, self.began) => done,
            never = answerer.mark_behind(self.conversation, last, &self.came) => match never {},
        }
    }

    /// Waits for the permit that is needed; whether it is there, and messages can be read.
    async fn wait_for_permit(&self, attempt: &Attempt, held: &mut Held<'_>) -> bool {
        let waiting = async {
            match &self.needs {
                Some(Stage::Sending) => self.wait_until_sendable(held).await,
                Some(stage) => held.wait_for(stage.clone()).await,
                // Commands go before everything, and hold little.
                None if self.conversation.lane == Lane::Command => {}
                None if self.conversation.lane == Lane::Reaction => {
                    tokio::time::sleep(REACTIONS).await;
                    held.wait_for(Stage::Reading).await;
                }
                // Where the agent is free, that is all it takes.
                None if held.take(Stage::Asking) => {}
                None => held.wait_for(Stage::Reading).await,
            }
        };
        let stopping = &self.shared.tools.in_flight.stopping;
        let waiting = stopping.run_until_cancelled(attempt.unless_cancelled(waiting));
        waiting.await.flatten().is_some()
    }

    async fn wait_until_sendable(&self, held: &mut Held<'_>) {
        let pauses = &self.shared.tools.pauses;
        loop {
            pauses.over(Endpoint::Send).await;
            if self.conversation.lane == Lane::Command {
                return;
            }
            held.wait_for(Stage::Sending).await;
            // One of many tries whether a pause is over, and the others go on waiting.
            if !pauses.is_paused(Endpoint::Send) {
                return;
            }
            held.release(&Stage::Sending);
        }
    }

    /// Begins with another message. Where an earlier run ended before this was answered, that is
    /// counted; whether it is too often.
    async fn was_too_much(&mut self) -> Result<bool> {
        self.refused = retry::WHEN_REFUSED.build();
        self.panicked = retry::AFTER_PANIC.build();
        let is_left = self.seqs.last() <= Some(&self.shared.left_to);
        if !is_left || self.failed(None).await? < MOST_FAILURES {
            return Ok(false);
        }
        let why = Error::failure("the bot stopped again and again before it was answered");
        self.give_up(&why).await?;
        Ok(true)
    }

    /// How often answering this has failed, once more and because of this.
    async fn failed(&self, reason: Option<String>) -> Result<u32> {
        let journal = &self.shared.tools.journal;
        let seq = self.seqs.last().copied().unwrap_or_default();
        Ok(journal.attempt_failed(seq, reason).await?.count)
    }

    /// Does what an outcome calls for; the outer error is that the bot broke down.
    async fn conclude(&mut self, outcome: Result<Result<(), Undone>>) -> Result<()> {
        self.needs = None;
        match outcome {
            Ok(Ok(())) => {
                if self.failures > 0 && !self.shared.tools.health.is_away() {
                    tracing::info!(target: NOTICE, event = "retried", attempts = self.failures,
                        room_id = &*self.conversation.room, event_id = self.event_id,
                        "answered a message in {} after {}", self.room(),
                        counted(self.failures, "failed attempt"));
                }
                self.done();
            }
            Ok(Err(Undone::Needs(stage))) => self.needs = Some(stage),
            Ok(Err(Undone::Failed(RoomFailure::Store(error)))) => return Err(error),
            Ok(Err(Undone::Failed(RoomFailure::Never(error)))) => self.give_up(&error).await?,
            Ok(Err(Undone::Failed(RoomFailure::Later(error)))) => self.later(&error).await,
            Ok(Err(Undone::Failed(RoomFailure::Doubtful(error)))) => {
                // A homeserver that is in trouble as a whole comes back.
                if self.shared.tools.rooms.is_served().await {
                    let pause = self.refused.next();
                    self.again_or_give_up(pause, &error).await?;
                } else {
                    self.later(&error).await;
                }
            }
            // How it panicked is in the log already.
            Err(_) => {
                let error = Error::failure("an internal error; see the bot's log");
                let pause = self.panicked.next();
                self.again_or_give_up(pause, &error).await?;
            }
        }
        Ok(())
    }

    /// Goes on with what comes behind.
    fn done(&mut self) {
        self.away = retry::WHILE_AWAY.build();
        self.failures = 0;
        // What came after a command has waited for it.
        if self.conversation.lane == Lane::Command {
            (self.wake)(self.conversation.lane(Lane::Message));
        }
    }

    /// Counts a failure, and waits before it is tried again, unless it failed too often.
    async fn again_or_give_up(&mut self, pause: Option<Duration>, error: &Error) -> Result<()> {
        let reason = self.shared.tools.health.words(error);
        let failures = self.failed(Some(reason)).await?;
        let Some(pause) = pause.filter(|_| failures < MOST_FAILURES) else {
            return self.give_up(error).await;
        };
        self.tell(error, pause);
        self.pause(pause).await;
        Ok(())
    }

    /// Leaves it to a person, so that the conversation goes on.
    async fn give_up(&mut self, error: &Error) -> Result<()> {
        let tools = &self.shared.tools;
        tools.health.failed(error);
        let (seqs, reason) = (self.seqs.clone(), tools.health.words(error));
        let (room_id, room) = (&*self.conversation.room, self.room());
        tracing::error!(
            event = "message",
            room_id,
            event_id = self.event_id,
            verdict = "given-up",
            error = reason,
            attempts = self.failures + 1,
            "giving up on a message in {room} after {}: {reason}",
            counted(self.failures + 1, "attempt")
        );
        for seq in &seqs {
            tools.marker.end(*seq, Some(Mark::Failed));
        }
        tools.journal.park(seqs, reason).await?;
        self.done();
        Ok(())
    }

    /// Waits before it is tried again.
    async fn later(&mut self, error: &Error) {
        // What was refused for now because of sending waits for that, and needs no words.
        if self.shared.tools.pauses.is_paused(Endpoint::Send) {
            self.needs = Some(Stage::Sending);
            return;
        }
        // The sync loop gets the same answer, and ends the bot with it.
        let asked = match error.cause() {
            Some(Restraint::RateLimit { after }) => after.unwrap_or_default(),
            _ => Duration::ZERO,
        };
        let pause = retry::spread(self.away.next().unwrap_or(LONGEST));
        let pause = pause.max(asked.min(LONGEST));
        self.tell(error, pause);
        self.pause(pause).await;
    }

    /// Logs that answering failed and is tried again: the first time as a warning, unless there was
    /// one about the homeserver.
    fn tell(&mut self, error: &Error, pause: Duration) {
        self.failures += 1;
        let health = &self.shared.tools.health;
        let is_known = error.kind() == Kind::NotLoggedIn || health.is_away() || self.failures > 1;
        let (room_id, room, pause) = (&*self.conversation.room, self.room(), duration(pause));
        let (event_id, error) = (&*self.event_id, health.words(error));
        if is_known {
            tracing::debug!(
                room_id,
                event_id,
                "cannot answer: {error}; retrying in {pause}"
            );
        } else {
            tracing::warn!(
                event = "retry",
                room_id,
                event_id,
                error,
                "cannot answer a message in {room}: {error}; retrying in {pause}"
            );
        }
    }

    /// The room as the log calls it.
    fn room(&self) -> String {
        shown(&self.shared.tools.rooms, &self.conversation.room)
    }

    /// Waits this long, unless the messages are dropped meanwhile.
    async fn pause(&self, pause: Duration) {
        let in_flight = &self.shared.tools.in_flight;
        let attempt = in_flight.begin(self.conversation);
        attempt.is_about(self.seqs.clone());
        let waiting = attempt.unless_cancelled(tokio::time::sleep(pause));
        in_flight.stopping.run_until_cancelled(waiting).await;
    }
}
