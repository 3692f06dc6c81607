//! The catalogue: every check, in the order in which they are told, those that are needed first.

mod access;
mod agent;
mod clock;
mod complete;
pub(in crate::doctor) mod config;
mod device;
mod e2ee;
mod gateway;
mod homeserver;
mod live;
mod refusals;
mod secrets;
mod sending;
pub(in crate::doctor) mod store;
mod token;

use std::fmt::Display;

use super::check::{Advice, Check};

/// More names than this are counted only.
const MOST_NAMES: usize = 3;

/// What mends a device that is not in the store, or a store that cannot be used.
const NEW_DEVICE: Advice = Advice {
    text: "give the bot a new device; the old store is kept aside",
    commands: &["nanobot store reset"],
};

/// What mends a device that does not work though nothing is wrong with its keys and its store,
/// as far as a reset can see.
const FRESH_DEVICE: Advice = Advice {
    text: "stop the gateway if it runs, then give the bot a new device; the old store is kept aside",
    commands: &["nanobot store reset --force"],
};

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
        e2ee::device::CHECKS,
        e2ee::supply::CHECKS,
        e2ee::identity::CHECKS,
        e2ee::messages::CHECKS,
        access::CHECKS,
        agent::CHECKS,
        gateway::CHECKS,
        refusals::CHECKS,
        sending::CHECKS,
        live::CHECKS,
        complete::CHECKS,
    ]
    .into_iter()
    .flatten()
}

/// A number of things, in words.
fn counted(number: impl Display + PartialEq + From<u8> + Copy, thing: &str) -> String {
    let plural = if number == 1.into() { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

/// The first of these names, and how many more there are.
fn listed(names: &[&str]) -> String {
    let shown = names.len().min(MOST_NAMES);
    let more = match names.len() - shown {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", names[..shown].join(", "))
}

/// The check of this id.
pub(super) fn find(id: &str) -> Option<&'static Check> {
    catalogue().find(|check| check.id == id)
}

#[cfg(test)]
mod tests;
