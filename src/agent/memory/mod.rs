//! What was said in a conversation before, and how much of it an agent is told.

pub mod history;
mod turns;

pub use history::{History, lost};
pub use turns::{Budget, Turn, newest, quarter};
