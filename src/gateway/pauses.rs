//! Waiting where the homeserver asks for it, or takes nothing from the account for now. Whatever
//! the bot sends goes through here.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::{NOTICE, retry::spread};
use crate::{
    error::{Error, Result},
    homeserver::{Failure, Restraint},
    ipc::{Pause, now},
    session::RoomFailure,
    threads::lock,
};

/// The longest pause, whatever the homeserver asks for.
pub const LONGEST: Duration = Duration::from_mins(10);
/// The first pause where it names no time; each further one is twice as long.
const FIRST: Duration = Duration::from_secs(2);
/// The shortest, where it names a time that is none.
const SHORTEST: Duration = Duration::from_millis(250);
/// How long the one request may take that shows whether a pause is over.
const TRIAL: Duration = Duration::from_mins(1);

/// What may be paused by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Endpoint {
    /// Asking for news. Nothing but its own refusals pauses it.
    Sync,
    /// Events of all kinds.
    Send,
    Typing,
    Receipts,
    Upload,
    Join,
}

impl Endpoint {
    const fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Send => "sending",
            Self::Typing => "typing notices",
            Self::Receipts => "read receipts",
            Self::Upload => "uploads",
            Self::Join => "joining rooms",
        }
    }
}

/// The pauses of all endpoints. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Pauses(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<BTreeMap<Endpoint, Paused>>,
    /// For how long limits of the rate have held requests back, in milliseconds.
    limited: AtomicU64,
    /// Something was paused, or is not any more.
    changed: watch::Sender<()>,
}

/// An endpoint that is paused.
#[derive(Debug)]
struct Paused {
    began: Instant,
    /// Until then nothing is tried.
    until: Instant,
    /// A request is on its way that shows whether it is over.
    is_on_trial: bool,
    /// How long the next pause is where the homeserver names no time.
    next: Duration,
    /// Why, as it is told.
    told: Pause,
}

/// What failed, and may have failed only because the account is held back.
pub trait Restrained {
    fn restraint(&self) -> Option<Restraint>;
}

impl Restrained for RoomFailure {
    fn restraint(&self) -> Option<Restraint> {
        RoomFailure::restraint(self).cloned()
    }
}

impl Restrained for Error {
    fn restraint(&self) -> Option<Restraint> {
        self.cause().cloned()
    }
}

/// Of an upload.
impl Restrained for Failure {
    fn restraint(&self) -> Option<Restraint> {
        match self {
            // One that is not named may be of files alone.
            Self::Blocked(refusal)
                if refusal.errcode == "M_RESOURCE_LIMIT_EXCEEDED" && !refusal.names_limit =>
            {
                None
            }
            failure => Failure::restraint(failure),
        }
    }
}

impl Pauses {
    /// Makes a request, unless it has to wait; `None` where it has.
    pub async fn attempt<T, E: Restrained>(
        &self,
        endpoint: Endpoint,
        request: impl Future<Output = Result<T, E>>,
    ) -> Option<Result<T, E>> {
        let _trial = self.enter(endpoint)?;
        let began = Instant::now();
        let outcome = request.await;
        match outcome.as_ref().map_err(Restrained::restraint) {
            Ok(_) => self.succeeded(endpoint, began),
            Err(Some(restraint)) => self.begin(endpoint, &restraint),
            Err(None) => {}
        }
        Some(outcome)
    }

    /// Makes a request as soon as it need not wait; `None` where it has to be made again, because
    /// it was the first to meet a pause.
    pub async fn once_over<T, E: Restrained>(
        &self,
        endpoint: Endpoint,
        request: impl Future<Output = Result<T, E>>,
    ) -> Option<Result<T, E>> {
        self.over(endpoint).await;
        match self.attempt(endpoint, request).await {
            Some(Err(failure)) if failure.restraint().is_some() => None,
            outcome => outcome,
        }
    }

    /// Makes a request as soon as it need not wait, and again after each pause that it brings
    /// about.
    pub async fn patiently<T, E: Restrained, F: Future<Output = Result<T, E>>>(
        &self,
        endpoint: Endpoint,
        mut request: impl FnMut() -> F,
    ) -> Result<T, E> {
        loop {
            if let Some(outcome) = self.once_over(endpoint, Box::pin(request())).await {
                return outcome;
            }
        }
    }

    /// Whether requests of this kind have to wait.
    pub fn is_paused(&self, endpoint: Endpoint) -> bool {
        until(&lock(&self.0.state), endpoint).is_some_and(|until| until > Instant::now())
    }

    /// Completes when a request of this kind need not wait.
    pub async fn over(&self, endpoint: Endpoint) {
        let mut changed = self.0.changed.subscribe();
        loop {
            let until = until(&lock(&self.0.state), endpoint);
            let Some(until) = until.filter(|until| *until > Instant::now()) else {
                return;
            };
            tokio::select! {
                () = tokio::time::sleep_until(until.into()) => {}
                // Its sender lives as long as this.
                _ = changed.changed() => {}
            }
        }
    }

    /// What is paused, for those who ask.
    pub fn all(&self) -> Vec<Pause> {
        let state = lock(&self.0.state);
        // Where nothing was to be sent since, nothing has shown whether it is over.
        let is_current = |paused: &&Paused| paused.is_on_trial || paused.until.elapsed() < TRIAL;
        let current = state.values().filter(is_current);
        current.map(|paused| paused.told.clone()).collect()
    }

    /// Lets a request be made now; `None` where it has to wait. Where a pause has just run out,
    /// this one is the trial.
    fn enter(&self, endpoint: Endpoint) -> Option<Trial<'_>> {
        let mut state = lock(&self.0.state);
        let now = Instant::now();
        if until(&state, endpoint).is_some_and(|until| until > now) {
            return None;
        }
        let paused = state.get_mut(&endpoint);
        let is_one = paused.is_some();
        if let Some(paused) = paused {
            paused.until = now + TRIAL;
            paused.is_on_trial = true;
        }
        Some(Trial {
            pauses: self,
            endpoint,
            is_one,
        })
    }

    /// Pauses an endpoint because of this.
    pub fn begin(&self, endpoint: Endpoint, restraint: &Restraint) {
        self.change(|state| {
            let before = state.remove(&endpoint);
            if before.is_none() {
                announce(endpoint, restraint);
            }
            let paused = Paused::new(endpoint, restraint, before);
            if let Restraint::RateLimit { .. } = restraint {
                let wait = paused.until.saturating_duration_since(paused.began);
                // At most the longest pause.
                let wait = u64::try_from(wait.as_millis()).unwrap_or_default();
                self.0.limited.fetch_add(wait, Ordering::Relaxed);
            }
            state.insert(endpoint, paused);
        });
    }

    /// For how long limits of the rate have held requests back since the start, and will at least.
    pub fn limited(&self) -> Duration {
        Duration::from_millis(self.0.limited.load(Ordering::Relaxed))
    }

    /// A request that began then was answered as it should be.
    fn succeeded(&self, endpoint: Endpoint, began: Instant) {
        // One that was under way when the pause began says nothing of it.
        let is_over = |paused: &Paused| paused.began < began;
        let mut state = lock(&self.0.state);
        if state.get(&endpoint).is_some_and(is_over) {
            state.remove(&endpoint);
            drop(state);
            self.0.changed.send_replace(());
            tracing::info!(target: NOTICE, event = "resumed", what = endpoint.name(),
                "{} resumed", endpoint.name());
        }
    }

    /// Where a trial has shown nothing, the next request is another.
    fn end_trial(&self, endpoint: Endpoint) {
        self.change(|state| {
            if let Some(paused) = state.get_mut(&endpoint).filter(|paused| paused.is_on_trial) {
                paused.is_on_trial = false;
                paused.until = Instant::now();
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<Endpoint, Paused>)) {
        change(&mut lock(&self.0.state));
        self.0.changed.send_replace(());
    }
}

/// A request under way, which may be the one that shows whether a pause is over. Whoever drops it
/// has seen nothing.
struct Trial<'a> {
    pauses: &'a Pauses,
    endpoint: Endpoint,
    is_one: bool,
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        if self.is_one {
            self.pauses.end_trial(self.endpoint);
        }
    }
}

impl Paused {
    fn new(endpoint: Endpoint, restraint: &Restraint, before: Option<Self>) -> Self {
        let began = Instant::now();
        let grown = before.as_ref().map_or(FIRST, |before| before.next);
        let (asked, refusal) = match restraint {
            Restraint::RateLimit { after } => (after.map(|after| after.max(SHORTEST)), None),
            Restraint::Account(refusal) => (None, Some(refusal)),
        };
        let mut until = began + spread(asked.unwrap_or(grown).min(LONGEST)).min(LONGEST);
        let mut next = (grown * 2).min(LONGEST);
        // Of requests that are under way at the same time, each may meet the same refusal.
        if let Some(before) = &before
            && before.until > began
            && !before.is_on_trial
        {
            next = grown;
            until = match asked {
                Some(_) => until.max(before.until),
                None => before.until,
            };
        }
        let left = u64::try_from((until - began).as_millis()).unwrap_or(u64::MAX);
        let why = "the homeserver limits the rate".to_owned();
        Self {
            began,
            until,
            is_on_trial: false,
            next,
            told: Pause {
                of: endpoint.name().to_owned(),
                since: before.map_or_else(now, |before| before.told.since),
                until: now().saturating_add(left),
                why: refusal.map_or(why, ToString::to_string),
                refusal: refusal.cloned(),
            },
        }
    }
}

/// Until when requests of this kind have to wait. What is of the whole account pauses all but the
/// asking for news, which is refused by itself.
fn until(state: &BTreeMap<Endpoint, Paused>, endpoint: Endpoint) -> Option<Instant> {
    let applies = |(of, paused): &(&Endpoint, &Paused)| {
        let of_account =
            paused.told.refusal.is_some() && matches!(of, Endpoint::Sync | Endpoint::Send);
        **of == endpoint || (of_account && endpoint != Endpoint::Sync)
    };
    let paused = state.iter().filter(applies);
    paused.map(|(_, paused)| paused.until).max()
}

fn announce(endpoint: Endpoint, restraint: &Restraint) {
    match restraint {
        Restraint::RateLimit { .. } => tracing::warn!(
            event = "paused",
            what = endpoint.name(),
            "the homeserver limits the rate: {} is paused; {restraint}",
            endpoint.name()
        ),
        Restraint::Account(refusal) => tracing::error!(
            event = "paused",
            what = endpoint.name(),
            errcode = refusal.errcode,
            "{refusal}; {} is paused and retried, nothing is lost",
            endpoint.name()
        ),
    }
}

#[cfg(test)]
mod tests;
