//! The questions: each probe asks one thing and writes the answer into the facts.

mod account;
mod config;
mod gateway;
mod homeserver;
mod rooms;
mod self_test;
pub mod store;
mod writability;

pub use config::read as read_config;

use super::probe::Probe;

/// Every probe.
pub fn all() -> Vec<Probe> {
    [
        config::probes(),
        gateway::probes(),
        store::probes(),
        homeserver::probes(),
        account::probes(),
        rooms::probes(),
        self_test::probes(),
    ]
    .concat()
}
