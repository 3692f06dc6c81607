//! What an unsuccessful answer of the API means.

use std::time::{Duration, SystemTime};

use reqwest::{StatusCode, header::HeaderMap};
use serde_json::Value;

use super::fault::{Fault, Why};
use crate::{
    config::{Secret, looks_secret},
    homeserver::tame,
};

/// Parts of what services say when a conversation is too long for the model.
const TOO_LONG: [&str; 9] = [
    "context_length_exceeded",
    "context length",
    "maximum context",
    "context window",
    "context size",
    "too many tokens",
    "prompt is too long",
    "input is too long",
    "reduce the length",
];
/// Parts of what they say when an account is used up.
const NO_CREDIT: [&str; 4] = [
    "insufficient_quota",
    "insufficient balance",
    "insufficient credit",
    "exceeded your current quota",
];
/// Parts of what they say of a model that is not there.
const NO_MODEL: [&str; 5] = [
    "model_not_found",
    "not a valid model",
    "invalid model",
    "unknown model",
    "no such model",
];

/// The fault that an answer of this status tells, whose body this is.
pub(super) fn of_status(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    secrets: &[&Secret],
) -> Fault {
    let error: Option<Value> = serde_json::from_slice(body).ok();
    let said = error.as_ref().map(Words::of).unwrap_or_default();
    let why = why(status, &said, retry_after(headers, SystemTime::now()));
    let status = status.as_u16();
    let what = match why {
        Why::Unauthorised => format!("does not accept the key (HTTP status {status})"),
        Why::NoCredit => format!("has no credit left for this account (HTTP status {status})"),
        Why::NoModel => format!("does not have this model or address (HTTP status {status})"),
        Why::TooLong => format!("finds the conversation too long (HTTP status {status})"),
        Why::Busy(_) => format!("refuses more questions for now (HTTP status {status})"),
        Why::Trouble => format!("is in trouble (HTTP status {status})"),
        _ => format!("refuses the question (HTTP status {status})"),
    };
    Fault::new(why, format!("{what}{}", said.quoted(secrets)))
}

/// The fault that an error object tells which came in the middle of an answer.
pub(super) fn of_error(error: &Value, secrets: &[&Secret]) -> Fault {
    let said = Words::of(error);
    let code = error.get("code").and_then(Value::as_u64);
    let status = code.and_then(|code| StatusCode::from_u16(u16::try_from(code).ok()?).ok());
    let why = why(
        status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        &said,
        None,
    );
    let what = format!("broke the answer off{}", said.quoted(secrets));
    Fault::new(why, what)
}

/// An error's own words: for people, and its code and type for programs.
#[derive(Default)]
struct Words {
    message: String,
    all: String,
}

impl Words {
    /// Services agree little on the shape: `{"error": {"message", "type", "code"}}`, `{"error": ""}`,
    /// `{"message": ""}`, `{"detail": ""}`.
    fn of(answer: &Value) -> Self {
        let error = answer.get("error").unwrap_or(answer);
        let text = |key: &str| error.get(key).and_then(Value::as_str);
        let message = error.as_str().or_else(|| text("message"));
        let message = message.or_else(|| text("detail")).unwrap_or_default();
        let codes = ["code", "type"].map(|key| text(key).unwrap_or_default());
        Self {
            all: format!("{message} {}", codes.join(" ")).to_lowercase(),
            message: message.to_owned(),
        }
    }

    fn have(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.all.contains(part))
    }

    /// Behind a colon, made harmless.
    fn quoted(&self, secrets: &[&Secret]) -> String {
        match harmless(&self.message, secrets) {
            said if said.is_empty() => said,
            said => format!(": {said}"),
        }
    }
}

/// A service's words, made harmless: it may say a part of the key, too.
pub(in crate::agent) fn harmless(text: &str, secrets: &[&Secret]) -> String {
    let word = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        if looks_secret(bare) {
            "[redacted]".to_owned()
        } else {
            word.to_owned()
        }
    };
    let words: Vec<_> = text.split_whitespace().map(word).collect();
    tame(&words.join(" "), secrets)
}

fn why(status: StatusCode, said: &Words, retry_after: Option<Duration>) -> Why {
    match status.as_u16() {
        402 => Why::NoCredit,
        _ if said.have(&NO_CREDIT) => Why::NoCredit,
        401 | 403 => Why::Unauthorised,
        413 => Why::TooLong,
        // Some services say it with 500.
        _ if said.have(&TOO_LONG) => Why::TooLong,
        404 => Why::NoModel,
        400 | 422 if said.have(&NO_MODEL) => Why::NoModel,
        408 | 429 => Why::Busy(retry_after),
        503 if retry_after.is_some() => Why::Busy(retry_after),
        500.. => Why::Trouble,
        _ => Why::Refused,
    }
}

/// `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3).
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get("retry-after")?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod unit {
    use serde_json::json;

    use super::*;

    fn told(status: u16, body: &str) -> Fault {
        let status = StatusCode::from_u16(status).unwrap();
        let secret = Secret::new("canary");
        of_status(status, &HeaderMap::new(), body.as_bytes(), &[&secret])
    }

    #[test]
    fn statuses_and_words_are_told_apart() {
        for (status, body, why) in [
            (401, "", Why::Unauthorised),
            (403, "<html>", Why::Unauthorised),
            (402, "{}", Why::NoCredit),
            (
                429,
                r#"{"error":{"code":"insufficient_quota"}}"#,
                Why::NoCredit,
            ),
            (429, "{}", Why::Busy(None)),
            (
                404,
                r#"{"error":{"message":"The model `x` does not exist"}}"#,
                Why::NoModel,
            ),
            (
                400,
                r#"{"error":{"message":"x is not a valid model ID"}}"#,
                Why::NoModel,
            ),
            (
                400,
                r#"{"error":{"code":"context_length_exceeded"}}"#,
                Why::TooLong,
            ),
            (400, r#"{"error":"Prompt is too long"}"#, Why::TooLong),
            (
                400,
                r#"{"message":"exceeds the context window"}"#,
                Why::TooLong,
            ),
            (413, "", Why::TooLong),
            (400, r#"{"detail":"no"}"#, Why::Refused),
            (301, "", Why::Refused),
            (500, "", Why::Trouble),
            (529, "", Why::Trouble),
        ] {
            assert_eq!(told(status, body).why, why, "{status} {body}");
        }
        let code = json!({"code": 429, "message": "slow down"});
        assert_eq!(of_error(&code, &[]).why, Why::Busy(None));
        assert_eq!(of_error(&json!("overloaded"), &[]).why, Why::Trouble);
    }

    #[test]
    fn its_words_are_quoted_without_secrets() {
        let body = json!({"error": {"message": "no\u{1b}[31m canary sk-proj-abcdefgh. really"}});
        let what = told(401, &body.to_string()).what;
        let expected =
            "does not accept the key (HTTP status 401): no [31m [redacted] [redacted] really";
        assert_eq!(what, expected);
    }

    #[test]
    fn a_wait_is_read_in_both_forms() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", value.parse().unwrap());
            retry_after(&headers, now).map(|wait| wait.as_secs())
        };
        assert_eq!(read("7"), Some(7));
        assert_eq!(read("Sun, 06 Nov 1994 08:50:37 GMT"), Some(60));
        assert_eq!(read("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0));
        assert_eq!(read("soon"), None);
    }
}
