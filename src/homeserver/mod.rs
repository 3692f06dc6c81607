//! The Matrix client-server API over plain HTTPS, without a device: discovery, login, and what the
//! server knows about an account, its devices and their keys.
//!
//! Nothing here opens a store or owns encryption keys, so every call is safe beside a running
//! gateway. Calls fail with a [`Failure`], which a caller may match on or turn into the program's
//! [`Error`](crate::error::Error) with `?`.

mod api;
mod diagnosis;
mod discovery;
mod transport;

#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod tests;

pub use api::{
    Account, Backup, Device, DeviceKeys, Download, Homeserver, InitialSync, Invitation, Login,
    LoginFlows, MediaUri, PublishedKeys, Reaction, Versions, Whoami, inviter,
};
#[cfg(test)]
pub use diagnosis::Clock;
pub use diagnosis::{Certificate, Software, Timing, TokenFault, bare_token, token_faults};
pub use discovery::{Discovery, FoundBy, discover};
pub use transport::{
    Failure, Options, Reach, Restraint, Result, TlsFault, Upload, base_of, http_client,
    look_closer, reach,
};
