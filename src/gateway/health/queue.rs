//! What is asked of the message queue while the bot runs.

use std::fmt;

use futures_util::future::BoxFuture;

use crate::ipc::{Answer, QueueRequest, WaitsFor};

/// Whoever answers requests about the message queue.
pub trait QueueHandler: fmt::Debug + Send + Sync {
    /// Does what is asked of the queue, while everything in it waits for this.
    fn answer(&self, request: QueueRequest, obstacle: Option<WaitsFor>) -> BoxFuture<'_, Answer>;

    /// Tells what became of a message.
    fn why(&self, event_id: String) -> BoxFuture<'_, Answer>;
}
