//! `nanobot doctor`: each fault made for real, and found.

mod clock;
mod complete;
mod config;
mod coverage;
mod examined;
mod fix;
mod formats;
mod front;
mod gateway;
mod healthy;
mod homeserver;
mod patient;
mod redacted;
mod secrets;
mod secure;
mod service;
mod situations;
mod store;
mod terminal;
mod token;
mod wait;
