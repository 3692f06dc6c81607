//! The faults of a file that may not be a config at all, and of the variables beside it.

use std::path::Path;

use super::{
    Document, Env, Finding, Severity,
    file::{self, Found, LARGEST},
    save::MODE,
    schema::KEYS,
    suggest::did_you_mean,
    validate,
    validate::about_mode,
};
use crate::error::{Error, Result};

/// Lists every fault and warning of the file at this path, also where it cannot be read as a
/// config at all.
///
/// # Errors
///
/// [`Kind::Failure`](crate::error::Kind::Failure) when there is none,
/// [`Kind::Config`](crate::error::Kind::Config) when it cannot be read, is larger than 8 MiB or
/// no regular file.
pub fn inspect(path: &Path, env: Env<'_>) -> Result<Vec<Finding>> {
    let Some(found) = file::read(path)? else {
        let message = format!("there is no configuration at {}", path.display());
        return Err(
            Error::failure(message).hint("run `nanobot login`, or name a file with --config")
        );
    };
    Ok(judge(path, &found.bytes, Some(found.mode), env))
}

/// Lists every fault and warning of what a file holds or is to hold.
pub(super) fn judge(path: &Path, bytes: &[u8], mode: Option<u32>, env: Env<'_>) -> Vec<Finding> {
    let fault = |id, position, message, fix: &str| Finding {
        id,
        severity: Severity::Error,
        key: None,
        position,
        message,
        fix: fix.to_owned(),
    };
    if bytes.len() as u64 > LARGEST {
        let message = "it is larger than 8 MiB, which no config file is".to_owned();
        return vec![fault("too-large", None, message, "make it shorter")];
    }
    let found = Found {
        bytes: bytes.to_owned(),
        mode: mode.unwrap_or(MODE),
    };
    match Document::parse(path, Some(found)) {
        Ok(document) => validate(&document, env),
        Err(flaw) => {
            let fault = fault("syntax", flaw.position, flaw.message, flaw.fix);
            about_mode(path, mode).into_iter().chain([fault]).collect()
        }
    }
}

/// Warns about variables that look like one of ours and are none.
#[must_use]
pub fn unknown_variables<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<Finding> {
    let known: Vec<_> = KEYS.iter().map(|key| key.variable()).collect();
    names
        .into_iter()
        .filter(|name| name.starts_with("NANOBOT_MATRIX_"))
        .filter(|name| !known.iter().any(|known| known == name))
        .map(|name| {
            let suggestion = did_you_mean(name, known.iter().map(String::as_str));
            Finding {
                id: "unknown-variable",
                severity: Severity::Warning,
                key: None,
                position: None,
                message: format!("the environment variable {name} sets nothing{suggestion}"),
                fix: format!("correct or unset {name}"),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
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
}
