//! Verification by comparing emoji, in both directions (spec, "Key verification framework").
//!
//! Whatever the other side does arrives with a sync step, so after every step each verification
//! under way is looked at, by a task of its own: nothing here makes the sync wait.

mod flow;
mod outcome;
pub mod registry;
mod requests;
mod start;
