//! The catalogue: every check, in the order in which they are told, those that are needed first.

mod access;
mod clock;
mod complete;
pub(in crate::doctor) mod config;
mod device;
mod e2ee;
mod gateway;
mod homeserver;
mod live;
mod secrets;
pub(in crate::doctor) mod store;
mod token;

use super::check::Check;

/// Every check.
pub fn catalogue() -> impl Iterator<Item = &'static Check> {
    [
        config::CHECKS,
        secrets::CHECKS,
        config::LOGIN,
        store::CHECKS,
        homeserver::WAY,
        token::CHECKS,
        homeserver::SERVICE,
        clock::CHECKS,
        device::CHECKS,
        e2ee::CHECKS,
        access::CHECKS,
        gateway::CHECKS,
        live::CHECKS,
        complete::CHECKS,
    ]
    .into_iter()
    .flatten()
}

/// The check of this id.
pub(super) fn find(id: &str) -> Option<&'static Check> {
    catalogue().find(|check| check.id == id)
}

#[cfg(test)]
mod tests;
