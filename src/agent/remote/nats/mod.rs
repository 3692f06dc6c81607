//! The courier between gateway and workers that is NATS `JetStream`.
//!
//! The gateway publishes a question until an answer to it is stored. A stream of questions gives each
//! to one worker at a time, and to another where that one falls silent. Of the answers, the broker
//! takes the first to each question and refuses all others, so there is exactly one, however often it
//! was worked on.

mod courier;
mod files;
mod fleet;
mod link;
mod names;
mod permissions;
mod queue;
mod settings;
mod setup;

pub use courier::{Courier, Upload};
pub use files::Missing;
pub use permissions::permissions;
pub use queue::{Queue, Taken};
pub use settings::{Settings, queue};
pub use setup::Keeping;
