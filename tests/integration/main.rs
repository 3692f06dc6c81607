//! The program as a person meets it, against a real homeserver and independent clients.
//!
//! One binary: every further one would link the whole SDK again.

mod config;
mod harness;
mod harness_selftest;
