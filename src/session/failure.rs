//! matrix-sdk's errors in the program's words and exit codes.

use matrix_sdk::{
    HttpError,
    encryption::OlmError,
    ruma::api::{
        client::uiaa::UiaaResponse,
        error::{ErrorKind, FromHttpResponseError},
    },
};

use crate::{
    error::{Error, Kind, chain},
    homeserver::tame,
};

/// Why something in a room failed, which decides whether it is tried again.
#[derive(Debug)]
pub enum RoomFailure {
    /// The homeserver is away, busy, or not itself: it may work later.
    Later(Error),
    /// The homeserver refuses it, or it makes no sense: it will never work.
    Never(Error),
    /// A store or the journal failed: nothing more can be done safely.
    Store(Error),
}

impl RoomFailure {
    pub(super) fn new(doing: &str, error: &matrix_sdk::Error) -> Self {
        let words = translate(doing, error);
        match Class::of(error) {
            Class::Token | Class::Away => Self::Later(words),
            Class::Refused => Self::Never(words),
            Class::Local => Self::Store(words),
        }
    }
}

/// Says what failed while doing this, and sorts it: rejected credentials, a homeserver to try
/// again, or a failure for good.
pub(crate) fn translate(doing: &str, error: &matrix_sdk::Error) -> Error {
    if let Some(ErrorKind::UnknownToken(data)) = error.client_api_error_kind() {
        return rejected_token(data.soft_logout);
    }
    let kind = match Class::of(error) {
        Class::Token => return rejected_token(false),
        Class::Away => Kind::Unreachable,
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

/// What sort of failure it is.
enum Class {
    Token,
    Away,
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

    /// A refusal is a 4xx with an errcode. Anything else is a proxy in the way, or a server that
    /// is not itself.
    fn of_http(http: &HttpError, error: &matrix_sdk::Error) -> Self {
        if matches!(http, HttpError::IntoHttp(_)) {
            return Self::Refused;
        }
        if error.as_uiaa_response().is_some() {
            return Self::Refused;
        }
        let Some(answer) = api_error(error) else {
            return Self::Away;
        };
        match (answer.status_code.as_u16(), answer.error_kind()) {
            (401, Some(_)) => Self::Token,
            (429, _) | (_, None) => Self::Away,
            (400..500, Some(_)) => Self::Refused,
            _ => Self::Away,
        }
    }
}

fn api_error(error: &matrix_sdk::Error) -> Option<&matrix_sdk::ruma::api::error::Error> {
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
        ruma::api::error::{Error as ApiError, ErrorBody, StandardErrorBody},
    };

    use super::*;

    #[test]
    fn the_words_of_a_homeserver_are_fit_to_be_shown() {
        let words = format!("go\u{1b}[2J away{}", "!".repeat(999));
        let body = ErrorBody::Standard(StandardErrorBody::new(ErrorKind::Unknown, words));
        let refused = ApiError::new(StatusCode::BAD_REQUEST, body);
        let refused = FromHttpResponseError::Server(UiaaResponse::MatrixError(refused));
        let refused = HttpError::Api(Box::new(refused)).into();
        let shown = translate("do it", &refused).to_string();
        assert!(shown.contains("go [2J away"), "{shown:?}");
        assert!(!shown.contains('\u{1b}') && shown.len() < 300, "{shown:?}");
    }
}
