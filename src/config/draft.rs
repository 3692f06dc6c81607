//! The file in an editor: any text, judged before it is saved.

use std::path::{Path, PathBuf};

use super::{
    Finding, Severity,
    file::{self, Found},
    inspect::judge,
    save::{self, Saved},
};
use crate::error::{Error, Kind, Result};

/// What an editor starts with where there is no file.
const SKELETON: &str = "{\n  \"channels\": {\n    \"matrix\": {\n    }\n  }\n}\n";

/// A config file as bytes, whatever is wrong with it.
pub struct Draft {
    path: PathBuf,
    found: Option<Found>,
}

impl Draft {
    /// Reads a file that need not be valid.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it cannot be read, is larger than 8 MiB or no regular file.
    pub fn load(path: &Path) -> Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            found: file::read(path)?,
        })
    }

    /// What the file holds, secrets included; something to start with where there is none.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match &self.found {
            Some(found) => &found.bytes,
            None => SKELETON.as_bytes(),
        }
    }

    /// What is wrong with other content for this file, in the order of the text. The environment
    /// does not count: what it hides here may be in effect elsewhere.
    #[must_use]
    pub fn judge(&self, bytes: &[u8]) -> Vec<Finding> {
        judge(&self.path, bytes, None, &|_| None)
    }

    /// Puts other content into the file, if it is valid and the file is still what it was.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] for content with an error in it, otherwise as
    /// [`Document::save`](super::Document::save).
    pub fn save(&self, bytes: &[u8]) -> Result<Saved> {
        let mut findings = self.judge(bytes).into_iter();
        if let Some(fault) = findings.find(|finding| finding.severity == Severity::Error) {
            return Err(Error::config(fault.message).hint(fault.fix));
        }
        let text = str::from_utf8(bytes)
            .map_err(|_| Error::new(Kind::Config, "this is not UTF-8 text"))?;
        let before = self.found.as_ref().map(|found| found.bytes.as_slice());
        save::save(&self.path, before, text)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_broken_file_can_be_edited_and_only_a_valid_one_saved() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.json");
        fs::write(&path, "{ oops").unwrap();
        let draft = Draft::load(&path).unwrap();
        assert_eq!(draft.bytes(), b"{ oops");
        for bad in [
            "{ again",
            "",
            "[]",
            r#"{"channels": {"matrix": {"enabled": 5}}}"#,
        ] {
            let findings = draft.judge(bad.as_bytes());
            assert_eq!(findings[0].severity, Severity::Error, "{bad}");
            assert_eq!(draft.save(bad.as_bytes()).unwrap_err().kind(), Kind::Config);
        }
        assert_eq!(fs::read(&path).unwrap(), b"{ oops");
        draft.save(b"{}").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"{}");
        assert!(draft.save(b"{\"a\": 1}").is_err(), "it is not what it was");
    }

    #[test]
    fn a_new_file_starts_with_something_valid() {
        let dir = tempfile::tempdir().unwrap();
        let draft = Draft::load(&dir.path().join("config.json")).unwrap();
        assert_eq!(draft.judge(draft.bytes()), []);
    }
}
