//! matrix-sdk's errors in the program's words and exit codes.

use std::time::{Duration, SystemTime};

use matrix_sdk::{
    HttpError,
    encryption::OlmError,
    ruma::api::{
        client::uiaa::UiaaResponse,
        error::{Error as ApiError, ErrorBody, ErrorKind, FromHttpResponseError, RetryAfter},
    },
};

use crate::{
    error::{Error, Kind, chain},
    homeserver::{Refusal, Restraint, tame},
};

/// Why something in a room failed, which decides whether it is tried again.
#[derive(Debug)]
pub enum RoomFailure {
    /// The homeserver is away or holds the account back ([`Restraint`]): it may work later.
    Later(Error),
    /// Something answered and did not say why it does not do it: the homeserver may be in trouble,
    /// or only what it was asked for is.
    Doubtful(Error),
    /// The homeserver refuses it, or it makes no sense: it will never work.
    Never(Error),
    /// A store or the journal failed: nothing more can be done safely.
    Store(Error),
}

impl RoomFailure {
    pub(super) fn new(doing: &str, error: &matrix_sdk::Error) -> Self {
        let words = translate(doing, error);
        match Class::of(error) {
            Class::Token | Class::Restrained | Class::Away => Self::Later(words),
            Class::Doubtful => Self::Doubtful(words),
            Class::Refused => Self::Never(words),
            Class::Local => Self::Store(words),
        }
    }

    /// What failed, in words.
    #[must_use]
    pub fn into_error(self) -> Error {
        match self {
            Self::Later(error)
            | Self::Doubtful(error)
            | Self::Never(error)
            | Self::Store(error) => error,
        }
    }

    /// What holds the account back, where it is no more than that.
    #[must_use]
    pub fn restraint(&self) -> Option<&Restraint> {
        match self {
            Self::Later(error) => error.cause(),
            _ => None,
        }
    }
}

/// Says what failed while doing this, and sorts it: rejected credentials, a homeserver to try
/// again, or a failure for good.
pub(crate) fn translate(doing: &str, error: &matrix_sdk::Error) -> Error {
    if let Some(restraint) = restraint(error) {
        return Error::unreachable(format!("cannot {doing}")).because(restraint);
    }
    if let Some(ErrorKind::UnknownToken(data)) = error.client_api_error_kind() {
        return rejected_token(data.soft_logout);
    }
    let kind = match Class::of(error) {
        Class::Token => return rejected_token(false),
        Class::Away | Class::Doubtful | Class::Restrained => Kind::Unreachable,
        Class::Refused | Class::Local => Kind::Failure,
    };
    let words = without_url(error);
    let words = match api_error(error) {
        Some(_) => tame(&words, &[]),
        None => words,
    };
    let disk_full = words.contains("disk is full");
    let error = Error::new(kind, format!("cannot {doing}: {words}"));
    if disk_full {
        return error.hint("free some space on this disk, then start again");
    }
    error
}

/// The words of an error without the URL of the request: that of a sync is so long that it hides
/// what went wrong.
fn without_url(error: &matrix_sdk::Error) -> String {
    let words = chain(error);
    let matrix_sdk::Error::Http(http) = error else {
        return words;
    };
    match http.as_ref() {
        HttpError::Reqwest(request) => match request.url() {
            Some(url) => words.replace(&format!(" for url ({url})"), ""),
            None => words,
        },
        _ => words,
    }
}

/// The HTTP status of the homeserver's answer, where it answered with an error.
pub(crate) fn status(error: &matrix_sdk::Error) -> Option<u16> {
    api_error(error).map(|error| error.status_code.as_u16())
}

/// What holds the account back, if that is all.
fn restraint(error: &matrix_sdk::Error) -> Option<Restraint> {
    let answer = api_error(error)?;
    let body = match &answer.body {
        ErrorBody::Standard(body) => serde_json::to_value(body).ok(),
        ErrorBody::Json(body) => Some(body.clone()),
        ErrorBody::NotJson { .. } => None,
    };
    if let Some(refusal) = body.as_ref().and_then(Refusal::read) {
        return Some(Restraint::Account(refusal));
    }
    let is_limit = answer.status_code.as_u16() == 429
        || matches!(answer.error_kind(), Some(ErrorKind::LimitExceeded(_)));
    is_limit.then(|| Restraint::RateLimit {
        after: retry_after(answer),
    })
}

/// How long the homeserver asks to wait.
fn retry_after(answer: &ApiError) -> Option<Duration> {
    match answer.error_kind() {
        Some(ErrorKind::LimitExceeded(limit)) => match limit.retry_after? {
            RetryAfter::Delay(delay) => Some(delay),
            RetryAfter::DateTime(time) => time.duration_since(SystemTime::now()).ok(),
        },
        _ => match &answer.body {
            ErrorBody::Json(body) => body["retry_after_ms"].as_u64().map(Duration::from_millis),
            _ => None,
        },
    }
}

/// What sort of failure it is.
enum Class {
    Token,
    Restrained,
    Away,
    Doubtful,
    Refused,
    Local,
}

impl Class {
    fn of(error: &matrix_sdk::Error) -> Self {
        use matrix_sdk::Error as E;
        match error {
            E::Http(http) => Self::of_http(http, error),
            // Another task's request, which this one waited for, failed.
            E::ConcurrentRequestFailed | E::Timeout => Self::Away,
            E::StateStore(_)
            | E::CryptoStoreError(_)
            | E::EventCacheStore(_)
            | E::MediaStore(_)
            | E::CrossProcessLockError(_)
            | E::Io(_) => Self::Local,
            E::OlmError(olm) if matches!(olm.as_ref(), OlmError::Store(_)) => Self::Local,
            _ => Self::Refused,
        }
    }

    /// A refusal is a 4xx with an errcode. Anything else that answers is a proxy in the way, or a
    /// server that is not itself.
    fn of_http(http: &HttpError, error: &matrix_sdk::Error) -> Self {
        if matches!(http, HttpError::IntoHttp(_)) {
            return Self::Refused;
        }
        if error.as_uiaa_response().is_some() {
            return Self::Refused;
        }
        if restraint(error).is_some() {
            return Self::Restrained;
        }
        let Some(answer) = api_error(error) else {
            return match http {
                HttpError::Api(_) => Self::Doubtful,
                _ => Self::Away,
            };
        };
        match (answer.status_code.as_u16(), answer.error_kind()) {
            (401, Some(_)) => Self::Token,
            (400..500, Some(_)) => Self::Refused,
            _ => Self::Doubtful,
        }
    }
}

fn api_error(error: &matrix_sdk::Error) -> Option<&ApiError> {
    let matrix_sdk::Error::Http(http) = error else {
        return None;
    };
    let HttpError::Api(api) = http.as_ref() else {
        return None;
    };
    match api.as_ref() {
        FromHttpResponseError::Server(UiaaResponse::MatrixError(error)) => Some(error),
        _ => None,
    }
}

fn rejected_token(soft_logout: bool) -> Error {
    let why = if soft_logout {
        "the homeserver has ended this session and asks for a new login"
    } else {
        "the homeserver rejects the access token: it was revoked, or its device removed"
    };
    Error::not_logged_in(why).hint("run `nanobot login`")
}

#[cfg(test)]
mod tests {
    use matrix_sdk::{
        reqwest::StatusCode,
        ruma::api::error::{LimitExceededErrorData, StandardErrorBody},
    };
    use serde_json::{Value, json};

    use super::*;

    fn refused(status: u16, body: ErrorBody) -> matrix_sdk::Error {
        let refused = ApiError::new(StatusCode::from_u16(status).unwrap(), body);
        let refused = FromHttpResponseError::Server(UiaaResponse::MatrixError(refused));
        HttpError::Api(Box::new(refused)).into()
    }

    /// What the SDK makes of this JSON.
    fn answer(status: u16, body: &Value) -> matrix_sdk::Error {
        let standard = serde_json::from_value::<StandardErrorBody>(body.clone());
        let body = match standard {
            Ok(standard) => ErrorBody::Standard(standard),
            Err(_) => ErrorBody::Json(body.clone()),
        };
        refused(status, body)
    }

    fn web_page(status: u16) -> matrix_sdk::Error {
        let bytes = b"<html>".to_vec();
        let deserialization_error = serde_json::from_slice::<Value>(&bytes).unwrap_err().into();
        let bytes = bytes.into();
        refused(
            status,
            ErrorBody::NotJson {
                bytes,
                deserialization_error,
            },
        )
    }

    #[test]
    fn the_words_of_a_homeserver_are_fit_to_be_shown() {
        let words = format!("go\u{1b}[2J away{}", "!".repeat(999));
        let body = ErrorBody::Standard(StandardErrorBody::new(ErrorKind::Unknown, words));
        let shown = translate("do it", &refused(400, body)).to_string();
        assert!(shown.contains("go [2J away"), "{shown:?}");
        assert!(!shown.contains('\u{1b}') && shown.len() < 300, "{shown:?}");
    }

    #[test]
    fn what_is_of_the_whole_account_is_for_later_whatever_its_status() {
        for status in [401, 403, 503] {
            for body in [
                json!({"errcode": "M_USER_LOCKED", "soft_logout": true, "error": "locked"}),
                json!({"errcode": "M_USER_SUSPENDED", "error": "suspended"}),
                json!({"errcode": "M_CONSENT_NOT_GIVEN", "error": "agree",
                       "consent_uri": "https://example.org/consent"}),
                // Not as the specification has them: words and contact are missing.
                json!({"errcode": "M_RESOURCE_LIMIT_EXCEEDED"}),
            ] {
                let error = answer(status, &body);
                let failure = RoomFailure::new("send the reply", &error);
                let Some(Restraint::Account(refusal)) = failure.restraint() else {
                    panic!("{status} {body}: {failure:?}");
                };
                assert_eq!(refusal.errcode, body["errcode"]);
                let consent = body["consent_uri"].as_str().map(str::to_owned);
                assert_eq!(refusal.link, consent, "{body}");
                let error = translate("sync with the homeserver", &error);
                assert_eq!(error.kind(), Kind::Unreachable, "{error}");
            }
        }
    }

    #[test]
    fn a_limit_says_how_long() {
        let second = Duration::from_secs(1);
        for (body, expected) in [
            (
                json!({"errcode": "M_LIMIT_EXCEEDED", "error": "", "retry_after_ms": 1000}),
                Some(second),
            ),
            (json!({"errcode": "M_LIMIT_EXCEEDED", "error": ""}), None),
            // A proxy that does not know Matrix.
            (json!({"retry_after_ms": 1000}), Some(second)),
        ] {
            let failure = RoomFailure::new("send the reply", &answer(429, &body));
            let limit = Restraint::RateLimit { after: expected };
            assert_eq!(failure.restraint(), Some(&limit), "{body}");
        }
        let mut limit = LimitExceededErrorData::new();
        limit.retry_after = Some(RetryAfter::Delay(second));
        let body = StandardErrorBody::new(ErrorKind::LimitExceeded(limit), String::new());
        let failure = RoomFailure::new("send", &refused(429, ErrorBody::Standard(body)));
        let limit = Restraint::RateLimit {
            after: Some(second),
        };
        assert_eq!(failure.restraint(), Some(&limit));
    }

    #[test]
    fn a_refusal_without_a_matrix_error_is_doubtful_and_one_with_it_is_not() {
        let doubtful = [
            web_page(403),
            web_page(502),
            answer(400, &json!({"error": "no"})),
            answer(500, &json!({"errcode": "M_UNKNOWN", "error": "no"})),
        ];
        for error in doubtful {
            let failure = RoomFailure::new("send the reply", &error);
            assert!(matches!(failure, RoomFailure::Doubtful(_)), "{failure:?}");
        }
        for (status, errcode) in [(403, "M_FORBIDDEN"), (413, "M_TOO_LARGE")] {
            let error = answer(status, &json!({"errcode": errcode, "error": "no"}));
            let failure = RoomFailure::new("send the reply", &error);
            assert!(matches!(failure, RoomFailure::Never(_)), "{failure:?}");
        }
        let rejected = answer(401, &json!({"errcode": "M_UNKNOWN_TOKEN", "error": "no"}));
        let failure = RoomFailure::new("send the reply", &rejected);
        assert!(matches!(&failure, RoomFailure::Later(error) if error.kind() == Kind::NotLoggedIn));
    }
}
