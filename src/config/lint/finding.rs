//! A fault or a warning of a config.

use serde::{Serialize, Serializer};
use serde_json::json;

use crate::{config::file::Position, error::Remedy};

/// The stable names of everything that can be found.
pub const FINDINGS: [&str; 22] = [
    "byte-order-mark",
    "comments",
    "invalid-value",
    "misspelled-allow-from",
    "no-group-rooms",
    "old-spelling",
    "open-to-everyone",
    "password-in-file",
    "permissions",
    "plain-http",
    "short-room-id",
    "syntax",
    "token-in-file",
    "token-without-device",
    "too-large",
    "two-spellings",
    "unknown-key",
    "unknown-root-key",
    "unknown-section",
    "unknown-variable",
    "unset-variable",
    "zero-downloads",
];

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It works, and perhaps not as meant.
    Warning,
    /// The config is refused.
    Error,
}

/// A fault or a warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The stable name of this sort of finding, one of [`FINDINGS`].
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The full path of the key it is about.
    pub key: Option<String>,
    /// Where it is in the file.
    #[serde(flatten, serialize_with = "line_and_column")]
    pub position: Option<Position>,
    /// What is found: a sentence without a full stop, which never quotes a value.
    pub message: String,
    /// What to do about it.
    #[serde(serialize_with = "as_text")]
    pub fix: Remedy,
    /// The name that the key was meant to have, where that is beyond doubt.
    #[serde(skip)]
    pub renaming: Option<Renaming>,
}

/// A key that can be given its right name; nothing but the name changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renaming {
    /// The [`Finding::id`] that tells of it.
    pub finding: &'static str,
    /// The exact names that lead to it.
    pub path: Vec<String>,
    /// Its right name.
    pub name: &'static str,
    /// The line it is on.
    pub line: usize,
}

// Serde hands the field over as it is.
#[expect(clippy::ref_option, reason = "serde calls it so")]
fn line_and_column<S: Serializer>(position: &Option<Position>, to: S) -> Result<S::Ok, S::Error> {
    let (line, column) = position.map(|place| (place.line, place.column)).unzip();
    json!({"line": line, "column": column}).serialize(to)
}

fn as_text<S: Serializer>(fix: &Remedy, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(fix)
}

impl Finding {
    /// A warning about the whole file or what is around it.
    pub fn warning(id: &'static str, message: impl Into<String>, fix: impl Into<Remedy>) -> Self {
        Self {
            id,
            severity: Severity::Warning,
            key: None,
            position: None,
            message: message.into(),
            fix: fix.into(),
            renaming: None,
        }
    }

    /// The same as a reason to refuse the config.
    pub fn error(self) -> Self {
        Self {
            severity: Severity::Error,
            ..self
        }
    }

    /// The same about a key, which stands here.
    pub fn at(self, key: impl Into<String>, position: Option<Position>) -> Self {
        Self {
            key: Some(key.into()),
            position,
            ..self
        }
    }
}
