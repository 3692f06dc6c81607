//! One process at a time may use a data directory, and the gateway that does can be asked.

mod crash_point;
mod fate;
mod lock;
mod protocol;
mod queue;
mod running;
mod server;
mod socket;
mod status;
mod verification;

pub use crash_point::crash_point;
pub use fate::{Fate, FateState};
pub use lock::{Holder, Lock, RESET_CHECKPOINT, is_reset_unfinished, refuse_unfinished_reset};
pub use protocol::{Answer, Reloaded, Request, SelfTest, TestOutcome};
pub use queue::{QueuePage, QueueRequest, QueueState, QueuedMessage, WaitsFor, Which};
pub use running::{Gateway, look, reload};
pub use server::Server;
pub use socket::{ask, ask_for};
pub use status::{
    AgentInUse, Backlog, Condition, Encryption, IdentityKeys, KeptArchive, LastError, NOT_RUNNING,
    Newest, POLL, ParkedMessage, Pause, Problem, Readiness, Refusal, Refused, Status, Stored, Turn,
    UndecryptableEvent, Unready, Workers, age, ago, now,
};
#[cfg(feature = "nats")]
pub use status::{WorkQueue, Worker};
pub use verification::{Comparison, Emoji, Stage, Verification, VerifyRequest};

#[cfg(test)]
mod tests;
