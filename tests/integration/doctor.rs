//! `nanobot doctor`: each fault made for real, and found.

mod access;
mod coverage;
mod device;
mod e2ee;
mod examined;
mod healthy;
mod identity;
mod live;
mod scene;
