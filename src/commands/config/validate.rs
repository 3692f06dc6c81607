//! `nanobot config validate`: every fault and warning at once.

use serde_json::{Value, json};

use super::{
    Outcome, environment, outcome,
    words::{finding, finding_json, tally},
};
use crate::{
    cli::config::Validate,
    config::{Finding, Paths, Severity, inspect, unknown_variables},
    error::{Kind, Result},
};

/// The exit code for warnings under `--strict`.
const WARNINGS: u8 = 3;

pub(super) fn run(args: &Validate, paths: &Paths) -> Result<Outcome> {
    let names: Vec<_> = std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .collect();
    let mut findings = unknown_variables(names.iter().map(String::as_str));
    findings.extend(inspect(paths.config_file(), &environment)?);
    Ok(report(args, paths, &findings))
}

fn report(args: &Validate, paths: &Paths, findings: &[Finding]) -> Outcome {
    let file = paths.config_file().display();
    let tally = tally(findings);
    let (exit_code, kind) = match findings.iter().map(|finding| finding.severity).max() {
        Some(Severity::Error) => (Kind::Config.exit_code(), Kind::Config.name()),
        Some(Severity::Warning) if args.strict => (WARNINGS, "warnings"),
        _ => (0, ""),
    };
    let mut lines: Vec<_> = findings.iter().map(|found| finding(found, false)).collect();
    lines.push(match (findings, exit_code) {
        ([], _) => format!("{file} is valid"),
        (_, 0) => format!("{file} is valid, with {tally}"),
        (_, WARNINGS) => format!("{file} has {tally}, which --strict refuses"),
        _ => format!("{file} is invalid: {tally}"),
    });
    let error = match exit_code {
        0 => Value::Null,
        _ => {
            json!({"kind": kind, "message": lines.last(), "hint": findings.last().map(|found| &found.fix)})
        }
    };
    let mut outcome = outcome(
        lines.join("\n"),
        [
            ("file", json!(paths.config_file())),
            ("strict", json!(args.strict)),
            ("findings", findings.iter().map(finding_json).collect()),
        ],
    );
    if !error.is_null() {
        outcome.json.insert("error".to_owned(), error);
    }
    outcome.exit_code = exit_code;
    outcome
}
