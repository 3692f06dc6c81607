//! `nanobot login --status`: who the bot is logged in as, and whether the login is still valid.

use std::fmt;

use serde::Serialize;

use crate::{
    config::{Document, Paths, environment},
    error::{Error, Result},
    session::{credentials, refuse_token},
};

/// A login that is valid.
#[derive(Debug, Serialize)]
pub(crate) struct Status {
    user_id: String,
    device_id: String,
    homeserver: String,
    /// Where the access token comes from.
    token_origin: String,
    /// Only the answer to a login would tell, and a login says it aloud.
    expires: Option<String>,
}

/// Asks the homeserver whose the configured access token is.
pub(crate) async fn read(paths: &Paths) -> Result<Status> {
    let matrix = Document::load(paths.config_file())?.matrix(&environment)?;
    let credentials = credentials(&matrix)?;
    let whoami = credentials.account()?.whoami().await?;
    refuse_token(&whoami)?;
    let is_same = whoami.user_id == credentials.user_id
        && whoami.device_id.as_deref() == Some(&credentials.device_id);
    if !is_same {
        return Err(Error::not_logged_in(format!(
            "the access token belongs to {}, device {}, but the configuration names {}, device {}",
            whoami.user_id,
            whoami.device_id.as_deref().unwrap_or("none"),
            credentials.user_id,
            credentials.device_id
        ))
        .command("nanobot login"));
    }
    let homeserver = credentials.homeserver.as_str().trim_end_matches('/');
    Ok(Status {
        homeserver: homeserver.to_owned(),
        token_origin: matrix.origin("accessToken").to_string(),
        user_id: credentials.user_id,
        device_id: credentials.device_id,
        expires: None,
    })
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Logged in as {} on {}\n\
             Device {}\n\
             The access token is valid (from {})",
            self.user_id, self.homeserver, self.device_id, self.token_origin
        )
    }
}
