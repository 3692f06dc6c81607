//! `nanobot config validate`: every fault and warning at once.

use serde_json::json;

use super::{
    Outcome, environment, outcome,
    words::{finding, finding_json, tally},
};
use crate::{
    cli::config::Validate,
    config::{Finding, Paths, Severity, inspect, unknown_variables},
    error::{Kind, Result},
};

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
    let kind = match findings.iter().map(|finding| finding.severity).max() {
        Some(Severity::Error) => Some(Kind::Config),
        Some(Severity::Warning) if args.strict => Some(Kind::Warnings),
        _ => None,
    };
    let verdict = match (findings, kind) {
        ([], _) => format!("{file} is valid"),
        (_, None) => format!("{file} is valid, with {tally}"),
        (_, Some(Kind::Warnings)) => format!("{file} has {tally}, which --strict refuses"),
        (_, Some(_)) => format!("{file} is invalid: {tally}"),
    };
    let mut lines: Vec<_> = findings.iter().map(|found| finding(found, false)).collect();
    lines.push(verdict.clone());
    let mut outcome = outcome(
        lines.join("\n"),
        [
            ("file", json!(paths.config_file())),
            ("strict", json!(args.strict)),
            ("findings", findings.iter().map(finding_json).collect()),
        ],
    );
    if let Some(kind) = kind {
        outcome.exit_code = kind.exit_code();
        let hint = "each finding has its fix";
        let error = json!({"kind": kind.name(), "message": verdict, "hint": hint});
        outcome.json.insert("error".to_owned(), error);
    }
    outcome
}
