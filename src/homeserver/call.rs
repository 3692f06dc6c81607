//! One request, described before it is sent.

use std::time::Duration;

use reqwest::{
    Method,
    header::{HeaderValue, InvalidHeaderValue},
};
use serde_json::Value;
use url::Url;

use super::{
    failure::{Failure, Result},
    upload::Upload,
};
use crate::config::Secret;

/// What a request carries.
pub(super) enum Body {
    /// A JSON document.
    Json(Value),
    /// A file.
    File(Upload),
}

/// One request. It has no `Debug`: its body may hold a password.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) body: Option<Body>,
    token: Option<&'a Secret>,
    hidden: Option<&'a Secret>,
    /// Whether sending it twice does no harm.
    pub(super) repeatable: bool,
    /// Whether it may be sent on to another origin, without its token.
    pub(super) portable: bool,
}

impl<'a> Call<'a> {
    /// A `GET`, which may be repeated.
    pub(super) fn get(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
            body: None,
            token: None,
            hidden: None,
            repeatable: true,
            portable: false,
        }
    }

    /// A `POST`, which is not repeated unless [`Self::repeatable`] says so.
    pub(super) fn post(url: Url, body: Value) -> Self {
        Self {
            method: Method::POST,
            body: Some(Body::Json(body)),
            repeatable: false,
            ..Self::get(url)
        }
    }

    /// A `PUT`, which may be repeated.
    pub(super) fn put(url: Url, body: Value) -> Self {
        Self {
            method: Method::PUT,
            body: Some(Body::Json(body)),
            ..Self::get(url)
        }
    }

    /// A `POST` of a file, which is not repeated.
    pub(super) fn upload(url: Url, file: Upload) -> Self {
        Self {
            body: Some(Body::File(file)),
            ..Self::post(url, Value::Null)
        }
    }

    /// Sends this access token along.
    pub(super) fn token(mut self, token: &'a Secret) -> Self {
        self.token = Some(token);
        self
    }

    /// Names a secret in the body, to be taken out of any answer that is shown.
    pub(super) fn hiding(mut self, secret: &'a Secret) -> Self {
        self.hidden = Some(secret);
        self
    }

    /// Declares that sending it twice does no harm.
    pub(super) fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Declares that trouble on the way is answer enough: it is not sent again.
    pub(super) fn once(mut self) -> Self {
        self.repeatable = false;
        self
    }

    /// Declares that another origin may answer it, which then does not get the token.
    pub(super) fn portable(mut self) -> Self {
        self.portable = true;
        self
    }

    /// How long what it carries may take on its way.
    pub(super) fn carrying_time(&self) -> Duration {
        match &self.body {
            Some(Body::File(file)) => file.carrying_time(),
            _ => Duration::ZERO,
        }
    }

    /// The secrets that travel with this call.
    pub(super) fn secrets(&self) -> Vec<&'a Secret> {
        self.token.into_iter().chain(self.hidden).collect()
    }

    /// Whether another server must not see this call.
    pub(super) fn is_confidential(&self) -> bool {
        self.body.is_some() || (self.token.is_some() && !self.portable)
    }

    /// The value of the `Authorization` header.
    pub(super) fn authorization(&self) -> Result<Option<HeaderValue>> {
        let Some(token) = self.token else {
            return Ok(None);
        };
        if token.expose().is_empty() {
            return Err(Failure::TokenMissing);
        }
        // A header may hold other bytes too, and a homeserver that meets them is in trouble.
        if !token.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Failure::TokenDamaged);
        }
        let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
            .map_err(|_: InvalidHeaderValue| Failure::TokenDamaged)?;
        value.set_sensitive(true);
        Ok(Some(value))
    }
}
