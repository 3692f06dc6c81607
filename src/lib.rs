//! `nanobot` sets up and runs an end-to-end-encrypted Matrix chat bot.
//!
//! The rooms of the house, each importing only from those below it:

pub mod cli;
pub mod commands;
pub mod gateway;

pub mod agent;

pub mod session;

pub mod inbox;

pub mod homeserver;

pub mod instance;

pub mod config;

pub mod terminal;

pub mod error;

pub use commands::run;
