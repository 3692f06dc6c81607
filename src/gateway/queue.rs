//! The message queue, for those who ask the running gateway about it.

use std::fmt;

use futures_util::future::{BoxFuture, FutureExt};

use super::{health::QueueHandler, in_flight::InFlight, why::Why, workers::WeakWorkers};
use crate::{
    ipc::{Answer, QueueRequest, QueueState, WaitsFor},
    journal::{Changes, Handled, Journal},
};

/// The message queue of a running bot.
pub struct Queue {
    pub journal: Journal,
    pub in_flight: InFlight,
    /// Not kept, because they keep what keeps this.
    pub workers: WeakWorkers,
    /// What became of messages that are done.
    pub why: Why,
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Queue")
    }
}

impl QueueHandler for Queue {
    fn answer(&self, request: QueueRequest, obstacle: Option<WaitsFor>) -> BoxFuture<'_, Answer> {
        self.handle(request, obstacle).boxed()
    }

    fn why(&self, event_id: String) -> BoxFuture<'_, Answer> {
        async move {
            match self.why.tell(&event_id).await {
                Ok(fate) => Answer::Fate(Box::new(fate)),
                Err(error) => error.into(),
            }
        }
        .boxed()
    }
}

impl Queue {
    /// Does what is asked of the queue, and sees to it that the workers heed it.
    async fn handle(&self, request: QueueRequest, obstacle: Option<WaitsFor>) -> Answer {
        let handled = match self.journal.handle(request).await {
            Ok(handled) => handled,
            Err(error) => return error.into(),
        };
        let Handled {
            mut page,
            retried,
            dropped,
        } = handled;
        // Where they have ended, the next start heeds it.
        if let Some(workers) = self.workers.upgrade() {
            workers.heed(&Changes {
                fresh: retried.into_iter().map(|it| it.conversation).collect(),
                withdrawn: dropped,
                ..Changes::default()
            });
        }
        let asked = self.in_flight.asked_about();
        for message in &mut page.messages {
            if message.state == QueueState::Waiting {
                let is_asked = asked.contains(&message.id);
                let first = is_asked.then_some(WaitsFor::Agent).or(obstacle);
                message.waits_for = first.or(message.waits_for).or(Some(WaitsFor::Turn));
            }
        }
        Answer::Queue(page)
    }
}
