//! The bot's encryption store: its status, and the export and import of room keys.

mod archives;
pub mod room_keys;
mod status;
mod storage;

pub use status::Status;
