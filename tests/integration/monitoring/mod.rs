//! The health endpoint: what orchestrators and monitoring systems ask a running gateway.

mod bounds;
mod exported;
mod faults;
mod prometheus;
pub mod scene;
