//! Workers: one conversation's messages in order, many conversations side by side.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use tokio::{
    sync::{Notify, mpsc},
    time::timeout,
};
use tokio_util::task::TaskTracker;

use super::{
    panics::caught,
    permits::Undone,
    worker::{Shared, Worker},
};
use crate::{
    error::{Error, Result},
    journal::{Changes, Conversation, Lane},
    session::RoomFailure,
    threads::lock,
};

/// How long agents that are given up may take to end, and then the typing notices.
const END_LIMIT: Duration = Duration::from_secs(1);

/// The running workers. The messages themselves stay in the journal until their turn comes, so
/// memory does not grow with the backlog.
#[derive(Clone)]
pub struct Workers {
    shared: Arc<Shared>,
    /// Conversations with a worker.
    active: Arc<Mutex<HashMap<Conversation, Active>>>,
    tasks: TaskTracker,
    broken: mpsc::Sender<Error>,
}

/// What a worker is told while it works.
#[derive(Default)]
struct Active {
    /// Whether something came in since it last looked.
    more: bool,
    /// Notified when something does.
    came: Arc<Notify>,
}

/// The workers as somebody knows them who does not keep them.
#[derive(Clone)]
pub struct WeakWorkers {
    shared: Weak<Shared>,
    active: Arc<Mutex<HashMap<Conversation, Active>>>,
    tasks: TaskTracker,
    broken: mpsc::Sender<Error>,
}

impl WeakWorkers {
    /// The workers, unless they have ended.
    pub fn upgrade(&self) -> Option<Workers> {
        Some(Workers {
            shared: self.shared.upgrade()?,
            active: self.active.clone(),
            tasks: self.tasks.clone(),
            broken: self.broken.clone(),
        })
    }
}

impl Workers {
    /// Workers that report here when the journal fails them.
    pub fn new(shared: Shared, broken: mpsc::Sender<Error>) -> Self {
        Self {
            shared: Arc::new(shared),
            active: Arc::default(),
            tasks: TaskTracker::new(),
            broken,
        }
    }

    /// These workers, for somebody who does not keep them.
    pub fn downgrade(&self) -> WeakWorkers {
        WeakWorkers {
            shared: Arc::downgrade(&self.shared),
            active: self.active.clone(),
            tasks: self.tasks.clone(),
            broken: self.broken.clone(),
        }
    }

    /// Sees to it that this conversation is answered.
    pub fn wake(&self, conversation: Conversation) {
        let mut active = lock(&self.active);
        if let Some(active) = active.get_mut(&conversation) {
            active.more = true;
            active.came.notify_one();
            return;
        }
        let begun = Active::default();
        let came = begun.came.clone();
        active.insert(conversation.clone(), begun);
        let workers = self.clone();
        self.tasks.spawn(async move {
            // What the panic says of itself was printed where it happened.
            let unforeseen = |_| Error::failure("answering a message failed unexpectedly");
            let working = caught("a worker", workers.work(conversation, came)).await;
            let working = working.map_err(unforeseen);
            if let Err(error) = working.flatten() {
                // A full channel holds another worker's report, and one ends the bot.
                let _ = workers.broken.try_send(error);
            }
        });
    }

    /// Sees to it that what changed in the journal is heeded.
    pub fn heed(&self, changes: &Changes) {
        let in_flight = &self.shared.tools.in_flight;
        for affected in &changes.withdrawn {
            in_flight.cancel_about(affected, true);
            self.shared.tools.marker.end(affected.seq, None);
            // What came after a command has waited for it.
            if affected.conversation.lane == Lane::Command {
                self.wake(affected.conversation.lane(Lane::Message));
            }
        }
        for affected in &changes.edited {
            in_flight.cancel_about(affected, false);
        }
        for conversation in &changes.fresh {
            self.wake(conversation.clone());
        }
    }

    /// Sees to it that the settings are heeded, each time when they were replaced.
    pub fn heed_settings(&self) {
        self.shared.resize();
    }

    /// Ends the drafts that an earlier run left of messages that are closed.
    pub async fn end_drafts(&self) -> Result<()> {
        match self.shared.answerer().delivery.end_drafts(None).await {
            Err(Undone::Failed(RoomFailure::Store(error))) => Err(error),
            Err(failure) => {
                tracing::warn!("an unfinished answer stays as it is: {failure}");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Ends the workers, each after the message it is at, or after this time; then what agents
    /// are at is given up and left for the next start.
    pub async fn stop(&self, within: Duration) {
        let in_flight = &self.shared.tools.in_flight;
        in_flight.stopping.cancel();
        self.tasks.close();
        if timeout(within, self.tasks.wait()).await.is_err() {
            self.abandon().await;
        }
        self.shared.tools.typing.end(END_LIMIT).await;
    }

    /// Gives up what the workers are at, and leaves it for the next start.
    pub async fn abandon(&self) {
        tracing::warn!(
            "stopped before all answers were sent; the rest is answered after the next start"
        );
        self.shared.tools.in_flight.abandoned.cancel();
        // What does not end now is dropped with the program.
        let _ = timeout(END_LIMIT, self.tasks.wait()).await;
    }

    async fn work(&self, conversation: Conversation, came: Arc<Notify>) -> Result<()> {
        let wake = |conversation| self.wake(conversation);
        loop {
            Worker::new(&self.shared, &conversation, &wake, came.clone())
                .answer_all()
                .await?;
            let is_stopping = self.shared.tools.in_flight.stopping.is_cancelled();
            if is_stopping || self.finish(&conversation) {
                return Ok(());
            }
        }
    }

    /// Ends this conversation's worker unless something came in meanwhile.
    fn finish(&self, conversation: &Conversation) -> bool {
        let mut active = lock(&self.active);
        let active_now = active.get_mut(conversation);
        if active_now.is_some_and(|active| std::mem::take(&mut active.more)) {
            return false;
        }
        active.remove(conversation);
        true
    }
}
