//! How the running bot is, kept current for those who ask from outside.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{pauses::Pauses, verification};
use crate::{
    config::Secret,
    error::{Error, Result},
    homeserver::{Account, tame},
    inbox::Inbox,
    instance::{
        Answer, Backlog, Encryption, IdentityKeys, LastError, Request, Server, Status, now,
    },
    policy::Rule,
    session::{Credentials, KeyConflict, SelfTester, Session, SyncFault, Verifications},
};

/// How long the journal may take to say what waits.
const JOURNAL_LIMIT: Duration = Duration::from_secs(2);
/// How long a self test may take.
const SELF_TEST_LIMIT: Duration = Duration::from_secs(45);

/// What it says to those who come too early.
const NOT_OPEN: &str = "has not opened its store yet";

/// How the bot is. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Health {
    state: Arc<Mutex<State>>,
    /// What waits because the homeserver asks for it.
    pub(super) pauses: Pauses,
    access_token: Secret,
}

#[derive(Debug)]
struct State {
    /// All but what `device` knows better at the moment it is asked.
    status: Status,
    /// The device, as soon as it is open.
    device: Option<Device>,
}

#[derive(Clone, Debug)]
struct Device {
    inbox: Inbox,
    key_conflict: KeyConflict,
    tester: SelfTester,
    /// None where encryption is switched off.
    verifications: Option<Verifications>,
}

impl Health {
    pub(super) fn new(credentials: &Credentials, e2ee_enabled: bool) -> Self {
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
        let state = State {
            status,
            device: None,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            pauses: Pauses::default(),
            access_token: credentials.access_token.clone(),
        }
    }

    /// Answers in this directory from now on. A bot that cannot be asked is still a bot, so it
    /// only warns where that cannot be.
    pub(super) fn serve(&self, directory: &Path) -> Option<Server> {
        let health = self.clone();
        let answer = move |request| {
            let health = health.clone();
            async move { health.answer(request).await }
        };
        Server::start(directory, answer)
            .inspect_err(|error| tracing::warn!(%error, "nobody can ask this gateway how it is"))
            .ok()
    }

    async fn answer(&self, request: Request) -> Answer {
        match request {
            Request::Status => Answer::Status(Box::new(self.status().await)),
            Request::SelfTest => match self.with(|state| state.device.clone()) {
                Some(device) => {
                    Answer::SelfTest(Box::new(device.tester.run(SELF_TEST_LIMIT).await))
                }
                None => Answer::refused(NOT_OPEN),
            },
            Request::Verify(request) => match self.with(|state| state.device.clone()) {
                Some(Device {
                    verifications: Some(verifications),
                    ..
                }) => verification::answer(&verifications, request).await,
                Some(_) => Answer::refused("runs with e2eeEnabled: false"),
                None => Answer::refused(NOT_OPEN),
            },
        }
    }

    /// How the bot is now.
    pub(super) async fn status(&self) -> Status {
        let (mut status, device) = self.with(|state| (state.status.clone(), state.device.clone()));
        status.pauses = self.pauses.all();
        if let Some(device) = device {
            status.key_conflict = device.key_conflict.is_seen();
            status.backlog = backlog(&device.inbox).await;
        }
        status
    }

    /// The store is open.
    pub(super) async fn opened(
        &self,
        session: &Session,
        account: &Account,
        e2ee_enabled: bool,
        verifications: Option<Verifications>,
    ) -> Result<()> {
        let keys = session.keys().await?;
        let device = Device {
            inbox: session.inbox().clone(),
            key_conflict: session.key_conflict(),
            tester: session.self_tester(account, e2ee_enabled),
            verifications,
        };
        self.with(|state| {
            state.status.keys = Some(IdentityKeys {
                ed25519: keys.ed25519,
                curve25519: keys.curve25519,
            });
            state.device = Some(device);
        });
        Ok(())
    }

    /// A sync was answered and journaled, though something may be wrong with it.
    pub(super) fn synced(&self, fault: Option<SyncFault>) {
        let fault = fault.map(|fault| fault.to_string());
        let before = self.with(|State { status, .. }| {
            status.connected = true;
            status.last_sync_at = Some(now());
            status.away_since = None;
            std::mem::replace(&mut status.sync_fault, fault.clone())
        });
        match (before, fault) {
            (None, Some(fault)) => tracing::error!("{fault}"),
            (Some(_), None) => tracing::info!("the homeserver's syncs are sound again"),
            _ => {}
        }
    }

    /// The homeserver could not be reached.
    pub(super) fn away(&self, error: &Error) {
        self.failed(error);
        self.with(|State { status, .. }| {
            status.away_since.get_or_insert_with(now);
        });
    }

    /// Something failed.
    pub(super) fn failed(&self, error: &Error) {
        let error = LastError {
            at: now(),
            message: self.words(error),
            kind: error.kind().name().to_owned(),
        };
        self.with(|state| state.status.last_error = Some(error));
    }

    /// Whether others can encrypt to the device: why not, or that they can.
    pub(super) fn encryption(&self, trouble: Option<&Error>) {
        let encryption = match trouble {
            None => Encryption::Ready,
            Some(error) => Encryption::Broken {
                message: self.words(error),
                at: now(),
            },
        };
        self.with(|state| state.status.encryption = encryption);
    }

    /// A message was not answered by this rule.
    pub(super) fn refused(&self, rule: Rule) {
        self.with(|State { status, .. }| {
            let refused = status.refused.entry(rule.name().to_owned()).or_default();
            refused.count += 1;
            refused.last_at = now();
        });
    }

    /// Whether the device can be traced to its owner.
    pub(super) fn verified(&self, verified: bool) {
        self.with(|state| state.status.verified = Some(verified));
    }

    /// An error in words that are fit to be shown.
    pub(super) fn words(&self, error: &Error) -> String {
        tame(&error.to_string(), &[&self.access_token])
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What waits, unless the disk keeps the journal busy.
async fn backlog(inbox: &Inbox) -> Option<Backlog> {
    match tokio::time::timeout(JOURNAL_LIMIT, inbox.summary()).await {
        Ok(Ok(summary)) => Some(summary.backlog),
        Ok(Err(error)) => {
            tracing::warn!(%error, "cannot say what waits");
            None
        }
        Err(_) => None,
    }
}
