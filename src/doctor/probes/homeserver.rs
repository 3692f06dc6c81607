//! What stands where the homeserver should, asked without an account.

use crate::{
    doctor::{
        engine::{Probe, ask},
        facts::{Answer, Facts},
        subject::Subject,
    },
    homeserver::{Homeserver, UserId},
    session::configured_options,
};

pub(super) const PROBES: &[Probe] = &[
    Probe::online("versions", &["config"], |subject, facts| {
        let server = server(&subject, facts)?;
        ask(
            async move { server?.versions().await },
            |facts, versions| facts.versions = Some(versions),
        )
    }),
    Probe::online("flows", &["versions"], |subject, facts| {
        let server = answering(&subject, facts)?;
        ask(async move { server.login_flows().await }, |facts, flows| {
            facts.flows = Some(flows);
        })
    }),
    Probe::online("certificate", &["versions"], |subject, facts| {
        let server = answering(&subject, facts)?;
        ask(
            async move { server.certificate().await },
            |facts, certificate| facts.certificate = Some(certificate),
        )
    }),
    // After everything else, so that it is not slowed down by us.
    Probe::online(
        "timing",
        &["versions", "rooms", "initial_sync"],
        |subject, facts| {
            let server = answering(&subject, facts)?;
            ask(async move { server.timing().await }, |facts, timing| {
                facts.timing = Some(timing);
            })
        },
    ),
    Probe::online("software", &["versions"], |subject, facts| {
        let server = answering(&subject, facts)?;
        ask(async move { server.software().await }, |facts, software| {
            facts.software = Some(software);
        })
    }),
    Probe::online("well_known", &["versions"], |subject, facts| {
        let server = answering(&subject, facts)?;
        let user_id = &facts.config.as_ref()?.credentials()?.user_id;
        let name = UserId::parse(user_id).ok()?.server_name().clone();
        ask(
            async move { server.well_known(&name).await },
            |facts, file| facts.well_known = Some(file),
        )
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
