//! A homeserver before login.

use std::sync::Arc;

use serde_json::Value;
use url::Url;

use super::{
    account::Account,
    address,
    call::Call,
    endpoint::endpoint,
    failure::{Failure, Result},
    flows::{LoginFlows, OAuth, Offered},
    http::Http,
    login::{self, Login},
    options::Options,
    versions::Versions,
};
use crate::config::Secret;

/// The path that tells a homeserver from everything else.
pub(super) const VERSIONS: &str = "/_matrix/client/versions";

/// A homeserver, known by its base URL. Cheap to clone; clones share connections.
#[derive(Clone, Debug)]
pub struct Homeserver {
    http: Arc<Http>,
    base: Url,
}

impl Homeserver {
    /// A homeserver at this base URL. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// For a URL that cannot be one, plain HTTP that is not allowed, and an unusable proxy.
    pub fn new(base_url: &str, options: &Options) -> Result<Self> {
        let base = address::base_url(base_url)?;
        options.permit(&base)?;
        let http = Arc::new(Http::new(options, &base)?);
        Ok(Self { http, base })
    }

    pub(super) fn with_http(http: Arc<Http>, base: Url) -> Self {
        Self { http, base }
    }

    /// The base URL.
    #[must_use]
    pub fn base_url(&self) -> &Url {
        &self.base
    }

    pub(super) fn http(&self) -> &Http {
        &self.http
    }

    pub(super) fn url(&self, path: &str) -> Url {
        endpoint(&self.base, path)
    }

    /// The spec versions it speaks (spec, "GET /_matrix/client/versions").
    ///
    /// # Errors
    ///
    /// When it cannot be reached or is no homeserver.
    pub async fn versions(&self) -> Result<Versions> {
        let (versions, _) = self.versions_and_source().await?;
        Ok(versions)
    }

    /// The versions, and the URL that answered in the end.
    pub(super) async fn versions_and_source(&self) -> Result<(Versions, Url)> {
        let reply = self.http.send(&Call::get(self.url(VERSIONS))).await?;
        // A homeserver never refuses this question, whatever error object it dresses that in.
        if !reply.status.is_success() {
            return Err(reply.not_matrix());
        }
        Ok((reply.json()?, reply.url))
    }

    /// The ways it lets people in (spec, "GET /_matrix/client/v3/login" and "OAuth 2.0 API").
    ///
    /// # Errors
    ///
    /// When it cannot be reached or is no homeserver.
    pub async fn login_flows(&self) -> Result<LoginFlows> {
        let (offered, oauth) = tokio::try_join!(self.offered(), self.oauth())?;
        Ok(LoginFlows::new(offered, oauth))
    }

    /// `None` where the server has no login of its own, as under delegated authentication.
    async fn offered(&self) -> Result<Option<Offered>> {
        let call = Call::get(self.url("/_matrix/client/v3/login"));
        let reply = self.http.send(&call).await?;
        if reply.is_unrecognized() {
            return Ok(None);
        }
        reply.json().map(Some)
    }

    /// `None` unless the server names an OAuth 2.0 issuer. Most servers do not know the question,
    /// and what stands in front of them words its refusal in many ways.
    async fn oauth(&self) -> Result<Option<OAuth>> {
        let call = Call::get(self.url("/_matrix/client/v1/auth_metadata"));
        let reply = self.http.send(&call).await?;
        if !reply.status.is_success() {
            return Ok(None);
        }
        Ok(serde_json::from_slice::<Value>(&reply.body)
            .ok()
            .and_then(OAuth::read))
    }

    /// Logs in with a password (spec, "POST /_matrix/client/v3/login").
    ///
    /// `user` is a user id or its localpart. Pass a `device_id` only to continue a device whose
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
        let refused = match login::password(self, user, password, device_id, device_name).await {
            Err(failure @ Failure::Refused { .. }) => failure,
            outcome => return outcome,
        };
        // Servers without passwords refuse in many words, so the flows decide what it meant.
        let flows = self.login_flows().await?;
        if !flows.password {
            return Err(Failure::NoPasswordLogin {
                server: self.name(),
                offers: flows.describe(),
            });
        }
        Err(match refused {
            Failure::Refused { errcode, .. } if errcode == "M_FORBIDDEN" => {
                Failure::WrongPassword {
                    server: self.name(),
                }
            }
            other => other,
        })
    }

    /// The account that an access token belongs to. Nothing is sent yet.
    #[must_use]
    pub fn with_token(&self, token: &Secret) -> Account {
        Account::new(self.clone(), token)
    }

    /// The base URL as a person writes it: without a slash at its end.
    #[must_use]
    pub fn name(&self) -> String {
        super::endpoint::base_of(&self.base)
    }
}
