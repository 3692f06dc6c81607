//! Secrets that a person or a script hands over.

use std::{fs::File, io::Read, path::Path};

use crate::{
    config::Secret,
    error::{Error, Kind, Result},
    session::SecretStorage,
    terminal::{Question, Terminal},
};

/// More than any password or token; a file piped in by mistake must not fill the memory.
const LONGEST_SECRET: u64 = 4096;

/// The secret that standard input holds.
pub(super) async fn secret_stdin() -> Result<Secret> {
    read_secret("standard input", std::io::stdin()).await
}

/// The secret that a file holds; `what` it is, for a person.
pub(super) async fn secret_file(what: &str, path: &Path) -> Result<Secret> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| {
        Error::new(Kind::Usage, format!("cannot read the {what} from {name}")).because(error)
    })?;
    read_secret(&name, file).await
}

/// Asks for the recovery key of this secret storage until it is the right one. Where it may be
/// skipped, an empty answer is none.
pub(super) async fn ask_recovery_key(
    terminal: Terminal,
    storage: &SecretStorage,
    flags: &str,
    may_skip: bool,
) -> Result<Option<Secret>> {
    let words = if may_skip {
        "Recovery key (empty to skip)"
    } else {
        "Recovery key"
    };
    let question = Question {
        echo: false,
        default: may_skip.then_some(""),
        ..Question::new(words, flags)
    };
    let read = |typed: &str| {
        if typed.is_empty() {
            return Ok(None);
        }
        let key = Secret::new(typed);
        match storage.check(&key) {
            Ok(()) => Ok(Some(key)),
            Err(failure) => Err(Error::from(failure).to_string()),
        }
    };
    terminal.ask(question, read).await
}

/// Reads a secret that fills a file or a pipe but for a line end.
pub(super) async fn read_secret(name: &str, source: impl Read + Send + 'static) -> Result<Secret> {
    let wrong = |what: &str| Error::new(Kind::Usage, format!("{name} {what}"));
    let read = move || {
        let mut text = String::new();
        let mut source = source.take(LONGEST_SECRET + 1);
        source.read_to_string(&mut text).map(|_| text)
    };
    let text = tokio::task::spawn_blocking(read)
        .await
        .map_err(|error| Error::failure("reading ended").because(error))?
        .map_err(|error| wrong("cannot be read").because(error))?;
    if text.len() as u64 > LONGEST_SECRET {
        return Err(wrong("holds more than a secret"));
    }
    let secret = text.strip_suffix('\n').unwrap_or(&text);
    let secret = secret.strip_suffix('\r').unwrap_or(secret);
    if secret.is_empty() {
        return Err(wrong("is empty").hint("pipe the secret in: nanobot login … <secret.txt"));
    }
    Ok(Secret::new(secret))
}
