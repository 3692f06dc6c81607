//! `nanobot doctor`: each fault made for real, and found.

mod complete;
mod config;
mod coverage;
mod examined;
mod gateway;
mod healthy;
mod secrets;
mod store;
