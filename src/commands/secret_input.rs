//! Secrets from files and pipes.

use std::io::Read;

use crate::{
    config::Secret,
    error::{Error, Kind, Result},
};

/// More than any password or token; a file piped in by mistake must not fill the memory.
const LONGEST_SECRET: u64 = 4096;

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
