//! From facts to rows: every wanted check is judged, or told why it cannot be.

use std::{collections::BTreeMap, time::Duration};

use super::{
    check::{Check, Verdict},
    engine::{Ending, Probe},
    facts::Facts,
    mistake::caught,
    report::{Row, Status},
};
use crate::error::Kind;

/// The check that tells of questions which got no answer.
pub(super) const COMPLETE: &str = "doctor.complete";

/// Judges these checks, which come after those they need.
pub(super) fn evaluate(
    checks: &[&'static Check],
    facts: &Facts,
    endings: &BTreeMap<&'static str, Ending>,
) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for check in checks {
        let because = roots(check, &rows);
        let ending = endings.get(check.probe);
        let verdict = if because.is_empty() {
            judge(check, facts, ending)
        } else {
            Verdict::skip(format!("not told, because of {}", because.join(", ")))
        };
        let unanswered = because.is_empty() && ending.is_some_and(Ending::is_missing);
        let because = if unanswered { vec![COMPLETE] } else { because };
        rows.push(row(check, verdict, because, ending));
    }
    rows
}

/// The failed checks for which this one means nothing.
fn roots(check: &Check, rows: &[Row]) -> Vec<&'static str> {
    let mut roots = Vec::new();
    for row in rows.iter().filter(|row| check.needs.contains(&row.id)) {
        match row.status {
            Status::Fail => roots.push(row.id),
            Status::Skip => roots.extend(&row.because),
            Status::Pass | Status::Warn => {}
        }
    }
    roots.sort_unstable();
    roots.dedup();
    roots
}

fn judge(check: &Check, facts: &Facts, ending: Option<&Ending>) -> Verdict {
    match ending {
        Some(Ending::Offline) => return Verdict::skip("not asked, because of --offline"),
        Some(ending) if ending.is_missing() => return Verdict::skip("no answer came"),
        _ => {}
    }
    match caught(|| (check.judge)(facts)) {
        Ok(Some(verdict)) => verdict,
        Ok(None) => Verdict::skip("there is nothing to look at"),
        Err(words) => Verdict::fail(format!("a mistake in nanobot: {words}")),
    }
}

fn row(
    check: &Check,
    verdict: Verdict,
    because: Vec<&'static str>,
    ending: Option<&Ending>,
) -> Row {
    let is_finding = matches!(verdict.status, Status::Warn | Status::Fail);
    let remedy = verdict.remedy.unwrap_or_default();
    Row {
        id: check.id,
        category: check.category(),
        title: check.title,
        status: verdict.status,
        detail: verdict.detail,
        because,
        remedy: is_finding.then(|| check.remedy(remedy, verdict.has_usual_commands)),
        duration: match ending {
            Some(Ending::Answered(took) | Ending::TimedOut(took)) => *took,
            _ => Duration::ZERO,
        },
        evidence: verdict.evidence,
        kind: verdict.kind,
    }
}

/// Tells of the probes that did not end with an answer.
pub(super) fn completeness(
    check: &Check,
    probes: &[Probe],
    endings: &BTreeMap<&'static str, Ending>,
    took: Duration,
) -> Row {
    let mut missing = Vec::new();
    let mut kind = Kind::Unreachable;
    for (name, ending) in endings {
        match ending {
            Ending::TimedOut(patience) => {
                missing.push(if patience.is_zero() {
                    format!("{name}: no time was left to ask")
                } else {
                    format!("{name}: no answer within {:.1} s", patience.as_secs_f64())
                });
                if !probes
                    .iter()
                    .any(|probe| probe.name == *name && probe.online)
                {
                    kind = Kind::Failure;
                }
            }
            Ending::Panicked(words) => {
                missing.push(format!("{name}: a mistake in nanobot: {words}"));
                kind = Kind::Failure;
            }
            // What bereft it is told.
            Ending::Answered(_) | Ending::Offline | Ending::Unneeded | Ending::Bereft => {}
        }
    }
    let verdict = if missing.is_empty() {
        let asked = |ending: &&Ending| matches!(ending, Ending::Answered(_));
        let count = endings.values().filter(asked).count();
        Verdict::pass(format!("{count} questions were answered"))
    } else {
        Verdict::fail(missing.join("\n")).kind(kind)
    };
    Row {
        duration: took,
        ..row(check, verdict, Vec::new(), None)
    }
}

#[cfg(test)]
mod tests;
