//! Single-writer protection: one process at a time may use a data directory.

mod lock;

pub use lock::{Lock, private_directory};
