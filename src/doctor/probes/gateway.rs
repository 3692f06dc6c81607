//! Who answers: the gateway that runs here, asked through its socket and never by its store, and
//! the agent that is configured.

use std::{sync::Arc, time::Duration};

use crate::{
    doctor::probe::{Probe, ask},
    ipc::look,
};

/// How long a gateway may take to say how it is.
const LIMIT: Duration = Duration::from_secs(5);

pub fn probes() -> Vec<Probe> {
    vec![
        Probe::local("gateway", &[], |context, _| {
            ask(|facts| &mut facts.gateway, async move {
                // It knows why there is no answer, which the probe's own deadline does not.
                look(context.paths.dir(), LIMIT.min(context.timeout)).await
            })
        }),
        Probe::online("agent", &["config"], |_, facts| {
            let configured = facts.config().ok()?.agent.as_ref()?.as_ref().ok()?;
            let agent = Arc::clone(&configured.agent);
            ask(
                |facts| &mut facts.agent,
                async move { agent.check(false).await },
            )
        }),
    ]
}
