//! `nanobot doctor`: each fault made for real, and found.

mod examined;
mod healthy;
