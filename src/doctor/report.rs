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
pub(super) mod tests {
    use super::*;

    /// A row for tests of what comes after.
    pub(in crate::doctor) fn row(id: &'static str, status: Status, kind: Kind) -> Row {
        Row {
            id,
            category: id.split('.').next().unwrap_or(id),
            title: "All is well",
            status,
            detail: format!("the detail of {id}"),
            because: Vec::new(),
            remedy: None,
            duration: Duration::from_millis(12),
            evidence: Map::new(),
            kind,
        }
    }

    #[test]
    fn the_root_failure_decides_the_exit_code() {
        let mut rows = vec![row("a.pass", Status::Pass, Kind::Config)];
        let code = |rows: &[Row], strict| Report::new(rows.to_vec(), strict).exit_code();
        assert_eq!(code(&rows, true), 0);
        for (status, kind, expected) in [
            (Status::Warn, Kind::Config, 0),
            (Status::Fail, Kind::Failure, 1),
            (Status::Fail, Kind::NotLoggedIn, 4),
            (Status::Fail, Kind::Unreachable, 69),
            (Status::Fail, Kind::Config, 78),
            (Status::Fail, Kind::Failure, 78),
        ] {
            rows.push(row("a.b", status, kind));
            assert_eq!(code(&rows, false), expected);
        }
        let warned = [row("a.b", Status::Warn, Kind::Failure)];
        assert_eq!(code(&warned, true), 3);
    }

    #[test]
    fn no_text_does_anything_to_a_terminal() {
        let mut bad = row("a.b", Status::Fail, Kind::Failure);
        let hostile = "x\u{1b}[31m\u{202e}\ny";
        bad.detail = hostile.to_owned();
        bad.remedy = Some(Remedy {
            text: hostile.to_owned(),
            commands: vec![hostile.to_owned()],
            url: None,
        });
        bad.evidence
            .insert("names".to_owned(), serde_json::json!([{hostile: hostile}]));
        let report = Report::new(vec![bad], false);
        let row = &report.checks()[0];
        assert_eq!(row.detail, "x [31m \ny");
        let remedy = row.remedy.as_ref().unwrap();
        assert_eq!(remedy.commands, ["x [31m  y"]);
        let json = serde_json::to_string(&report).unwrap();
        assert!(
            !json.contains("u001b") && !json.contains('\u{202e}'),
            "{json}"
        );
    }

    #[test]
    fn only_an_absent_homeserver_is_worth_waiting_for() {
        let away = row("a.away", Status::Fail, Kind::Unreachable);
        let revoked = row("a.revoked", Status::Fail, Kind::NotLoggedIn);
        assert!(Report::new(vec![away.clone()], false).may_recover());
        assert!(!Report::new(vec![away, revoked], false).may_recover());
    }

    /// The id that these rows are worth waiting for.
    fn awaited(rows: &[(&'static str, Status, Kind)], strict: bool) -> Option<&'static str> {
        let rows = rows
            .iter()
            .map(|(id, status, kind)| row(id, *status, *kind));
        let report = Report::new(rows.collect(), strict);
        report.awaited(strict).map(|row| row.id)
    }

    #[test]
    fn what_passes_by_itself_is_awaited_unless_something_does_not() {
        let away = ("a.away", Status::Fail, Kind::Unreachable);
        let starting = ("gateway.sync", Status::Warn, Kind::Unreachable);
        let stopped = (GATEWAY, Status::Warn, Kind::Failure);
        let other = ("a.warning", Status::Warn, Kind::Failure);
        let broken = ("a.broken", Status::Fail, Kind::Config);
        for (rows, lenient, strict) in [
            (vec![other], None, None),
            (vec![other, away], Some("a.away"), Some("a.away")),
            (vec![away, broken], None, None),
            (vec![starting], Some("gateway.sync"), Some("gateway.sync")),
            (vec![starting, broken], None, None),
            (vec![stopped], None, Some(GATEWAY)),
        ] {
            assert_eq!(awaited(&rows, false), lenient, "{rows:?}");
            assert_eq!(awaited(&rows, true), strict, "{rows:?}");
        }
    }

    #[test]
    fn what_did_not_pass_in_time_is_a_failure() {
        let rows = vec![
            row("gateway.sync", Status::Warn, Kind::Unreachable),
            row("a.warning", Status::Warn, Kind::Failure),
        ];
        let report = Report::new(rows, false).overdue(Duration::from_secs(7), false);
        assert_eq!(report.exit_code(), 69);
        assert_eq!((report.summary().fail, report.summary().warn), (1, 1));
        assert!(report.checks()[0].detail.ends_with("(after 7 s)"));
    }

    #[test]
    fn what_was_not_mended_is_told_with_the_reason() {
        let finding = |id| {
            let remedy = Remedy {
                text: "as a rule".to_owned(),
                commands: vec!["nanobot doctor --fix".to_owned()],
                url: None,
            };
            Row {
                remedy: Some(remedy),
                ..row(id, Status::Warn, Kind::Failure)
            }
        };
        let repair = |check, why: Option<&str>| Repaired {
            check,
            effect: "chmod 600 /x".to_owned(),
            done: false,
            why: why.map(str::to_owned),
            command: Some("sudo chmod 600 /x".to_owned()),
        };
        let rows = vec![finding("a.blocked"), finding("a.declined")];
        let repairs = vec![
            repair("a.blocked", Some("not ours")),
            repair("a.declined", None),
        ];
        let report = Report::new(rows, false).after(repairs);
        let [blocked, declined] = report.checks() else {
            panic!("two rows");
        };
        let blocked = blocked.remedy.as_ref().unwrap();
        assert_eq!(blocked.text, "not ours");
        assert_eq!(blocked.commands, ["sudo chmod 600 /x"]);
        assert_eq!(declined.remedy.as_ref().unwrap().text, "as a rule");
        let report = report.map_texts(&|text| text.replace("/x", "PATH"));
        let json = report.to_json().unwrap();
        assert_eq!(json["repairs"][0]["effect"], "chmod 600 PATH");
        assert_eq!(json["repairs"][0]["done"], false);
    }
}
