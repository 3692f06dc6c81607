//! `nanobot setup`: from nothing to a bot that answers, step by step.
//!
//! Every step looks first whether it is done already, and leaves alone what is. So it can be
//! stopped or killed anywhere and run again.

mod access;
mod agent;
mod agent_options;
mod broker;
mod command_line;
mod greeting;
mod identity;
mod login;
mod model;
mod program;
mod run;
mod steps;

pub use agent_options::AgentOptions;
pub use model::read_address;
pub use run::{Options, run};
