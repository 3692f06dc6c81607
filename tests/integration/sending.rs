//! What is sent while the homeserver, or something before it, does not take it.

mod account;
mod doubled;
mod front;
mod given_up;
mod limits;
mod memory;
mod queue;
mod secret;

pub use front::Front;
