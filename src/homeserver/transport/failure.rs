//! Everything that can go wrong between us and a homeserver, in words and with what to do.

use std::time::Duration;

use super::{connectivity::Reach, restraint::Restraint};
use crate::{
    error::{Error, Kind, Remedy},
    ipc::Refusal,
    text::{duration, excerpt},
};

/// The result of a call to a homeserver.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// Why a call to a homeserver failed. Converts into the program's [`Error`] with `?`.
///
/// No variant holds a secret, and foreign words in them are cleaned already.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// An id, name or URL that cannot be used.
    #[error("cannot use `{input}`: it {why}")]
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
    /// An answer that is longer than any that was asked for, so it was not read.
    #[error("{server} sent an answer of more than {mebibytes} MiB, where a short one was expected")]
    TooLong {
        /// The server's base URL.
        server: String,
        /// How long an answer may be, in MiB.
        mebibytes: usize,
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
    /// What a person gave that cannot be used, and what is wrong with it, as a predicate.
    pub fn address(input: &str, why: &'static str) -> Self {
        Self::Address {
            input: shown_address(input),
            why,
        }
    }

    /// What sort of failure this is for the exit code.
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
            _ => Kind::Failure,
        }
    }

    /// What the person can do about it.
    #[expect(clippy::too_many_lines, reason = "a table with a row for each failure")]
    pub fn remedy(&self) -> Remedy {
        let log_in = |text: &str| Remedy::from(text).and_command("nanobot login");
        match self {
            Self::Address { .. } => "give a user ID (@bot:example.org), a server name \
                                     (example.org) or a URL (https://matrix.example.org)"
                .into(),
            Self::PlainHttp { .. } => {
                Remedy::from("use https://, or allow plain HTTP where nobody can listen in")
                    .and_command("nanobot login --allow-http")
            }
            Self::ProxySetting => {
                "write the proxy as http://host:port or leave the setting out".into()
            }
            Self::Client { .. } => "install the system's CA certificates (package \
                                    ca-certificates), or name them in SSL_CERT_FILE"
                .into(),
            Self::Unreachable { server, reach } => reach.remedy(server),
            Self::ServerTrouble { .. } => {
                "try again later; if it stays so, ask the homeserver's administrator".into()
            }
            Self::RateLimited {
                retry_after: Some(wait),
                ..
            } => format!("try again in {}", duration(*wait)).into(),
            Self::RateLimited { .. } => "try again in a few minutes".into(),
            Self::NotMatrix { server, .. } => format!(
                "a homeserver answers {server}/_matrix/client/versions with JSON; if yours lives \
                 elsewhere, name its URL with --homeserver; a web page may be the sign-in page of \
                 this machine's network"
            )
            .into(),
            Self::TooLong { .. } => "check that this is the homeserver's URL; if it is, its \
                                     administrator can tell what made the answer so long"
                .into(),
            Self::Redirect { target, .. } => format!(
                "if {target} is your homeserver, name it with --homeserver; it may also be the \
                 sign-in page of this machine's network"
            )
            .into(),
            Self::WellKnown { .. } => "name the homeserver's own URL with --homeserver, and tell \
                                       the server's administrator"
                .into(),
            Self::TokenRejected { .. } | Self::TokenDamaged => Remedy::command("nanobot login"),
            Self::TokenMissing => log_in(
                "behind a reverse proxy, check that it passes the Authorization header on; else \
                 log in",
            ),
            Self::WrongPassword { .. } => log_in(
                "check the user name and the password, and log in again (some servers refuse a \
                 deactivated account in the same way)",
            ),
            Self::Deactivated => {
                log_in("log in with another account; a deactivated one does not come back")
            }
            Self::Blocked(refusal) if refusal.errcode == "M_USER_LOCKED" => {
                "ask the homeserver's administrator to unlock the account".into()
            }
            Self::Blocked(_) => "do what the homeserver says, or ask its administrator".into(),
            Self::NoPasswordLogin { .. } => "ask the homeserver's administrator to allow \
                                             passwords for the bot, or use an account on another \
                                             homeserver"
                .into(),
            Self::Refused { .. } => {
                "the code and words are the homeserver's own; its administrator can tell more"
                    .into()
            }
        }
    }

    /// What holds the account back, where it is no more than that.
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
        let error = Self::new(failure.kind(), failure.to_string()).with_remedy(failure.remedy());
        match failure.restraint() {
            Some(restraint) => error.because(restraint),
            None => error,
        }
    }
}

/// An address without credentials: what stands before an @ in a URL is a password, even in one that
/// cannot be read.
pub fn shown_address(input: &str) -> String {
    match input.split_once("://") {
        Some((scheme, rest)) if rest.contains('@') => excerpt(&format!("{scheme}://…")),
        _ => excerpt(input),
    }
}

fn asked(retry_after: Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |wait| {
        format!("; it asks to wait {}", duration(wait))
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
