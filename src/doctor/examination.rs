//! An examination of the bot, from the questions to the report.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use super::{
    check::{Check, Status, Verdict},
    checks::{COMPLETE, LIVE, catalogue, complete},
    facts::Facts,
    panics::caught,
    probe::{Context, Ending, Endings, Limits, Probe, gather},
    probes,
    redact::{Known, Redactor},
    report::{Report, Row},
    selection::{Selection, probes_of},
};
use crate::{
    config::Paths,
    error::{Kind, Result},
};

/// The longest an examination may take, as a rule.
const LIMIT: Duration = Duration::from_secs(20);
/// The same with a test of the device.
const LIVE_LIMIT: Duration = Duration::from_secs(80);
/// The first pause between two examinations; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// What the last examination of a wait gets at least.
const LAST: Duration = Duration::from_secs(1);

/// Examines this bot without using its device, and leaves these checks or categories out.
pub async fn examine(paths: Paths, skip: &[&str]) -> Report {
    let mut examination = Examination::new(paths, false);
    examination.selection.skip = skip.iter().map(ToString::to_string).collect();
    examination.run().await
}

/// How an examination is made.
#[derive(Clone, Debug)]
pub struct Examination {
    /// What is examined.
    pub context: Context,
    /// Which checks are made.
    pub selection: Selection,
    /// Whether the homeserver is left alone.
    pub offline: bool,
    /// Whether warnings count as failures.
    pub strict: bool,
    /// The longest everything may take.
    pub limit: Duration,
}

impl Examination {
    /// An examination by every check; the device is used only if it is `live`.
    pub fn new(paths: Paths, live: bool) -> Self {
        Self {
            context: Context::new(paths, live),
            selection: Selection::default(),
            offline: false,
            strict: false,
            limit: if live { LIVE_LIMIT } else { LIMIT },
        }
    }

    /// What hides who and where the bot is before anything was asked: what its configuration and
    /// the environment say is known.
    ///
    /// # Errors
    ///
    /// As [`Report::redactor`].
    pub fn redactor(&self) -> Result<Redactor> {
        let facts = Facts {
            config: Some(probes::read_config(&self.context)),
            ..Facts::default()
        };
        Redactor::new(Known::of(&self.context, &facts))
    }

    /// Makes the examination. It changes nothing and never opens the store of a running gateway.
    pub async fn run(&self) -> Report {
        let catalogue: Vec<_> = catalogue().collect();
        self.run_over(&catalogue, &probes::all()).await
    }

    async fn run_over(&self, catalogue: &[&Check], probes: &[Probe]) -> Report {
        let start = Instant::now();
        let mut checks = self.selection.with_needs(catalogue);
        checks.retain(|check| self.context.live || check.category() != LIVE);
        let probes = probes_of(&checks, probes);
        // A test of the device takes as long as many questions.
        let questions = if self.context.live { 6 } else { 1 };
        let limits = Limits {
            each: self.limit.min(Context::TIMEOUT * questions),
            all: self.limit,
            offline: self.offline,
        };
        let context = Context {
            // A call times out before its probe does: its error says more.
            timeout: self.limit.min(Context::TIMEOUT) * 9 / 10,
            ..self.context.clone()
        };
        let (facts, endings) = gather(&probes, context, limits).await;
        let mut rows = Vec::new();
        for check in checks {
            rows.push(judge(check, &facts, &endings, &rows));
        }
        let verdict = completeness(&probes, &endings);
        rows.push(Row::new(&complete(), verdict, Vec::new(), start.elapsed()));
        let roots: Vec<_> = rows.iter().flat_map(|row| row.because.clone()).collect();
        rows.retain(|row| self.selection.wants(row.id) || roots.contains(&row.id));
        group(&mut rows);
        let mut report = Report::new(rows, self.strict);
        report.known = Known::of(&self.context, &facts);
        report
    }

    /// Examines the bot until nothing is left that may pass by itself, for this long at most.
    ///
    /// It ends at once with anything that somebody has to fix. `report_progress` gets what is waited for.
    /// What has not come in time is a failure of the report.
    pub async fn wait(&self, limit: Duration, mut report_progress: impl FnMut(&Row)) -> Report {
        let end = Instant::now() + limit;
        let left = || end.saturating_duration_since(Instant::now());
        let mut pause = FIRST_PAUSE;
        loop {
            let examination = Self {
                limit: self.limit.min(left()),
                ..self.clone()
            };
            let report = examination.run().await;
            let Some(awaited) = report.awaited() else {
                return report;
            };
            report_progress(awaited);
            let spare = left().saturating_sub(LAST);
            if spare.is_zero() {
                return report.overdue(limit);
            }
            tokio::time::sleep(pause.min(spare)).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }
}

/// Judges a check after those it needs, or says why it was skipped.
fn judge(check: &Check, facts: &Facts, endings: &Endings, before: &[Row]) -> Row {
    let ending = endings.get(check.probe);
    // The failed checks for which this one means nothing.
    let mut because = BTreeSet::new();
    for row in before.iter().filter(|row| check.needs.contains(&row.id)) {
        match row.status {
            Status::Fail => _ = because.insert(row.id),
            Status::Skip => because.extend(&row.because),
            Status::Pass | Status::Warn => {}
        }
    }
    let mut because: Vec<_> = because.into_iter().collect();
    let verdict = match ending {
        _ if !because.is_empty() => {
            Verdict::skip(format!("skipped because of {}", because.join(", ")))
        }
        Some(Ending::Offline) => Verdict::skip("skipped because of --offline"),
        Some(ending) if ending.is_missing() => {
            because.push(COMPLETE);
            Verdict::skip("no answer")
        }
        _ => match caught(|| (check.judge)(facts)) {
            Ok(verdict) => verdict.unwrap_or_else(|early| *early),
            Err(words) => Verdict::fail(format!("a bug in nanobot: {words}")),
        },
    };
    let took = match ending {
        Some(Ending::Answered(took) | Ending::TimedOut(took)) => *took,
        _ => Duration::ZERO,
    };
    Row::new(check, verdict, because, took)
}

/// Reports the probes that did not end with an answer.
fn completeness(probes: &[Probe], endings: &Endings) -> Verdict {
    let mut missing = Vec::new();
    let mut kind = Kind::Unreachable;
    let mut answered = 0;
    for Probe { name, online, .. } in probes {
        match endings.get(name) {
            Some(Ending::TimedOut(limit)) => {
                missing.push(if limit.is_zero() {
                    format!("{name}: no time left")
                } else {
                    format!("{name}: no answer within {:.1} s", limit.as_secs_f64())
                });
                if !online {
                    kind = Kind::Failure;
                }
            }
            Some(Ending::Panicked(words)) => {
                missing.push(format!("{name}: a bug in nanobot: {words}"));
                kind = Kind::Failure;
            }
            Some(Ending::Answered(_)) => answered += 1,
            // The missing answer is reported already.
            Some(Ending::Offline | Ending::Unneeded | Ending::Blocked) | None => {}
        }
    }
    if missing.is_empty() {
        Verdict::pass(format!("{answered} questions were answered"))
    } else {
        missing.sort();
        Verdict::fail(missing.join("\n")).kind(kind)
    }
}

/// Brings the rows of a category together, in the order in which the categories begin: a check
/// stands in the catalogue after those it needs, which may be of another one.
fn group(rows: &mut [Row]) {
    let mut categories: Vec<_> = rows.iter().map(|row| row.category).collect();
    let mut seen = BTreeSet::new();
    categories.retain(|category| seen.insert(*category));
    rows.sort_by_key(|row| categories.iter().position(|name| *name == row.category));
}

#[cfg(test)]
mod tests;
