//! The bot's encryption store: its status, and the export and import of room keys.

mod archives;
pub mod room_keys;
mod status;

pub use status::Status;
