//! The Matrix client-server API over plain HTTPS, without a device: discovery, login flows, login,
//! and what the server knows about an account, its device and that device's keys.
//!
//! Nothing here opens a store or owns encryption keys, so every call is safe beside a running
//! gateway. Calls fail with a [`Failure`], which a caller may match on or turn into the program's
//! [`Error`](crate::error::Error) with `?`.

mod account;
mod address;
mod call;
mod discovery;
mod endpoint;
mod failure;
mod flows;
mod http;
mod ids;
mod keys;
mod login;
mod media;
mod options;
mod reach;
mod redirect;
mod reply;
mod retry;
mod server;
mod versions;
mod well_known;
mod words;

#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod tests;

pub use account::{Account, Device, Whoami};
pub use discovery::{Discovery, FoundBy, discover};
pub use failure::{Failure, Result};
pub use flows::{IdentityProvider, LoginFlows, OAuth};
pub use http::http_client;
pub use ids::{ServerName, UserId};
pub use keys::{CrossSigningKey, DeviceKeys, PublishedKeys, Signatures};
pub use login::Login;
pub use media::{Download, MediaUri};
pub use options::{Options, travels_in_clear};
pub use reach::{Reach, TlsFault};
pub use server::Homeserver;
pub use versions::Versions;
pub(crate) use words::tame;

/// How this program names itself to a homeserver.
pub const USER_AGENT: &str = concat!("nanobot/", env!("CARGO_PKG_VERSION"));
