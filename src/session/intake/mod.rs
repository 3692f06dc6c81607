//! Intake without the SDK: from the events of a room to what the journal keeps of them.

#[cfg(test)]
pub mod any_tests;
pub mod classify;
pub mod event;
pub mod look_back;
#[cfg(test)]
mod model;
pub mod record;
