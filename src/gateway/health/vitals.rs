//! What is asked of the bot's surroundings when somebody wants to know how it is: the message
//! queue, its disk, the agent.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::timeout;

use super::{millis, probe::Probe};
use crate::{
    agent::Agent,
    error::Error,
    ipc::{Status, Workers, now},
    journal::{Journal, Summary},
    text::excerpt,
    threads::lock,
};

/// How long whoever asks waits for each of these.
const PATIENCE: Duration = Duration::from_secs(3);
/// How old an answer about the disk may be: it costs a write.
const DISK_AGE: Duration = Duration::from_secs(5);
/// How old an answer about the agent may be: it may be a request to a service of somebody else.
const AGENT_AGE: Duration = Duration::from_secs(15);
/// The same while the agent is not there.
const ABSENT_AGE: Duration = Duration::from_secs(5);
/// How long an agent may take to show that it is there.
const AGENT_LIMIT: Duration = Duration::from_secs(5);

/// What of the message queue and its disk is asked.
#[derive(Clone, Debug, Default)]
pub struct Storage {
    summary: Probe<Result<Summary, String>>,
    disk: Probe<Disk>,
}

#[derive(Clone, Debug)]
struct Disk {
    /// Why the message queue cannot be written.
    fault: Option<String>,
    free: Option<u64>,
}

impl Storage {
    /// Completes the status with what is known of them now.
    pub async fn look(&self, journal: &Journal, status: &mut Status) {
        let summary = self.summary.ask(
            |_| Duration::ZERO,
            PATIENCE,
            || {
                let journal = journal.clone();
                async move { journal.summary().await.map_err(|error| words(&error)) }
            },
        );
        let disk = self.disk.ask(
            |_| DISK_AGE,
            PATIENCE,
            || {
                let journal = journal.clone();
                async move {
                    let fault = journal.try_write().await.err().as_ref().map(words);
                    let free = free_bytes(journal.place().to_owned()).await;
                    Disk { fault, free }
                }
            },
        );
        let (summary, disk) = tokio::join!(summary, disk);
        let silent = [self.summary.asked_at(), self.disk.asked_at()];
        let silent = silent.into_iter().flatten().min();
        status.journal_silent_since =
            silent.map(|since| now().saturating_sub(millis(since.elapsed())));
        if let Some(disk) = disk {
            status.journal_fault = disk.fault;
            status.disk_free = disk.free;
        }
        match summary {
            Some(Ok(summary)) => {
                status.last_received_at = summary.last_received_at;
                status.backlog = Some(summary.backlog);
            }
            Some(Err(fault)) => status.journal_fault = Some(fault),
            None => {}
        }
    }
}

fn words(error: &Error) -> String {
    excerpt(&error.to_string())
}

/// Free bytes for this user on the disk with this file.
async fn free_bytes(place: PathBuf) -> Option<u64> {
    let look = move || {
        let space = rustix::fs::statvfs(&place).ok()?;
        let is_root = rustix::process::geteuid().is_root();
        let blocks = if is_root {
            space.f_bfree
        } else {
            space.f_bavail
        };
        Some(blocks.saturating_mul(space.f_frsize))
    };
    tokio::task::spawn_blocking(look).await.ok().flatten()
}

/// Whether the agent can be reached. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Reachability(Arc<Mutex<Option<Asked>>>);

#[derive(Clone, Debug)]
struct Asked {
    agent: Arc<dyn Agent>,
    probe: Probe<Option<String>>,
}

impl Reachability {
    /// This agent answers from now on.
    pub fn is_of(&self, agent: Arc<dyn Agent>) {
        agent.start();
        let probe = Probe::default();
        *lock(&self.0) = Some(Asked { agent, probe });
    }

    /// How those are that answer for it on other machines.
    pub fn workers(&self) -> Option<Workers> {
        lock(&self.0).as_ref()?.agent.workers()
    }

    /// Why it cannot be reached. One that has not shown by now that it is there is not.
    pub async fn fault(&self) -> Option<String> {
        let Asked { agent, probe } = lock(&self.0).clone()?;
        let age = |fault: &Option<_>| match fault {
            Some(_) => ABSENT_AGE,
            None => AGENT_AGE,
        };
        let reaching = || async move {
            let reached = timeout(AGENT_LIMIT, agent.reach()).await;
            reached.map_or_else(|_| Some(silent()), |it| it.err().as_ref().map(words))
        };
        let fault = probe.ask(age, PATIENCE, reaching).await;
        fault.unwrap_or_else(|| Some(silent()))
    }
}

fn silent() -> String {
    "the agent does not answer".to_owned()
}
