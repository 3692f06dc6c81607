//! matrix-sdk's errors in the program's words and exit codes.

use matrix_sdk::{
    HttpError,
    ruma::api::{
        client::uiaa::UiaaResponse,
        error::{ErrorKind, FromHttpResponseError},
    },
};

use crate::error::{Error, Kind, chain};

/// Says what failed while doing this, and sorts it: rejected credentials, a homeserver to try
/// again, or a failure for good.
pub(crate) fn translate(doing: &str, error: &matrix_sdk::Error) -> Error {
    if let Some(ErrorKind::UnknownToken(data)) = error.client_api_error_kind() {
        return rejected_token(data.soft_logout);
    }
    if status(error) == Some(401) {
        return rejected_token(false);
    }
    let kind = if is_transient(error) {
        Kind::Unreachable
    } else {
        Kind::Failure
    };
    let words = chain(error);
    let disk_full = words.contains("disk is full");
    let error = Error::new(kind, format!("cannot {doing}: {words}"));
    if disk_full {
        return error.hint("free some space on this disk, then start again");
    }
    error
}

/// The HTTP status of the homeserver's answer, where it answered with an error.
pub(crate) fn status(error: &matrix_sdk::Error) -> Option<u16> {
    if let matrix_sdk::Error::Http(http) = error
        && let HttpError::Api(api) = http.as_ref()
        && let FromHttpResponseError::Server(server) = api.as_ref()
    {
        return match server {
            UiaaResponse::MatrixError(error) => Some(error.status_code.as_u16()),
            UiaaResponse::AuthResponse(_) => Some(401),
        };
    }
    None
}

fn is_transient(error: &matrix_sdk::Error) -> bool {
    if let matrix_sdk::Error::Http(http) = error
        && let HttpError::Reqwest(_) = http.as_ref()
    {
        return true;
    }
    status(error).is_some_and(|status| status == 429 || status >= 500)
}

fn rejected_token(soft_logout: bool) -> Error {
    let why = if soft_logout {
        "the homeserver has ended this session and asks for a new login"
    } else {
        "the homeserver rejects the access token: it was revoked, or its device removed"
    };
    Error::not_logged_in(why).hint("run `nanobot login`")
}
