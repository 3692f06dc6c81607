//! What was said in a conversation before, and how much of it an agent is told.

pub mod history;
mod turns;

pub use history::History;
pub use turns::{Budget, Turn, newest, quarter};
