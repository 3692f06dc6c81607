//! Login with a password (spec, "POST /_matrix/client/v3/login").

use std::time::Duration;

use serde::{Deserialize, Deserializer};
use serde_json::json;

use super::homeserver::Homeserver;
use crate::{
    address::parse_user_id,
    config::Secret,
    homeserver::transport::{Body, Call, Failure, Result},
};

/// What a login gives. The answer's `well_known` is ignored: where to talk was settled before.
#[derive(Debug, Deserialize)]
pub struct Login {
    /// The full user ID.
    pub user_id: String,
    /// The device that was made or continued.
    pub device_id: String,
    /// The token that proves both from now on.
    pub access_token: Secret,
    /// How long the token is valid, where the homeserver says so. It is never asked for a token
    /// that needs to be refreshed, but may give one all the same.
    #[serde(default, rename = "expires_in_ms", deserialize_with = "milliseconds")]
    pub expires_in: Option<Duration>,
}

fn milliseconds<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    let milliseconds = Option::<u64>::deserialize(from)?;
    Ok(milliseconds.map(Duration::from_millis))
}

impl Login {
    /// Whether it can be what it says; all of it is kept for good.
    fn is_sound(&self) -> bool {
        let plain = |text: &str| !text.is_empty() && !text.contains(char::is_control);
        parse_user_id(&self.user_id).is_ok()
            && plain(&self.device_id)
            && plain(self.access_token.expose())
    }
}

impl Homeserver {
    /// Logs in with a password.
    ///
    /// `user` is a user ID or its localpart. Pass a `device_id` only to continue a device whose
    /// keys we own; otherwise the server makes a new one. No refresh token is asked for.
    ///
    /// # Errors
    ///
    /// [`Failure::WrongPassword`], [`Failure::NoPasswordLogin`], and what any call may meet. A
    /// login is never sent twice, except when the server refused it for its rate limit.
    pub async fn login_password(
        &self,
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
        let call = Call {
            hidden: Some(password),
            ..Call::post(self.url("/_matrix/client/v3/login"), Body::Json(body))
        };
        let reply = self.http.send(&call).await?;
        let login: Login = match reply.json() {
            Err(failure @ Failure::Refused { .. }) => {
                return Err(self.why_refused(failure).await?);
            }
            login => login?,
        };
        if !login.is_sound() {
            return Err(reply.not_matrix());
        }
        Ok(login)
    }

    /// Servers without passwords refuse in many words, so the flows decide what it meant.
    async fn why_refused(&self, failure: Failure) -> Result<Failure> {
        let server = self.name();
        let flows = self.login_flows().await?;
        Ok(match failure {
            _ if !flows.password => Failure::NoPasswordLogin {
                server,
                offers: flows.describe(),
            },
            Failure::Refused { errcode, .. } if errcode == "M_FORBIDDEN" => {
                Failure::WrongPassword { server }
            }
            other => other,
        })
    }
}
