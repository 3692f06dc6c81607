//! `nanobot doctor`: each fault made for real, and found.

mod complete;
mod config;
mod coverage;
mod examined;
mod fix;
mod formats;
mod gateway;
mod healthy;
mod redacted;
mod secrets;
mod situations;
mod store;
mod terminal;
mod wait;
