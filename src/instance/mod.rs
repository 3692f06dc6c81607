//! One process at a time may use a data directory, and the gateway that does can be asked.

mod client;
mod crash_point;
mod lock;
mod protocol;
mod reset;
mod self_test;
mod server;
mod socket;
mod status;
mod verification;

pub use client::ask;
pub use crash_point::crash_point;
pub use lock::{Holder, Lock, private_directory};
pub use protocol::{Answer, Request};
pub use reset::{RESET_JOURNAL, is_reset_unfinished};
pub use self_test::{SelfTest, TestOutcome};
pub use server::Server;
pub use status::{
    Backlog, Encryption, IdentityKeys, LastError, Parked, ParkedMessage, Pause, Refusal, Refused,
    Status, Undecryptable, UndecryptableEvent, now,
};
pub use verification::{Comparison, Emoji, Stage, Verification, VerifyRequest};

#[cfg(test)]
mod tests;
