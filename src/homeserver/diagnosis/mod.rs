//! What only a doctor asks of a homeserver, and what a token looks like.

mod certificate;
mod timing;
mod token_shape;

use serde::Deserialize;

pub use certificate::Certificate;
#[cfg(test)]
pub use timing::Clock;
pub use timing::Timing;
pub use token_shape::{TokenFault, bare_token, token_faults};

use super::{
    api::Homeserver,
    transport::{Failure, Result},
};
use crate::text::excerpt;

/// The software of a homeserver, by its own word.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Software {
    /// Its name, such as `Synapse`.
    pub name: String,
    /// Its version, in a form of its own.
    pub version: String,
}

impl Homeserver {
    /// What it runs (spec of the federation, "GET /_matrix/federation/v1/version"): `None` where it does not say. That is common, since the question belongs to
    /// the federation, which may be served elsewhere or not at all.
    ///
    /// # Errors
    ///
    /// When nothing answers.
    pub async fn software(&self) -> Result<Option<Software>> {
        let reply = match self.get("/_matrix/federation/v1/version").await {
            Ok(reply) => reply,
            // What stands in front of the federation may be at odds with itself.
            Err(Failure::ServerTrouble { .. } | Failure::Redirect { .. }) => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let server = reply.member::<Software>("server").ok();
        Ok(server.map(|server| Software {
            name: excerpt(&server.name),
            version: excerpt(&server.version),
        }))
    }
}
