//! An answer: its JSON, or what it says instead.

use std::time::Duration;

use reqwest::{StatusCode, header::HeaderMap};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use url::Url;

use super::{
    failure::{Failure, Result},
    url::base_of,
};
use crate::{config::Secret, ipc::Refusal, text::excerpt};

/// An answer, read whole.
pub struct Reply {
    /// The base URL that was asked.
    pub asked: String,
    /// Where it came from in the end, redirects followed.
    pub url: Url,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// What it says is wrong, where it speaks for the homeserver.
    pub error: Option<ApiError>,
}

/// The error object of the API (spec, "Standard error response"). Its words are fit to be shown.
pub struct ApiError {
    pub errcode: String,
    message: String,
    soft_logout: bool,
    retry_after: Option<Duration>,
    refusal: Option<Refusal>,
}

impl ApiError {
    /// Reads the body of an answer; these secrets are taken out of its words.
    pub fn read(body: &[u8], secrets: &[&Secret]) -> Option<Self> {
        let mut body: Value = serde_json::from_slice(body).ok()?;
        for member in body.as_object_mut()?.values_mut() {
            if let Value::String(words) = member {
                *words = Secret::redact(words, secrets);
            }
        }
        Some(Self {
            errcode: excerpt(body["errcode"].as_str()?),
            message: excerpt(body["error"].as_str().unwrap_or_default()),
            soft_logout: body["soft_logout"] == true,
            retry_after: body["retry_after_ms"].as_u64().map(Duration::from_millis),
            refusal: Refusal::read(&body),
        })
    }
}

impl Reply {
    /// The JSON of a successful answer.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        if !self.status.is_success() {
            return Err(self.failure());
        }
        // The parser's own words may quote the answer, and the answer may hold a token.
        serde_json::from_slice(&self.body).map_err(|_| self.not_matrix())
    }

    /// One member of the JSON of a successful answer.
    pub fn member<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let mut json: Value = self.json()?;
        let member = json.get_mut(name).map(Value::take);
        serde_json::from_value(member.unwrap_or_default()).map_err(|_| self.not_matrix())
    }

    /// As [`Self::json`]; `None` where it says that the thing asked for, or the call itself, is not
    /// there.
    pub fn found<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        match (self.status, self.errcode()) {
            (StatusCode::NOT_FOUND, "M_NOT_FOUND" | "M_UNRECOGNIZED") => Ok(None),
            _ => self.json().map(Some),
        }
    }

    /// The Matrix error code; empty where there is none.
    pub fn errcode(&self) -> &str {
        self.error.as_ref().map_or("", |error| &error.errcode)
    }

    /// What an unsuccessful answer means.
    pub fn failure(&self) -> Failure {
        let server = base_of(&self.url);
        let status = self.status.as_u16();
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            let asked = self.error.as_ref().and_then(|error| error.retry_after);
            return Failure::RateLimited {
                server,
                retry_after: retry_after(&self.headers).or(asked),
            };
        }
        let refusal = self.error.as_ref().and_then(|error| error.refusal.clone());
        if let Some(refusal) = refusal {
            return Failure::Blocked(refusal);
        }
        if self.status.is_server_error() {
            return Failure::ServerTrouble { server, status };
        }
        let Some(error) = &self.error else {
            return self.not_matrix();
        };
        match error.errcode.as_str() {
            "M_UNKNOWN_TOKEN" => Failure::TokenRejected {
                soft_logout: error.soft_logout,
            },
            "M_MISSING_TOKEN" => Failure::TokenMissing,
            "M_USER_DEACTIVATED" => Failure::Deactivated,
            errcode => Failure::Refused {
                server,
                status,
                errcode: errcode.to_owned(),
                message: error.message.clone(),
            },
        }
    }

    /// An answer that no homeserver gives.
    pub fn not_matrix(&self) -> Failure {
        let body = self.body.trim_ascii();
        let sort = if body.is_empty() {
            "nothing"
        } else if body.starts_with(b"<") {
            "a web page"
        } else if serde_json::from_slice::<IgnoredAny>(body).is_ok() {
            "JSON of another kind"
        } else {
            "something that is not JSON"
        };
        let source = base_of(&self.url);
        let from = if source == self.asked {
            "it sent".to_owned()
        } else {
            format!("it redirects to {source}, which sent")
        };
        Failure::NotMatrix {
            server: self.asked.clone(),
            what: format!("{from} {sort} (HTTP status {})", self.status.as_u16()),
        }
    }
}

/// The seconds in a `Retry-After` header, which precede the body's word (spec, "Rate limiting").
/// Its other form, a date, would need clocks that agree.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get("retry-after")?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}
