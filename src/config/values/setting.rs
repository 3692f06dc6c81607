//! A key's value with where it came from, or why it cannot be had.

use std::{fmt, path::PathBuf};

use serde::Serialize;
use serde_json::Value;

use crate::{
    config::{file::Position, keys::Key, placeholder::Missing, secrets::Entry},
    error::{Error, Remedy},
    files::shown_path,
};

/// One key as it is in effect.
#[derive(Clone)]
pub struct Setting {
    /// The key.
    pub key: &'static Key,
    /// Where its value came from.
    pub origin: Origin,
    /// Its value, secrets included; `null` where it has none, or where that is in the keyring.
    pub value: Result<Value, Problem>,
    /// The sources that also had something for it and did not count.
    pub shadowed: Vec<Origin>,
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setting")
            .field("key", &self.key.name)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl Setting {
    /// A sentence about this setting: its name where it was set, and what is wrong with it.
    pub fn sentence(&self, problem: &Problem) -> String {
        let key = self.key.path();
        match &self.origin {
            Origin::Default | Origin::File { .. } => format!("{key} {problem}"),
            origin => format!("{key} from the {origin} {problem}"),
        }
    }

    /// What a person can do about a problem with this setting.
    pub fn fix(&self, problem: &Problem) -> Remedy {
        match (problem, &self.origin) {
            (Problem::Missing(missing), _) => missing.fix().into(),
            (_, Origin::Environment { variable }) => format!("correct or unset {variable}").into(),
            (_, Origin::Credential { .. }) => "correct the credential".into(),
            (_, Origin::Keyring { .. }) => Remedy::command("nanobot login"),
            (_, Origin::Default | Origin::File { .. }) => {
                format!("correct {} in the file", self.key.name).into()
            }
        }
    }

    /// A problem with this setting as an error, with its place in the file.
    pub fn error(&self, problem: &Problem) -> Error {
        let sentence = self.sentence(problem);
        let message = match &self.origin {
            origin @ Origin::File { .. } => format!("{origin}: {sentence}"),
            _ => sentence,
        };
        Error::config(message).with_remedy(self.fix(problem))
    }
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Origin {
    /// Nothing sets it.
    Default,
    /// The config file, at the place of its key.
    File {
        /// The file.
        #[serde(serialize_with = "shown_path")]
        path: PathBuf,
        /// Where the key stands in it.
        #[serde(flatten)]
        position: Position,
    },
    /// A variable of the environment.
    Environment {
        /// The variable's name.
        variable: String,
    },
    /// A file in systemd's `$CREDENTIALS_DIRECTORY`.
    Credential {
        /// The file.
        #[serde(serialize_with = "shown_path")]
        path: PathBuf,
    },
    /// The system's keyring, which is asked only when the value is needed.
    Keyring {
        /// The entry in it.
        entry: Entry,
    },
}

impl Origin {
    /// The stable name of this sort of origin in JSON output.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File { .. } => "file",
            Self::Environment { .. } => "environment",
            Self::Credential { .. } => "credential",
            Self::Keyring { .. } => "keyring",
        }
    }

    /// The place in the config file, if it came from there.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::File { position, .. } => Some(*position),
            _ => None,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, position } => write!(f, "{}, {position}", path.display()),
            Self::Environment { variable } => write!(f, "environment variable {variable}"),
            Self::Credential { path } => write!(f, "credential {}", path.display()),
            Self::Keyring { entry } => write!(f, "keyring ({entry})"),
        }
    }
}

/// Why a value cannot be had. It displays as a predicate that never quotes the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is not what the key needs.
    Invalid(String),
    /// It needs a variable of the environment that cannot be had.
    Missing(Missing),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(words) => f.write_str(words),
            Self::Missing(missing) => missing.fmt(f),
        }
    }
}
