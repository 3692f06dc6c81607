//! One change that mends something: what it is in words, and how it is made.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use rustix::fs::{Mode, OFlags};

use crate::{
    config::{Document, Renaming},
    error::{Error, Result},
    instance::private_directory,
};

/// A change that mends what a check finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    check: &'static str,
    deed: Deed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// Gives a file or directory, no link, these permission bits.
    Permit { path: PathBuf, mode: u32 },
    /// Makes a directory that only its owner can look into.
    MakeDirectory(PathBuf),
    /// Gives a key of the config its right name.
    Rename { config: PathBuf, renaming: Renaming },
}

impl Effect {
    pub(super) fn new(check: &'static str, deed: Deed) -> Self {
        Self { check, deed }
    }

    /// The check that finds what this mends.
    #[must_use]
    pub fn check(&self) -> &'static str {
        self.check
    }

    /// Whether a running gateway notices it only when it is started again.
    #[must_use]
    pub fn changes_settings(&self) -> bool {
        matches!(self.deed, Deed::Rename { .. })
    }

    pub(super) fn apply(&self) -> Result<()> {
        match &self.deed {
            Deed::Permit { path, mode } => permit(path, *mode),
            Deed::MakeDirectory(path) => private_directory(path),
            Deed::Rename { config, renaming } => rename(config, renaming),
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.deed {
            Deed::Permit { path, mode } => f.write_str(&chmod(path, *mode)),
            Deed::MakeDirectory(path) => write!(f, "mkdir -p -m 700 {}", shell_word(path)),
            Deed::Rename { config, renaming } => {
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

/// The command that gives these permission bits.
pub(super) fn chmod(path: &Path, mode: u32) -> String {
    format!("chmod {mode:o} {}", shell_word(path))
}

/// A path as a shell reads it.
fn shell_word(path: &Path) -> String {
    let word = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@%:,".contains(c);
    if word.chars().all(is_plain) {
        word
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Through an open file, so that what became a link in the meantime is not followed.
fn permit(path: &Path, mode: u32) -> Result<()> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty())
        .and_then(|file| rustix::fs::fchmod(file, Mode::from_raw_mode(mode)))
        .map_err(|error| {
            Error::failure(format!(
                "cannot change the permissions of {}",
                path.display()
            ))
            .because(std::io::Error::from(error))
        })
}

fn rename(config: &Path, renaming: &Renaming) -> Result<()> {
    let mut document = Document::load(config)?;
    let path: Vec<_> = renaming.path.iter().map(String::as_str).collect();
    if !document.rename(&path, renaming.name)? {
        let message = format!("there is no {:?} any more", renaming.path.join("."));
        return Err(Error::failure(message).hint("run `nanobot doctor` again"));
    }
    document.save().map(drop)
}
