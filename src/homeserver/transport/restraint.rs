//! What a homeserver holds an account back with: limits on its requests, and refusals of all that
//! it does.

use std::{fmt, time::Duration};

use serde_json::Value;

use crate::{
    ipc::Refusal,
    text::{duration, excerpt},
};

/// The errors that say nothing of the request, but that the account can do nothing at the moment
/// (spec, "Common error codes" and "Other error codes").
const OF_THE_ACCOUNT: [&str; 4] = [
    "M_CONSENT_NOT_GIVEN",
    "M_RESOURCE_LIMIT_EXCEEDED",
    "M_USER_SUSPENDED",
    "M_USER_LOCKED",
];
/// Where the words of such an error say what can be done about it.
const LINKS: [&str; 3] = ["consent_uri", "admin_contact", "info_uri"];

/// Why a homeserver does not take what it would take at another time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Restraint {
    /// There were too many requests of this kind.
    RateLimit {
        /// How long it asks to wait.
        after: Option<Duration>,
    },
    /// It takes nothing from the account.
    Account(Refusal),
}

impl Refusal {
    /// Reads an error object of the API; `None` for one that is about the request.
    pub fn read(body: &Value) -> Option<Self> {
        let errcode = body["errcode"].as_str()?;
        if !OF_THE_ACCOUNT.contains(&errcode) {
            return None;
        }
        let words = |key: &str| Some(excerpt(body[key].as_str()?)).filter(|it| !it.is_empty());
        Some(Self {
            errcode: errcode.to_owned(),
            message: words("error").unwrap_or_default(),
            link: LINKS.into_iter().find_map(words),
            names_limit: body["limit_type"].is_string(),
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the homeserver takes nothing from this account ({})",
            self.errcode
        )?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        match &self.link {
            Some(link) if !self.message.contains(link) => write!(f, " ({link})"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Restraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RateLimit { after: Some(after) } => {
                write!(f, "it asks to wait {}", duration(*after))
            }
            Self::RateLimit { after: None } => f.write_str("HTTP status 429"),
            Self::Account(refusal) => refusal.fmt(f),
        }
    }
}

impl std::error::Error for Restraint {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_of_the_whole_account_is_a_refusal_of_it() {
        for errcode in OF_THE_ACCOUNT {
            let body = json!({"errcode": errcode, "error": "not\u{1b}[2J today"});
            let refusal = Refusal::read(&body).unwrap();
            assert_eq!(refusal.message, "not [2J today");
            assert!(refusal.to_string().contains(errcode), "{refusal}");
        }
        for body in [
            json!({"errcode": "M_FORBIDDEN", "error": "not today"}),
            json!({"errcode": "M_LIMIT_EXCEEDED"}),
            json!({"errcode": 5}),
            json!("M_USER_LOCKED"),
            json!({}),
        ] {
            assert_eq!(Refusal::read(&body), None, "{body}");
        }
    }

    #[test]
    fn the_link_is_said_once() {
        let body = |error: &str| {
            let consent = "https://example.org/consent";
            json!({"errcode": "M_CONSENT_NOT_GIVEN", "error": error, "consent_uri": consent})
        };
        for error in ["agree first", "agree at https://example.org/consent first"] {
            let said = Refusal::read(&body(error)).unwrap().to_string();
            let links = said.matches("https://example.org/consent").count();
            assert_eq!(links, 1, "{said}");
        }
    }
}
