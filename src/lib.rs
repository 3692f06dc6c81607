//! `nanobot` sets up and runs an end-to-end-encrypted Matrix chat bot.
//!
//! The rooms of the house, top to bottom; each imports only from those below it:
//!
//! - [`commands`]: one file per command
//! - [`cli`]: the command line, and nothing but its parsing
//! - [`doctor`]: probes, checks, one report
//! - [`gateway`]: the running bot, intake → policy → agent → answer
//! - [`agent`]: who answers
//! - [`policy`]: whom the bot answers, and why
//! - [`session`]: the bot's own Matrix device: preflight, open, the sync step, identity
//! - [`inbox`]: the durable journal of events taken in and answers going out
//! - [`homeserver`]: the client-server API over plain HTTPS, without a device
//! - [`instance`]: one process at a time, and asking the gateway that runs
//! - [`config`]: the shared configuration file
//! - [`terminal`]: prompts and progress, if a person is there
//! - [`error`]: what failed, why, and what to do; the exit codes

// The SDK's futures are nested deeply, and the compiler looks into each.
#![recursion_limit = "256"]

pub mod commands;

pub mod cli;

pub mod doctor;

pub mod gateway;

pub mod agent;

pub mod policy;

pub mod session;

pub mod inbox;

pub mod homeserver;

pub mod instance;

pub mod config;

pub mod terminal;

pub mod error;

pub use commands::run;
