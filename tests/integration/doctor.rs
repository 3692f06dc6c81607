//! `nanobot doctor`: each fault made for real, and found.

mod coverage;
mod examined;
mod fix;
mod healthy;
mod wait;
