//! Login with a password (spec, "POST /_matrix/client/v3/login").

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::{call::Call, failure::Result, ids::UserId, server::Homeserver};
use crate::config::Secret;

/// What a login gives.
#[derive(Debug)]
pub struct Login {
    /// The full user id.
    pub user_id: String,
    /// The device that was made or continued.
    pub device_id: String,
    /// The token that proves both from now on.
    pub access_token: Secret,
    /// How long the token is valid, where the homeserver says so. It is never asked for a token
    /// that needs to be refreshed, but may give one all the same.
    pub expires_in: Option<Duration>,
}

/// The parts of the answer we want. Its `well_known` is ignored: where to talk was settled before.
#[derive(Deserialize)]
struct Answer {
    user_id: String,
    device_id: String,
    access_token: String,
    expires_in_ms: Option<u64>,
}

impl Answer {
    /// Whether it can be what it says; all of it is kept for good.
    fn is_sound(&self) -> bool {
        let plain = |text: &str| !text.is_empty() && !text.contains(char::is_control);
        UserId::parse(&self.user_id).is_ok() && plain(&self.device_id) && plain(&self.access_token)
    }
}

pub(super) async fn password(
    server: &Homeserver,
    user: &str,
    password: &Secret,
    device_id: Option<&str>,
    device_name: &str,
) -> Result<Login> {
    let mut body = json!({
        "type": "m.login.password",
        "identifier": { "type": "m.id.user", "user": user },
        "password": password.expose(),
        "initial_device_display_name": device_name,
    });
    if let Some(device_id) = device_id {
        body["device_id"] = device_id.into();
    }
    let url = server.url("/_matrix/client/v3/login");
    let call = Call::post(url, body).hiding(password);
    let reply = server.http().send(&call).await?;
    let answer: Answer = reply.json()?;
    if !answer.is_sound() {
        return Err(reply.not_matrix());
    }
    Ok(Login {
        user_id: answer.user_id,
        device_id: answer.device_id,
        access_token: Secret::new(answer.access_token),
        expires_in: answer.expires_in_ms.map(Duration::from_millis),
    })
}
