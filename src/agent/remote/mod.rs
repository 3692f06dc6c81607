//! The agent that has others answer, on any number of machines: questions go to the workers
//! (`nanobot worker`) through a message broker, which is a courier and nothing more. The record is
//! the gateway's journal.

mod document;
mod gateway;
mod inbox;
mod nats;
mod seal;
mod worker;

pub(super) use gateway::KIND;
pub use nats::permissions;
pub use worker::{Worker, queue_of, worker_settings};
