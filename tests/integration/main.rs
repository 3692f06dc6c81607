//! The program as a person meets it, against a real homeserver and independent clients.
//!
//! One binary: every further one would link the whole SDK again.

mod attachments;
mod config;
mod doctor_fix;
mod doctor_wait;
mod gateway;
mod harness;
mod harness_selftest;
mod house;
mod login;
mod policy;
mod recovery;
mod setup;
mod shipped;
mod stress;
mod sync_table;
