use std::time::Duration;

use matrix_sdk::{
    HttpError,
    reqwest::StatusCode,
    ruma::api::{
        client::uiaa::UiaaResponse,
        error::{
            Error as ApiError, ErrorBody, ErrorKind, FromHttpResponseError, LimitExceededErrorData,
            RetryAfter, StandardErrorBody,
        },
    },
};
use serde_json::{Value, json};

use super::*;
use crate::error::Kind;

fn failure(doing: &'static str, error: matrix_sdk::Error) -> RoomFailure {
    SdkError::new(doing, error).into()
}

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
    let shown = Error::from(SdkError::new("do it", refused(400, body))).to_string();
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
            let failure = failure("send the reply", answer(status, &body));
            let Some(Restraint::Account(refusal)) = failure.restraint() else {
                panic!("{status} {body}: {failure:?}");
            };
            assert_eq!(refusal.errcode, body["errcode"]);
            let consent = body["consent_uri"].as_str().map(str::to_owned);
            assert_eq!(refusal.link, consent, "{body}");
            let error = SdkError::new("sync with the homeserver", answer(status, &body));
            let error = Error::from(error);
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
        let failure = failure("send the reply", answer(429, &body));
        let limit = Restraint::RateLimit { after: expected };
        assert_eq!(failure.restraint(), Some(&limit), "{body}");
    }
    let mut limit = LimitExceededErrorData::new();
    limit.retry_after = Some(RetryAfter::Delay(second));
    let body = StandardErrorBody::new(ErrorKind::LimitExceeded(limit), String::new());
    let failure = failure("send", refused(429, ErrorBody::Standard(body)));
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
        let failure = failure("send the reply", error);
        assert!(matches!(failure, RoomFailure::Doubtful(_)), "{failure:?}");
    }
    for (status, errcode) in [(403, "M_FORBIDDEN"), (413, "M_TOO_LARGE")] {
        let error = answer(status, &json!({"errcode": errcode, "error": "no"}));
        let failure = failure("send the reply", error);
        assert!(matches!(failure, RoomFailure::Never(_)), "{failure:?}");
    }
    let rejected = answer(401, &json!({"errcode": "M_UNKNOWN_TOKEN", "error": "no"}));
    let failure = failure("send the reply", rejected);
    assert!(matches!(&failure, RoomFailure::Later(error) if error.kind() == Kind::NotLoggedIn));
}
