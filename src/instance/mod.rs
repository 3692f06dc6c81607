//! Single-writer protection: one process at a time may use a data directory.

mod crash_point;
mod lock;
mod self_test;

pub use crash_point::crash_point;
pub use lock::{Lock, private_directory};
pub use self_test::{SelfTest, TestOutcome};
