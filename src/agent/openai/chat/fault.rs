//! Why a model gave no answer, from what it answered instead.

use std::time::{Duration, SystemTime};

use reqwest::{StatusCode, header::HeaderMap};
use serde_json::Value;

use crate::{
    config::{Secret, looks_secret},
    text::excerpt,
};

/// What sort of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// No connection came about.
    Unreachable,
    /// The key is missing, wrong, or not good for this.
    Unauthorised,
    /// The account has no credit left.
    NoCredit,
    /// There is no such model, or nothing at this address.
    NoModel,
    /// The conversation is longer than the model can take.
    TooLong,
    /// Too many questions; how long to wait, where that was said.
    Busy(Option<Duration>),
    /// The service says that it is in trouble.
    Trouble,
    /// The question was refused for another reason.
    Refused,
    /// Nothing came for too long.
    Stalled,
    /// The answer as a whole took too long.
    Slow,
    /// The connection ended in the middle of the answer.
    Dropped,
    /// What came is no answer of this API.
    Garbage,
    /// The answer has no words.
    Empty,
    /// The answer was used up before its first word.
    UsedUp,
    /// The model declines to answer.
    Declined,
}

/// Why a model gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub why: Why,
    /// The whole story but for who it is about: a predicate such as `does not accept the key`.
    /// Foreign words in it are cleaned, and no secret is among them.
    pub what: String,
}

impl Fault {
    pub fn new(why: Why, what: impl Into<String>) -> Self {
        Self {
            why,
            what: what.into(),
        }
    }
}

/// The fault of an answer that is larger than this.
pub fn too_large(most: usize) -> Fault {
    let what = format!("sent more than {} KiB", most / 1024);
    Fault::new(Why::Garbage, what)
}

/// Parts of what services say, in lower case, when an account is used up.
const NO_CREDIT: [&str; 4] = [
    "insufficient_quota",
    "insufficient balance",
    "insufficient credit",
    "exceeded your current quota",
];
/// Parts of what they say when a conversation is too long for the model.
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
/// Parts of what they say of a model that is not there.
const NO_MODEL: [&str; 5] = [
    "model_not_found",
    "not a valid model",
    "invalid model",
    "unknown model",
    "no such model",
];
/// Parts of what they say of a key that is not accepted, whatever the status. The last is `LiteLLM`'s
/// word where only its first key is good.
const BAD_KEY: [&str; 7] = [
    "auth_error",
    "authentication error",
    "authentication_error",
    "authenticationerror",
    "invalid_api_key",
    "invalid api key",
    "no_db_connection",
];

/// The fault that an answer of this status tells, whose body this is.
pub fn of_status(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    secrets: &[Secret],
) -> Fault {
    let error: Value = serde_json::from_slice(body).unwrap_or_default();
    let why = why(status, &error, retry_after(headers, SystemTime::now()));
    let what = match why {
        Why::Unauthorised => "does not accept the key",
        Why::NoCredit => "has no credit left for this account",
        Why::NoModel => "does not have this model or address",
        Why::TooLong => "finds the conversation too long",
        Why::Busy(_) => "refuses more questions for now",
        Why::Trouble => "is in trouble",
        _ => "refuses the question",
    };
    let (status, said) = (status.as_u16(), quoted(&error, secrets));
    Fault::new(why, format!("{what} (HTTP status {status}){said}"))
}

/// The fault that an error object tells which came in place of an answer, or in the middle of one.
pub fn of_error(error: &Value, secrets: &[Secret]) -> Fault {
    let inner = error.get("error").unwrap_or(error);
    let codes = ["code", "status", "status_code"].map(|key| match &inner[key] {
        Value::String(code) => code.parse().ok(),
        code => code.as_u64(),
    });
    let status = codes.into_iter().flatten().find_map(|code| {
        let status = StatusCode::from_u16(u16::try_from(code).ok()?).ok()?;
        (!status.is_success()).then_some(status)
    });
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let what = format!("broke the answer off{}", quoted(error, secrets));
    Fault::new(why(status, error, None), what)
}

/// An error's own words for people. Services agree little on where they are: `{"error": {"message"}}`,
/// `{"error": ""}`, `{"message": ""}`, `{"detail": [{"msg"}]}`.
fn words(error: &Value) -> String {
    match error {
        Value::String(text) => text.clone(),
        Value::Array(errors) => errors.iter().map(words).collect::<Vec<_>>().join("; "),
        Value::Object(members) => ["error", "message", "msg", "detail"]
            .into_iter()
            .filter_map(|key| members.get(key).map(words))
            .find(|words| !words.trim().is_empty())
            .unwrap_or_default(),
        _ => String::new(),
    }
}

/// Its words behind a colon, made harmless.
fn quoted(error: &Value, secrets: &[Secret]) -> String {
    match harmless(&words(error), secrets) {
        said if said.is_empty() => said,
        said => format!(": {said}"),
    }
}

/// A service's words, made harmless: it may say a part of the key, too.
pub fn harmless(text: &str, secrets: &[Secret]) -> String {
    let word = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_secret = looks_secret(bare);
        if is_secret { "[redacted]" } else { word }.to_owned()
    };
    let words: Vec<_> = text.split_whitespace().map(word).collect();
    excerpt(&Secret::redact(&words.join(" "), secrets))
}

fn why(status: StatusCode, error: &Value, retry_after: Option<Duration>) -> Why {
    // For people, and its code and type for programs.
    let said = error.get("error").unwrap_or(error);
    let said = said.to_string().to_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| said.contains(part));
    match status.as_u16() {
        402 => Why::NoCredit,
        _ if says(&NO_CREDIT) => Why::NoCredit,
        401 | 403 => Why::Unauthorised,
        413 => Why::TooLong,
        // Some services say it with 500.
        _ if says(&TOO_LONG) => Why::TooLong,
        404 | 405 => Why::NoModel,
        400 | 422 if says(&NO_MODEL) => Why::NoModel,
        400 | 500 if says(&BAD_KEY) => Why::Unauthorised,
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
        of_status(status, &HeaderMap::new(), body.as_bytes(), &[secret])
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
