//! `nanobot config validate`: every fault and warning at once.

use std::ffi::OsString;

use serde_json::json;

use super::{
    Outcome, environment, outcome,
    words::{finding, finding_json, tally},
};
use crate::{
    agent::{Surroundings, configured},
    cli::config::Validate,
    config::{Document, Finding, Paths, Position, Severity, inspect, schema, unknown_variables},
    error::{Error, Kind, Result},
};

pub(super) fn run(args: &Validate, paths: &Paths) -> Result<Outcome> {
    let names: Vec<_> = std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .collect();
    let mut findings = unknown_variables(names.iter().map(String::as_str));
    findings.extend(inspect(paths.config_file(), &environment)?);
    findings.extend(about_agent(paths, &findings));
    Ok(report(args, paths, &findings))
}

/// What is wrong with the agent, which only the agents themselves can tell. Where something else
/// is wrong with the file or that section, it is found already.
fn about_agent(paths: &Paths, found: &[Finding]) -> Option<Finding> {
    let key = schema::AGENT.path();
    let is_told = |finding: &Finding| {
        finding.severity == Severity::Error || finding.key.as_ref() == Some(&key)
    };
    if found.iter().any(is_told) {
        return None;
    }
    let error = agent(paths, environment).err()?;
    // The gateway may run in another environment, a service's, that has what is missing here.
    let (id, severity) = match agent(paths, whatever_is_named) {
        Ok(()) => ("unset-variable", Severity::Warning),
        Err(_) => ("invalid-value", Severity::Error),
    };
    Some(Finding {
        id,
        severity,
        position: position(paths),
        key: Some(key),
        message: error.to_string(),
        fix: error.hint_text().unwrap_or("correct it").to_owned(),
    })
}

/// Makes the agent, where what the Python tool shares is filled from this environment.
fn agent(paths: &Paths, environment: fn(&str) -> Option<OsString>) -> Result<(), Error> {
    let document = Document::load(paths.config_file())?;
    let matrix = document.matrix(&super::environment)?;
    let surroundings = Surroundings {
        document,
        directory: paths.dir().to_owned(),
        environment,
    };
    configured(&matrix, &surroundings).map(|_| ())
}

fn position(paths: &Paths) -> Option<Position> {
    let document = Document::load(paths.config_file()).ok()?;
    document.position(&schema::AGENT.path())
}

/// An environment that has every variable. What it holds can stand for a key and for an address.
fn whatever_is_named(name: &str) -> Option<OsString> {
    environment(name).or_else(|| Some("http://unset.invalid".into()))
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
