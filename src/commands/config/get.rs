//! `nanobot config get`: the value of a key that is in effect.

use serde_json::{Value, json};

use super::{
    Outcome, environment, outcome,
    words::{bare, origin},
};
use crate::{
    cli::config::Get,
    config::{Document, KeyPath, Keyring, Origin, Paths, Setting, Typed, redact, schema, settings},
    error::{Error, Result},
    terminal::Terminal,
};

/// A value, and whether some of it is hidden.
struct Found {
    value: Value,
    hidden: bool,
    origin: Origin,
}

pub(super) fn run(args: &Get, paths: &Paths) -> Result<Outcome> {
    let terminal = Terminal::new(false);
    let document = Document::load(paths.config_file())?;
    let path = KeyPath::resolve(&args.key, &document)?;
    let found = match path.key() {
        Some(key) => {
            let mut settings = settings(&document, &environment).into_iter();
            match settings.find(|setting| setting.key.name == key.name) {
                Some(setting) => effective(&setting, args.reveal)?,
                None => None,
            }
        }
        None => literal(&document, &path, args.reveal),
    };
    for note in spellings(&document, &path) {
        terminal.note(&note);
    }
    let (value, origin_value, hidden) = match (found, &args.default) {
        (Some(found), _) => (found.value, origin(&found.origin), found.hidden),
        (None, Some(default)) => {
            if !path.is_known() {
                terminal.note(&format!("{}.", path.unknown()));
            }
            (json!(default), json!({"kind": "argument"}), false)
        }
        (None, None) => return Err(absent(&path)),
    };
    if hidden {
        terminal.note("It is a secret, or holds one; --reveal prints it.");
    }
    Ok(outcome(
        bare(&value),
        [
            ("key", json!(path.path())),
            ("value", value),
            ("redacted", json!(hidden)),
            ("origin", origin_value),
        ],
    ))
}

/// The value of a key of the schema, from wherever it comes.
fn effective(setting: &Setting, reveal: bool) -> Result<Option<Found>> {
    let value = match &setting.value {
        Ok(value) => value.clone(),
        Err(problem) => return Err(setting.error(problem)),
    };
    let value = match &setting.origin {
        Origin::Keyring { entry } => Keyring::system().read(entry)?.map(Typed::Secret),
        _ => value,
    };
    Ok(value.map(|value| {
        let (shown, whole) = (redact(setting.key, &value), value.expose());
        let hidden = !reveal && shown != whole;
        Found {
            value: if reveal { whole } else { shown },
            hidden,
            origin: setting.origin.clone(),
        }
    }))
}

/// A value as it stands in the file.
fn literal(document: &Document, path: &KeyPath, reveal: bool) -> Option<Found> {
    let name = path.path();
    let (whole, shown) = (document.get(&name)?, document.redacted(&name)?);
    let hidden = !reveal && shown != whole;
    Some(Found {
        value: if reveal { whole } else { shown },
        hidden,
        origin: Origin::File {
            path: document.path().to_owned(),
            position: document.position(&name)?,
        },
    })
}

/// Says which spelling counts where there are several.
pub(super) fn spellings(document: &Document, path: &KeyPath) -> Vec<String> {
    let Some(key) = path.key() else {
        return Vec::new();
    };
    let spellings = document.spellings(key);
    let Some(((winner, _), others)) = spellings.split_first() else {
        return Vec::new();
    };
    let other = |(name, place): &(&str, _)| {
        format!("{name:?} ({place}) does nothing, because {winner:?} is there too and wins.")
    };
    others.iter().map(other).collect()
}

/// Whether a login sets this key, so that nobody should by hand.
fn is_of_login(key: &schema::Key) -> bool {
    [&schema::USER_ID, &schema::ACCESS_TOKEN, &schema::DEVICE_ID]
        .iter()
        .any(|of_login| of_login.name == key.name)
}

fn absent(path: &KeyPath) -> Error {
    if path.is_known() {
        let error = Error::failure(format!("{} has no value", path.path()));
        return error.hint(match path.key() {
            Some(key) if is_of_login(key) => "run `nanobot login`".to_owned(),
            Some(key) => format!("`nanobot config set {}` gives it one", key.name),
            None => "`nanobot config show` prints the file".to_owned(),
        });
    }
    Error::failure(path.unknown()).hint("`nanobot config list` shows every key")
}
