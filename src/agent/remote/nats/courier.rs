//! The gateway's side: a question is brought to the workers until its answer is here.

use std::{path::PathBuf, sync::OnceLock, time::Duration};

use async_nats::Subscriber;
use futures_util::StreamExt;
use serde_json::json;
use tokio::{
    sync::{Semaphore, watch},
    time::{Instant, sleep, sleep_until},
};
use tokio_util::task::AbortOnDropHandle;

use super::{
    files::Missing,
    fleet::Fleet,
    link::{AGAIN, Link},
    names::Role,
    settings::Settings,
    setup::Keeping,
};
use crate::{
    agent::remote::document::{Event, Job, News, Reply, StoredFile},
    error::Result,
    ipc::{WorkQueue, Workers},
};

/// How long to wait for news of a question, at first and at most, before looking after it.
const FIRST_LOOK: Duration = Duration::from_secs(5);
const LAST_LOOK: Duration = Duration::from_secs(30);
/// A broker's copy may be behind the one that took the answer.
const BEHIND: Duration = Duration::from_millis(100);
const LOOKS_BEHIND: usize = 5;
/// How long workers have to answer a roll call.
const ROLL_CALL: Duration = Duration::from_secs(1);
/// How many files are uploaded at the same time.
const UPLOADS: usize = 2;
/// The largest event of a worker that is read.
const LARGEST_EVENT: usize = 128 * 1024;

/// Brings questions to workers, and their answers back.
#[derive(Debug)]
pub struct Courier {
    settings: Settings,
    keeping: Keeping,
    fleet: Fleet,
    link: watch::Sender<Option<Link>>,
    keeper: OnceLock<AbortOnDropHandle<()>>,
    /// How many files are uploaded at the same time.
    uploads: Semaphore,
}

/// A file that goes with a question.
#[derive(Clone, Debug)]
pub struct Upload {
    pub stored: StoredFile,
    pub path: PathBuf,
}

impl Courier {
    pub fn new(settings: Settings, keeping: Keeping) -> Self {
        Self {
            settings,
            keeping,
            fleet: Fleet::default(),
            link: watch::Sender::new(None),
            keeper: OnceLock::new(),
            uploads: Semaphore::new(UPLOADS),
        }
    }

    /// Connects, and stays connected until it is dropped.
    pub fn start(&self) {
        self.keeper.get_or_init(|| {
            let (settings, link) = (self.settings.clone(), self.link.clone());
            let keeping = self.fleet.clone().keep(settings, self.keeping, link);
            AbortOnDropHandle::new(tokio::spawn(keeping))
        });
    }

    pub fn workers(&self) -> Workers {
        self.fleet.workers()
    }

    pub fn describe(&self) -> String {
        self.settings.describe()
    }

    /// The connection, once it is there and all is made.
    async fn link(&self) -> Link {
        self.start();
        let mut link = self.link.subscribe();
        loop {
            if let Some(link) = &*link.borrow_and_update() {
                return link.clone();
            }
            if link.changed().await.is_err() {
                // The sender is ours.
                sleep(AGAIN).await;
            }
        }
    }

    /// Brings a job with its files to a worker and waits for what comes of it, for as long as it
    /// takes: while the broker is away, or has lost it, or no worker is there. What a worker tells
    /// meanwhile is handed to `news`.
    pub async fn bring(
        &self,
        job: &Job,
        uploads: &[Upload],
        mut news: impl FnMut(News) + Send,
    ) -> Reply {
        let mut was_published = false;
        loop {
            let link = self.link().await;
            let errand = Errand {
                link: &link,
                job,
                uploads,
                at_once: &self.uploads,
                fleet: &self.fleet,
            };
            let error = match errand.run(&mut was_published, &mut news).await {
                Ok(reply) => {
                    self.fleet.broker_stores();
                    return reply;
                }
                Err(error) => error,
            };
            // That it is away is known.
            if link.is_up() {
                self.fleet.broker_refuses(&error);
            }
            sleep(AGAIN).await;
        }
    }

    /// Has a job dropped: by the worker that is at it, and from the queue.
    pub async fn cancel(&self, id: &str) {
        let Some(link) = self.link.borrow().clone() else {
            return;
        };
        link.tell(link.names.stop(id), &json!({})).await;
        if let Err(error) = link.withdraw(id).await {
            tracing::debug!("cannot withdraw a question: {error}");
        }
        // Once more, for a worker that was given it in between.
        link.tell(link.names.stop(id), &json!({})).await;
    }

    /// Fetches a file of at most so many bytes, however long the broker is away; `None` where it is
    /// not to be had, and why is logged.
    pub async fn fetch(&self, file: &StoredFile, largest: u64) -> Option<Vec<u8>> {
        loop {
            let link = self.link().await;
            match link.get(file, largest).await {
                Ok(bytes) => return Some(bytes),
                Err(Missing::Later(error)) => {
                    tracing::debug!("cannot fetch a file: {error}");
                    sleep(AGAIN).await;
                }
                Err(why) => {
                    tracing::error!("cannot take a file of the answer: {why}");
                    return None;
                }
            }
        }
    }

    /// Removes files that nobody needs any more.
    pub fn remove(&self, objects: Vec<String>) {
        if let Some(link) = self.link.borrow().clone()
            && !objects.is_empty()
        {
            tokio::spawn(async move {
                for object in objects {
                    link.remove(&object).await;
                }
            });
        }
    }

    /// Asks the broker once how all is: which version it is, the queue where there is one, and the
    /// workers.
    ///
    /// # Errors
    ///
    /// When the broker cannot be reached or refuses it.
    pub async fn look(&self) -> Result<(String, Option<WorkQueue>, Workers)> {
        let link = Link::connect(&self.settings, Role::Gateway, "nanobot agent check").await?;
        let version = link.client.server_info().version;
        let queue = match link.check_sealing().await? {
            Some(()) => Some(link.queue().await?),
            None => None,
        };
        let fleet = Fleet::default();
        let mut workers = link.roll_call().await?;
        let end = Instant::now() + ROLL_CALL;
        loop {
            tokio::select! {
                () = sleep_until(end) => return Ok((version, queue, fleet.workers())),
                Some(message) = workers.next() => {
                    fleet.heard(&link, &message);
                }
            }
        }
    }
}

/// One job on its way.
struct Errand<'a> {
    link: &'a Link,
    job: &'a Job,
    uploads: &'a [Upload],
    at_once: &'a Semaphore,
    fleet: &'a Fleet,
}

impl Errand<'_> {
    /// Until its reply is here or something fails.
    async fn run(
        &self,
        was_published: &mut bool,
        news: &mut (impl FnMut(News) + Send),
    ) -> Result<Reply> {
        // Before anything is looked up: what is stored afterwards is told here.
        let events = self.link.names.events(&self.job.id);
        let mut events = self.link.subscribe(events).await?;
        let mut look = FIRST_LOOK;
        let mut latest = 0;
        loop {
            if let Some(reply) = self.reply().await? {
                return Ok(reply);
            }
            if !self.is_queued().await? {
                self.upload().await?;
                self.publish().await?;
                self.fleet.broker_stores();
                latest = 0;
                if std::mem::replace(was_published, true) {
                    self.fleet.republished();
                }
            }
            // What somebody tells whose question was given to another is not heard.
            let mut hear = |event: Event| {
                if event.delivery >= latest {
                    latest = event.delivery;
                    news(event.what);
                }
            };
            if self.wait(&mut events, look, &mut hear).await {
                for _ in 0..LOOKS_BEHIND {
                    if let Some(reply) = self.reply().await? {
                        return Ok(reply);
                    }
                    sleep(BEHIND).await;
                }
            }
            look = (look * 2).min(LAST_LOOK);
        }
    }

    /// The reply that is stored.
    async fn reply(&self) -> Result<Option<Reply>> {
        let subject = self.link.names.reply(&self.job.id);
        let replies = self.link.names.replies();
        let Some(message) = self.link.last(replies.clone(), &subject).await? else {
            return Ok(None);
        };
        let unpacked = self.link.unpack::<Reply>(&subject, &message.payload).await;
        let checked = match unpacked {
            Ok(reply) => reply.checked(self.job).map_err(str::to_owned),
            Err(Missing::Later(error)) => return Err(error),
            Err(why) => Err(why.to_string()),
        };
        match checked {
            Ok(reply) => Ok(Some(reply)),
            Err(why) => {
                let replies = self.link.stream(replies).await?;
                replies.delete_message(message.sequence).await?;
                self.fleet.refused_answer();
                tracing::error!(
                    event = "answer_refused",
                    "a worker's answer is refused: {why}; the question is asked again"
                );
                Ok(None)
            }
        }
    }

    /// Stores the files that go with the job; again, where the broker may have lost them.
    async fn upload(&self) -> Result<()> {
        for Upload { stored, path } in self.uploads {
            // The semaphore is never closed. Each file is in memory as a whole.
            let _permit = self.at_once.acquire().await;
            match tokio::fs::read(path).await {
                Ok(bytes) => drop(self.link.put(&stored.object, bytes).await?),
                // Whoever answers is told that it is missing.
                Err(error) => {
                    tracing::error!("cannot read the attachment {}: {error}", path.display());
                }
            }
        }
        Ok(())
    }

    async fn is_queued(&self) -> Result<bool> {
        let names = &self.link.names;
        let subject = names.job(&self.job.id);
        Ok(self.link.last(names.jobs(), &subject).await?.is_some())
    }

    /// Puts the job into the queue, unless it is in there.
    async fn publish(&self) -> Result<()> {
        let subject = self.link.names.job(&self.job.id);
        let file = format!("{}.job", self.job.id);
        let payload = self.link.pack(&subject, &file, self.job).await?;
        self.link.publish_first(subject, payload).await.map(drop)
    }

    /// Waits for so long, or until there is a reason to look at once; whether that is an answer.
    async fn wait(
        &self,
        events: &mut Subscriber,
        look: Duration,
        hear: &mut (impl FnMut(Event) + Send),
    ) -> bool {
        let end = Instant::now() + look;
        let mut state = self.link.state.clone();
        let count = state.borrow().count;
        loop {
            tokio::select! {
                () = sleep_until(end) => return false,
                // Connected anew: what was told meanwhile was lost.
                _ = state.wait_for(|state| state.count != count) => return false,
                event = events.next() => {
                    let Some(event) = event else {
                        return false;
                    };
                    match self.read(&event) {
                        Some(Event { what: News::Stored, .. }) => return true,
                        Some(other) => hear(other),
                        None => {}
                    }
                }
            }
        }
    }

    fn read(&self, event: &async_nats::Message) -> Option<Event> {
        if event.payload.len() > LARGEST_EVENT {
            return None;
        }
        let opened = self.link.seal.open(&event.subject, &event.payload).ok()?;
        serde_json::from_slice(&opened).ok()
    }
}
