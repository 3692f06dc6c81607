//! What a homeserver runs (spec of the federation, "GET /_matrix/federation/v1/version").

use serde::Deserialize;

use super::{
    call::Call,
    failure::{Failure, Result},
    server::Homeserver,
    words::tame,
};

/// The software of a homeserver, by its own word.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Software {
    /// Its name, such as `Synapse`.
    pub name: String,
    /// Its version, in a form of its own.
    pub version: String,
}

impl Homeserver {
    /// What it runs: `None` where it does not say. That is common, since the question belongs to
    /// the federation, which may be served elsewhere or not at all.
    ///
    /// # Errors
    ///
    /// When nothing answers.
    pub async fn software(&self) -> Result<Option<Software>> {
        #[derive(Deserialize)]
        struct Answer {
            server: Software,
        }
        let call = Call::get(self.url("/_matrix/federation/v1/version"));
        let reply = match self.http().send(&call).await {
            Ok(reply) => reply,
            // What stands in front of the federation may be at odds with itself.
            Err(Failure::ServerTrouble { .. } | Failure::Redirect { .. }) => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let answer = reply.json::<Answer>().ok();
        Ok(answer.map(|Answer { server }| Software {
            name: tame(&server.name, &[]),
            version: tame(&server.version, &[]),
        }))
    }
}
