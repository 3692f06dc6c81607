//! `nanobot` sets up and runs an end-to-end-encrypted Matrix chat bot.
//!
//! The rooms of the house, top to bottom; each imports only from those below it:
//!
//! - `commands`: one file per command
//! - `cli`: the command line, and nothing but its parsing
//! - `account`: what a person does with the bot's account
//! - `service`: the gateway as a service of systemd or launchd
//! - `doctor`: probes, checks, one report
//! - `gateway`: the running bot, intake → policy → agent → answer
//! - `agent`: who answers
//! - `policy`: whom the bot answers, and why
//! - `session`: the bot's own Matrix device: preflight, open, the sync step, identity
//! - `journal`: the durable journal of events taken in and answers going out
//! - `homeserver`: the client-server API over plain HTTPS, without a device
//! - `ipc`: one process at a time, and asking the gateway that runs
//! - `config`: the shared configuration file
//! - `address`: Matrix ids, server names and homeserver URLs, each read in one way
//! - `terminal`: prompts and progress, if a person is there
//! - `threads`: locks, work on other threads, panics
//! - `text`: text for people: cleaned, wrapped, quoted, counted
//! - `files`: private files, written as a whole or not at all
//! - `error`: what failed, why, and what to do; the exit codes

// The SDK's futures are nested deeply, and the compiler looks into each.
#![recursion_limit = "256"]
#![allow(
    rustdoc::private_intra_doc_links,
    reason = "the documentation is made with private items: only who changes the program reads it"
)]

mod commands;

mod cli;

mod account;

mod service;

mod doctor;

mod gateway;

mod agent;

mod policy;

mod session;

mod journal;

mod homeserver;

mod ipc;

mod config;

mod address;

mod terminal;

mod threads;

mod text;

mod files;

mod error;

#[doc(hidden)]
pub mod testing;

pub use commands::run;
