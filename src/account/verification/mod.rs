//! Verifying the bot's device: by comparing emoji, or with the account's recovery key.

mod backend;
mod compare;
mod decide;
pub mod recovery;

pub use compare::compare;
pub use decide::{decide, list, start};
