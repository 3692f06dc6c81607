//! What the configuration says.

use std::{fs, path::Path, time::UNIX_EPOCH};

use crate::{
    agent::{Configured, Surroundings, configured},
    config::{Document, Finding, Keyring, Matrix, Origin, inspect, unknown_variables},
    doctor::{
        engine::{Probe, ask_blocking},
        facts::{ConfigFacts, Trouble},
        subject::Subject,
    },
    error::Result,
    policy::Policy,
    session::Credentials,
};

pub(super) const PROBES: &[Probe] = &[
    Probe::local("config", &[], |subject, _| {
        ask_blocking(
            move || read(&subject),
            |facts, config| facts.config = Some(config),
        )
    }),
    // Nobody's keyring is touched where the token is kept elsewhere.
    Probe::local("keyring", &["config"], |_, facts| {
        let config = facts.config.as_ref()?;
        matches!(config.token_origin()?, Origin::Keyring { .. }).then_some(())?;
        ask_blocking(
            || Keyring::system().probe(),
            |facts, keyring| facts.keyring = Some(keyring),
        )
    }),
];

fn read(subject: &Subject) -> ConfigFacts {
    let path = subject.config_file();
    let document = Document::load(path);
    // What is wrong with it is among the findings.
    let matrix = match &document {
        Ok(document) => document.matrix(subject.env()).ok(),
        Err(_) => None,
    };
    let exists = document.as_ref().map_or(true, Document::exists);
    ConfigFacts {
        path: path.to_owned(),
        findings: if exists {
            findings(subject)
        } else {
            Ok(Vec::new())
        },
        exists,
        changed_at: changed_at(path),
        credentials: matrix
            .as_ref()
            .map(|matrix| Credentials::new(matrix).map_err(Trouble::from)),
        policy: matrix
            .as_ref()
            .map(|matrix| Policy::new(matrix).map_err(Trouble::from)),
        agent: matrix
            .as_ref()
            .zip(document.ok())
            .map(|(matrix, document)| agent(subject, matrix, document).map_err(Trouble::from)),
        matrix,
    }
}

fn agent(subject: &Subject, matrix: &Matrix, document: Document) -> Result<Configured> {
    let surroundings = Surroundings {
        document,
        directory: subject.paths.dir().to_owned(),
        environment: subject.environment,
    };
    configured(matrix, &surroundings)
}

fn changed_at(path: &Path) -> Option<u64> {
    let changed = fs::metadata(path).ok()?.modified().ok()?;
    let since = changed.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok()
}

fn findings(subject: &Subject) -> Result<Vec<Finding>, Trouble> {
    let mut findings = unknown_variables(subject.variables.iter().map(String::as_str));
    findings.extend(inspect(subject.config_file(), subject.env())?);
    Ok(findings)
}
