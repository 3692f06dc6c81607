//! Workers: one conversation's messages in order, many conversations side by side.

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::FutureExt;
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{answer::Answerer, backoff::Backoff};
use crate::{
    agent::WhileBusy,
    error::{Error, Kind, Result},
    inbox::{Waiting, behind},
    session::RoomFailure,
};

/// The most messages that are answered with one reply.
const TOGETHER: u32 = 50;
/// How long agents that are given up may take to end, and then the typing notices.
const END_LIMIT: Duration = Duration::from_secs(1);

/// The running workers. The messages themselves stay in the journal until their turn comes, so
/// memory does not grow with the backlog.
#[derive(Clone)]
pub(super) struct Workers {
    answerer: Arc<Answerer>,
    /// Conversations with a worker; true where something came in since it last looked.
    active: Arc<Mutex<HashMap<String, bool>>>,
    /// How many messages are answered with one reply.
    together: u32,
    tasks: TaskTracker,
    stop: CancellationToken,
    broken: mpsc::Sender<Error>,
}

impl Workers {
    /// Workers that report here when the journal fails them.
    pub(super) fn new(
        answerer: Answerer,
        while_busy: WhileBusy,
        broken: mpsc::Sender<Error>,
    ) -> Self {
        Self {
            broken,
            answerer: Arc::new(answerer),
            active: Arc::default(),
            together: match while_busy {
                WhileBusy::Queue => 1,
                WhileBusy::Together => TOGETHER,
            },
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }
    }

    /// Sees to it that this conversation is answered.
    pub(super) fn wake(&self, conversation: String) {
        let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(more) = active.get_mut(&conversation) {
            *more = true;
            return;
        }
        active.insert(conversation.clone(), false);
        let workers = self.clone();
        self.tasks.spawn(async move {
            let work = AssertUnwindSafe(workers.work(conversation));
            if work.catch_unwind().await.is_err() {
                workers.report(Error::failure(
                    "answering a message failed in an unforeseen way",
                ));
            }
        });
    }

    /// Ends the bot with this.
    fn report(&self, error: Error) {
        // A full channel holds another worker's report, and one ends the bot.
        let _ = self.broken.try_send(error);
    }

    /// Ends the drafts that an earlier run left of messages that are closed.
    pub(super) async fn end_drafts(&self) -> Result<()> {
        match self.answerer.end_drafts(None).await {
            Err(RoomFailure::Store(error)) => Err(error),
            Err(RoomFailure::Later(error) | RoomFailure::Never(error)) => {
                tracing::warn!(%error, "an unfinished answer stays as it is");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Ends the workers, each after the message it is at, or after this time; then what agents
    /// are at is given up and left for the next start.
    pub(super) async fn stop(&self, within: Duration) {
        let turns = &self.answerer.turns;
        self.stop.cancel();
        turns.stop();
        self.tasks.close();
        if !self.ended(within).await {
            tracing::warn!("answers under way are left for the next start");
            turns.abandon();
            self.ended(END_LIMIT).await;
        }
        self.answerer.typing.end(END_LIMIT).await;
    }

    async fn ended(&self, within: Duration) -> bool {
        tokio::time::timeout(within, self.tasks.wait())
            .await
            .is_ok()
    }

    async fn work(&self, conversation: String) {
        loop {
            if let Err(error) = self.answer_all(&conversation).await {
                self.report(error);
                return;
            }
            if self.stop.is_cancelled() || self.finish(&conversation) {
                return;
            }
        }
    }

    async fn answer_all(&self, conversation: &str) -> Result<()> {
        let mut backoff = Backoff::default();
        let behind = behind(conversation);
        // Each command is obeyed by itself.
        let together = if behind.is_some() { 1 } else { self.together };
        while !self.stop.is_cancelled() {
            // Before they are read: whoever closes them then cuts the turn short.
            let turn = self.answerer.turns.begin(conversation);
            let inbox = &self.answerer.inbox;
            let waiting = inbox.next_together(conversation, together).await?;
            let Some(last) = waiting.last().cloned() else {
                return Ok(());
            };
            let seqs = waiting.iter().map(|waiting| waiting.seq).collect();
            match self.answerer.answer(conversation, waiting, turn).await {
                Ok(()) => backoff = Backoff::default(),
                Err(RoomFailure::Store(error)) => return Err(error),
                Err(RoomFailure::Never(error)) => {
                    tracing::error!(room = %last.room_id, event = %last.event_id, %error,
                        "a message stays without an answer");
                    self.answerer.health.failed(&error);
                    inbox.close(seqs).await?;
                }
                Err(RoomFailure::Later(error)) => {
                    self.wait(&last, &error, &mut backoff).await;
                    continue;
                }
            }
            // What came after something urgent has waited for it.
            if let Some(conversation) = behind {
                self.wake(conversation.to_owned());
            }
        }
        Ok(())
    }

    /// Waits before a message is tried again that failed like this.
    async fn wait(&self, waiting: &Waiting, error: &Error, backoff: &mut Backoff) {
        // The sync loop gets the same answer, and ends the bot with it.
        if error.kind() == Kind::NotLoggedIn {
            tracing::debug!(%error, "answering waits");
        } else {
            tracing::warn!(room = %waiting.room_id, %error, "answering again later");
        }
        tokio::select! {
            () = backoff.wait() => {}
            () = self.stop.cancelled() => {}
        }
    }

    /// Ends this conversation's worker unless something came in meanwhile.
    fn finish(&self, conversation: &str) -> bool {
        let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        match active.get_mut(conversation) {
            Some(more) if *more => {
                *more = false;
                false
            }
            _ => {
                active.remove(conversation);
                true
            }
        }
    }
}
