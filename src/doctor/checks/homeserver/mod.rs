//! `homeserver.*`: the way to the homeserver, and what answers there.

mod connectivity;
mod service;

pub use connectivity::checks as connectivity;
pub use service::checks as service;
