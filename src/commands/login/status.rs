//! `nanobot login --status`: who the bot is logged in as, and whether that still holds.

use serde_json::{Map, json};

use crate::{
    cli::Global,
    commands::{Outcome, credentials, environment, paths},
    config::{Document, schema},
    error::{Error, Result},
};

pub(super) async fn run(global: &Global) -> Result<Outcome> {
    let paths = paths(global)?;
    let document = Document::load(paths.config_file())?;
    let matrix = document.matrix(&environment)?;
    let credentials = credentials(&matrix)?;
    let whoami = credentials.account()?.whoami().await?;
    let is_same = whoami.user_id == credentials.user_id
        && whoami.device_id.as_deref() == Some(&credentials.device_id);
    if !is_same {
        return Err(Error::not_logged_in(format!(
            "the access token belongs to {}, device {}, not to the configured {}, device {}",
            whoami.user_id,
            whoami.device_id.as_deref().unwrap_or("none"),
            credentials.user_id,
            credentials.device_id
        ))
        .hint("run `nanobot login`"));
    }
    let origin = matrix.origin(&schema::ACCESS_TOKEN);
    let homeserver = credentials.homeserver.as_str().trim_end_matches('/');
    let text = format!(
        "Logged in as {} on {homeserver}\n\
         Device {}\n\
         The access token comes from {origin}; it is valid, and no expiry is known",
        credentials.user_id, credentials.device_id
    );
    let fields = [
        ("user_id", json!(credentials.user_id)),
        ("device_id", json!(credentials.device_id)),
        ("homeserver", json!(homeserver)),
        ("token_origin", json!(origin.to_string())),
        // Only the answer to a login would tell, and a login says it aloud.
        ("expires", json!(null)),
    ];
    Ok(Outcome {
        text,
        json: Map::from_iter(fields.map(|(name, value)| (name.to_owned(), value))),
        ..Outcome::default()
    })
}
