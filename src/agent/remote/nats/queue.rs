//! The worker's side: jobs are taken, looked after, and their replies stored.

use std::time::Duration;

use async_nats::jetstream::{
    AckKind, Message,
    consumer::{Consumer, pull},
};
use futures_util::{Stream, StreamExt};
use tokio::time::sleep;

use super::{
    files::Missing,
    link::{AGAIN, Link, insist},
    names::{CONSUMER, Role},
    settings::Settings,
};
use crate::{
    agent::remote::document::{Event, Job, News, Reply, StoredFile, VERSION},
    error::{Kind, Result},
    ipc::Worker,
};

/// How long one request for jobs lasts at the broker: it may forget it when it is started anew.
const REQUEST: Duration = Duration::from_secs(5);
/// When a job that cannot be read here may be tried by another.
const UNREADABLE: Duration = Duration::from_secs(5);
/// The most bytes of an unfinished answer that are told.
const LONGEST_PART: usize = 64 * 1024;

/// The queue of jobs. Clones share its connection.
#[derive(Clone, Debug)]
pub struct Queue {
    link: Link,
    consumer: Consumer<pull::Config>,
}

/// A job that was given to us.
#[derive(Debug)]
pub struct Taken {
    pub job: Job,
    /// How often it was given to a worker, this time included.
    pub delivery: u64,
    message: Message,
}

impl Queue {
    /// Connects as soon as the broker is there, and waits until the gateway has made the queue.
    ///
    /// # Errors
    ///
    /// When the broker does not let us in, or the gateway seals with another key.
    pub async fn open(settings: &Settings, name: &str) -> Result<Self> {
        let link = insist("", || async {
            match Link::connect(settings, Role::Worker, name).await {
                Err(error) if error.kind() == Kind::Unreachable => Err(error),
                done => Ok(done),
            }
        })
        .await?;
        let mut told = String::new();
        loop {
            let why = match link.check_sealing().await {
                Ok(Some(())) => break,
                Ok(None) => "waiting for the gateway to create the queue".to_owned(),
                Err(error) if error.kind() == Kind::Config => return Err(error),
                // A broker of three that has just begun does not answer this yet.
                Err(error) => format!("{error}; retrying"),
            };
            if told != why {
                tracing::warn!("{why}");
                told = why;
            }
            sleep(AGAIN).await;
        }
        loop {
            let consumer = link
                .context
                .get_consumer_from_stream(CONSUMER, link.names.jobs())
                .await;
            match consumer {
                Ok(consumer) => return Ok(Self { link, consumer }),
                Err(error) => tracing::debug!("the queue is not ready: {error}"),
            }
            sleep(AGAIN).await;
        }
    }

    /// After how much silence a job is given to another worker.
    pub fn patience(&self) -> Duration {
        self.consumer.cached_info().config.ack_wait
    }

    /// Waits until all that was told has been sent.
    pub async fn flush(&self) {
        log_if_lost(self.link.client.flush().await.map_err(Into::into));
    }

    /// Whether the broker is there.
    pub fn is_up(&self) -> bool {
        self.link.is_up()
    }

    /// Takes up to so many jobs, as they come, for some seconds.
    ///
    /// # Errors
    ///
    /// When the broker does not answer.
    pub async fn take(&self, most: usize) -> Result<impl Stream<Item = Taken> + Send + '_> {
        let batch = self.consumer.batch().max_messages(most).expires(REQUEST);
        let messages = batch.messages().await?;
        Ok(messages.filter_map(async |message| match message {
            Ok(message) => self.read(message).await,
            Err(error) => {
                tracing::debug!("cannot take a question: {error}");
                None
            }
        }))
    }

    async fn read(&self, message: Message) -> Option<Taken> {
        let delivery = message.info().ok()?.delivered;
        let delivery = u64::try_from(delivery).unwrap_or_default();
        let subject = message.subject.to_string();
        let unpacked = self.link.unpack::<Job>(&subject, &message.payload).await;
        let (why, ack) = match unpacked {
            Ok(job) if job.version == VERSION && self.link.names.job(&job.id) == subject => {
                return Some(Taken {
                    job,
                    delivery,
                    message,
                });
            }
            Ok(_) => (
                "it is of another version of nanobot".to_owned(),
                AckKind::Nak(Some(UNREADABLE)),
            ),
            // The gateway publishes it again.
            Err(why @ (Missing::Gone | Missing::Changed)) => (why.to_string(), AckKind::Term),
            Err(why) => (why.to_string(), AckKind::Nak(Some(UNREADABLE))),
        };
        tracing::error!(
            event = "question_unreadable",
            "cannot read a question: {why}; it is left to another worker"
        );
        log_if_lost(message.ack_with(ack).await);
        None
    }

    /// Completes when the connection was made anew: what was asked for before may be forgotten.
    pub async fn reconnected(&self) {
        let mut state = self.link.state.clone();
        let count = state.borrow().count;
        if state.wait_for(|state| state.count != count).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Whether there is a reply to a job already.
    ///
    /// # Errors
    ///
    /// When the broker does not say.
    pub async fn has_reply(&self, id: &str) -> Result<bool> {
        let names = &self.link.names;
        let subject = names.reply(id);
        Ok(self.link.last(names.replies(), &subject).await?.is_some())
    }

    /// Stores the reply to a job, however long the broker is away, unless there is one; whether it
    /// was ours that was stored.
    pub async fn store(&self, taken: &Taken, reply: &Reply) -> bool {
        let id = &taken.job.id;
        let subject = self.link.names.reply(id);
        let file = format!("{id}.{}.reply", taken.delivery);
        let is_first = insist("cannot store an answer: ", || async {
            let payload = self.link.pack(&subject, &file, reply).await?;
            self.link.publish_first(subject.clone(), payload).await
        })
        .await;
        self.tell(taken, News::Stored).await;
        is_first
    }

    /// Stores a file of a reply, however long the broker is away.
    pub async fn put(&self, object: &str, bytes: &[u8]) -> StoredFile {
        insist("cannot store a file: ", || {
            self.link.put(object, bytes.to_vec())
        })
        .await
    }

    /// Fetches a file of a question, of at most so many bytes, however long the broker is away.
    ///
    /// # Errors
    ///
    /// Why it is not to be had.
    pub async fn fetch(&self, file: &StoredFile, largest: u64) -> Result<Vec<u8>, Missing> {
        insist("cannot fetch a file: ", || async {
            match self.link.get(file, largest).await {
                Err(Missing::Later(error)) => Err(error),
                done => Ok(done),
            }
        })
        .await
    }

    /// Tells the gateway something about a job, which may be lost.
    pub async fn tell(&self, taken: &Taken, what: News) {
        if matches!(&what, News::Text(text) if text.len() > LONGEST_PART) {
            return;
        }
        let event = Event {
            delivery: taken.delivery,
            what,
        };
        let subject = self.link.names.events(&taken.job.id);
        self.link.tell(subject, &event).await;
    }

    /// Tells how this worker is.
    pub async fn present(&self, worker: &Worker) {
        let subject = self.link.names.worker(&worker.name);
        self.link.tell(subject, worker).await;
    }

    /// The ids of jobs that are not wanted any more, as they are told.
    ///
    /// # Errors
    ///
    /// When the broker does not tell them.
    pub async fn stops(&self) -> Result<impl Stream<Item = String> + Send + 'static> {
        let subject = self.link.names.stop("*");
        let start = subject.len() - 1;
        let messages = self.link.subscribe(subject).await?;
        let seal = self.link.seal.clone();
        Ok(messages.filter_map(move |message| {
            let is_ours = seal.open(&message.subject, &message.payload).is_ok();
            let id = message.subject.get(start..).map(str::to_owned);
            std::future::ready(id.filter(|_| is_ours))
        }))
    }

    /// Completes each time that all workers are asked how they are.
    ///
    /// # Errors
    ///
    /// When the broker does not tell it.
    pub async fn roll_calls(&self) -> Result<impl Stream<Item = ()> + Send + 'static> {
        let roll_calls = self.link.names.roll_call();
        let messages = self.link.subscribe(roll_calls).await?;
        Ok(messages.map(drop))
    }
}

impl Taken {
    /// Says that we are at it.
    pub async fn is_in_work(&self) {
        log_if_lost(self.message.ack_with(AckKind::Progress).await);
    }

    /// It is done: nobody need be given it again. Where that is lost, the next who is given it sees
    /// the reply.
    pub async fn done(&self) {
        log_if_lost(self.message.double_ack().await);
    }

    /// Nobody wants it any more.
    pub async fn dropped(&self) {
        log_if_lost(self.message.ack_with(AckKind::Term).await);
    }

    /// Another is given it at once.
    pub async fn give_back(&self) {
        log_if_lost(self.message.ack_with(AckKind::Nak(None)).await);
    }
}

fn log_if_lost(sent: Result<(), async_nats::Error>) {
    if let Err(error) = sent {
        tracing::debug!("cannot tell the message broker about a question: {error}");
    }
}
