//! The homeserver at the configured URL, asked without an account.

use std::time::Duration;

use crate::{
    address::parse_user_id,
    doctor::{
        facts::{Answer, Facts, known},
        probe::{Probe, ask},
    },
    homeserver::{Failure, Homeserver, Reach},
    session::configured_options,
};

/// The longest a web server may take that the bot does not need.
const LONGEST_WELL_KNOWN: Duration = Duration::from_secs(3);

pub fn probes() -> Vec<Probe> {
    vec![
        Probe::online("versions", &["config"], |context, facts| {
            let server = server(context.timeout, facts)?;
            ask(|facts| &mut facts.versions, async move {
                server?.versions().await
            })
        }),
        Probe::online("flows", &["versions"], |context, facts| {
            let server = answering(context.timeout, facts)?;
            ask(|facts| &mut facts.flows, async move {
                server.login_flows().await
            })
        }),
        Probe::online("certificate", &["versions"], |context, facts| {
            match facts.versions.as_ref()? {
                // It can be read, trusted or not.
                Ok(_)
                | Err(Failure::Unreachable {
                    reach: Reach::Tls(_),
                    ..
                }) => {}
                Err(_) => return None,
            }
            let server = server(context.timeout, facts)?;
            ask(|facts| &mut facts.certificate, async move {
                server?.certificate().await
            })
        }),
        // After everything else, so that it is not slowed down by us.
        Probe::online(
            "timing",
            &["versions", "rooms", "initial_sync"],
            |context, facts| {
                let server = answering(context.timeout, facts)?;
                ask(
                    |facts| &mut facts.timing,
                    async move { server.timing().await },
                )
            },
        ),
        Probe::online("software", &["versions"], |context, facts| {
            let server = answering(context.timeout, facts)?;
            ask(|facts| &mut facts.software, async move {
                server.software().await
            })
        }),
        Probe::online("well_known", &["versions"], |context, facts| {
            let user_id = &facts.credentials().ok()?.user_id;
            let name = parse_user_id(user_id).ok()?.server_name().to_owned();
            // It may name the right one where the configured one does not answer.
            let server = server(context.timeout.min(LONGEST_WELL_KNOWN), facts)?;
            ask(|facts| &mut facts.well_known, async move {
                server?.well_known(&name).await
            })
        }),
    ]
}

/// The configured homeserver; `None` without one.
fn server(timeout: Duration, facts: &Facts) -> Option<Answer<Homeserver>> {
    let matrix = facts.matrix().ok()?;
    let url = matrix.homeserver_if_set().ok()??;
    let mut options = configured_options(matrix).ok()?;
    options.timeout = timeout;
    Some(Homeserver::new(url.as_str(), &options))
}

/// The configured homeserver, if it is known to be one.
fn answering(timeout: Duration, facts: &Facts) -> Option<Homeserver> {
    known(facts.versions.as_ref()).ok()?;
    server(timeout, facts)?.ok()
}
