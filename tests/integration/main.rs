//! The program as a person meets it, against a real homeserver and independent clients.
//!
//! One binary: every further one would link the whole SDK again.

#![allow(
    clippy::too_many_lines,
    reason = "a test tells its whole story in one place"
)]

mod access;
mod agent;
mod asking;
mod attachments;
mod canaries;
mod command;
mod config;
mod container;
mod conversations;
mod cost;
mod death;
mod dependencies;
mod doctor;
mod full_disk;
mod gateway;
mod harness;
mod harness_selftest;
mod house;
mod housekeeping;
mod identity;
mod intake;
mod invitations;
mod key_trouble;
mod keyring;
mod log;
mod login;
mod manners;
mod mishap;
mod monitoring;
mod policy;
mod prompts;
mod recovery;
mod reload;
mod relogin;
mod reset;
mod room_keys;
mod screens;
mod self_test;
mod sending;
mod service;
mod service_manager;
mod setup;
mod shipped;
mod status;
mod store_status;
mod stress;
mod sync_table;
mod trust;
mod upgrades;
mod verification;
mod words;
#[cfg(feature = "nats")]
mod workers;
