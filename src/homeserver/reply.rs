//! An answer: its JSON, or what it says instead.

use std::time::Duration;

use reqwest::{StatusCode, header::HeaderMap};
use serde::{Deserialize, de::DeserializeOwned};
use url::Url;

use super::{
    endpoint::base_of,
    failure::{Failure, Result},
    restraint::Refusal,
    words::tame,
};
use crate::config::Secret;

/// An answer, read whole.
pub(super) struct Reply<'a> {
    /// The base URL that was asked.
    pub(super) asked: String,
    /// Where it came from in the end, redirects followed.
    pub(super) url: Url,
    /// Whether it speaks for the homeserver: what a portable call meets elsewhere does not.
    pub(super) official: bool,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// Taken out of everything that is shown of it.
    pub(super) secrets: Vec<&'a Secret>,
}

/// The error object of the API (spec, "Standard error response").
#[derive(Deserialize)]
struct StandardError {
    errcode: String,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    soft_logout: Option<bool>,
    #[serde(default)]
    retry_after_ms: Option<u64>,
}

impl Reply<'_> {
    /// The JSON of a successful answer.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T> {
        if !self.status.is_success() {
            return Err(self.failure());
        }
        // The parser's own words may quote the answer, and the answer may hold a token.
        serde_json::from_slice(&self.body).map_err(|_| self.not_matrix())
    }

    /// Whether it says that the thing asked for, or the call itself, is not there.
    pub(super) fn is_missing(&self) -> bool {
        self.status == StatusCode::NOT_FOUND
            && self.standard_error().is_some_and(|error| {
                matches!(error.errcode.as_str(), "M_NOT_FOUND" | "M_UNRECOGNIZED")
            })
    }

    /// Whether it says that the server does not know this call (spec, "Common error codes").
    pub(super) fn is_unrecognized(&self) -> bool {
        !self.status.is_success()
            && self
                .standard_error()
                .is_some_and(|error| error.errcode == "M_UNRECOGNIZED")
    }

    /// Whether it is an error of the API, and not of something in between.
    pub(super) fn is_standard_error(&self) -> bool {
        !self.status.is_success() && self.standard_error().is_some()
    }

    /// What an unsuccessful answer means.
    pub(super) fn failure(&self) -> Failure {
        let server = base_of(&self.url);
        if let Some(refusal) = self.refusal() {
            return Failure::Blocked(refusal);
        }
        if self.status.is_server_error() {
            return Failure::ServerTrouble {
                server,
                status: self.status.as_u16(),
            };
        }
        let Some(error) = self.standard_error() else {
            return self.not_matrix();
        };
        match error.errcode.as_str() {
            "M_UNKNOWN_TOKEN" => Failure::TokenRejected {
                soft_logout: error.soft_logout.unwrap_or(false),
            },
            "M_MISSING_TOKEN" => Failure::TokenMissing,
            "M_USER_DEACTIVATED" => Failure::Deactivated,
            errcode => Failure::Refused {
                server,
                status: self.status.as_u16(),
                errcode: tame(errcode, &self.secrets),
                message: tame(error.error.as_deref().unwrap_or_default(), &self.secrets),
            },
        }
    }

    /// An answer of 429, with the wait it asks for.
    pub(super) fn rate_limited(&self) -> Failure {
        let asked = || {
            let error = self.standard_error()?;
            error.retry_after_ms.map(Duration::from_millis)
        };
        Failure::RateLimited {
            server: base_of(&self.url),
            retry_after: retry_after(&self.headers).or_else(asked),
        }
    }

    /// An answer that no homeserver gives.
    pub(super) fn not_matrix(&self) -> Failure {
        let source = base_of(&self.url);
        let what = if source == self.asked {
            format!("it sent {}", self.looks_like())
        } else {
            format!("it redirects to {source}, which sent {}", self.looks_like())
        };
        Failure::NotMatrix {
            server: self.asked.clone(),
            what,
        }
    }

    fn looks_like(&self) -> String {
        let sort = if self.body.trim_ascii().is_empty() {
            "nothing"
        } else if self.body.trim_ascii().starts_with(b"<") {
            "a web page"
        } else if serde_json::from_slice::<serde::de::IgnoredAny>(&self.body).is_ok() {
            "JSON of another kind"
        } else {
            "something that is not JSON"
        };
        format!("{sort} (HTTP status {})", self.status.as_u16())
    }

    /// That the server takes nothing from the account.
    fn refusal(&self) -> Option<Refusal> {
        if !self.official {
            return None;
        }
        let mut refusal = Refusal::read(&serde_json::from_slice(&self.body).ok()?)?;
        refusal.message = tame(&refusal.message, &self.secrets);
        Some(refusal)
    }

    fn standard_error(&self) -> Option<StandardError> {
        if !self.official {
            return None;
        }
        serde_json::from_slice(&self.body).ok()
    }
}

/// The seconds in a `Retry-After` header, which precede the body's word (spec, "Rate limiting").
/// Its other form, a date, would need clocks that agree.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers
        .get("retry-after")?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds))
}
