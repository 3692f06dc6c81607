//! Runs the probes: all at once as far as their needs allow, each under its deadline.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{task::JoinSet, time::timeout_at};

use super::{
    facts::Facts,
    mistake::{asking, asking_here, caught, keep_quiet, words},
    subject::Subject,
};

/// What the clocks of the questions may be late, all together.
const GRACE: Duration = Duration::from_millis(200);

/// What a probe found out, ready to be written into the facts.
pub(super) type Update = Box<dyn FnOnce(&mut Facts) + Send>;
/// A probe at work.
pub(super) type Work = Pin<Box<dyn Future<Output = Update> + Send>>;

/// A question, and what must be known to ask it.
#[derive(Clone, Copy)]
pub(super) struct Probe {
    pub(super) name: &'static str,
    /// Probes that must have ended before.
    pub(super) needs: &'static [&'static str],
    /// Whether it asks the homeserver.
    pub(super) online: bool,
    /// Starts it; `None` when the facts lack what it needs.
    pub(super) start: fn(Arc<Subject>, &Facts) -> Option<Work>,
}

impl Probe {
    /// A question that is answered on this machine.
    pub(super) const fn local(
        name: &'static str,
        needs: &'static [&'static str],
        start: fn(Arc<Subject>, &Facts) -> Option<Work>,
    ) -> Self {
        let online = false;
        Self {
            name,
            needs,
            online,
            start,
        }
    }

    /// A question to the homeserver.
    pub(super) const fn online(
        name: &'static str,
        needs: &'static [&'static str],
        start: fn(Arc<Subject>, &Facts) -> Option<Work>,
    ) -> Self {
        let online = true;
        Self {
            name,
            needs,
            online,
            start,
        }
    }
}

/// A probe at work: the question, and where its answer is written.
#[expect(clippy::unnecessary_wraps, reason = "a probe starts, or does not")]
pub(super) fn ask<T: Send + 'static>(
    question: impl Future<Output = T> + Send + 'static,
    write: fn(&mut Facts, T),
) -> Option<Work> {
    Some(Box::pin(async move {
        let answer = question.await;
        Box::new(move |facts: &mut Facts| write(facts, answer)) as Update
    }))
}

/// As [`ask`], for a question that keeps its thread waiting.
pub(super) fn ask_blocking<T: Send + 'static>(
    question: impl FnOnce() -> T + Send + 'static,
    write: fn(&mut Facts, T),
) -> Option<Work> {
    let question = async move {
        match tokio::task::spawn_blocking(|| asking_here(question)).await {
            Ok(answer) => answer,
            Err(error) => match error.try_into_panic() {
                // The engine tells a panic from an answer.
                Ok(panic) => std::panic::resume_unwind(panic),
                // The program ends, and nobody waits for the answer.
                Err(_) => std::future::pending().await,
            },
        }
    };
    ask(question, write)
}

/// How a probe ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// With an answer, after this time.
    Answered(Duration),
    /// Not at all within this time.
    TimedOut(Duration),
    /// In a mistake of this program.
    Panicked(String),
    /// It was not started: it asks the homeserver, and nobody was to.
    Offline,
    /// It was not started: what it needs is not there.
    Unneeded,
    /// It was not started: the answer to a question before it is missing.
    Bereft,
}

/// How long probes may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Each.
    pub(super) each: Duration,
    /// All together.
    pub(super) all: Duration,
}

/// Runs these probes and returns what they found, and how each ended.
pub(super) async fn gather(
    probes: &[Probe],
    subject: Arc<Subject>,
    offline: bool,
    patience: Patience,
) -> (Facts, BTreeMap<&'static str, Ending>) {
    keep_quiet();
    let mut run = Run {
        end: Instant::now() + patience.all,
        patience,
        subject,
        facts: Facts::default(),
        endings: BTreeMap::new(),
        waiting: probes.to_vec(),
        working: JoinSet::new(),
        started: BTreeMap::new(),
    };
    loop {
        run.start_what_can(offline);
        let deadline = run.end + GRACE;
        match timeout_at(deadline.into(), run.working.join_next_with_id()).await {
            Ok(Some(ended)) => run.take(ended),
            Ok(None) => break,
            // A question that keeps its thread does not look at its own clock.
            Err(_) => {
                run.give_up();
                break;
            }
        }
    }
    (run.facts, run.endings)
}

struct Run {
    end: Instant,
    patience: Patience,
    subject: Arc<Subject>,
    facts: Facts,
    endings: BTreeMap<&'static str, Ending>,
    waiting: Vec<Probe>,
    working: JoinSet<Result<Update, Duration>>,
    started: BTreeMap<tokio::task::Id, (&'static str, Instant)>,
}

impl Run {
    /// Starts every probe whose needs have ended, until no more can be.
    fn start_what_can(&mut self, offline: bool) {
        loop {
            let endings = &self.endings;
            let ready = |probe: &Probe| probe.needs.iter().all(|need| endings.contains_key(need));
            let (ready, waiting): (Vec<_>, Vec<_>) =
                self.waiting.drain(..).partition(|probe| ready(probe));
            self.waiting = waiting;
            if ready.is_empty() {
                return;
            }
            for probe in ready {
                self.start(&probe, offline);
            }
        }
    }

    fn start(&mut self, probe: &Probe, offline: bool) {
        if offline && probe.online {
            self.endings.insert(probe.name, Ending::Offline);
            return;
        }
        let now = Instant::now();
        let deadline = self.end.min(now + self.patience.each);
        let patience = deadline.saturating_duration_since(now);
        let started = caught(|| (probe.start)(Arc::clone(&self.subject), &self.facts));
        let work = match started {
            Ok(Some(_)) if patience.is_zero() => Err(Ending::TimedOut(patience)),
            Ok(Some(work)) => Ok(work),
            Ok(None) => Err(self.without_need(probe)),
            Err(words) => Err(Ending::Panicked(words)),
        };
        let work = match work {
            Ok(work) => work,
            Err(ending) => {
                self.endings.insert(probe.name, ending);
                return;
            }
        };
        let task = self.working.spawn(async move {
            timeout_at(deadline.into(), asking(work))
                .await
                .map_err(|_| patience)
        });
        self.started.insert(task.id(), (probe.name, now));
    }

    /// Why a probe had nothing to ask with.
    fn without_need(&self, probe: &Probe) -> Ending {
        let mut needs = probe.needs.iter().filter_map(|need| self.endings.get(need));
        if needs.any(Ending::is_missing) {
            Ending::Bereft
        } else {
            Ending::Unneeded
        }
    }

    /// Leaves what is still being asked, and what waits for it.
    fn give_up(&mut self) {
        for (name, start) in self.started.values() {
            self.endings.insert(name, Ending::TimedOut(start.elapsed()));
        }
        for probe in &self.waiting {
            self.endings.insert(probe.name, Ending::Bereft);
        }
    }

    fn take(
        &mut self,
        ended: Result<(tokio::task::Id, Result<Update, Duration>), tokio::task::JoinError>,
    ) {
        let id = match &ended {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        // Every task that ends was started above.
        let Some((name, start)) = self.started.remove(&id) else {
            return;
        };
        let ending = match ended {
            Ok((_, Ok(update))) => match caught(|| update(&mut self.facts)) {
                Ok(()) => Ending::Answered(start.elapsed()),
                Err(words) => Ending::Panicked(words),
            },
            Ok((_, Err(patience))) => Ending::TimedOut(patience),
            Err(error) => Ending::Panicked(match error.try_into_panic() {
                Ok(panic) => words(&*panic),
                Err(error) => error.to_string(),
            }),
        };
        self.endings.insert(name, ending);
    }
}

impl Ending {
    /// Whether there should have been an answer.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::TimedOut(_) | Self::Panicked(_) | Self::Bereft)
    }
}

#[cfg(test)]
mod tests;
