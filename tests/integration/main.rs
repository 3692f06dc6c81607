//! The program as a person meets it, against a real homeserver and independent clients.
//!
//! One binary: every further one would link the whole SDK again.

mod gateway;
mod harness;
mod harness_selftest;
mod login;
mod setup;
mod shipped;
