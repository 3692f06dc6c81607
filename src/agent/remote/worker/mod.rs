//! A worker: takes questions and answers them with an agent of its own.

mod perform;
mod settings;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::{Stream, StreamExt};
use tokio::{
    pin,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{MissedTickBehavior, interval, sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    document::{News, Outcome, Reply},
    nats::{Queue, Settings, Taken},
};
pub use settings::{queue_of, worker_settings};

use crate::{
    agent::Configured,
    error::{Error, Result},
    ipc::{self, now},
    text::counted,
    threads::lock,
};

/// How often a worker tells how it is.
const PRESENT: Duration = Duration::from_secs(5);
/// How long to wait after something failed.
const AGAIN: Duration = Duration::from_secs(1);
/// How often a question may be given to workers. One that kills each would kill all.
const MOST_DELIVERIES: u64 = 20;
/// The most questions that are asked for at once.
const MOST_AT_ONCE: usize = 16;

/// A worker.
#[derive(Debug)]
pub struct Worker {
    queue: Queue,
    answerer: Configured,
    name: String,
    max_bytes: u64,
    slots: Arc<Semaphore>,
    started_at: u64,
    answered: AtomicU64,
    /// What it is at, by the job, and since when.
    jobs: Mutex<HashMap<String, (CancellationToken, u64)>>,
    /// What is not done is given back.
    ending: CancellationToken,
}

impl Worker {
    /// Connects with this name, for files of at most so many bytes.
    ///
    /// # Errors
    ///
    /// When the agent may not be asked a question twice, or the broker does not let us in.
    pub async fn connect(
        settings: &Settings,
        answerer: Configured,
        name: &str,
        max_bytes: u64,
    ) -> Result<Self> {
        refuse_unfit(&answerer)?;
        Ok(Self {
            queue: Queue::open(settings, name).await?,
            slots: Arc::new(Semaphore::new(answerer.conversations.get())),
            answerer,
            name: name.to_owned(),
            max_bytes,
            started_at: now(),
            answered: AtomicU64::new(0),
            jobs: Mutex::default(),
            ending: CancellationToken::new(),
        })
    }

    /// Answers questions until `stop` completes, and then finishes those it is at within `grace`.
    ///
    /// # Errors
    ///
    /// When the connection is closed for good.
    pub async fn run(
        self: Arc<Self>,
        stop: impl Future<Output = ()>,
        grace: Duration,
    ) -> Result<()> {
        let tasks = TaskTracker::new();
        let stops = self.queue.stops().await?;
        let roll_calls = self.queue.roll_calls().await?;
        tokio::select! {
            () = stop => {}
            never = self.take_all(&tasks) => never,
            () = self.cancel_stopped(stops) => return Err(closed()),
            () = self.present(roll_calls) => return Err(closed()),
        }
        tasks.close();
        let busy = self.jobs().len();
        if busy > 0 {
            tracing::info!("finishing {}", counted(busy as u64, "question"));
        }
        if timeout(grace, tasks.wait()).await.is_err() {
            self.ending.cancel();
            // Giving back takes no time, unless the broker is away.
            if timeout(AGAIN, tasks.wait()).await.is_err() {
                tracing::debug!("what is not given back is given to others later");
            }
        }
        if timeout(AGAIN, self.queue.flush()).await.is_err() {
            tracing::debug!("the message broker does not hear the end");
        }
        Ok(())
    }

    fn jobs(&self) -> MutexGuard<'_, HashMap<String, (CancellationToken, u64)>> {
        lock(&self.jobs)
    }

    async fn take_all<T>(self: &Arc<Self>, tasks: &TaskTracker) -> T {
        loop {
            // The semaphore is never closed.
            let Ok(first) = self.slots.clone().acquire_owned().await else {
                return std::future::pending().await;
            };
            let mut permits = vec![first];
            while permits.len() < MOST_AT_ONCE
                && let Ok(more) = self.slots.clone().try_acquire_owned()
            {
                permits.push(more);
            }
            if let Err(error) = self.take(permits, tasks).await {
                tracing::debug!("cannot take questions: {error}");
                sleep(AGAIN).await;
            }
        }
    }

    async fn take(
        self: &Arc<Self>,
        mut permits: Vec<OwnedSemaphorePermit>,
        tasks: &TaskTracker,
    ) -> Result<()> {
        let taking = self.queue.take(permits.len()).await?;
        pin!(taking);
        let reconnected = self.queue.reconnected();
        pin!(reconnected);
        while let Some(taken) = tokio::select! {
            taken = taking.next() => taken,
            () = &mut reconnected => None,
        } {
            let (worker, permit) = (Arc::clone(self), permits.pop());
            tasks.spawn(async move {
                worker.work(&taken).await;
                drop(permit);
            });
        }
        Ok(())
    }

    /// Does a job until its reply is stored.
    async fn work(&self, taken: &Taken) {
        let id = &taken.job.id;
        match self.queue.has_reply(id).await {
            Ok(true) => return taken.done().await,
            Ok(false) => {}
            Err(error) => tracing::debug!("cannot look for an answer: {error}"),
        }
        let Some(wanted) = self.begin(id) else {
            // A broker that was started anew forgets who is at what. Our ending it ends this, too.
            return tracing::debug!(
                job = id,
                "was given a question that it is already working on"
            );
        };
        let (delivery, began) = (taken.delivery, Instant::now());
        tracing::info!(event = "question", job = id, delivery, "took question {id}");
        let working = async {
            let outcome = self.outcome(taken).await;
            let is_answer = !matches!(outcome, Outcome::Failure { .. });
            let reply = Reply::to(&taken.job, &self.name, outcome);
            let is_first = self.queue.store(taken, &reply).await;
            taken.done().await;
            let ms = began.elapsed().as_millis();
            tracing::info!(
                event = "question",
                job = id,
                "done with question {id} in {ms} ms"
            );
            if is_first && is_answer {
                self.answered.fetch_add(1, Ordering::Relaxed);
            }
        };
        tokio::select! {
            biased;
            () = wanted.cancelled() => {
                tracing::info!(job = id, "stopped a question that nobody wants answered any more");
                taken.dropped().await;
            }
            () = working => {}
            () = self.ending.cancelled() => taken.give_back().await,
            () = self.stay_at(taken) => {}
        }
        self.jobs().remove(id);
    }

    /// Begins a job, unless it is at it; the token is cancelled when nobody wants it any more.
    fn begin(&self, id: &str) -> Option<CancellationToken> {
        let mut jobs = self.jobs();
        if jobs.contains_key(id) {
            return None;
        }
        let wanted = CancellationToken::new();
        jobs.insert(id.to_owned(), (wanted.clone(), now()));
        Some(wanted)
    }

    async fn outcome(&self, taken: &Taken) -> Outcome {
        if taken.delivery > MOST_DELIVERIES {
            return Outcome::Failure {
                words: "I could not answer that: every attempt broke off.".to_owned(),
                error: format!(
                    "{} workers were given it, and none finished",
                    taken.delivery - 1
                ),
            };
        }
        let limit = Duration::from_secs(taken.job.time_limit);
        let performing = self.perform(taken);
        timeout(limit, performing)
            .await
            .unwrap_or_else(|_| Outcome::Failure {
                words: format!("I gave up: it took longer than {} s.", limit.as_secs()),
                error: format!("the agent did not answer within {} s", limit.as_secs()),
            })
    }

    /// Says from time to time that we are at a job. Never ends.
    async fn stay_at(&self, taken: &Taken) {
        let mut ticks = interval(self.queue.patience() / 3);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            taken.is_in_work().await;
            self.queue.tell(taken, News::Working).await;
        }
    }

    /// Cancels the jobs that are not wanted any more.
    async fn cancel_stopped(&self, stops: impl Stream<Item = String>) {
        pin!(stops);
        while let Some(id) = stops.next().await {
            if let Some((wanted, _)) = self.jobs().get(&id) {
                wanted.cancel();
            }
        }
    }

    /// Tells how this worker is: from time to time, and when it is asked.
    async fn present(&self, roll_calls: impl Stream<Item = ()>) {
        let mut ticks = interval(PRESENT);
        let mut was_up = true;
        pin!(roll_calls);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                asked = roll_calls.next() => if asked.is_none() {
                    return;
                },
            }
            let is_up = self.queue.is_up();
            if is_up != was_up {
                let how = if is_up {
                    "reachable again"
                } else {
                    "unreachable"
                };
                tracing::warn!("message broker {how}");
                was_up = is_up;
            }
            if is_up {
                self.queue.present(&self.how()).await;
            }
        }
    }

    fn how(&self) -> ipc::Worker {
        let jobs = self.jobs();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        ipc::Worker {
            name: self.name.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            agent: self.answerer.describe(),
            busy: count(jobs.len()),
            slots: count(self.answerer.conversations.get()),
            oldest_at: jobs.values().map(|(_, since)| *since).min(),
            answered: self.answered.load(Ordering::Relaxed),
            started_at: self.started_at,
            last_seen_at: 0,
        }
    }
}

fn closed() -> Error {
    Error::failure("the connection to the message broker was closed for good")
        .hint("check that it lets this worker in, then start it again")
}

/// Refuses agents that cannot work for others.
fn refuse_unfit(answerer: &Configured) -> Result<()> {
    if answerer.kind == super::gateway::KIND.name {
        return Err(Error::config(
            "channels.matrix.agent is of type nats, which asks workers itself",
        )
        .hint("configure the agent that this worker answers with")
        .command("nanobot config set agent.type openai"));
    }
    if answerer.agent.is_repeatable() {
        return Ok(());
    }
    Err(Error::config(
        "a worker may be asked the same question twice, and its command may not be run twice",
    )
    .hint("if running it again does no harm, say so")
    .command("nanobot config set agent.repeatable true"))
}
