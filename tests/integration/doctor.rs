//! `nanobot doctor`: each fault made for real, and found.

mod examined;
mod formats;
mod healthy;
mod redacted;
mod situations;
mod terminal;
