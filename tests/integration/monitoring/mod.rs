//! The health endpoint: what orchestrators and monitoring systems ask a running gateway.

mod bounds;
pub mod exported;
mod faults;
mod prometheus;
pub mod scene;
