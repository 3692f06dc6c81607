//! What people see of the bot beside its words: that it is writing, what it has read, and how far
//! it is.

mod marks;
mod receipts;
mod typing;

pub use marks::{Mark, Marker, Marks};
pub use receipts::Receipts;
pub use typing::{AtWork, Typing};
