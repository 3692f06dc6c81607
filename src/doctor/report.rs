//! What an examination found, as plain data: one report for every renderer and for the exit code.

use std::time::Duration;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::{redact::Known, repair::Repaired};
use crate::{
    error::Kind,
    terminal::{clean, clean_line},
};

/// The format of the JSON report; another number means another format.
pub const SCHEMA: &str = "nanobot.report/1";

/// The check that tells whether there is a gateway.
const GATEWAY: &str = "gateway.running";

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is as it should be.
    Pass,
    /// It works, and perhaps not for long or not as meant.
    Warn,
    /// It is broken.
    Fail,
    /// It could not be told, or was not asked for.
    Skip,
}

impl Status {
    /// Its name in every format.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }
}

/// What to do about a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// What to do, in a sentence.
    pub text: String,
    /// Commands to copy, in their order.
    pub commands: Vec<String>,
    /// Where to read more.
    pub url: Option<String>,
}

/// One check's result.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The check's stable name.
    pub id: &'static str,
    /// The part of the bot it is about, the name's first word.
    pub category: &'static str,
    /// What holds when it passes.
    pub title: &'static str,
    /// How it ended.
    pub status: Status,
    /// What was found, or why nothing could be.
    pub detail: String,
    /// The failed checks because of which it was skipped.
    pub because: Vec<&'static str>,
    /// What to do; `None` where nothing needs to be done.
    pub remedy: Option<Remedy>,
    /// How long the questions behind it took, in milliseconds.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    pub duration: Duration,
    /// Figures and names for programs.
    pub evidence: Map<String, Value>,
    /// What sort of failure a failing row is; in a warning [`Kind::Unreachable`] says that it may
    /// pass by itself.
    #[serde(skip)]
    pub kind: Kind,
}

impl Row {
    /// Whether a person should read it.
    #[must_use]
    pub fn is_finding(&self) -> bool {
        matches!(self.status, Status::Warn | Status::Fail)
    }
}

/// How many checks ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Checks that passed.
    pub pass: usize,
    /// Warnings.
    pub warn: usize,
    /// Failures.
    pub fail: usize,
    /// Checks that could not be made.
    pub skip: usize,
}

/// The result of an examination.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    schema: &'static str,
    command: &'static str,
    ok: bool,
    exit_code: u8,
    summary: Summary,
    checks: Vec<Row>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repairs: Option<Vec<Repaired>>,
    /// Whether warnings count as failures.
    #[serde(skip)]
    strict: bool,
    /// What tells who and where the bot is.
    #[serde(skip)]
    known: Known,
}

impl Report {
    /// Sums up the results; under `strict` a warning is enough to be not content.
    #[must_use]
    pub fn new(checks: Vec<Row>, strict: bool) -> Self {
        let exit_code = verdict(&checks, strict).map_or(0, Kind::exit_code);
        Self {
            schema: SCHEMA,
            command: "doctor",
            ok: exit_code == 0,
            exit_code,
            summary: sum_up(&checks),
            checks,
            repairs: None,
            strict,
            known: Known::default(),
        }
        .cleaned()
    }

    /// Some of the words are a homeserver's, and some are names of files: no text keeps a
    /// character that could do something to a terminal.
    fn cleaned(self) -> Self {
        let mut report = self.map_texts(&clean);
        let remedies = report.checks.iter_mut().flat_map(|row| &mut row.remedy);
        for command in remedies.flat_map(|remedy| &mut remedy.commands) {
            *command = clean_line(command);
        }
        report
    }

    /// The same report, which can then be redacted.
    #[must_use]
    pub(super) fn knowing(self, known: Known) -> Self {
        Self { known, ..self }
    }

    /// What tells who and where the bot is.
    pub(super) fn known(&self) -> &Known {
        &self.known
    }

    /// Whether a row makes the process fail.
    #[must_use]
    pub fn counts_as_failure(&self, row: &Row) -> bool {
        row.status == Status::Fail || (self.strict && row.status == Status::Warn)
    }

    /// The exit code of the process, the same in every format.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        self.exit_code
    }

    /// How many checks ended how.
    #[must_use]
    pub fn summary(&self) -> Summary {
        self.summary
    }

    /// The results, in the order of the catalogue.
    #[must_use]
    pub fn checks(&self) -> &[Row] {
        &self.checks
    }

    /// The report of what is there after these repairs. A finding that they left is told with the
    /// reason, and with the command that mends it.
    #[must_use]
    pub fn after(mut self, repairs: Vec<Repaired>) -> Self {
        for row in &mut self.checks {
            let left = repairs.iter().filter(|repair| repair.check == row.id);
            let left: Vec<_> = left.filter(|repair| repair.why.is_some()).collect();
            let Some(remedy) = row.remedy.as_mut().filter(|_| !left.is_empty()) else {
                continue;
            };
            let mut reasons: Vec<_> = left.iter().filter_map(|left| left.why.as_deref()).collect();
            reasons.dedup();
            remedy.text = reasons.join("; ");
            let commands = left.iter().filter_map(|left| left.command.clone());
            remedy.commands = commands.collect();
            remedy.commands.dedup();
        }
        self.repairs = Some(repairs);
        self.cleaned()
    }

    /// The same report with every text changed by `rewrite`, ids of checks left out.
    #[must_use]
    pub fn map_texts(mut self, rewrite: &impl Fn(&str) -> String) -> Self {
        for row in &mut self.checks {
            row.detail = rewrite(&row.detail);
            if let Some(remedy) = &mut row.remedy {
                remedy.text = rewrite(&remedy.text);
                for command in &mut remedy.commands {
                    *command = rewrite(command);
                }
            }
            map_members(&mut row.evidence, rewrite);
        }
        for repair in self.repairs.iter_mut().flatten() {
            repair.effect = rewrite(&repair.effect);
            repair.why = repair.why.as_deref().map(rewrite);
        }
        self
    }

    /// Whether everything that failed may pass by itself in a while.
    #[must_use]
    pub fn may_recover(&self) -> bool {
        let mut failed = self.checks.iter().filter(|row| row.status == Status::Fail);
        failed.all(|row| row.kind == Kind::Unreachable)
    }

    /// The first finding that is worth waiting for; `None` where nothing is, because all is well
    /// or somebody has to mend something.
    ///
    /// It is a homeserver that does not answer, or a gateway that is still starting. A gateway
    /// that does not run at all is waited for only under `strict`: who waits for the homeserver
    /// before the gateway is started has none.
    #[must_use]
    pub fn awaited(&self, strict: bool) -> Option<&Row> {
        let mut findings = self.checks.iter().filter(|row| row.is_finding());
        findings
            .find(|row| row.kind == Kind::Unreachable || (strict && row.id == GATEWAY))
            .filter(|_| self.may_recover())
    }

    /// The report of a wait that has ended: what has not passed by itself within this time is a
    /// failure.
    #[must_use]
    pub fn overdue(mut self, waited: Duration, strict: bool) -> Self {
        for row in &mut self.checks {
            if row.status == Status::Warn && row.kind == Kind::Unreachable {
                row.status = Status::Fail;
                row.detail = format!("{} (after {} s)", row.detail, waited.as_secs());
            }
        }
        Self::new(self.checks, strict).knowing(self.known)
    }
}

fn map_value(value: &mut Value, rewrite: &impl Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = rewrite(text),
        Value::Array(items) => items.iter_mut().for_each(|item| map_value(item, rewrite)),
        Value::Object(members) => map_members(members, rewrite),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Names too: an object may list devices or rooms by their ids.
fn map_members(members: &mut Map<String, Value>, rewrite: &impl Fn(&str) -> String) {
    let rewritten = std::mem::take(members)
        .into_iter()
        .map(|(name, mut value)| {
            map_value(&mut value, rewrite);
            (rewrite(&name), value)
        });
    *members = rewritten.collect();
}

fn sum_up(checks: &[Row]) -> Summary {
    let count = |status| checks.iter().filter(|row| row.status == status).count();
    Summary {
        pass: count(Status::Pass),
        warn: count(Status::Warn),
        fail: count(Status::Fail),
        skip: count(Status::Skip),
    }
}

/// What the process ends with: `None` when it is content.
///
/// Of several failures the one nearest to the root decides: a homeserver named wrongly cannot be
/// reached, and one that cannot be reached accepts no token.
fn verdict(checks: &[Row], strict: bool) -> Option<Kind> {
    let failed = |kind| {
        let mut rows = checks.iter();
        rows.any(|row| row.status == Status::Fail && row.kind == kind)
    };
    let by_depth = [Kind::Config, Kind::Unreachable, Kind::NotLoggedIn];
    if let Some(kind) = by_depth.into_iter().find(|kind| failed(*kind)) {
        return Some(kind);
    }
    if checks.iter().any(|row| row.status == Status::Fail) {
        return Some(Kind::Failure);
    }
    let warned = checks.iter().any(|row| row.status == Status::Warn);
    (strict && warned).then_some(Kind::Warnings)
}

fn milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    // An examination ends within hours.
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
pub(super) mod tests;
