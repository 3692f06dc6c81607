//! One thing to fix: what is done in words, and how it is done.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use rustix::fs::{Mode, OFlags};
use serde::Serialize;

use crate::{
    config::{Document, Renaming},
    error::{Error, Result},
    files::private_directory,
    text::shell_quote,
};

/// A change that fixes what a check finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Gives a file or directory, no link, these permission bits.
    Permit { path: PathBuf, mode: u32 },
    /// Makes a directory that only its owner can look into.
    MakeDirectory(PathBuf),
    /// Gives a key of the config its right name.
    Rename { config: PathBuf, renaming: Renaming },
}

/// Something to fix, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repair {
    /// The check that finds what it fixes.
    pub check: &'static str,
    /// What it does.
    pub effect: String,
    /// Whether it was done.
    pub done: bool,
    /// Why it cannot be done; `None` where it was done, or not wanted.
    pub why: Option<String>,
    /// A command with which a person can fix it.
    #[serde(skip)]
    pub command: Option<String>,
    /// What fixes it; `None` where that is not for this program to do.
    #[serde(skip)]
    pub change: Option<Change>,
}

impl Repair {
    /// A change that can be made.
    pub fn new(check: &'static str, change: Change) -> Self {
        Self {
            check,
            effect: change.to_string(),
            done: false,
            why: None,
            command: None,
            change: Some(change),
        }
    }

    /// Does it, and notes what became of it.
    pub fn make(&mut self) {
        let Some(change) = &self.change else {
            return;
        };
        match change.apply() {
            Ok(()) => self.done = true,
            Err(error) => {
                let hint = error.hint_text().map(|hint| format!("; {hint}"));
                self.why = Some(format!("{error}{}", hint.unwrap_or_default()));
            }
        }
    }

    /// The same, which is not done for this reason, and a command with which a person can fix it.
    pub fn blocked(self, why: impl Into<String>, command: Option<String>) -> Self {
        Self {
            why: Some(why.into()),
            command,
            change: None,
            ..self
        }
    }

    /// Whether it was done, and a running gateway notices it only when it is started again.
    pub fn changed_settings(&self) -> bool {
        self.done && matches!(self.change, Some(Change::Rename { .. }))
    }
}

impl Change {
    fn apply(&self) -> Result<()> {
        match self {
            Self::Permit { path, mode } => permit(path, *mode),
            Self::MakeDirectory(path) => private_directory(path),
            Self::Rename { config, renaming } => rename(config, renaming),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |path: &Path| shell_quote(&path.display().to_string());
        match self {
            Self::Permit { path, mode } => write!(f, "chmod {mode:o} {}", quoted(path)),
            Self::MakeDirectory(path) => write!(f, "mkdir -p -m 700 {}", quoted(path)),
            Self::Rename { config, renaming } => {
                let name = renaming.path.last().map_or("", String::as_str);
                write!(
                    f,
                    "rename {name:?} to {:?} in {} (line {})",
                    renaming.name,
                    config.display(),
                    renaming.line
                )
            }
        }
    }
}

/// Through an open file, so that what became a link in the meantime is not followed.
fn permit(path: &Path, mode: u32) -> Result<()> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty())
        .and_then(|file| rustix::fs::fchmod(file, Mode::from_raw_mode(mode)))
        .map_err(|error| {
            let message = format!("cannot change the permissions of {}", path.display());
            Error::failure(message).because(std::io::Error::from(error))
        })
}

fn rename(config: &Path, renaming: &Renaming) -> Result<()> {
    let mut document = Document::load(config)?;
    let path: Vec<_> = renaming.path.iter().map(String::as_str).collect();
    if !document.rename(&path, renaming.name)? {
        let message = format!("{:?} is no longer in the file", renaming.path.join("."));
        return Err(Error::failure(message));
    }
    document.save().map(drop)
}
