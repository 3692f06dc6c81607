//! The messages that are not done: in the running gateway, or in its journal while none runs.

mod shown;

use std::{path::PathBuf, time::Duration};

use serde::Serialize;

pub use self::shown::INDENT;
use crate::{
    config::Paths,
    error::{Error, Kind, Result},
    ipc::{
        Answer, Lock, QueuePage, QueueRequest, QueueState, QueuedMessage, Request, WaitsFor, Which,
        ask_for,
    },
    journal::Journal,
};

/// How long a running gateway may take to answer.
const LIMIT: Duration = Duration::from_secs(10);
/// The most messages that are named in one request, which may not be long.
const MOST_IDS: usize = 12;

/// Whoever keeps the queue.
pub enum Queue {
    /// The gateway that runs in this directory.
    Gateway(PathBuf),
    /// This process, while no gateway runs; without a journal there is nothing in it.
    Own {
        journal: Option<Journal>,
        /// Held as long as the journal is open.
        _lock: Lock,
    },
}

/// What is in the queue.
#[derive(Debug, Serialize)]
pub struct List {
    counts: Counts,
    messages: Vec<QueuedMessage>,
}

/// How many messages there are of each sort.
#[derive(Debug, Default, Serialize)]
struct Counts {
    parked: usize,
    waiting: usize,
    undecryptable: usize,
}

/// One message of it.
#[derive(Debug, Serialize)]
pub struct Shown {
    message: QueuedMessage,
    /// Whether its texts were asked for.
    #[serde(skip)]
    text: bool,
}

/// What was done to messages.
#[derive(Debug, Serialize)]
pub struct Changed {
    #[serde(skip)]
    done: Done,
    /// The messages as they were before.
    messages: Vec<QueuedMessage>,
}

#[derive(Clone, Copy, Debug)]
enum Done {
    /// They are tried again, by the gateway that runs or the next one.
    Retried { runs: bool },
    /// They are not in the queue any more.
    Dropped,
}

impl Queue {
    /// Finds out who keeps the queue.
    ///
    /// # Errors
    ///
    /// When another process than a gateway uses the directory, or the journal cannot be opened.
    pub async fn open(paths: &Paths) -> Result<Self> {
        let nothing = QueueRequest::List {
            after: i64::MAX,
            text: false,
        };
        let gateway = Self::Gateway(paths.dir().to_owned());
        if gateway.ask(&nothing).await?.is_some() {
            return Ok(gateway);
        }
        // A directory is made only where something is to be kept.
        if !paths.dir().is_dir() {
            let message = format!("{} does not exist", paths.dir().display());
            return Err(Error::new(Kind::NotLoggedIn, message)
                .hint("log in first")
                .command("nanobot login"));
        }
        let lock = Lock::acquire(paths.dir())?;
        Ok(Self::Own {
            journal: Journal::open_existing(&paths.store()).await?,
            _lock: lock,
        })
    }

    /// What is in the queue, failed messages first.
    pub async fn list(&self, text: bool) -> Result<List> {
        let (mut messages, mut after) = (Vec::new(), 0);
        loop {
            let page = self.perform(QueueRequest::List { after, text }).await?;
            after = page.messages.last().map_or(after, |last| last.id);
            let is_last = !page.more || page.messages.is_empty();
            messages.extend(page.messages);
            if is_last {
                break;
            }
        }
        messages.sort_by_key(|message| message.state);
        let count = |state| messages.iter().filter(|it| it.state == state).count();
        Ok(List {
            counts: Counts {
                parked: count(QueueState::Parked),
                waiting: count(QueueState::Waiting),
                undecryptable: count(QueueState::Undecryptable),
            },
            messages,
        })
    }

    /// One message, by its ID or its event ID.
    pub async fn show(&self, id: &str, text: bool) -> Result<Shown> {
        let id = id.to_owned();
        let page = self.perform(QueueRequest::Show { id, text }).await?;
        let message = page.messages.into_iter().next();
        let message = message.ok_or_else(|| Error::failure("the gateway named no message"))?;
        Ok(Shown { message, text })
    }

    /// Tries failed messages again.
    pub async fn retry(&self, which: Which) -> Result<Changed> {
        let runs = matches!(self, Self::Gateway(_));
        Ok(Changed {
            done: Done::Retried { runs },
            messages: self.change(which, QueueRequest::Retry).await?,
        })
    }

    /// Discards messages.
    pub async fn discard(&self, which: Which) -> Result<Changed> {
        Ok(Changed {
            done: Done::Dropped,
            messages: self.change(which, QueueRequest::Drop).await?,
        })
    }

    async fn change(
        &self,
        which: Which,
        request: fn(Which) -> QueueRequest,
    ) -> Result<Vec<QueuedMessage>> {
        let mut changed = Vec::new();
        if let Which::Ids(ids) = which {
            for ids in ids.chunks(MOST_IDS) {
                let page = self.perform(request(Which::Ids(ids.to_owned()))).await?;
                changed.extend(page.messages);
            }
            return Ok(changed);
        }
        loop {
            let page = self.perform(request(which.clone())).await?;
            let is_last = !page.more || page.messages.is_empty();
            changed.extend(page.messages);
            if is_last {
                return Ok(changed);
            }
        }
    }

    async fn perform(&self, request: QueueRequest) -> Result<QueuePage> {
        match self {
            Self::Gateway(_) => self
                .ask(&request)
                .await?
                .ok_or_else(|| Error::failure("the gateway stopped").hint("run this again")),
            Self::Own { journal: None, .. } => match request {
                QueueRequest::Show { .. }
                | QueueRequest::Retry(Which::Ids(_))
                | QueueRequest::Drop(Which::Ids(_)) => Err(Error::failure("the queue is empty")),
                _ => Ok(QueuePage::default()),
            },
            Self::Own {
                journal: Some(journal),
                ..
            } => {
                let mut page = journal.handle(request).await?.page;
                for message in &mut page.messages {
                    if message.state == QueueState::Waiting {
                        message.waits_for = Some(WaitsFor::Gateway);
                    }
                }
                Ok(page)
            }
        }
    }

    /// Asks the gateway; `None` where none runs.
    async fn ask(&self, request: &QueueRequest) -> Result<Option<QueuePage>> {
        let Self::Gateway(directory) = self else {
            return Ok(None);
        };
        let read = |answer| match answer {
            Answer::Queue(page) => Some(page),
            _ => None,
        };
        ask_for(directory, Request::Queue(request.clone()), LIMIT, read).await
    }
}
