//! What people see of the bot beside its words: that it is writing, and what it has read.

mod receipts;
mod typing;

pub use receipts::Receipts;
pub use typing::{AtWork, Typing};
