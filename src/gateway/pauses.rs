//! Waiting where the homeserver asks for it, or takes nothing from the account for now. Whatever
//! the bot sends goes through here.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::backoff::jitter;
use crate::{
    error::{Error, Result},
    homeserver::{Failure, Refusal, Restraint},
    instance::{self, Pause, now},
    session::{RoomFailure, Session, Step},
};

/// The longest pause, whatever the homeserver asks for.
pub(super) const LONGEST: Duration = Duration::from_mins(10);
/// The first pause where it names no time; each further one is twice as long.
const FIRST: Duration = Duration::from_secs(2);
/// The shortest, where it names a time that is none.
const SHORTEST: Duration = Duration::from_millis(250);
/// How long the one request may take that shows whether a pause is over.
const TRIAL: Duration = Duration::from_mins(1);

/// What may be paused by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Endpoint {
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
#[derive(Clone)]
pub(super) struct Pauses(Arc<Shared>);

struct Shared {
    state: Mutex<BTreeMap<Endpoint, Paused>>,
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
    /// Whether it is for the whole account.
    of_account: bool,
    /// Why, as it is told.
    told: Pause,
}

/// What failed, and may have failed only because the account is held back.
pub(super) trait Restrained {
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

impl fmt::Debug for Pauses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pauses").field(&*self.state()).finish()
    }
}

impl Default for Pauses {
    fn default() -> Self {
        Self(Arc::new(Shared {
            state: Mutex::default(),
            changed: watch::Sender::new(()),
        }))
    }
}

impl Pauses {
    /// Makes a request, unless it has to wait; `None` where it has.
    pub(super) async fn attempt<T, E: Restrained>(
        &self,
        endpoint: Endpoint,
        request: impl Future<Output = Result<T, E>>,
    ) -> Option<Result<T, E>> {
        let _trial = self.enter(endpoint)?;
        let began = Instant::now();
        let outcome = request.await;
        match &outcome {
            Ok(_) => self.succeeded(endpoint, began),
            Err(failure) => {
                if let Some(restraint) = failure.restraint() {
                    self.begin(endpoint, &restraint);
                }
            }
        }
        Some(outcome)
    }

    /// Makes a request as soon as it need not wait, and again after each pause that it brings
    /// about.
    pub(super) async fn patiently<T, E: Restrained, F: Future<Output = Result<T, E>>>(
        &self,
        endpoint: Endpoint,
        mut request: impl FnMut() -> F,
    ) -> Result<T, E> {
        loop {
            self.over(endpoint).await;
            match self.attempt(endpoint, request()).await {
                Some(Err(failure)) if failure.restraint().is_some() => {}
                Some(outcome) => return outcome,
                None => {}
            }
        }
    }

    /// Takes a sync step as soon as it need not wait, and again after each pause that it brings
    /// about.
    pub(super) async fn step(&self, session: &mut Session, poll: Duration) -> Result<Step> {
        loop {
            self.over(Endpoint::Sync).await;
            let step = Box::pin(session.step(poll));
            match self.attempt(Endpoint::Sync, step).await {
                Some(Err(error)) if Restrained::restraint(&error).is_some() => {}
                Some(outcome) => return outcome,
                None => {}
            }
        }
    }

    /// Whether requests of this kind have to wait.
    pub(super) fn is_paused(&self, endpoint: Endpoint) -> bool {
        until(&self.state(), endpoint).is_some_and(|until| until > Instant::now())
    }

    /// Completes when a request of this kind need not wait.
    pub(super) async fn over(&self, endpoint: Endpoint) {
        let mut changed = self.0.changed.subscribe();
        loop {
            let until = until(&self.state(), endpoint);
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
    pub(super) fn all(&self) -> Vec<Pause> {
        let state = self.state();
        // Where nothing was to be sent since, nothing has shown whether it is over.
        let is_current = |paused: &&Paused| paused.is_on_trial || paused.until.elapsed() < TRIAL;
        let current = state.values().filter(is_current);
        current.map(|paused| paused.told.clone()).collect()
    }

    /// Lets a request be made now; `None` where it has to wait. Where a pause has just run out,
    /// this one is the trial.
    fn enter(&self, endpoint: Endpoint) -> Option<Trial<'_>> {
        let mut state = self.state();
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
    pub(super) fn begin(&self, endpoint: Endpoint, restraint: &Restraint) {
        let mut state = self.state();
        let before = state.remove(&endpoint);
        if before.is_none() {
            announce(endpoint, restraint);
        }
        state.insert(endpoint, Paused::new(endpoint, restraint, before));
        drop(state);
        self.0.changed.send_replace(());
    }

    /// A request that began then was answered as it should be.
    fn succeeded(&self, endpoint: Endpoint, began: Instant) {
        let mut state = self.state();
        // One that was under way when the pause began says nothing of it.
        if state
            .get(&endpoint)
            .is_some_and(|paused| paused.began < began)
        {
            state.remove(&endpoint);
            tracing::info!("{} goes on", endpoint.name());
            drop(state);
            self.0.changed.send_replace(());
        }
    }

    /// Where a trial has shown nothing, the next request is another.
    fn end_trial(&self, endpoint: Endpoint) {
        let mut state = self.state();
        if let Some(paused) = state.get_mut(&endpoint).filter(|paused| paused.is_on_trial) {
            paused.is_on_trial = false;
            paused.until = Instant::now();
            drop(state);
            self.0.changed.send_replace(());
        }
    }

    fn state(&self) -> MutexGuard<'_, BTreeMap<Endpoint, Paused>> {
        let state = self.0.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
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
        let asked = match restraint {
            Restraint::RateLimit { after } => after.map(|after| after.max(SHORTEST)),
            Restraint::Account(_) => None,
        };
        let pause = asked.unwrap_or(grown).min(LONGEST).mul_f64(jitter());
        let mut until = began + pause.min(LONGEST);
        let mut next = (grown * 2).min(LONGEST);
        // Of requests that are under way at the same time, each may meet the same refusal.
        if let Some(before) = &before
            && before.until > began
            && !before.is_on_trial
        {
            next = grown;
            until = if asked.is_some() {
                until.max(before.until)
            } else {
                before.until
            };
        }
        let left = u64::try_from((until - began).as_millis()).unwrap_or(u64::MAX);
        let refusal = match restraint {
            Restraint::RateLimit { .. } => None,
            Restraint::Account(refusal) => Some(refusal.clone()),
        };
        Self {
            began,
            until,
            is_on_trial: false,
            next,
            of_account: refusal.is_some(),
            told: Pause {
                of: endpoint.name().to_owned(),
                since: before.map_or_else(now, |before| before.told.since),
                until: now().saturating_add(left),
                why: match &refusal {
                    Some(refusal) => refusal.to_string(),
                    None => "the homeserver limits how fast the bot may go".to_owned(),
                },
                refusal: refusal.map(
                    |Refusal {
                         errcode,
                         message,
                         link,
                         ..
                     }| {
                        instance::Refusal {
                            errcode,
                            message,
                            link,
                        }
                    },
                ),
            },
        }
    }
}

/// Until when requests of this kind have to wait. What is of the whole account pauses all but the
/// asking for news, which is refused by itself.
fn until(state: &BTreeMap<Endpoint, Paused>, endpoint: Endpoint) -> Option<Instant> {
    let own = state.get(&endpoint).map(|paused| paused.until);
    let of_account = [Endpoint::Sync, Endpoint::Send]
        .iter()
        .filter(|of| endpoint != Endpoint::Sync && **of != endpoint)
        .filter_map(|of| state.get(of))
        .filter(|paused| paused.of_account)
        .map(|paused| paused.until);
    of_account.chain(own).max()
}

fn announce(endpoint: Endpoint, restraint: &Restraint) {
    match restraint {
        Restraint::RateLimit { .. } => tracing::warn!(
            "the homeserver limits how fast the bot may go: {} waits; {restraint}",
            endpoint.name()
        ),
        Restraint::Account(refusal) => tracing::error!(
            "{refusal}; {} waits, nothing is lost, and it is tried again and again",
            endpoint.name()
        ),
    }
}

#[cfg(test)]
mod tests;
