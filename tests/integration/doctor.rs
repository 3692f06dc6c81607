//! `nanobot doctor`: each fault made for real, and found.

mod coverage;
mod examined;
mod fix;
mod formats;
mod healthy;
mod redacted;
mod situations;
mod terminal;
mod wait;
