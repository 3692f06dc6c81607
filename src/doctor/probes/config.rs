//! What the configuration says.

use crate::{
    config::{Document, Finding, inspect, unknown_variables},
    doctor::{
        engine::{Probe, ask_blocking},
        facts::{ConfigFacts, Trouble},
        subject::Subject,
    },
    policy::Policy,
    session::Credentials,
};

pub(super) const PROBES: &[Probe] = &[Probe::local("config", &[], |subject, _| {
    ask_blocking(
        move || read(&subject),
        |facts, config| facts.config = Some(config),
    )
})];

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
        credentials: matrix
            .as_ref()
            .map(|matrix| Credentials::new(matrix).map_err(Trouble::from)),
        policy: matrix
            .as_ref()
            .map(|matrix| Policy::new(matrix).map_err(Trouble::from)),
        matrix,
    }
}

fn findings(subject: &Subject) -> Result<Vec<Finding>, Trouble> {
    let mut findings = unknown_variables(subject.variables.iter().map(String::as_str));
    findings.extend(inspect(subject.config_file(), subject.env())?);
    Ok(findings)
}
