//! `nanobot config validate`: every fault and warning at once.

use std::{ffi::OsString, fmt, path::Path};

use console::Term;
use serde::Serialize;

use super::{
    Outcome,
    findings::{finding, tally},
};
use crate::{
    agent::{Surroundings, configured},
    cli::config::Validate,
    config::{Document, Finding, Paths, Severity, environment, inspect, unknown_variables},
    error::{Error, Kind, Result},
};

/// Where the settings of the agent are.
const AGENT: &str = "channels.matrix.agent";

#[derive(Serialize)]
struct Verdict<'a> {
    file: &'a Path,
    strict: bool,
    findings: Vec<Finding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Error>,
}

pub fn run(args: &Validate, paths: &Paths) -> Result<Outcome> {
    let names: Vec<_> = std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .collect();
    let mut findings = unknown_variables(names.iter().map(String::as_str));
    findings.extend(inspect(paths.config_file(), &environment)?);
    findings.extend(about_agent(paths, &findings));
    let kind = match findings.iter().map(|finding| finding.severity).max() {
        Some(Severity::Error) => Some(Kind::Config),
        Some(Severity::Warning) if args.strict => Some(Kind::Warnings),
        _ => None,
    };
    let mut verdict = Verdict {
        file: paths.config_file(),
        strict: args.strict,
        findings,
        error: None,
    };
    verdict.error = kind.map(|kind| {
        Error::new(kind, verdict.sentence(Some(kind))).hint("see the fix below each finding")
    });
    Ok(Outcome {
        exit_code: kind.map_or(0, Kind::exit_code),
        ..Outcome::of(&verdict)
    })
}

impl Verdict<'_> {
    fn sentence(&self, kind: Option<Kind>) -> String {
        let (file, tally) = (self.file.display(), tally(&self.findings));
        match kind {
            None if self.findings.is_empty() => format!("{file} is valid"),
            None => format!("{file} is valid, with {tally}"),
            Some(Kind::Warnings) => format!("{file} has {tally}; --strict allows none"),
            Some(_) => format!("{file} is invalid: {tally}"),
        }
    }
}

impl fmt::Display for Verdict<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for found in &self.findings {
            writeln!(f, "{}", finding(found, &Term::stdout()))?;
        }
        f.write_str(&self.sentence(self.error.as_ref().map(Error::kind)))
    }
}

/// What is wrong with the agent, which only the agents themselves can tell. Where something else
/// is wrong with the file or that section, it is found already.
fn about_agent(paths: &Paths, found: &[Finding]) -> Option<Finding> {
    let is_told = |finding: &Finding| {
        finding.severity == Severity::Error || finding.key.as_deref() == Some(AGENT)
    };
    if found.iter().any(is_told) {
        return None;
    }
    let error = agent(paths, environment).err()?;
    // The gateway may run in another environment, a service's, that has what is missing here.
    let fix = match error.remedy() {
        remedy if remedy.is_empty() => "correct it".into(),
        remedy => remedy.clone(),
    };
    let document = Document::load(paths.config_file()).ok();
    let position = document.and_then(|document| document.position(AGENT));
    let about = |id| Finding::warning(id, error.to_string(), fix).at(AGENT, position);
    Some(match agent(paths, whatever_is_named) {
        Ok(()) => about("unset-variable"),
        Err(_) => about("invalid-value").error(),
    })
}

/// Makes the agent, where what the Python tool shares is filled from this environment.
fn agent(paths: &Paths, environment: fn(&str) -> Option<OsString>) -> Result<(), Error> {
    let document = Document::load(paths.config_file())?;
    let matrix = document.matrix(&crate::config::environment)?;
    let surroundings = Surroundings {
        document,
        directory: paths.dir().to_owned(),
        environment,
    };
    configured(&matrix, &surroundings).map(|_| ())
}

/// An environment that has every variable. What it holds can stand for a key and for an address.
fn whatever_is_named(name: &str) -> Option<OsString> {
    environment(name).or_else(|| Some("http://unset.invalid".into()))
}
