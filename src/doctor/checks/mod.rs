//! The catalogue: every check, after those that it needs.

mod access;
mod agent;
mod clock;
pub mod config;
mod device;
mod e2ee;
mod gateway;
mod homeserver;
mod live;
mod prelude;
pub mod store;
mod token;

use std::sync::LazyLock;

use self::prelude::Check;

/// The category of the checks that use the device.
pub const LIVE: &str = "live";
/// The check that reports questions without an answer.
pub const COMPLETE: &str = "doctor.complete";

static CATALOGUE: LazyLock<Vec<Check>> = LazyLock::new(|| {
    let checks = [
        config::checks(),
        config::secrets(),
        config::login(),
        store::checks(),
        homeserver::connectivity(),
        token::checks(),
        store::ownership(),
        homeserver::service(),
        clock::checks(),
        device::checks(),
        e2ee::checks(),
        access::checks(),
        agent::checks(),
        gateway::checks(),
        live::checks(),
        vec![complete()],
    ];
    checks.into_iter().flatten().collect()
});

/// Every check.
pub fn catalogue() -> impl Iterator<Item = &'static Check> {
    CATALOGUE.iter()
}

/// Whether everything that was asked was answered, which is seen when all others have judged.
pub fn complete() -> Check {
    Check::new(COMPLETE, "", &[])
}

#[cfg(test)]
mod tests;
