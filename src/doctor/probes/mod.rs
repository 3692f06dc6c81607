//! The questions: each probe asks one thing and writes the answer into the facts.

mod account;
mod agent;
mod config;
mod gateway;
mod homeserver;
mod live;
mod rooms;
pub(super) mod store;

use super::engine::Probe;

/// Every probe.
pub(super) fn all() -> Vec<Probe> {
    [
        config::PROBES,
        gateway::PROBES,
        store::PROBES,
        homeserver::PROBES,
        account::PROBES,
        rooms::PROBES,
        agent::PROBES,
        live::PROBES,
    ]
    .concat()
}
