//! What is kept beside the store, and how long.

use std::fmt;

use indicatif::HumanBytes;
use serde::Serialize;

use crate::{
    agent::history,
    config::{Matrix, Paths},
    files::Usage,
    text::counted,
};

/// What is kept beside the store.
#[derive(Debug, Serialize)]
pub struct Storage {
    pub media: Stored,
    pub conversations: Stored,
    /// The limits of archives, which are listed by themselves.
    pub archives: Limits,
}

/// What is in a directory, and how much may be.
#[derive(Debug, Serialize)]
pub struct Stored {
    #[serde(flatten)]
    usage: Usage,
    #[serde(flatten)]
    limits: Limits,
}

/// How long and how much is kept; 0 for no limit.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Limits {
    retention_days: u64,
    retention_bytes: u64,
}

impl Storage {
    /// Looks. What cannot be listed holds nothing that is known.
    pub fn of(paths: &Paths, matrix: &Matrix) -> Self {
        let limits = |retention_days, retention_bytes| Limits {
            retention_days,
            retention_bytes,
        };
        let stored = |directory, limits| Stored {
            usage: Usage::of(directory).unwrap_or_default(),
            limits,
        };
        Self {
            media: stored(
                &paths.media(),
                limits(matrix.media_retention_days, matrix.media_retention_bytes),
            ),
            conversations: stored(
                &paths.dir().join(history::DIRECTORY),
                limits(
                    matrix.conversation_retention_days,
                    matrix.conversation_retention_bytes,
                ),
            ),
            archives: limits(
                matrix.archive_retention_days,
                matrix.archive_retention_bytes,
            ),
        }
    }
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Usage { files, bytes } = self.usage;
        let files = counted(files, "file");
        write!(f, "{} in {files} ({})", HumanBytes(bytes), self.limits)
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = HumanBytes(self.retention_bytes);
        match (self.retention_days, self.retention_bytes) {
            (0, 0) => f.write_str("kept without limit"),
            (0, _) => write!(f, "kept up to {bytes}"),
            (days, 0) => write!(f, "kept {}", counted(days, "day")),
            (days, _) => write!(f, "kept {}, up to {bytes}", counted(days, "day")),
        }
    }
}
