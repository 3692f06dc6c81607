//! Calls of the SDK: each in a box, so that its large futures stay in this room, and their errors
//! in the program's words and exit codes.

use std::time::{Duration, SystemTime};

use futures_util::{FutureExt, future::BoxFuture};
use matrix_sdk::{
    HttpError,
    encryption::OlmError,
    ruma::{
        EventId, IdParseError, OwnedEventId, OwnedRoomId, OwnedUserId, RoomId, UserId,
        api::{
            client::uiaa::UiaaResponse,
            error::{ErrorBody, ErrorKind, FromHttpResponseError, RetryAfter},
        },
    },
};
use serde_json::Value;

use crate::{
    error::{Error, Kind, chain},
    homeserver::{Reach, Restraint, reach},
    ipc::Refusal,
    text::excerpt,
};

/// How long the SDK waits for an answer at least.
const PATIENCE: Duration = Duration::from_secs(30);

/// Does this by a call of the SDK.
pub fn call<'a, T: 'a, E>(
    doing: &'static str,
    work: impl IntoFuture<Output = Result<T, E>, IntoFuture: Send + 'a>,
) -> BoxFuture<'a, Result<T, SdkError>>
where
    E: Into<matrix_sdk::Error> + 'a,
{
    let work = work.into_future();
    let done = work.map(move |done| done.map_err(|error| SdkError::new(doing, error)));
    done.boxed()
}

/// A call of the SDK that failed. It converts into the failures of this room with `?`.
#[derive(Debug)]
pub struct SdkError {
    /// What was to be done: the words after "cannot".
    doing: &'static str,
    pub error: Box<matrix_sdk::Error>,
}

/// What sort of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The homeserver rejects the access token.
    Token,
    /// It holds the account back ([`Restraint`]).
    Restrained,
    /// It does not answer.
    Away,
    /// Something answered and did not say why it does not do it.
    Doubtful,
    /// It refuses, or what it was asked makes no sense.
    Refused,
    /// A store failed.
    Local,
}

impl SdkError {
    pub fn new(doing: &'static str, error: impl Into<matrix_sdk::Error>) -> Self {
        Self {
            doing,
            error: Box::new(error.into()),
        }
    }

    /// The HTTP status of the homeserver's answer, where it answered with an error.
    pub fn status(&self) -> Option<u16> {
        self.answer().map(|(status, _)| status)
    }

    pub fn class(&self) -> Class {
        use matrix_sdk::Error as E;
        match &*self.error {
            E::Http(http) => self.class_of_answer(http),
            // Another task's request, which this one waited for, failed.
            E::ConcurrentRequestFailed | E::Timeout => Class::Away,
            E::StateStore(_)
            | E::CryptoStoreError(_)
            | E::EventCacheStore(_)
            | E::MediaStore(_)
            | E::CrossProcessLockError(_)
            | E::Io(_) => Class::Local,
            E::OlmError(olm) if matches!(olm.as_ref(), OlmError::Store(_)) => Class::Local,
            _ => Class::Refused,
        }
    }

    /// A refusal is a 4xx with an errcode. Anything else that answers is a proxy in the way, or a
    /// server that is not itself.
    fn class_of_answer(&self, http: &HttpError) -> Class {
        if matches!(http, HttpError::IntoHttp(_)) || self.error.as_uiaa_response().is_some() {
            return Class::Refused;
        }
        if self.restraint().is_some() {
            return Class::Restrained;
        }
        match self.answer() {
            Some((401, body)) if body["errcode"].is_string() => Class::Token,
            Some((400..500, body)) if body["errcode"].is_string() => Class::Refused,
            None if !matches!(http, HttpError::Api(_)) => Class::Away,
            _ => Class::Doubtful,
        }
    }

    /// The homeserver's answer, where it is an error: its HTTP status, and its JSON.
    fn answer(&self) -> Option<(u16, Value)> {
        let matrix_sdk::Error::Http(http) = &*self.error else {
            return None;
        };
        let HttpError::Api(api) = http.as_ref() else {
            return None;
        };
        let FromHttpResponseError::Server(UiaaResponse::MatrixError(error)) = api.as_ref() else {
            return None;
        };
        let body = match &error.body {
            ErrorBody::Standard(body) => serde_json::to_value(body).unwrap_or_default(),
            ErrorBody::Json(body) => body.clone(),
            ErrorBody::NotJson { .. } => Value::Null,
        };
        Some((error.status_code.as_u16(), body))
    }

    /// What holds the account back, if that is all.
    fn restraint(&self) -> Option<Restraint> {
        let (status, body) = self.answer()?;
        if let Some(refusal) = Refusal::read(&body) {
            return Some(Restraint::Account(refusal));
        }
        let is_limit = status == 429 || body["errcode"] == "M_LIMIT_EXCEEDED";
        let after = body["retry_after_ms"].as_u64().map(Duration::from_millis);
        let after = after.or_else(|| self.retry_after());
        is_limit.then_some(Restraint::RateLimit { after })
    }

    /// How long the homeserver asks to wait in the answer's header, which may be a date.
    fn retry_after(&self) -> Option<Duration> {
        let Some(ErrorKind::LimitExceeded(limit)) = self.error.client_api_error_kind() else {
            return None;
        };
        match limit.retry_after.as_ref()? {
            RetryAfter::Delay(delay) => Some(*delay),
            RetryAfter::DateTime(time) => time.duration_since(SystemTime::now()).ok(),
        }
    }

    /// How far the request came, where no answer to it did.
    fn reach(&self) -> Option<Reach> {
        let matrix_sdk::Error::Http(http) = &*self.error else {
            return None;
        };
        match http.as_ref() {
            HttpError::Reqwest(error) => reach(error, PATIENCE),
            _ => None,
        }
    }

    /// What the homeserver answered, or the SDK says.
    fn words(&self) -> String {
        match self.answer() {
            // Something in between answered, with a page of its own.
            Some((status, body)) if !body["errcode"].is_string() => {
                format!("the answer was HTTP status {status}")
            }
            Some(_) => excerpt(&chain(&*self.error)),
            None => chain(&*self.error),
        }
    }
}

impl From<SdkError> for Error {
    fn from(failed: SdkError) -> Self {
        let doing = failed.doing;
        if let Some(restraint) = failed.restraint() {
            return Self::unreachable(format!("cannot {doing}")).because(restraint);
        }
        let body = failed.answer().map(|(_, body)| body).unwrap_or_default();
        let kind = match failed.class() {
            _ if body["errcode"] == "M_UNKNOWN_TOKEN" => {
                return rejected_token(body["soft_logout"] == true);
            }
            Class::Token => return rejected_token(false),
            Class::Away | Class::Doubtful | Class::Restrained => Kind::Unreachable,
            Class::Refused | Class::Local => Kind::Failure,
        };
        if let Some(reach) = failed.reach() {
            return Self::new(kind, format!("cannot {doing}")).because(reach);
        }
        let words = failed.words();
        let error = Self::new(kind, format!("cannot {doing}: {words}"));
        if words.contains("disk is full") {
            return error.hint("free some space on this disk, then start again");
        }
        error
    }
}

fn rejected_token(soft_logout: bool) -> Error {
    let why = if soft_logout {
        "the homeserver has ended this session and asks for a new login"
    } else {
        "the homeserver rejects the access token: it was revoked, or its device removed"
    };
    Error::not_logged_in(why).command("nanobot login")
}

/// Reads the ID of a room.
///
/// # Errors
///
/// When it is none.
pub fn room_id(id: &str) -> Result<OwnedRoomId, RoomFailure> {
    RoomId::parse(id).map_err(|error| no_id("a room ID", error))
}

/// Reads the ID of an event.
///
/// # Errors
///
/// When it is none.
pub fn event_id(id: &str) -> Result<OwnedEventId, RoomFailure> {
    EventId::parse(id).map_err(|error| no_id("an event ID", error))
}

/// Reads the ID of a user.
///
/// # Errors
///
/// When it is none.
pub fn user_id(id: &str) -> Result<OwnedUserId, Error> {
    UserId::parse(id)
        .map_err(|error| Error::failure(format!("{id} is not a user ID")).because(error))
}

fn no_id(what: &str, error: IdParseError) -> RoomFailure {
    RoomFailure::Never(Error::failure(format!("not {what}")).because(error))
}

/// Why something in a room failed, which decides whether it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum RoomFailure {
    /// The homeserver is away or holds the account back ([`Restraint`]): it may work later.
    #[error("{0}")]
    Later(Error),
    /// Something answered and did not say why it does not do it: the homeserver may be in trouble,
    /// or only what it was asked for is.
    #[error("{0}")]
    Doubtful(Error),
    /// The homeserver refuses it, or it makes no sense: it will never work.
    #[error("{0}")]
    Never(Error),
    /// A store or the journal failed: nothing more can be done safely.
    #[error("{0}")]
    Store(Error),
}

impl RoomFailure {
    /// What holds the account back, where it is no more than that.
    pub fn restraint(&self) -> Option<&Restraint> {
        match self {
            Self::Later(error) => error.cause(),
            _ => None,
        }
    }
}

impl From<SdkError> for RoomFailure {
    fn from(failed: SdkError) -> Self {
        let sort = match failed.class() {
            Class::Token | Class::Restrained | Class::Away => Self::Later,
            Class::Doubtful => Self::Doubtful,
            Class::Refused => Self::Never,
            Class::Local => Self::Store,
        };
        sort(failed.into())
    }
}

impl From<RoomFailure> for Error {
    fn from(failure: RoomFailure) -> Self {
        use RoomFailure as F;
        match failure {
            F::Later(error) | F::Doubtful(error) | F::Never(error) | F::Store(error) => error,
        }
    }
}

#[cfg(test)]
mod tests;
