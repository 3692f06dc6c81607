//! Who answers a message once it is clear that it may be answered.
//!
//! [`configured()`] makes the agent that the configuration names. Every kind of agent is one file
//! or folder here, and a line in [`KINDS`].

mod answer;
mod attachment;
mod command;
mod configured;
mod echo;
mod enclosed_text;
mod interface;
mod memory;
mod nanobot;
mod openai;
mod question;
mod quote;
#[cfg(feature = "nats")]
mod remote;

#[cfg(feature = "nats")]
pub use answer::Shown;
pub use answer::{Answer, Extras, Outgoing, Poll, without_block};
pub use attachment::{Attachment, Content, Sort};
pub use command::supervised;
pub use configured::{KINDS, configured, from_document, ingredients, kind};
use enclosed_text::enclosed_text;
pub use interface::{
    Agent, Answering, Check, Configured, Draft, Failure, Kind, Surroundings, WhileBusy,
};
pub use memory::history;
pub use nanobot::COMMANDS as COMMANDS_OF_AGENTS;
pub use question::{Question, Room, conversation};
pub use quote::{Missing, Quote, Quoted, Said, Sender};
#[cfg(feature = "nats")]
pub use remote::{Worker, permissions, queue_of, worker_settings};

#[cfg(test)]
#[path = "../../tests/integration/harness/model.rs"]
#[allow(
    dead_code,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "a toolbox of the tests"
)]
mod model;
#[cfg(test)]
mod tests;
