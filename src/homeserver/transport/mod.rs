//! HTTPS with our rules: deadlines, retries, redirects, limits, and what a failure means.

mod call;
mod connectivity;
mod failure;
mod http;
mod options;
mod redirect;
mod reply;
mod restraint;
mod upload;
mod url;

pub(super) use call::{Body, Call};
#[cfg(test)]
pub use connectivity::ProxyFault;
pub use connectivity::{Reach, TlsFault, look_closer, reach};
pub(super) use failure::shown_address;
pub use failure::{Failure, Result};
pub(super) use http::{Arrival, Http};
pub use options::{Options, http_client};
pub(super) use reply::Reply;

pub use restraint::Restraint;
pub use upload::Upload;
pub use url::base_of;
pub(super) use url::{endpoint, segment};
