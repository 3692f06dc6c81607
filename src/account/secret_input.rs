//! Secrets that a person or a script hands over.

use std::{
    fs::File,
    io::{ErrorKind, Read},
    path::PathBuf,
};

use crate::{
    address::pasted,
    config::{Matrix, Secret},
    error::{Error, Kind, Result},
    files::{only_secret, read_text},
    session::SecretStorage,
    terminal::{Question, Terminal},
};

/// More than any password or token; a file piped in by mistake must not fill the memory.
const LONGEST_SECRET: u64 = 4096;
/// How often a login is tried with what a person types: homeservers lock out whoever tries more.
pub(crate) const MOST_TRIES: usize = 3;

/// Where a command line says that a secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SecretSource {
    Stdin,
    File(PathBuf),
}

impl SecretSource {
    /// Standard input or a file, as two options say that exclude each other.
    pub(crate) fn of(stdin: bool, file: Option<&PathBuf>) -> Option<Self> {
        if stdin {
            return Some(Self::Stdin);
        }
        file.cloned().map(Self::File)
    }

    /// Reads the secret, which fills the file or the pipe but for what editors add; `what` it is,
    /// for a person.
    pub(crate) async fn read(&self, what: &str) -> Result<Secret> {
        let name = match self {
            Self::Stdin => "standard input".to_owned(),
            Self::File(path) => path.display().to_string(),
        };
        let wrong = |problem: &str| Error::new(Kind::Usage, format!("{name} {problem}"));
        let not_utf8 = || {
            wrong("is not valid UTF-8")
                .hint("save it as UTF-8; Windows programs often write UTF-16")
        };
        let source: Box<dyn Read + Send> = match self {
            Self::Stdin => Box::new(std::io::stdin()),
            Self::File(path) => Box::new(File::open(path).map_err(|error| {
                Error::new(Kind::Usage, format!("cannot read the {what} from {name}"))
                    .because(error)
            })?),
        };
        let text = tokio::task::spawn_blocking(move || read_text(source, LONGEST_SECRET))
            .await
            .map_err(|error| Error::failure("reading was aborted").because(error))?
            .map_err(|error| match error.kind() {
                ErrorKind::InvalidData => not_utf8(),
                _ => wrong("cannot be read").because(error),
            })?
            .ok_or_else(|| wrong("is too long for a secret"))?;
        let secret = only_secret(&text);
        if secret.is_empty() {
            return Err(wrong("is empty").hint("pipe the secret in: nanobot login … <secret.txt"));
        }
        if secret.contains('\0') {
            return Err(not_utf8());
        }
        if secret.contains(['\r', '\n']) {
            let hint = format!("keep only the line with the {what}");
            return Err(wrong("has more than one line").hint(hint));
        }
        Ok(Secret::new(secret))
    }
}

/// The account's password, by the command line, the configuration, and at last the person.
pub(crate) async fn password(
    source: Option<&SecretSource>,
    matrix: &Matrix,
    user: &str,
    terminal: Terminal,
) -> Result<Secret> {
    if let Some(source) = source {
        return source.read("password").await;
    }
    if let Some(password) = matrix.password()? {
        return Ok(password.clone());
    }
    let words = format!("Password of {user}");
    let question = Question {
        echo: false,
        why: "Used for this login only; never stored.",
        ..Question::new(&words, "--password-stdin or --password-file")
    };
    terminal.ask_text(question).await.map(Secret::new)
}

/// What may be wrong with a password that was refused, by its looks.
pub(crate) fn doubt(password: &Secret) -> Option<&'static str> {
    let text = password.expose();
    let mut characters = text.chars();
    match (characters.next()?, characters.next_back()?) {
        (first, last) if first.is_whitespace() || last.is_whitespace() => {
            Some("it begins or ends with a space, which counts as part of it")
        }
        ('"', '"') | ('\'', '\'') | ('“', '”') => {
            Some("it is in quotes, which count as part of it")
        }
        _ => None,
    }
}

/// Asks for the recovery key of this secret storage until it is the right one. An empty answer
/// is none.
pub(crate) async fn ask_recovery_key(
    terminal: Terminal,
    storage: &SecretStorage,
    flags: &str,
) -> Result<Option<Secret>> {
    let question = Question {
        echo: false,
        default: Some(""),
        ..Question::new("Recovery key (Enter to skip)", flags)
    };
    let read = |typed: &str| {
        if typed.is_empty() {
            return Ok(None);
        }
        let key = Secret::new(typed);
        let Err(failure) = storage.check(&key) else {
            return Ok(Some(key));
        };
        // A passphrase may have quotes of its own.
        let unquoted = Secret::new(pasted(typed));
        if storage.check(&unquoted).is_ok() {
            return Ok(Some(unquoted));
        }
        let error = Error::from(failure);
        Err(match error.hint_text() {
            Some(hint) => format!("{error}; {hint}"),
            None => error.to_string(),
        })
    };
    terminal.ask(question, read).await
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> Result<Secret> {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("secret.txt");
        std::fs::write(&path, bytes).unwrap();
        SecretSource::File(path).read("password").await
    }

    #[tokio::test]
    async fn what_editors_add_to_a_secret_is_left_out() {
        for bytes in [
            &b"se cret"[..],
            b"se cret\n",
            b"se cret\r\n",
            b"\xef\xbb\xbfse cret",
            b"\xef\xbb\xbfse cret\r\n\r\n",
            b"se cret\r",
        ] {
            assert_eq!(
                read(bytes).await.unwrap(),
                Secret::new("se cret"),
                "{bytes:?}"
            );
        }
        assert_eq!(read(b" secret ").await.unwrap(), Secret::new(" secret "));
    }

    #[tokio::test]
    async fn what_is_no_secret_is_named() {
        for (bytes, words) in [
            (&b"\xff\xfes\0e\0"[..], "is not valid UTF-8"),
            (b"s\0e\0\n\0", "is not valid UTF-8"),
            (b"secret\nand more", "has more than one line"),
            (b"\xef\xbb\xbf\r\n", "is empty"),
        ] {
            let error = read(bytes).await.unwrap_err();
            assert_eq!(error.kind(), Kind::Usage);
            assert!(error.to_string().contains(words), "{error}");
        }
    }

    #[test]
    fn a_password_may_look_wrong() {
        for text in [
            " secret",
            "secret\t",
            "\"secret\"",
            "'secret'",
            "\u{a0}secret",
        ] {
            assert!(doubt(&Secret::new(text)).is_some(), "{text:?}");
        }
        for text in ["secret", "se cret", "\"secret", "\"", "", "s"] {
            assert!(doubt(&Secret::new(text)).is_none(), "{text:?}");
        }
    }
}
