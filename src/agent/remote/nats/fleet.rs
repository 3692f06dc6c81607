//! What the gateway knows of its workers and of its queue.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use async_nats::{Message, jetstream::consumer::pull};
use futures_util::StreamExt;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use super::{
    link::{AGAIN, Fault, Link},
    names::{CONSUMER, Role},
    settings::Settings,
    setup::Keeping,
};
use crate::{
    error::{Error, Result},
    ipc::{WorkQueue, Worker, Workers, age, now},
    text::{duration, excerpt},
    threads::lock,
};

/// How often the broker is asked how long the queue is.
const LOOK: Duration = Duration::from_secs(5);
/// After how long a worker that says nothing is gone, in milliseconds.
const SILENT: u64 = 15_000;
/// The most workers that are told of.
const MOST: usize = 1000;
/// The largest message of a worker about itself that is read.
const LARGEST: usize = 4096;

/// What is known. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Fleet(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    all: Workers,
    by_name: HashMap<String, Worker>,
    /// What the broker refuses while it is there.
    fault: Option<Fault>,
}

impl Fleet {
    fn lock(&self) -> MutexGuard<'_, Known> {
        lock(&self.0)
    }

    /// How they are now.
    pub fn workers(&self) -> Workers {
        let mut known = self.lock();
        let silent_since = now().saturating_sub(SILENT);
        known
            .by_name
            .retain(|_, worker| worker.last_seen_at > silent_since);
        let mut workers: Vec<_> = known.by_name.values().cloned().collect();
        workers.sort_by(|a, b| a.name.cmp(&b.name));
        known.fault.take_if(|fault| fault.is_over());
        let fault = known.fault.as_ref().map(|fault| fault.why.clone());
        Workers {
            running: workers,
            broker_fault: fault.or_else(|| known.all.broker_fault.clone()),
            ..known.all.clone()
        }
    }

    /// An answer was refused.
    pub fn refused_answer(&self) {
        self.lock().all.refused_answers += 1;
    }

    /// The broker refuses something.
    pub fn broker_refuses(&self, why: &Error) {
        self.broker_there(Some(Fault::new(why)));
    }

    /// The broker has stored something.
    pub fn broker_stores(&self) {
        self.lock().fault = None;
    }

    /// A question was published again.
    pub fn republished(&self) {
        self.lock().all.republished += 1;
    }

    /// A worker says how it is.
    pub fn heard(&self, link: &Link, message: &Message) {
        if let Ok(bytes) = link.seal.open(&message.subject, &message.payload) {
            self.note_worker(&bytes);
        }
    }

    fn note_worker(&self, bytes: &[u8]) {
        let Some(worker) = read(bytes) else {
            return;
        };
        let mut known = self.lock();
        if known.by_name.len() < MOST || known.by_name.contains_key(&worker.name) {
            known.by_name.insert(worker.name.clone(), worker);
        }
    }

    fn broker_away(&self, since: u64, why: Option<String>) {
        let known = &mut *self.lock();
        known.fault = None;
        known.all.broker_away_since = Some(since);
        known.all.broker_fault = why;
        known.all.queue = None;
    }

    /// The broker is there, whatever it refuses.
    fn broker_there(&self, fault: Option<Fault>) {
        let known = &mut *self.lock();
        if let Some(since) = known.all.broker_away_since.take() {
            known.all.broker_fault = None;
            let time = duration(age(since));
            tracing::info!(
                event = "broker_back",
                "message broker reachable after {time}"
            );
        }
        let Some(fault) = fault.filter(|fault| !fault.is_over()) else {
            return;
        };
        if known.fault.as_ref().map(|known| &known.why) != Some(&fault.why) {
            tracing::warn!(event = "broker_fault", "{}", fault.why);
        }
        known.fault = Some(fault);
    }

    /// Connects, and makes what has to be there, whenever it is not; tells in `link` when all is
    /// ready. Runs for ever.
    pub async fn keep(
        self,
        settings: Settings,
        keeping: Keeping,
        link: watch::Sender<Option<Link>>,
    ) {
        let since = now();
        let connected = loop {
            match Link::connect(&settings, Role::Gateway, "nanobot gateway").await {
                Ok(connected) => break connected,
                Err(error) => {
                    if self.workers().broker_away_since.is_none() {
                        tracing::warn!(event = "broker_away", "{error}; retrying");
                    }
                    self.broker_away(since, Some(excerpt(&error.to_string())));
                }
            }
            sleep(AGAIN).await;
        };
        let mut was_refused = false;
        loop {
            if let Err(error) = connected.set_up(keeping).await {
                self.note(&connected, Some(Fault::new(&error)));
                was_refused = true;
                sleep(AGAIN).await;
                continue;
            }
            if std::mem::take(&mut was_refused) {
                self.broker_stores();
            }
            link.send_replace(Some(connected.clone()));
            let ended = tokio::select! {
                ended = self.look_after(&connected) => ended,
                ended = self.listen(&connected) => ended,
            };
            let fault = ended.err().map(|error| Fault::new(&error));
            self.note(&connected, fault);
            sleep(AGAIN).await;
        }
    }

    fn note(&self, link: &Link, fault: Option<Fault>) {
        let state = link.state.borrow().clone();
        match state.away_since {
            Some(since) => {
                if self.workers().broker_away_since.is_none() {
                    tracing::warn!(
                        event = "broker_away",
                        "message broker unreachable; answers wait for it"
                    );
                }
                self.broker_away(since, state.fault.map(|fault| fault.why));
            }
            None => self.broker_there(fault.or(state.fault)),
        }
    }

    /// Asks how long the queue is, until the connection breaks or something fails.
    async fn look_after(&self, link: &Link) -> Result<()> {
        let mut state = link.state.clone();
        let count = state.borrow().count;
        loop {
            let queue = link.queue().await?;
            self.note(link, None);
            self.lock().all.queue = Some(queue);
            let broke = state.wait_for(|now| now.away_since.is_some() || now.count != count);
            if let Ok(broke) = timeout(LOOK, broke).await {
                drop(broke);
                return Ok(());
            }
        }
    }

    async fn listen(&self, link: &Link) -> Result<()> {
        let mut workers = link.roll_call().await?;
        while let Some(message) = workers.next().await {
            self.heard(link, &message);
        }
        Ok(())
    }
}

impl Link {
    /// How long the queue is.
    ///
    /// # Errors
    ///
    /// When the broker does not say.
    pub async fn queue(&self) -> Result<WorkQueue> {
        let jobs = self.names.jobs();
        let stream = self.context.get_stream(&jobs).await?;
        let consumer = self
            .context
            .get_consumer_from_stream::<pull::Config, _, _>(CONSUMER, &jobs)
            .await?;
        let (state, consumer) = (&stream.cached_info().state, consumer.cached_info());
        let oldest = state.first_timestamp.unix_timestamp_nanos() / 1_000_000;
        Ok(WorkQueue {
            waiting: consumer.num_pending,
            in_progress: consumer.num_ack_pending as u64,
            redelivered: consumer.num_redelivered as u64,
            oldest_at: u64::try_from(oldest).ok().filter(|_| state.messages > 0),
        })
    }
}

/// What a worker says of itself, made harmless.
fn read(bytes: &[u8]) -> Option<Worker> {
    if bytes.len() > LARGEST {
        return None;
    }
    let said: Worker = serde_json::from_slice(bytes).ok()?;
    let worker = Worker {
        name: excerpt(&said.name),
        version: excerpt(&said.version),
        agent: excerpt(&said.agent),
        last_seen_at: now(),
        ..said
    };
    (!worker.name.is_empty()).then_some(worker)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str) -> Vec<u8> {
        serde_json::to_vec(&Worker {
            name: name.to_owned(),
            ..Worker::default()
        })
        .unwrap()
    }

    #[test]
    fn workers_are_known_by_name_and_only_so_many() {
        let fleet = Fleet::default();
        for number in 0..MOST + 10 {
            fleet.note_worker(&said(&format!("w{number}")));
        }
        fleet.note_worker(&said("w0"));
        assert_eq!(fleet.workers().running.len(), MOST);
    }

    #[test]
    fn what_the_broker_refuses_is_told_until_it_stores_something() {
        let fleet = Fleet::default();
        let fault = || fleet.workers().broker_fault;
        fleet.broker_refuses(&Error::failure("no room"));
        // It answers other questions all the same.
        fleet.broker_there(None);
        assert_eq!(fault().as_deref(), Some("no room"));
        fleet.broker_stores();
        assert_eq!(fault(), None);
        fleet.broker_away(1, Some("no route".to_owned()));
        assert_eq!(fault().as_deref(), Some("no route"));
        fleet.broker_there(None);
        assert_eq!(fault(), None);
        // It did not happen again.
        let mut once = Fault::new(&"a violation");
        once.at = once.at.checked_sub(Duration::from_mins(1)).unwrap();
        fleet.broker_there(Some(once));
        assert_eq!(fault(), None);
    }

    #[test]
    fn what_a_worker_says_of_itself_is_made_harmless() {
        let fleet = Fleet::default();
        fleet.note_worker(b"{");
        fleet.note_worker(&said(""));
        fleet.note_worker(&said(&"x".repeat(LARGEST)));
        assert_eq!(fleet.workers().running, []);
        fleet.note_worker(&said("a\u{1b}[2J"));
        assert_eq!(fleet.workers().running[0].name, "a [2J");
    }
}
