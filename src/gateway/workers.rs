//! Workers: one conversation's messages in order, many conversations side by side.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::FutureExt;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{answer::Answerer, backoff::Backoff};
use crate::{
    error::{Error, Kind, Result},
    inbox::Waiting,
    session::RoomFailure,
};

/// The running workers. The messages themselves stay in the journal until their turn comes, so
/// memory does not grow with the backlog.
#[derive(Clone)]
pub(super) struct Workers {
    answerer: Arc<Answerer>,
    /// Conversations with a worker; true where something came in since it last looked.
    active: Arc<Mutex<HashMap<String, bool>>>,
    places: Arc<Semaphore>,
    tasks: TaskTracker,
    stop: CancellationToken,
    broken: mpsc::Sender<Error>,
}

impl Workers {
    /// Workers that report here when the journal fails them.
    pub(super) fn new(
        answerer: Answerer,
        conversations: NonZeroUsize,
        broken: mpsc::Sender<Error>,
    ) -> Self {
        Self {
            broken,
            answerer: Arc::new(answerer),
            active: Arc::default(),
            places: Arc::new(Semaphore::new(conversations.get())),
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

    /// Ends the workers, each after the message it is at, or after this time.
    pub(super) async fn stop(&self, within: Duration) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(within, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("answers under way are left for the next start");
        }
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
        while !self.stop.is_cancelled() {
            let Some(waiting) = self.answerer.inbox.next(conversation).await? else {
                return Ok(());
            };
            self.answer(&waiting).await?;
        }
        Ok(())
    }

    /// Answers one message, again and again while the homeserver is away.
    async fn answer(&self, waiting: &Waiting) -> Result<()> {
        let mut backoff = Backoff::default();
        while !self.stop.is_cancelled() {
            let attempt = {
                // A closed semaphore cannot be: nothing closes it.
                let _place = self.places.acquire().await;
                self.answerer.answer(waiting).await
            };
            match attempt {
                Ok(()) => return Ok(()),
                Err(RoomFailure::Store(error)) => return Err(error),
                Err(RoomFailure::Never(error)) => {
                    tracing::error!(room = %waiting.room_id, event = %waiting.event_id, %error,
                        "a message stays without an answer");
                    self.answerer.health.failed(&error);
                    return self.answerer.inbox.close(waiting.seq).await;
                }
                // The sync loop gets the same answer, and ends the bot with it.
                Err(RoomFailure::Later(error)) if error.kind() == Kind::NotLoggedIn => {
                    tracing::debug!(%error, "answering waits");
                }
                Err(RoomFailure::Later(error)) => {
                    tracing::warn!(room = %waiting.room_id, %error, "answering again later");
                }
            }
            tokio::select! {
                () = backoff.wait() => {}
                () = self.stop.cancelled() => {}
            }
        }
        Ok(())
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
