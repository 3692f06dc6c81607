//! Asks the questions: all at once as far as their needs allow, each under its deadline.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    panic::{AssertUnwindSafe, resume_unwind},
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use tokio::{
    sync::watch,
    task::{JoinSet, spawn_blocking},
    time::timeout_at,
};

use super::{
    facts::Facts,
    panics::{caught, keep_quiet, quietly, quietly_here},
};
use crate::{
    config::{Env, Paths},
    threads::panic_words,
};

/// How much later than the deadline everything may end.
const GRACE: Duration = Duration::from_millis(200);

/// The bot to examine.
#[derive(Clone, Debug)]
pub struct Context {
    /// Where its files are.
    pub paths: Paths,
    /// How a variable of the environment is looked up.
    pub environment: fn(&str) -> Option<OsString>,
    /// The names of all variables of the environment.
    pub variables: Vec<String>,
    /// Whether the device is tested by using it.
    pub live: bool,
    /// The longest one call to the homeserver may take.
    pub timeout: Duration,
}

impl Context {
    /// The longest one question may take.
    pub const TIMEOUT: Duration = Duration::from_secs(10);

    /// The bot at these places, in this process's environment.
    pub fn new(paths: Paths, live: bool) -> Self {
        let variables = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        Self {
            paths,
            environment: |name| std::env::var_os(name),
            variables: variables.collect(),
            live,
            timeout: Self::TIMEOUT,
        }
    }

    pub fn env(&self) -> Env<'_> {
        &self.environment
    }
}

/// What a probe found out, ready to be written into the facts.
pub type Update = Box<dyn FnOnce(&mut Facts) + Send>;
/// A probe at work.
pub type Work = Pin<Box<dyn Future<Output = Update> + Send>>;
/// Starts a probe; `None` when the facts lack what it needs.
type Start = Arc<dyn Fn(Arc<Context>, &Facts) -> Option<Work> + Send + Sync>;

/// A question, and what must be known to ask it.
#[derive(Clone)]
pub struct Probe {
    pub name: &'static str,
    /// Probes that must have ended before.
    pub needs: &'static [&'static str],
    /// Whether it asks the homeserver.
    pub online: bool,
    start: Start,
}

impl Probe {
    /// A question that is answered on this machine.
    pub fn local(
        name: &'static str,
        needs: &'static [&'static str],
        start: impl Fn(Arc<Context>, &Facts) -> Option<Work> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            needs,
            online: false,
            start: Arc::new(start),
        }
    }

    /// A question to the homeserver.
    pub fn online(
        name: &'static str,
        needs: &'static [&'static str],
        start: impl Fn(Arc<Context>, &Facts) -> Option<Work> + Send + Sync + 'static,
    ) -> Self {
        Self {
            online: true,
            ..Self::local(name, needs, start)
        }
    }
}

/// The field of the facts for the answer to a question.
pub type Slot<T> = fn(&mut Facts) -> &mut Option<T>;

/// A probe at work: the question, and where its answer is written.
#[expect(clippy::unnecessary_wraps, reason = "a probe starts, or does not")]
pub fn ask<T: Send + 'static>(
    slot: Slot<T>,
    question: impl Future<Output = T> + Send + 'static,
) -> Option<Work> {
    Some(Box::pin(async move {
        let answer = question.await;
        Box::new(move |facts: &mut Facts| *slot(facts) = Some(answer)) as Update
    }))
}

/// As [`ask`], for a question that blocks its thread.
pub fn ask_blocking<T: Send + 'static>(
    slot: Slot<T>,
    question: impl FnOnce() -> T + Send + 'static,
) -> Option<Work> {
    ask(slot, async {
        let answer = spawn_blocking(|| quietly_here(question)).await;
        // The caller handles a panic; there is no other error while the program runs.
        answer.unwrap_or_else(|error| resume_unwind(error.into_panic()))
    })
}

/// How a probe ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With an answer, after this time.
    Answered(Duration),
    /// Not at all within this time.
    TimedOut(Duration),
    /// With a panic of this program.
    Panicked(String),
    /// It was not started: it asks the homeserver, and nobody was to.
    Offline,
    /// It was not started: what it needs is not there.
    Unneeded,
    /// It was not started: an answer that it needs is missing.
    Blocked,
}

impl Ending {
    /// Whether there should have been an answer.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::TimedOut(_) | Self::Panicked(_) | Self::Blocked)
    }
}

/// How the probes ended, by their names.
pub type Endings = BTreeMap<&'static str, Ending>;

/// How the probes may ask.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest each may take.
    pub each: Duration,
    /// The longest all together may take.
    pub all: Duration,
    /// Whether the homeserver is left alone.
    pub offline: bool,
}

/// The answers so far: every probe waits for the end of those it needs.
#[derive(Default)]
struct Board {
    facts: Facts,
    endings: Endings,
    started: BTreeMap<&'static str, Instant>,
}

/// Runs these probes and returns what they found, and how each ended.
pub async fn gather(probes: &[Probe], context: Context, limits: Limits) -> (Facts, Endings) {
    keep_quiet();
    let end = Instant::now() + limits.all;
    let board = watch::Sender::<Board>::default();
    let context = Arc::new(context);
    let mut asking = JoinSet::new();
    for probe in probes {
        let (probe, context, board) = (probe.clone(), Arc::clone(&context), board.clone());
        asking.spawn(async move {
            let has_ended = |board: &Board, need| board.endings.contains_key(need);
            let is_ready = |board: &Board| probe.needs.iter().all(|need| has_ended(board, need));
            // It has the sender itself.
            let _ = board.subscribe().wait_for(is_ready).await;
            let asked = ask_in_time(&probe, context, limits, end, &board).await;
            let ending = asked.map_or_else(|ending| ending, Ending::Answered);
            board.send_modify(|board| _ = board.endings.insert(probe.name, ending));
        });
    }
    // A question that blocks its thread misses its deadline: it is left running.
    let all = async { while asking.join_next().await.is_some() {} };
    let _ = timeout_at((end + GRACE).into(), all).await;
    let mut board = board.send_replace(Board::default());
    for probe in probes {
        let left = match board.started.get(probe.name) {
            Some(start) => Ending::TimedOut(start.elapsed()),
            None => Ending::Blocked,
        };
        board.endings.entry(probe.name).or_insert(left);
    }
    (board.facts, board.endings)
}

/// Asks one question and writes the answer down. Returns how long that took.
async fn ask_in_time(
    probe: &Probe,
    context: Arc<Context>,
    limits: Limits,
    end: Instant,
    board: &watch::Sender<Board>,
) -> Result<Duration, Ending> {
    if limits.offline && probe.online {
        return Err(Ending::Offline);
    }
    let start = Instant::now();
    let deadline = end.min(start + limits.each);
    let limit = deadline.saturating_duration_since(start);
    let work = {
        let board = board.borrow();
        let work = caught(|| (probe.start)(context, &board.facts)).map_err(Ending::Panicked)?;
        work.ok_or_else(|| {
            let mut needs = probe
                .needs
                .iter()
                .filter_map(|need| board.endings.get(need));
            let is_blocked = needs.any(Ending::is_missing);
            if is_blocked {
                Ending::Blocked
            } else {
                Ending::Unneeded
            }
        })?
    };
    if limit.is_zero() {
        return Err(Ending::TimedOut(limit));
    }
    board.send_modify(|board| _ = board.started.insert(probe.name, start));
    let work = AssertUnwindSafe(quietly(work)).catch_unwind();
    let answer = timeout_at(deadline.into(), work).await;
    let update = answer
        .map_err(|_| Ending::TimedOut(limit))?
        .map_err(|panic| Ending::Panicked(panic_words(&*panic)))?;
    caught(|| board.send_modify(|board| update(&mut board.facts))).map_err(Ending::Panicked)?;
    Ok(start.elapsed())
}

#[cfg(test)]
mod tests;
