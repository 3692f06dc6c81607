//! What stands where the homeserver should, asked without an account.

use std::time::Instant;

use crate::{
    doctor::{
        engine::{Probe, ask},
        facts::{Answer, Facts, Timed},
        subject::Subject,
    },
    homeserver::{Homeserver, Versions},
    session::configured_options,
};

pub(super) const PROBES: &[Probe] = &[
    Probe::online("versions", &["config"], |subject, facts| {
        let server = server(&subject, facts)?;
        ask(
            async move { versions(&server?).await },
            |facts, versions| facts.versions = Some(versions),
        )
    }),
    Probe::online("flows", &["versions"], |subject, facts| {
        let server = answering(&subject, facts)?;
        ask(async move { server.login_flows().await }, |facts, flows| {
            facts.flows = Some(flows);
        })
    }),
];

/// The configured homeserver; `None` without one.
fn server(subject: &Subject, facts: &Facts) -> Option<Answer<Homeserver>> {
    let matrix = facts.config.as_ref()?.matrix.as_ref()?;
    let url = matrix.homeserver_if_set().ok()??;
    let mut options = configured_options(matrix).ok()?;
    options.timeout = subject.patience;
    Some(Homeserver::new(url.as_str(), &options))
}

/// The configured homeserver, if it is known to be one.
fn answering(subject: &Subject, facts: &Facts) -> Option<Homeserver> {
    facts.versions.as_ref()?.as_ref().ok()?;
    server(subject, facts)?.ok()
}

async fn versions(server: &Homeserver) -> Answer<Timed<Versions>> {
    let start = Instant::now();
    let value = server.versions().await?;
    let took = start.elapsed();
    Ok(Timed { value, took })
}
