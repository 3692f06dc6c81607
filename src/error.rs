//! One error type for the whole program: what failed, why, and the command that fixes it.

use std::{error::Error as StdError, fmt};

use serde::{Deserialize, Serialize};

/// What sort of failure this is. It decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Any failure that has no code of its own.
    Failure,
    /// The command line was wrong.
    Usage,
    /// Nothing failed, and `--strict` asks for more.
    Warnings,
    /// There are no credentials, or the homeserver rejects them.
    NotLoggedIn,
    /// Another process owns the store.
    StoreInUse,
    /// The homeserver, or the agent that answers, could not be reached; trying again may help.
    Unreachable,
    /// `config.json` is invalid.
    Config,
    /// A person ended a prompt or a one-shot command.
    Interrupted,
}

impl Kind {
    /// Every kind, in the order of the exit codes.
    pub const ALL: [Self; 8] = [
        Self::Failure,
        Self::Usage,
        Self::Warnings,
        Self::NotLoggedIn,
        Self::StoreInUse,
        Self::Unreachable,
        Self::Config,
        Self::Interrupted,
    ];

    /// The process exit code of this kind.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Warnings => 3,
            Self::NotLoggedIn => 4,
            Self::StoreInUse => 5,
            Self::Unreachable => 69,
            Self::Config => 78,
            Self::Interrupted => 130,
        }
    }

    /// What its exit code tells whoever ran the program.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Failure => "it failed, or what was asked for is not there",
            Self::Usage => "the command line is wrong",
            Self::Warnings => "there are warnings, under --strict",
            Self::NotLoggedIn => "not logged in, or the homeserver rejects the credentials",
            Self::StoreInUse => "another nanobot is using the store",
            Self::Unreachable => "the homeserver or the agent cannot be reached; try again",
            Self::Config => "the configuration is invalid",
            Self::Interrupted => "interrupted",
        }
    }

    /// The stable name of this kind in JSON output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::Usage => "usage",
            Self::Warnings => "warnings",
            Self::NotLoggedIn => "not_logged_in",
            Self::StoreInUse => "store_in_use",
            Self::Unreachable => "unreachable",
            Self::Config => "config",
            Self::Interrupted => "interrupted",
        }
    }
}

/// Every exit code and what it means, in ascending order: the one table behind `--help` and the
/// manual.
pub fn exit_codes() -> impl Iterator<Item = (u8, &'static str)> {
    let failures = Kind::ALL.map(|kind| (kind.exit_code(), kind.meaning()));
    [(0, "done")].into_iter().chain(failures)
}

/// A failure told in words: one sentence on what went wrong and why, and a hint that fixes it.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    hint: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The result of anything here that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of this kind that says this.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            source: None,
        }
    }

    /// A failure without a code of its own.
    pub fn failure(message: impl Into<String>) -> Self {
        Self::new(Kind::Failure, message)
    }

    /// An invalid configuration.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(Kind::Config, message)
    }

    /// Missing or rejected credentials.
    pub fn not_logged_in(message: impl Into<String>) -> Self {
        Self::new(Kind::NotLoggedIn, message)
    }

    /// A homeserver that does not answer.
    pub fn unreachable(message: impl Into<String>) -> Self {
        Self::new(Kind::Unreachable, message)
    }

    /// Adds what the person can do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the underlying error; its words follow the message.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What sort of failure this is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The underlying error, where it is one of this type.
    #[must_use]
    pub fn cause<T: StdError + 'static>(&self) -> Option<&T> {
        self.source.as_deref()?.downcast_ref()
    }

    /// What the person can do about it.
    #[must_use]
    pub fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.source {
            Some(source) => {
                let words = chain(source.as_ref());
                if self.message.contains(&words) {
                    return Ok(());
                }
                write!(f, ": {words}")
            }
            None => Ok(()),
        }
    }
}

impl StdError for Error {}

/// The words of an error and of its causes, each said once.
///
/// Many libraries repeat their cause's words in their own; a person should read them once.
#[must_use]
pub fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !words.contains(&text) {
            words = format!("{words}: {text}");
        }
        next = cause.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_follows_the_message_once() {
        let cause = std::io::Error::other("disk full");
        let error = Error::failure("cannot write config.json").because(cause);
        assert_eq!(error.to_string(), "cannot write config.json: disk full");
    }

    #[test]
    fn a_kind_is_written_with_its_name() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }

    #[test]
    fn exit_codes_are_the_documented_ones() {
        let codes = [
            (Kind::Failure, 1),
            (Kind::Usage, 2),
            (Kind::Warnings, 3),
            (Kind::NotLoggedIn, 4),
            (Kind::StoreInUse, 5),
            (Kind::Unreachable, 69),
            (Kind::Config, 78),
            (Kind::Interrupted, 130),
        ];
        for (kind, code) in codes {
            assert_eq!(kind.exit_code(), code, "{}", kind.name());
        }
        assert_eq!(codes.map(|(kind, _)| kind), Kind::ALL);
        assert!(exit_codes().is_sorted());
    }
}
