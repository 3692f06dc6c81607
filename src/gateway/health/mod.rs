//! How the running bot is, kept current for those who ask from outside.

mod agent_outage;
mod exposition;
mod http;
pub mod metrics;
mod pages;
mod probe;
mod process;
mod queue;
mod vitals;

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::sync::Notify;

pub use self::agent_outage::News;
pub use self::queue::QueueHandler;
use self::{
    agent_outage::AgentOutage,
    metrics::Metrics,
    vitals::{Reachability, Storage},
};
use super::{NOTICE, pauses::Pauses, refusals::Refusals, settings::Settings};
use crate::{
    config::Secret,
    error::{Error, Kind, Result},
    homeserver::Reach,
    ipc::{
        AgentInUse, Answer, Encryption, LastError, Request, Status, Stored, Turn, WaitsFor, age,
        now,
    },
    journal::{Invitation, Journal},
    session::{
        BackupWatch, Credentials, KeyConflict, Progress, SelfTester, Session, SyncFault,
        Verifications,
    },
    text::{counted, duration, excerpt},
    threads::lock,
};

/// The most rooms that are told of into which the bot was not let.
const MOST_NOT_JOINED: usize = 50;
/// How long a self test may take.
const SELF_TEST_LIMIT: Duration = Duration::from_secs(45);

/// How the bot is. Clones share it.
#[derive(Clone, Debug)]
pub struct Health {
    /// All but what the others know better at the moment they are asked.
    status: Arc<Mutex<Status>>,
    /// The device, as soon as it is open.
    device: Arc<OnceLock<Device>>,
    /// The message queue, as soon as messages are answered.
    queue: Arc<Mutex<Option<Arc<dyn QueueHandler>>>>,
    /// How often the homeserver was tried since it is unreachable.
    failed_attempts: Arc<AtomicU32>,
    /// The messages that were not answered.
    pub refusals: Refusals,
    /// What waits because the homeserver asks for it.
    pub pauses: Pauses,
    /// What is counted and measured.
    pub metrics: Metrics,
    /// Whether the agent can be reached.
    agent: Reachability,
    /// Whether it answers what it is asked.
    pub agent_outage: AgentOutage,
    /// Notified where there is news of keys: others may see other keys now.
    pub key_news: Arc<Notify>,
    access_token: Secret,
}

#[derive(Debug)]
struct Device {
    journal: Journal,
    storage: Storage,
    backup: BackupWatch,
    key_conflict: KeyConflict,
    tester: SelfTester,
    progress: Progress,
    /// None where encryption is switched off.
    verifications: Option<Verifications>,
}

impl Health {
    pub fn new(credentials: &Credentials, e2ee_enabled: bool) -> Self {
        let status = Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            started_at: now(),
            user_id: credentials.user_id.clone(),
            device_id: credentials.device_id.clone(),
            homeserver: credentials.homeserver.to_string(),
            encryption: if e2ee_enabled {
                Encryption::Unknown
            } else {
                Encryption::Off
            },
            ..Status::default()
        };
        Self {
            status: Arc::new(Mutex::new(status)),
            device: Arc::default(),
            queue: Arc::default(),
            failed_attempts: Arc::default(),
            refusals: Refusals::default(),
            pauses: Pauses::default(),
            metrics: Metrics::default(),
            agent: Reachability::default(),
            agent_outage: AgentOutage::default(),
            key_news: Arc::default(),
            access_token: credentials.access_token.clone(),
        }
    }

    /// These settings are in use, of a configuration that was read then; of other keys it has values
    /// that count only after a restart.
    pub fn configured(&self, settings: &Settings, read_at: u64, needs_restart: Vec<String>) {
        let agent = &settings.agent;
        self.agent.is_of(Arc::clone(&agent.agent));
        let mut status = lock(&self.status);
        status.configured_at = read_at;
        status.needs_restart = needs_restart;
        status.access = settings.policy.describe();
        status.agent = AgentInUse {
            kind: agent.kind.to_owned(),
            description: agent.describe(),
        };
    }

    /// The answer to what somebody asks through the socket.
    pub async fn tell(&self, request: Request) -> Answer {
        if let Request::Status = request {
            return Answer::Status(Box::new(self.status().await));
        }
        let queue = lock(&self.queue).clone();
        let request = match (request, queue) {
            (Request::Queue(request), Some(queue)) => {
                return queue.answer(request, self.obstacle()).await;
            }
            (Request::Why { event_id }, Some(queue)) => return queue.why(event_id).await,
            (Request::Queue(_) | Request::Why { .. }, None) => {
                return Answer::refused("has not connected to the homeserver yet");
            }
            (request, _) => request,
        };
        let Some(device) = self.device.get() else {
            return Answer::refused("has not opened its store yet");
        };
        match (request, &device.verifications) {
            (Request::Verify(request), Some(verifications)) => {
                match verifications.perform(request).await {
                    Ok(verifications) => Answer::Verifications { verifications },
                    Err(error) => error.into(),
                }
            }
            (Request::Verify(_), None) => Answer::refused("runs with e2eeEnabled: false"),
            _ => Answer::SelfTest(Box::new(device.tester.run(SELF_TEST_LIMIT).await)),
        }
    }

    /// How the bot is now.
    pub async fn status(&self) -> Status {
        let mut status = lock(&self.status).clone();
        status.pauses = self.pauses.all();
        status.refused = self.refusals.all();
        status.workers = self.agent.workers();
        if let Some(device) = self.device.get() {
            let (fault, backup, ()) = tokio::join!(
                self.agent.fault(),
                device.backup.is_enabled(),
                device.storage.look(&device.journal, &mut status)
            );
            status.agent_fault = fault;
            status.backup_enabled = Some(backup);
            status.key_conflict = device.key_conflict.is_seen();
            status.turn = status.turn.map(|turn| turn.advanced(device.progress.at()));
        }
        status.judged()
    }

    /// The store is open.
    pub async fn opened(
        &self,
        session: &Session,
        e2ee_enabled: bool,
        verifications: Option<Verifications>,
    ) -> Result<()> {
        let keys = session.keys().await?;
        let device = Device {
            journal: session.journal.clone(),
            storage: Storage::default(),
            backup: session.backup_watch(),
            key_conflict: session.key_conflict.clone(),
            tester: session.self_tester(e2ee_enabled),
            progress: session.progress.clone(),
            verifications,
        };
        lock(&self.status).keys = Some(keys);
        // A device is opened once in a run.
        let _ = self.device.set(device);
        Ok(())
    }

    /// Messages are answered from now on.
    pub fn open_queue(&self, queue: Arc<dyn QueueHandler>) {
        *lock(&self.queue) = Some(queue);
    }

    /// The sync loop turns: what comes now should take this long beside its requests.
    pub fn turns(&self, expected: Duration) {
        lock(&self.status).turn = Some(Turn::begun(expected));
    }

    /// The gateway stops, for this reason if it is a failure.
    pub fn stops(&self, outcome: &Result<()>) {
        lock(&self.status).stopping_since = Some(now());
        if let Err(error) = outcome {
            self.failed(error);
            if error.kind() == Kind::NotLoggedIn {
                lock(&self.status).token_fault = Some(self.words(error));
            }
        }
    }

    /// This is kept beside the store.
    pub fn stores(&self, storage: Stored) {
        lock(&self.status).storage = Some(storage);
    }

    /// The disk is full; whether that is news.
    pub fn room_lost(&self) -> bool {
        let mut status = lock(&self.status);
        let is_new = status.disk_full_since.is_none();
        status.disk_full_since.get_or_insert_with(now);
        is_new
    }

    /// Whether the disk is known to be full.
    pub fn is_disk_full(&self) -> bool {
        lock(&self.status).disk_full_since.is_some()
    }

    /// The disk is not full; since when it was.
    pub fn room_found(&self) -> Option<u64> {
        lock(&self.status).disk_full_since.take()
    }

    /// A sync was answered and journaled, though something may be wrong with it.
    pub fn synced(&self, fault: Option<SyncFault>) {
        let fault = fault.map(|fault| fault.to_string());
        let (before, away_since) = {
            let mut status = lock(&self.status);
            status.connected = true;
            status.last_sync_at = Some(now());
            let before = std::mem::replace(&mut status.sync_fault, fault.clone());
            (before, status.away_since.take())
        };
        if let Some(since) = away_since {
            let attempts = self.failed_attempts.swap(0, Ordering::Relaxed);
            let time = age(since);
            tracing::info!(target: NOTICE, event = "recovered", attempts, ms = millis(time),
                "homeserver reachable again after {} ({})",
                duration(time), counted(attempts, "failed attempt"));
        }
        match (before, fault) {
            (None, Some(fault)) => tracing::error!(event = "sync_fault", "{fault}"),
            (Some(_), None) => {
                tracing::info!(target: NOTICE, event = "sync_recovered",
                    "the homeserver answers syncs correctly again");
            }
            _ => {}
        }
    }

    /// The homeserver could not be reached, and is tried again after this time. Of an outage only
    /// the first failure is worth a warning.
    pub fn away(&self, error: &Error, pause: Duration) {
        self.failed(error);
        self.turns(pause);
        let attempts = self.failed_attempts.fetch_add(1, Ordering::Relaxed);
        lock(&self.status).away_since.get_or_insert_with(now);
        let (why, pause) = (why_unreachable(error), duration(pause));
        if attempts == 0 {
            tracing::warn!(
                event = "outage",
                "homeserver unreachable ({why}); retrying in {pause}"
            );
        } else {
            tracing::debug!("homeserver still unreachable ({why}); retrying in {pause}");
        }
    }

    /// Whether the first sync is done.
    pub fn is_connected(&self) -> bool {
        lock(&self.status).connected
    }

    /// Whether the homeserver is known to be unreachable, so that whatever else fails because of
    /// that need not be told.
    pub fn is_away(&self) -> bool {
        lock(&self.status).away_since.is_some()
    }

    /// What everything waits for.
    fn obstacle(&self) -> Option<WaitsFor> {
        if self.is_disk_full() {
            return Some(WaitsFor::Disk);
        }
        self.is_away().then_some(WaitsFor::Homeserver)
    }

    /// So many messages were answered.
    pub fn count_answered(&self, messages: usize) {
        let mut status = lock(&self.status);
        status.answered += u64::try_from(messages).unwrap_or_default();
        status.last_answered_at = Some(now());
    }

    /// Something failed.
    pub fn failed(&self, error: &Error) {
        let error = LastError {
            at: now(),
            message: self.words(error),
            kind: error.kind(),
        };
        lock(&self.status).last_error = Some(error);
    }

    /// Whether others can encrypt to the device: why not, or that they can.
    pub fn encryption(&self, trouble: Option<&Error>) {
        let encryption = trouble.map_or(Encryption::Ready, |error| Encryption::Broken {
            message: self.words(error),
            at: now(),
        });
        lock(&self.status).encryption = encryption;
    }

    /// The homeserver has so many one-time keys of the device.
    pub fn one_time_keys(&self, count: u64) {
        lock(&self.status).one_time_keys = Some(count);
    }

    /// The homeserver does not let the bot into a room that it was invited to.
    pub fn not_joined(&self, room: &str, error: &Error) {
        let why = self.words(error);
        let mut status = lock(&self.status);
        status.not_joined.insert(excerpt(room), why);
        if status.not_joined.len() > MOST_NOT_JOINED {
            status.not_joined.pop_first();
        }
    }

    /// These invitations are open; the others are no concern any more.
    pub fn invitations(&self, open: &[Invitation]) {
        let mut status = lock(&self.status);
        if !status.not_joined.is_empty() {
            let open: BTreeSet<_> = open.iter().map(|open| excerpt(&open.room_id)).collect();
            status.not_joined.retain(|room, _| open.contains(room));
        }
    }

    /// The bot is in a room.
    pub fn joined(&self, room: &str) {
        lock(&self.status).not_joined.remove(&excerpt(room));
    }

    /// Whether the device can be traced to its owner.
    pub fn verified(&self, verified: bool) {
        lock(&self.status).verified = Some(verified);
    }

    /// An error in words that are fit to be shown.
    pub fn words(&self, error: &Error) -> String {
        excerpt(&Secret::redact(&error.to_string(), &[&self.access_token]))
    }
}

/// Why the homeserver cannot be reached, in a few words.
fn why_unreachable(error: &Error) -> String {
    match error.cause::<Reach>() {
        Some(reach) => reach.to_string(),
        None => excerpt(&error.to_string()),
    }
}

/// A duration as the log has it.
pub fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
