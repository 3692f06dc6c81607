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

use super::{
    answer::Answerer,
    conversation::{Conversation, Work},
};
use crate::{
    agent::WhileBusy,
    error::{Error, Result},
    inbox::{Changes, behind},
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
    work: Arc<Work>,
    /// Conversations with a worker; true where something came in since it last looked.
    active: Arc<Mutex<HashMap<String, bool>>>,
    tasks: TaskTracker,
    broken: mpsc::Sender<Error>,
}

impl Workers {
    /// Workers that report here when the journal fails them. What an earlier run left is in the
    /// journal up to a place in it.
    pub(super) fn new(
        answerer: Answerer,
        while_busy: WhileBusy,
        left_to: i64,
        broken: mpsc::Sender<Error>,
    ) -> Self {
        Self {
            work: Arc::new(Work {
                answerer,
                together: match while_busy {
                    WhileBusy::Queue => 1,
                    WhileBusy::Together => TOGETHER,
                },
                left_to,
                stop: CancellationToken::new(),
            }),
            active: Arc::default(),
            tasks: TaskTracker::new(),
            broken,
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

    /// Sees to it that what changed in the journal is heeded.
    pub(super) fn heed(&self, changes: &Changes) {
        let Answerer { turns, agent, .. } = &self.work.answerer;
        for affected in &changes.withdrawn {
            turns.cut(affected, true);
            // What came after something urgent has waited for it.
            if let Some(conversation) = behind(&affected.conversation) {
                self.wake(conversation.to_owned());
            }
        }
        for affected in &changes.edited {
            turns.cut(affected, agent.is_repeatable());
        }
        for conversation in &changes.fresh {
            self.wake(conversation.clone());
        }
    }

    /// Ends the bot with this.
    fn report(&self, error: Error) {
        // A full channel holds another worker's report, and one ends the bot.
        let _ = self.broken.try_send(error);
    }

    /// Ends the drafts that an earlier run left of messages that are closed.
    pub(super) async fn end_drafts(&self) -> Result<()> {
        match self.work.answerer.end_drafts(None).await {
            Ok(()) => Ok(()),
            Err(RoomFailure::Store(error)) => Err(error),
            Err(failure) => {
                let error = failure.into_error();
                tracing::warn!(%error, "an unfinished answer stays as it is");
                Ok(())
            }
        }
    }

    /// Ends the workers, each after the message it is at, or after this time; then what agents
    /// are at is given up and left for the next start.
    pub(super) async fn stop(&self, within: Duration) {
        let turns = &self.work.answerer.turns;
        self.work.stop.cancel();
        turns.stop();
        self.tasks.close();
        if !self.ended(within).await {
            tracing::warn!("answers under way are left for the next start");
            turns.abandon();
            self.ended(END_LIMIT).await;
        }
        self.work.answerer.typing.end(END_LIMIT).await;
    }

    async fn ended(&self, within: Duration) -> bool {
        tokio::time::timeout(within, self.tasks.wait())
            .await
            .is_ok()
    }

    async fn work(&self, conversation: String) {
        loop {
            let wake = |conversation: String| self.wake(conversation);
            let messages = Conversation::new(&self.work, &conversation, &wake);
            if let Err(error) = messages.answer_all().await {
                self.report(error);
                return;
            }
            if self.work.stop.is_cancelled() || self.finish(&conversation) {
                return;
            }
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
