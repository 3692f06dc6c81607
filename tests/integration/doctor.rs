//! `nanobot doctor`: each fault made for real, and found.

mod clock;
mod coverage;
mod examined;
mod front;
mod healthy;
mod homeserver;
mod patient;
mod secure;
mod service;
mod token;
