//! The Matrix client-server API over plain HTTPS, without a device: discovery, login flows, login,
//! and what the server knows about an account, its device and that device's keys.
//!
//! Nothing here opens a store or owns encryption keys, so every call is safe beside a running
//! gateway. Calls fail with a [`Failure`], which a caller may match on or turn into the program's
//! [`Error`](crate::error::Error) with `?`.

mod account;
mod account_data;
mod address;
mod call;
mod certificate;
mod discovery;
mod endpoint;
mod failure;
mod flows;
mod http;
mod ids;
mod initial_sync;
mod inviter;
mod keys;
mod login;
mod media;
mod options;
mod reach;
mod redirect;
mod replies;
mod reply;
mod restraint;
mod retry;
mod rooms;
mod server;
mod software;
mod timing;
mod token_shape;
mod upload;
mod versions;
mod well_known;
mod words;

#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod tests;

pub use account::{Account, Device, Whoami};
pub use account_data::Backup;
pub use certificate::Certificate;
pub use discovery::{Discovery, FoundBy, discover};
pub use failure::{Failure, Result};
pub use flows::{IdentityProvider, LoginFlows, OAuth};
pub use http::http_client;
pub use ids::{ServerName, UserId};
pub use initial_sync::{InitialSync, Invitation, KeySupply};
pub use inviter::inviter;
pub use keys::{CrossSigningKey, DeviceKeys, PublishedKeys, Signatures};
pub use login::Login;
pub use media::{Download, MediaUri};
pub use options::{Options, travels_in_clear};
pub use reach::{ProxyFault, Reach, TlsFault};
pub use restraint::{Refusal, Restraint};
pub use server::Homeserver;
pub use software::Software;
pub use timing::{Clock, Timing};
pub use token_shape::{TokenDoubt, TokenForm, TokenRole, TokenShape, Wrapping};
pub use upload::Upload;
pub use versions::Versions;
pub use well_known::WellKnown;
pub(crate) use words::tame;

/// How this program names itself to a homeserver.
pub const USER_AGENT: &str = concat!("nanobot/", env!("CARGO_PKG_VERSION"));
