//! Where a value came from.

use std::{fmt, path::PathBuf};

use super::{Entry, Position};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nothing sets it.
    Default,
    /// The config file, at the place of its key.
    File {
        /// The file.
        path: PathBuf,
        /// Where the key stands in it.
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
    #[must_use]
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
    #[must_use]
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
