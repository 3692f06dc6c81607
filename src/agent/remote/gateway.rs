//! The gateway's side of an agent on other machines.

use std::{
    num::NonZeroUsize,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use futures_util::future::{BoxFuture, FutureExt};
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use super::{
    document::{Asked, Job, News, Outcome, SentContent, SentFile, StoredFile, Task, VERSION},
    inbox::Inbox,
    nats::{Courier, Keeping, Settings, Upload},
};
use crate::{
    agent::{
        Agent, Answer, Answering, Attachment, Check, Content, Draft, Failure, Kind, Question,
        Surroundings,
        memory::{Budget, History, Turn, newest},
    },
    config::Section,
    error::{Error, Result},
    ipc::Workers,
    text::counted,
    threads::lock,
};

pub const KIND: Kind = Kind {
    name: "nats",
    about: "workers on other machines, over NATS JetStream",
    keys: &[("agent.servers", "Addresses of the message broker")],
    runs_programs: false,
    conversations: ELSEWHERE,
    build: |section, surroundings| Ok(Box::new(Remote::read(section, surroundings)?)),
};

/// Conversations that workers are asked about at the same time.
// A constant: the compiler would refuse a 0.
const ELSEWHERE: NonZeroUsize = NonZeroUsize::new(200).unwrap();
/// How long a worker's agent may take where the configuration does not say.
const TIME_LIMIT: Duration = Duration::from_mins(10);
/// After how much silence of a worker another is given its question.
const WORKER_TIMEOUT: Duration = Duration::from_secs(30);
/// The longest that either is configured to, in seconds.
const LONGEST: usize = 24 * 60 * 60;
/// The most brokers that keep each message.
const MOST_REPLICAS: usize = 5;
/// How long forgetting a conversation may take.
const FORGET_LIMIT: Duration = Duration::from_secs(20);
/// How much of text files is remembered with a question, in bytes.
const MOST_TEXT: usize = 64 * 1024;
/// What is told of a conversation at most; each agent makes its own choice of that.
const BUDGET: Budget = Budget {
    tokens: 100_000,
    messages: 200,
};

/// Has workers answer.
#[derive(Debug)]
struct Remote {
    courier: Arc<Courier>,
    history: Arc<History>,
    inbox: Inbox,
    time_limit: Duration,
    worker_timeout: Duration,
}

impl Remote {
    fn read(section: &mut Section, surroundings: &Surroundings) -> Result<Self> {
        let directory = &surroundings.directory;
        let settings = Settings::read(section, directory)?;
        let replicas = section.count("replicas", MOST_REPLICAS)?;
        let worker_timeout = section.seconds("workerTimeoutSeconds", LONGEST)?;
        let worker_timeout = worker_timeout.unwrap_or(WORKER_TIMEOUT);
        let time_limit = section.seconds("timeoutSeconds", LONGEST)?;
        let keeping = Keeping {
            replicas: replicas.unwrap_or(NonZeroUsize::MIN),
            worker_timeout,
        };
        let matrix = surroundings.document.matrix(&surroundings.environment)?;
        Ok(Self {
            courier: Arc::new(Courier::new(settings, keeping)),
            history: Arc::new(History::of(directory)),
            inbox: Inbox::of(directory, matrix.max_media_bytes),
            time_limit: time_limit.unwrap_or(TIME_LIMIT),
            worker_timeout,
        })
    }

    async fn ask(&self, question: &Question, draft: &Draft) -> Result<Answer, Failure> {
        draft.set_working(false);
        let conversation = question.conversation();
        let key = conversation.clone();
        let said = self.history.recall(move |history| history.load(&key)).await;
        let mut said = said.map_err(Failure::lost)?;
        // Answered before, and that answer is not written down: it is asked again.
        said.retain(|turn| !turn.is_of_event(&question.event_id));
        let id = job_id(question);
        let (files, uploads) = files(&id, &question.attachments).await;
        let asked = Asked {
            question: Question {
                attachments: Vec::new(),
                history: None,
                ..question.clone()
            },
            files,
            history: newest(&said, BUDGET).to_vec(),
            is_watched: draft.is_watched(),
        };
        let job = self.job(id, &question.event_id, Task::Answer(Box::new(asked)));
        let objects: Vec<_> = uploads
            .iter()
            .map(|upload| upload.stored.object.clone())
            .collect();
        let outcome = self.bring(&job, &uploads, draft).await;
        self.courier.remove(objects);
        let answer = match outcome {
            Outcome::Answer {
                text,
                files,
                extras,
            } => {
                let receiving = self.inbox.receive(&self.courier, &job.id, text, &files);
                Answer {
                    extras,
                    ..receiving.await
                }
            }
            Outcome::Failure { mut words, error } => {
                if words.is_empty() {
                    SPEECHLESS.clone_into(&mut words);
                }
                return Err(Failure::new(words, Error::failure(error)));
            }
            // It was checked.
            Outcome::Forgotten => Answer::default(),
        };
        let turn = Turn {
            event: question.event_id.clone(),
            question: question.told(MOST_TEXT).await,
            answer: answer.text.clone(),
            ..Turn::default()
        };
        let add = move |history: &History| history.add(&conversation, turn, usize::MAX, BUDGET);
        if let Err(error) = self.history.recall(add).await {
            // The answer is worth more than that the next one knows of it.
            tracing::error!("cannot remember an answer: {error}");
        }
        Ok(answer)
    }

    fn job(&self, id: String, event_id: &str, task: Task) -> Job {
        Job {
            version: VERSION,
            receipt: hash(&["receipt", &id, event_id]),
            id,
            time_limit: self.time_limit.as_secs(),
            task,
        }
    }

    /// What came of a job. Whoever drops this withdraws it.
    async fn bring(&self, job: &Job, uploads: &[Upload], draft: &Draft) -> Outcome {
        let withdraw = Withdraw {
            courier: Some(self.courier.clone()),
            id: job.id.clone(),
        };
        let heard = Mutex::new(Instant::now());
        let bringing = self.courier.bring(job, uploads, |news| {
            *lock(&heard) = Instant::now();
            draft.set_working(true);
            if let News::Text(text) = news {
                draft.show(&text);
            }
        });
        // Nobody is at work any more where nothing was heard for that long.
        let watching = async {
            loop {
                tokio::time::sleep(self.worker_timeout / 4).await;
                if lock(&heard).elapsed() > self.worker_timeout {
                    draft.set_working(false);
                }
            }
        };
        let reply = tokio::select! {
            reply = bringing => reply,
            never = watching => never,
        };
        draft.set_working(true);
        withdraw.forget();
        tracing::debug!(worker = reply.worker, "answered by a worker");
        reply.outcome
    }
}

/// What is said where the worker did not say why it failed.
const SPEECHLESS: &str = "I could not answer that. See the bot's log for the reason.";

impl Agent for Remote {
    fn describe(&self) -> String {
        format!(
            "workers, through the message broker {}",
            self.courier.describe()
        )
    }

    fn answer<'a>(&'a self, question: &'a Question, draft: &'a Draft) -> Answering<'a> {
        self.ask(question, draft).boxed()
    }

    fn start(&self) {
        self.courier.start();
    }

    fn workers(&self) -> Option<Workers> {
        Some(self.courier.workers())
    }

    fn forget<'a>(&'a self, conversation: &'a str) -> BoxFuture<'a, Result<()>> {
        async move {
            let key = conversation.to_owned();
            self.history
                .recall(move |history| history.forget(&key))
                .await?;
            // What the worker's agent remembers by itself.
            let id = hash(&["forget", conversation, &random()?]);
            let job = self.job(id, "", Task::Forget(conversation.to_owned()));
            let (draft, _) = Draft::new();
            let forgetting = self.bring(&job, &[], &draft);
            match tokio::time::timeout(FORGET_LIMIT, forgetting).await {
                Ok(Outcome::Failure { error, .. }) => Err(Error::failure(error)),
                Ok(_) => Ok(()),
                Err(_) => Err(
                    Error::failure("no worker has forgotten the conversation in time")
                        .hint("check the workers")
                        .command("nanobot agent check"),
                ),
            }
        }
        .boxed()
    }

    fn attachments_from(&self) -> &[PathBuf] {
        self.inbox.directories()
    }

    fn check(&self, _may_ask: bool) -> BoxFuture<'_, Vec<Check>> {
        async move {
            let (version, queue, workers) = match self.courier.look().await {
                Ok(found) => found,
                Err(error) => return vec![Check::new("broker", Err(error))],
            };
            let broker = format!("NATS {version} at {} is reachable", self.courier.describe());
            let depth = queue.map_or_else(
                || "not created yet; the gateway creates it when it starts".to_owned(),
                |queue| {
                    format!(
                        "{} waiting, {} in progress",
                        queue.waiting, queue.in_progress
                    )
                },
            );
            let names: Vec<_> = workers
                .running
                .iter()
                .map(|worker| format!("{} ({}, {})", worker.name, worker.version, worker.agent))
                .collect();
            let found = if names.is_empty() {
                Err(
                    Error::failure("no worker is running, so nothing is answered")
                        .hint("start one on any machine")
                        .command("nanobot worker"),
                )
            } else {
                let count = counted(names.len() as u64, "worker");
                Ok(format!("{count} running: {}", names.join(", ")))
            };
            vec![
                Check::new("broker", Ok(broker)),
                Check::new("queue", Ok(depth)),
                Check::new("workers", found),
            ]
        }
        .boxed()
    }
}

/// Withdraws a job when it is dropped before it is done.
struct Withdraw {
    courier: Option<Arc<Courier>>,
    id: String,
}

impl Withdraw {
    fn forget(mut self) {
        self.courier = None;
    }
}

impl Drop for Withdraw {
    fn drop(&mut self) {
        if let Some(courier) = self.courier.take()
            && let Ok(runtime) = Handle::try_current()
        {
            let id = std::mem::take(&mut self.id);
            runtime.spawn(async move { courier.cancel(&id).await });
        }
    }
}

/// The files of a question as they travel, and what has to be uploaded for that.
async fn files(id: &str, attachments: &[Attachment]) -> (Vec<SentFile>, Vec<Upload>) {
    let (mut files, mut uploads) = (Vec::new(), Vec::new());
    for (number, attachment) in attachments.iter().enumerate() {
        let content = match &attachment.content {
            Content::TooLarge => SentContent::TooLarge,
            Content::Blocked => SentContent::Blocked,
            Content::Failed => SentContent::Failed,
            Content::Kept { path, .. } => match tokio::fs::read(path).await {
                Ok(bytes) => {
                    let stored = StoredFile::of(format!("{id}.q{number}"), &bytes);
                    uploads.push(Upload {
                        stored: stored.clone(),
                        path: path.clone(),
                    });
                    SentContent::Stored(stored)
                }
                Err(error) => {
                    tracing::error!("cannot read the attachment {}: {error}", path.display());
                    SentContent::Failed
                }
            },
        };
        files.push(SentFile::new(attachment, content));
    }
    (files, uploads)
}

/// What a question is known by at the broker.
fn job_id(question: &Question) -> String {
    if question.id.is_empty() {
        // It is asked once. Without random numbers, the time tells it from others.
        let chance = random().unwrap_or_else(|_| crate::ipc::now().to_string());
        return hash(&["once", &chance]);
    }
    hash(&["question", &question.id])
}

fn random() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::failure(format!("the system has no random numbers: {error}")))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

fn hash(words: &[&str]) -> String {
    format!("{:.32x}", Sha256::digest(words.join("\n")))
}
