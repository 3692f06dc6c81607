//! What the configuration says.

use crate::{
    agent::{Configured, Surroundings, configured},
    config::{Document, Finding, Keyring, Matrix, Origin, inspect, unknown_variables},
    doctor::{
        facts::ConfigFacts,
        probe::{Context, Probe, ask_blocking},
    },
    error::Result,
    files::changed_at,
    policy::Policy,
    session::Credentials,
};

pub fn probes() -> Vec<Probe> {
    vec![
        Probe::local("config", &[], |context, _| {
            ask_blocking(|facts| &mut facts.config, move || read(&context))
        }),
        // Nobody's keyring is touched where the token is kept elsewhere.
        Probe::local("keyring", &["config"], |_, facts| {
            let origin = facts.token_origin().ok()?;
            matches!(origin, Origin::Keyring { .. }).then_some(())?;
            ask_blocking(|facts| &mut facts.keyring, || Keyring::system().probe())
        }),
    ]
}

/// Reads the configuration, and everything that is made of it.
pub fn read(context: &Context) -> ConfigFacts {
    let path = context.paths.config_file();
    let document = Document::load(path);
    let exists = document.as_ref().map_or(true, Document::exists);
    // What is wrong with it is among the findings.
    let document = document.ok();
    let matrix = document
        .as_ref()
        .and_then(|document| document.matrix(context.env()).ok());
    ConfigFacts {
        path: path.to_owned(),
        findings: if exists {
            findings(context)
        } else {
            Ok(Vec::new())
        },
        exists,
        changed_at: changed_at(path),
        credentials: matrix.as_ref().map(Credentials::new),
        policy: matrix.as_ref().map(Policy::new),
        agent: matrix
            .as_ref()
            .zip(document)
            .map(|(matrix, document)| agent(context, matrix, document)),
        matrix,
    }
}

fn agent(context: &Context, matrix: &Matrix, document: Document) -> Result<Configured> {
    let surroundings = Surroundings {
        document,
        directory: context.paths.dir().to_owned(),
        environment: context.environment,
    };
    configured(matrix, &surroundings)
}

fn findings(context: &Context) -> Result<Vec<Finding>> {
    let mut findings = unknown_variables(context.variables.iter().map(String::as_str));
    findings.extend(inspect(context.paths.config_file(), context.env())?);
    Ok(findings)
}
