//! What an examination found, as plain data: one report for every renderer and for the exit code.

use std::{fmt, time::Duration};

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::{
    doctor::{
        check::{Check, Status, Verdict},
        fix::Repair,
        redact::{Known, Redactor},
    },
    error::{Kind, Remedy, Result},
    text::{clean, clean_line, counted},
};

/// The format of the JSON report; another number means another format.
const SCHEMA: &str = "nanobot.report/1";

/// The check of the running gateway.
const GATEWAY: &str = "gateway.running";

/// One check's result.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The check's stable name.
    pub id: &'static str,
    /// The part of the bot it is about, the name's first word.
    pub category: &'static str,
    /// The good state, in a sentence.
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
    /// Whether it is shown although it passed.
    #[serde(skip)]
    pub is_note: bool,
}

impl Row {
    /// What became of a check.
    pub fn new(
        check: &Check,
        verdict: Verdict,
        because: Vec<&'static str>,
        duration: Duration,
    ) -> Self {
        let is_finding = matches!(verdict.status, Status::Warn | Status::Fail);
        Self {
            id: check.id,
            category: check.category(),
            title: check.explanation().title,
            status: verdict.status,
            because,
            remedy: is_finding.then(|| check.remedy(&verdict)),
            detail: verdict.detail,
            duration,
            evidence: verdict.evidence,
            kind: verdict.kind,
            is_note: verdict.is_note,
        }
    }

    /// Whether it is a problem.
    pub fn is_finding(&self) -> bool {
        matches!(self.status, Status::Warn | Status::Fail)
    }
}

/// How many checks ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub pass: usize,
    pub warn: usize,
    pub fail: usize,
    pub skip: usize,
}

impl Summary {
    pub fn of(rows: &[Row]) -> Self {
        let count = |status| rows.iter().filter(|row| row.status == status).count();
        Self {
            pass: count(Status::Pass),
            warn: count(Status::Warn),
            fail: count(Status::Fail),
            skip: count(Status::Skip),
        }
    }
}

/// The result in one sentence, without its full stop.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failures = counted(self.fail as u64, "failure");
        let warnings = counted(self.warn as u64, "warning");
        match (self.fail, self.warn) {
            (0, 0) => f.write_str("No problems found")?,
            (0, _) => write!(f, "No failures, {warnings}")?,
            (_, 0) => f.write_str(&failures)?,
            (_, _) => write!(f, "{failures}, {warnings}")?,
        }
        write!(f, "; {} passed", self.pass)?;
        match self.skip {
            0 => Ok(()),
            skipped => write!(f, ", {skipped} skipped"),
        }
    }
}

/// How much a text shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Findings only; nothing where all is well.
    Quiet,
    /// The findings, and one line for all that is fine.
    Normal,
    /// Every check, and how long it took.
    Verbose,
}

/// The result of an examination.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    schema: &'static str,
    command: &'static str,
    ok: bool,
    /// The exit code of the process, the same in every format.
    pub exit_code: u8,
    pub summary: Summary,
    /// The results, in the order of the catalogue.
    pub checks: Vec<Row>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repairs: Option<Vec<Repair>>,
    /// Whether warnings count as failures.
    #[serde(skip)]
    strict: bool,
    /// Names that identify the bot or its people.
    #[serde(skip)]
    pub known: Known,
}

impl Report {
    /// Sums up the results; under `strict` a warning is enough to be not content.
    pub fn new(checks: Vec<Row>, strict: bool) -> Self {
        let exit_code = verdict(&checks, strict).map_or(0, Kind::exit_code);
        Self {
            schema: SCHEMA,
            command: "doctor",
            ok: exit_code == 0,
            exit_code,
            summary: Summary::of(&checks),
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

    /// The problems.
    pub fn findings(&self) -> impl Iterator<Item = &Row> + Clone {
        self.checks.iter().filter(|row| row.is_finding())
    }

    /// The same, those first that are the likely cause of others: failures before warnings, and the
    /// failure that decides the exit code before all.
    pub fn causes_first(&self) -> Vec<&Row> {
        let depth = |row: &&Row| {
            let depth = CAUSES.iter().position(|kind| *kind == row.kind);
            (row.status != Status::Fail, depth.unwrap_or(CAUSES.len()))
        };
        let mut rows: Vec<_> = self.findings().collect();
        rows.sort_by_key(depth);
        rows
    }

    /// Whether a row makes the process fail.
    pub fn counts_as_failure(&self, row: &Row) -> bool {
        row.status == Status::Fail || (self.strict && row.status == Status::Warn)
    }

    /// The report after these repairs. A finding that is left gets the reason, and the command that
    /// fixes it.
    pub fn after(mut self, repairs: Vec<Repair>) -> Self {
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

    /// What hides the names of users, devices, rooms, servers and places in texts about this bot.
    ///
    /// # Errors
    ///
    /// When the system has no random numbers: a pseudonym could then be guessed back.
    pub fn redactor(&self) -> Result<Redactor> {
        Redactor::new(self.known.clone())
    }

    /// The same report with pseudonyms. Where two names were the same they still are, within what
    /// this redactor has redacted.
    pub fn redacted(self, redactor: &Redactor) -> Self {
        self.map_texts(&|text| redactor.text(text))
    }

    /// The same report with every text changed by `rewrite`, ids of checks left out.
    fn map_texts(mut self, rewrite: &impl Fn(&str) -> String) -> Self {
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
    fn may_recover(&self) -> bool {
        let mut failed = self.checks.iter().filter(|row| row.status == Status::Fail);
        failed.all(|row| row.kind == Kind::Unreachable)
    }

    /// The first finding that is worth waiting for; `None` where nothing is, because all is well
    /// or somebody has to fix something.
    ///
    /// It is a homeserver that does not answer, or a gateway that is still starting. A gateway
    /// that does not run at all is waited for only under `strict`: who waits for the homeserver
    /// before the gateway is started has none.
    pub fn awaited(&self) -> Option<&Row> {
        self.findings()
            .find(|row| row.kind == Kind::Unreachable || (self.strict && row.id == GATEWAY))
            .filter(|_| self.may_recover())
    }

    /// The report of a wait that has ended: what has not passed by itself within this time is a
    /// failure.
    pub fn overdue(mut self, waited: Duration) -> Self {
        for row in &mut self.checks {
            if row.status == Status::Warn && row.kind == Kind::Unreachable {
                row.status = Status::Fail;
                row.detail = format!("{} (after {} s)", row.detail, waited.as_secs());
            }
        }
        Self {
            known: self.known,
            ..Self::new(self.checks, self.strict)
        }
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

/// Kinds of failure, those first that cause the others.
const CAUSES: [Kind; 3] = [Kind::Config, Kind::Unreachable, Kind::NotLoggedIn];

/// What the process ends with: `None` when it is content.
///
/// Of several failures the one nearest to the root decides: a homeserver named wrongly cannot be
/// reached, and one that cannot be reached accepts no token.
fn verdict(checks: &[Row], strict: bool) -> Option<Kind> {
    let failed = || checks.iter().filter(|row| row.status == Status::Fail);
    let mut by_depth = CAUSES.into_iter();
    let root = by_depth.find(|kind| failed().any(|row| row.kind == *kind));
    let any_failure = || failed().next().map(|_| Kind::Failure);
    let warned = || strict && checks.iter().any(|row| row.status == Status::Warn);
    root.or_else(any_failure)
        .or_else(|| warned().then_some(Kind::Warnings))
}

fn milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    // An examination ends within hours.
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
pub mod tests;
