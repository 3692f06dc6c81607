//! The program as a person meets it, against a real homeserver and independent clients.
//!
//! One binary: every further one would link the whole SDK again.

mod agent;
mod asking;
mod attachments;
mod canaries;
mod command;
mod config;
mod conversations;
mod death;
mod doctor;
mod gateway;
mod guided;
mod harness;
mod harness_selftest;
mod house;
mod identity;
mod intake;
mod invitations;
mod key_trouble;
mod keyring;
mod login;
mod mishap;
mod policy;
mod recovery;
mod relogin;
mod reset;
mod room_keys;
mod self_test;
mod sending;
mod setup;
mod shipped;
mod status;
mod store_status;
mod stress;
mod sync_table;
mod trust;
mod verification;
mod words;
