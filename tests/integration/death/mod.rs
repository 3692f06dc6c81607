//! Killed while any request to the homeserver hangs: the next run ends with a bot that is logged in
//! and verified, and with the recovery key that opens what the account keeps.

mod login;
mod reset;
mod scene;
mod setup;
mod verify;
