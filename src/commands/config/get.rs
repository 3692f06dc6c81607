//! `nanobot config get`: the value of a key that is in effect.

use serde::Serialize;
use serde_json::{Value, json};

use super::Outcome;
use crate::{
    cli::config::Get,
    config::{Document, Key, KeyPath, Keyring, Origin, Paths, environment, redact, settings},
    error::{Error, Result},
    terminal::Terminal,
};

/// A value, and whether some of it is hidden.
#[derive(Serialize)]
struct Found {
    key: String,
    value: Value,
    redacted: bool,
    origin: Value,
}

/// A value as one line: a text bare, everything else as JSON.
pub fn bare(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

pub fn run(args: &Get, paths: &Paths) -> Result<Outcome> {
    let terminal = Terminal::new(false);
    let document = Document::load(paths.config_file())?;
    let path = KeyPath::resolve(&args.key, &document)?;
    let found = match path.key() {
        Some(key) => effective(&document, key)?,
        None => literal(&document, &path),
    };
    for note in spellings(&document, &path) {
        terminal.note(&note);
    }
    let (value, redacted, origin) = match (found, &args.default) {
        (Some((_, whole, origin)), _) if args.reveal => (whole, false, json!(origin)),
        (Some((shown, whole, origin)), _) => {
            let redacted = shown != whole;
            (shown, redacted, json!(origin))
        }
        (None, Some(default)) => {
            if !path.is_known() {
                terminal.note(&format!("{}.", path.unknown()));
            }
            (json!(default), false, json!({"kind": "argument"}))
        }
        (None, None) => return Err(absent(&path)),
    };
    if redacted {
        terminal.note("Secrets are hidden; --reveal shows them.");
    }
    let text = bare(&value);
    let found = Found {
        key: path.path(),
        value,
        redacted,
        origin,
    };
    Ok(Outcome::new(text, &found))
}

/// A value as it may be shown and as it is, and where it comes from.
type Sourced = (Value, Value, Origin);

/// The value of a key of the schema, from wherever it comes.
fn effective(document: &Document, key: &Key) -> Result<Option<Sourced>> {
    let mut settings = settings(document, &environment).into_iter();
    let Some(setting) = settings.find(|setting| setting.key.name == key.name) else {
        return Ok(None);
    };
    let whole = match (&setting.value, &setting.origin) {
        (Err(problem), _) => return Err(setting.error(problem)),
        (Ok(_), Origin::Keyring { entry }) => {
            let token = Keyring::system().read(entry)?;
            token.map_or(Value::Null, |token| Value::from(token.expose()))
        }
        (Ok(value), _) => value.clone(),
    };
    let shown = redact(setting.key, &whole);
    Ok((!whole.is_null()).then_some((shown, whole, setting.origin)))
}

/// A value as it stands in the file.
fn literal(document: &Document, path: &KeyPath) -> Option<Sourced> {
    let name = path.path();
    let (whole, shown) = (document.get(&name)?, document.redacted(&name)?);
    let origin = Origin::File {
        path: document.path().to_owned(),
        position: document.position(&name)?,
    };
    Some((shown, whole, origin))
}

/// Says which spelling counts where there are several.
pub fn spellings(document: &Document, path: &KeyPath) -> Vec<String> {
    let spellings = path
        .key()
        .map(|key| document.spellings(key))
        .unwrap_or_default();
    let Some(((winner, _), others)) = spellings.split_first() else {
        return Vec::new();
    };
    let other = |(name, place): &(&str, _)| {
        format!("{name:?} ({place}) has no effect: {winner:?} is set too and takes precedence.")
    };
    others.iter().map(other).collect()
}

fn absent(path: &KeyPath) -> Error {
    if !path.is_known() {
        return Error::failure(path.unknown()).hint("list the keys with `nanobot config list`");
    }
    let error = Error::failure(format!("{} has no value", path.path()));
    match path.key().map(|key| key.name) {
        // Nobody should set these by hand.
        Some("userId" | "accessToken" | "deviceId") => error.command("nanobot login"),
        Some(name) => error.hint(format!("set it with `nanobot config set {name}`")),
        None => error.hint("see the file with `nanobot config show`"),
    }
}
