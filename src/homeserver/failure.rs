//! Everything that can go wrong between us and a homeserver, in words and with what to do.

use std::time::Duration;

use crate::error::{Error, Kind};

use super::{
    reach::Reach,
    restraint::{Refusal, Restraint},
    words::span,
};

/// The result of a call to a homeserver.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// Why a call to a homeserver failed. Converts into the program's [`Error`] with `?`.
///
/// No variant holds a secret, and foreign words in them are cleaned already.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// An id, name or URL that cannot be used.
    #[error("cannot use `{input}`: {why}")]
    Address {
        /// What was given, without credentials.
        input: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Plain HTTP to another machine, without permission.
    #[error("{url} would send passwords and tokens unencrypted")]
    PlainHttp {
        /// The base URL.
        url: String,
    },
    /// The proxy setting cannot be used.
    #[error("the proxy setting is not the URL of an HTTP proxy")]
    ProxySetting,
    /// The HTTP client could not be made, for lack of CA certificates as a rule.
    #[error("cannot prepare HTTPS: {why}")]
    Client {
        /// The library's words.
        why: String,
    },
    /// No answer came.
    #[error("cannot reach {server}: {reach}")]
    Unreachable {
        /// The server's base URL.
        server: String,
        /// How far the call came.
        reach: Reach,
    },
    /// The server answered that it is in trouble (5xx).
    #[error("{server} is in trouble: it answered with HTTP status {status}")]
    ServerTrouble {
        /// The server's base URL.
        server: String,
        /// The HTTP status.
        status: u16,
    },
    /// The server asked for more patience than the call had left (429).
    #[error("{server} refuses more requests for now (HTTP status 429{})", asked(*.retry_after))]
    RateLimited {
        /// The server's base URL.
        server: String,
        /// How long the server asked to wait.
        retry_after: Option<Duration>,
    },
    /// Something answered that is not a homeserver.
    #[error("{server} answers, but not as a Matrix homeserver: {what}")]
    NotMatrix {
        /// The server's base URL.
        server: String,
        /// What it sent instead.
        what: String,
    },
    /// The answer was larger than any honest answer to this call.
    #[error("{server} sent more than {limit} bytes where a short answer was expected")]
    TooLarge {
        /// The server's base URL.
        server: String,
        /// The most bytes that are read.
        limit: usize,
    },
    /// A redirect that is not followed.
    #[error("{server} redirects to {target}, which is not followed: {why}")]
    Redirect {
        /// The server's base URL.
        server: String,
        /// The base URL it redirects to.
        target: String,
        /// The rule that forbids it.
        why: &'static str,
    },
    /// `.well-known/matrix/client` is there, but of no use
    /// (spec, "Well-known URI": `FAIL_PROMPT` and `FAIL_ERROR`).
    #[error("{url} does not lead to a homeserver: {why}")]
    WellKnown {
        /// The URL of the file.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The server rejects the access token (`M_UNKNOWN_TOKEN`).
    #[error("{}", rejected(*.soft_logout))]
    TokenRejected {
        /// The device still exists and may be logged in to again with its keys
        /// (spec, "Soft logout").
        soft_logout: bool,
    },
    /// The server saw no access token (`M_MISSING_TOKEN`), or there is none to send.
    #[error("there is no access token, or it did not arrive at the homeserver")]
    TokenMissing,
    /// The access token holds characters that no token has, so it was not sent.
    #[error("the access token is damaged: it holds characters that no token has")]
    TokenDamaged,
    /// The login was refused (`M_FORBIDDEN`).
    #[error("{server} does not accept this user name and password")]
    WrongPassword {
        /// The server's base URL.
        server: String,
    },
    /// The account was deactivated (`M_USER_DEACTIVATED`).
    #[error("this account is deactivated on its homeserver")]
    Deactivated,
    /// The server takes nothing from the account, which may pass (`M_USER_LOCKED` and others).
    #[error("{0}")]
    Blocked(Refusal),
    /// The server has no password login.
    #[error("{server} has no login with a password; it offers {offers}")]
    NoPasswordLogin {
        /// The server's base URL.
        server: String,
        /// What it does offer, in words.
        offers: String,
    },
    /// Any other error of the API.
    #[error("{server} refused the request ({errcode}, HTTP status {status}){}", said(.message))]
    Refused {
        /// The server's base URL.
        server: String,
        /// The HTTP status.
        status: u16,
        /// The Matrix error code.
        errcode: String,
        /// The server's own words.
        message: String,
    },
}

impl Failure {
    /// What sort of failure this is for the exit code.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Address { .. } | Self::PlainHttp { .. } => Kind::Usage,
            Self::ProxySetting => Kind::Config,
            Self::Unreachable { .. } | Self::ServerTrouble { .. } | Self::RateLimited { .. } => {
                Kind::Unreachable
            }
            Self::TokenRejected { .. }
            | Self::TokenMissing
            | Self::TokenDamaged
            | Self::WrongPassword { .. }
            | Self::Deactivated => Kind::NotLoggedIn,
            Self::Blocked(refusal) if refusal.errcode == "M_USER_LOCKED" => Kind::NotLoggedIn,
            Self::Client { .. }
            | Self::NotMatrix { .. }
            | Self::TooLarge { .. }
            | Self::Redirect { .. }
            | Self::WellKnown { .. }
            | Self::NoPasswordLogin { .. }
            | Self::Blocked(_)
            | Self::Refused { .. } => Kind::Failure,
        }
    }

    /// What the person can do about it: a command or an action.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Address { .. } => {
                "give a user id (@bot:example.org), a server name (example.org) or a URL \
                 (https://matrix.example.org)"
                    .to_owned()
            }
            Self::PlainHttp { .. } => {
                "use https://, or `nanobot login --allow-http` where nobody can listen in"
                    .to_owned()
            }
            Self::ProxySetting => {
                "write the proxy as http://host:port or leave the setting out".to_owned()
            }
            Self::Client { .. } => {
                "install the system's CA certificates (package ca-certificates), or name them in \
                 SSL_CERT_FILE"
                    .to_owned()
            }
            Self::Unreachable { server, reach } => reach.hint(server),
            Self::ServerTrouble { .. } => {
                "try again later; if it stays so, ask the homeserver's administrator".to_owned()
            }
            Self::RateLimited { retry_after, .. } => match retry_after {
                Some(wait) => format!("try again in {}", span(*wait)),
                None => "try again in a few minutes".to_owned(),
            },
            Self::NotMatrix { server, .. } | Self::TooLarge { server, .. } => format!(
                "a homeserver answers {server}/_matrix/client/versions with JSON; if yours lives \
                 elsewhere, name its URL with --homeserver; a web page may be the sign-in page of \
                 this machine's network"
            ),
            Self::Redirect { target, .. } => {
                format!(
                    "if {target} is your homeserver, name it with --homeserver; it may also be the \
                     sign-in page of this machine's network"
                )
            }
            Self::WellKnown { .. } => {
                "name the homeserver's own URL with --homeserver, and tell the server's \
                 administrator"
                    .to_owned()
            }
            Self::TokenRejected { .. } | Self::TokenDamaged => "run: nanobot login".to_owned(),
            Self::TokenMissing => {
                "run: nanobot login (behind a reverse proxy, check that it passes the \
                 Authorization header on)"
                    .to_owned()
            }
            Self::WrongPassword { .. } => {
                "check the user name and the password, then run nanobot login again (some servers \
                 refuse a deactivated account in the same way)"
                    .to_owned()
            }
            Self::Deactivated => {
                "run nanobot login with another account; a deactivated one does not come back"
                    .to_owned()
            }
            Self::Blocked(refusal) if refusal.errcode == "M_USER_LOCKED" => {
                "ask the homeserver's administrator to unlock the account".to_owned()
            }
            Self::Blocked(_) => "do what the homeserver says, or ask its administrator".to_owned(),
            Self::NoPasswordLogin { .. } => {
                "ask the homeserver's administrator to allow passwords for the bot, or use an \
                 account on another homeserver"
                    .to_owned()
            }
            Self::Refused { .. } => {
                "the code and words are the homeserver's own; its administrator can tell more"
                    .to_owned()
            }
        }
    }
}

impl Failure {
    /// What holds the account back, where it is no more than that.
    #[must_use]
    pub fn restraint(&self) -> Option<Restraint> {
        match self {
            Self::RateLimited { retry_after, .. } => Some(Restraint::RateLimit {
                after: *retry_after,
            }),
            Self::Blocked(refusal) => Some(Restraint::Account(refusal.clone())),
            _ => None,
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let error = Self::new(failure.kind(), failure.to_string()).hint(failure.hint());
        match failure.restraint() {
            Some(restraint) => error.because(restraint),
            None => error,
        }
    }
}

fn asked(retry_after: Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |wait| {
        format!("; it asks to wait {}", span(wait))
    })
}

fn rejected(soft_logout: bool) -> &'static str {
    if soft_logout {
        "the homeserver has ended this session, but keeps its device: logging in again continues it"
    } else {
        "the homeserver does not accept the access token: it was revoked, has expired, or belongs \
         to another server"
    }
}

fn said(message: &str) -> String {
    if message.is_empty() {
        String::new()
    } else {
        format!(": {message}")
    }
}
