//! The gateway as a service of systemd or launchd.
//!
//! A `Definition` says what the service consists of; `unit` and `plist` write it down from the
//! files under `contrib`; `systemd` and `launchd` know their tools; [`install()`], [`uninstall()`]
//! and [`Status`] are what a person asks for. Programs are run through a `Runner`.

mod check;
mod definition;
mod file;
mod found;
mod install;
mod launchd;
mod manager;
mod plist;
mod quote;
mod runner;
mod status;
mod systemd;
mod uninstall;
mod unit;

#[cfg(test)]
mod tests;

pub use definition::{Level, Options};
pub use install::{Install, install, print};
pub use manager::{Machine, Manager};
pub use runner::System;
pub use status::Status;
pub use uninstall::{Uninstall, uninstall};
