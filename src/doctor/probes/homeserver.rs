//! What stands where the homeserver should, asked without an account.

use std::time::Duration;

use crate::{
    doctor::{
        engine::{Probe, ask},
        facts::{Answer, Facts},
        subject::Subject,
    },
    homeserver::{Failure, Homeserver, Reach, UserId},
    session::configured_options,
};

/// The longest a web server may take that the bot does not need.
const LONGEST_WELL_KNOWN: Duration = Duration::from_secs(3);

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
        shows_certificate(facts).then_some(())?;
        let server = server(&subject, facts)?;
        ask(
            async move { server?.certificate().await },
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
        answering(&subject, facts)?;
        let user_id = &facts.config.as_ref()?.credentials()?.user_id;
        let name = UserId::parse(user_id).ok()?.server_name().clone();
        let hasty = Subject {
            patience: subject.patience.min(LONGEST_WELL_KNOWN),
            ..Subject::clone(&subject)
        };
        let server = server(&hasty, facts)?.ok()?;
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

/// Whether there is a certificate to look at, trusted or not.
fn shows_certificate(facts: &Facts) -> bool {
    matches!(
        facts.versions,
        Some(
            Ok(_)
                | Err(Failure::Unreachable {
                    reach: Reach::Tls(_),
                    ..
                })
        )
    )
}

/// The configured homeserver, if it is known to be one.
fn answering(subject: &Subject, facts: &Facts) -> Option<Homeserver> {
    facts.versions.as_ref()?.as_ref().ok()?;
    server(subject, facts)?.ok()
}
