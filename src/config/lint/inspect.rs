//! The faults of a text that may not be a config at all, in the file or before it is saved, and of
//! the variables beside it.

use std::path::{Path, PathBuf};

use super::{Finding, Severity, validate, validate::about_mode};
use crate::{
    config::{
        Env,
        file::{Document, Found, LARGEST, Saved, read, save},
        keys::{KEYS, Key},
    },
    error::{Error, Kind, Result},
    files::MODE,
    text::did_you_mean,
};

/// Lists every fault and warning of the file at this path, also where it cannot be read as a
/// config at all.
///
/// # Errors
///
/// [`Kind::Failure`] when there is none,
/// [`Kind::Config`] when it cannot be read, is larger than 8 MiB or
/// no regular file.
pub fn inspect(path: &Path, env: Env<'_>) -> Result<Vec<Finding>> {
    let Some(found) = read(path)? else {
        let message = format!("no configuration file at {}", path.display());
        return Err(
            Error::failure(message).hint("run `nanobot login`, or name a file with --config")
        );
    };
    Ok(judge(path, &found.bytes, Some(found.mode), env))
}

/// Lists every fault and warning of what a file holds or is to hold.
pub fn judge(path: &Path, bytes: &[u8], mode: Option<u32>, env: Env<'_>) -> Vec<Finding> {
    if bytes.len() as u64 > LARGEST {
        let message = "it is larger than 8 MiB, so it is not a configuration file";
        return vec![Finding::warning("too-large", message, "make it shorter").error()];
    }
    let found = Found {
        bytes: bytes.to_owned(),
        mode: mode.unwrap_or(MODE),
    };
    match Document::parse(path, Some(found)) {
        Ok(document) => validate(&document, env),
        Err(flaw) => {
            let fault = Finding {
                position: flaw.position,
                ..Finding::warning("syntax", flaw.message, flaw.fix).error()
            };
            about_mode(path, mode).into_iter().chain([fault]).collect()
        }
    }
}

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
            found: read(path)?,
        })
    }

    /// What the file holds, secrets included; something to start with where there is none.
    pub fn bytes(&self) -> &[u8] {
        match &self.found {
            Some(found) => &found.bytes,
            None => SKELETON.as_bytes(),
        }
    }

    /// What is wrong with other content for this file, in the order of the text. The environment
    /// does not count: what it hides here may be in effect elsewhere.
    pub fn judge(&self, bytes: &[u8]) -> Vec<Finding> {
        judge(&self.path, bytes, None, &|_| None)
    }

    /// Puts other content into the file, if it is valid and the file is still what it was.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] for content with an error in it, otherwise as
    /// [`Document::save`](crate::config::Document::save).
    pub fn save(&self, bytes: &[u8]) -> Result<Saved> {
        let mut findings = self.judge(bytes).into_iter();
        if let Some(fault) = findings.find(|finding| finding.severity == Severity::Error) {
            return Err(Error::config(fault.message).with_remedy(fault.fix));
        }
        let text = str::from_utf8(bytes)
            .map_err(|_| Error::new(Kind::Config, "this is not valid UTF-8"))?;
        let before = self.found.as_ref().map(|found| found.bytes.as_slice());
        save(&self.path, before, text)
    }
}

/// Warns about variables that look like one of ours and are none.
pub fn unknown_variables<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<Finding> {
    let known: Vec<_> = KEYS.iter().map(Key::variable).collect();
    names
        .into_iter()
        .filter(|name| name.starts_with("NANOBOT_MATRIX_"))
        .filter(|name| !known.iter().any(|known| known == name))
        .map(|name| {
            let suggestion = did_you_mean(name, known.iter().map(String::as_str));
            let message = format!("the environment variable {name} sets nothing{suggestion}");
            Finding::warning(
                "unknown-variable",
                message,
                format!("correct or unset {name}"),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_that_is_no_config_has_a_finding_too() {
        let judged = |bytes: &[u8]| {
            let findings = judge(Path::new("c.json"), bytes, None, &|_| None);
            assert_eq!(findings.len(), 1);
            assert_eq!(findings[0].severity, Severity::Error);
            (findings[0].id, findings[0].position.map(|place| place.line))
        };
        assert_eq!(judged(b"{\n]"), ("syntax", Some(2)));
        assert_eq!(judged(b""), ("syntax", None));
        assert_eq!(judged(&vec![b' '; 9 << 20]), ("too-large", None));
    }

    #[test]
    fn a_misspelled_variable_is_found() {
        let names = [
            "NANOBOT_MATRIX_USER_ID",
            "NANOBOT_MATRIX_USERID",
            "NANOBOT_HOME",
            "PATH",
        ];
        let found = unknown_variables(names);
        assert_eq!(found.len(), 1);
        assert!(
            found[0]
                .message
                .ends_with("did you mean \"NANOBOT_MATRIX_USER_ID\"?")
        );
    }

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
