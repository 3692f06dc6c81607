//! `nanobot config list`: every key with its value and where that comes from.

use std::path::Path;

use console::{Term, style};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Outcome, get::bare};
use crate::{
    cli::config::List,
    config::{Document, Origin, Paths, REDACTED, Setting, environment, find_key, redact, settings},
    error::Result,
    text::wrap,
};

#[derive(Serialize)]
struct Listing<'a> {
    file: &'a Path,
    exists: bool,
    settings: Vec<Entry<'a>>,
    unknown: Vec<Unknown>,
}

#[derive(Serialize)]
struct Entry<'a> {
    key: &'static str,
    path: String,
    value: Option<Value>,
    r#type: &'static str,
    default: Option<&'static Value>,
    secret: bool,
    origin: &'a Origin,
    shadowed: &'a [Origin],
    problem: Option<String>,
    about: &'static str,
}

/// A key of `channels.matrix` that is not in the schema.
#[derive(Serialize)]
struct Unknown {
    key: String,
    value: Value,
}

pub fn run(args: List, paths: &Paths) -> Result<Outcome> {
    let document = Document::load(paths.config_file())?;
    let mut settings = settings(&document, &environment);
    settings.retain(|setting| !args.set || differs(setting));
    let section = match document.redacted("channels.matrix") {
        Some(Value::Object(section)) => section,
        _ => Map::new(),
    };
    let listing = Listing {
        file: paths.config_file(),
        exists: document.exists(),
        settings: settings.iter().map(entry).collect(),
        unknown: section
            .into_iter()
            .filter(|(name, _)| find_key(name).is_none())
            .map(|(key, value)| Unknown { key, value })
            .collect(),
    };
    if args.set {
        let lines = settings.iter().zip(&listing.settings);
        let lines = lines.map(|(setting, entry)| line(setting, entry));
        let unknown = listing.unknown.iter();
        let unknown = unknown.map(|Unknown { key, value }| {
            format!("{key} = {value}{}", style("  unknown key").dim())
        });
        let lines: Vec<_> = lines.chain(unknown).collect();
        return Ok(Outcome::new(lines.join("\n"), &listing));
    }
    let absent = if listing.exists {
        ""
    } else {
        " (does not exist yet)"
    };
    let mut paragraphs = vec![format!("{}{absent}", listing.file.display())];
    let entries = settings.iter().zip(&listing.settings);
    paragraphs.extend(entries.map(|(setting, entry)| describe(setting, entry, &document)));
    paragraphs.extend(listing.unknown.iter().map(|Unknown { key, value }| {
        let about = style("unknown key").dim();
        format!("{} = {value}\n    {about}", style(key).bold())
    }));
    Ok(Outcome::new(paragraphs.join("\n\n"), &listing))
}

fn entry(setting: &Setting) -> Entry<'_> {
    let key = setting.key;
    let problem = setting.value.as_ref().err();
    Entry {
        key: key.name,
        path: key.path(),
        value: match (&setting.origin, &setting.value) {
            // It would not be shown, so the keyring need not be asked.
            (Origin::Keyring { .. }, _) => Some(Value::from(REDACTED)),
            (_, Ok(value)) if !value.is_null() => Some(redact(key, value)),
            _ => None,
        },
        r#type: key.type_name,
        default: key.default.as_ref(),
        secret: key.is_secret(),
        problem: problem.map(|problem| setting.sentence(problem)),
        about: &key.about,
        origin: &setting.origin,
        shadowed: &setting.shadowed,
    }
}

/// Whether somebody gave it a value other than its default.
fn differs(setting: &Setting) -> bool {
    match (&setting.origin, &setting.value) {
        (Origin::Default, _) => false,
        (Origin::Keyring { .. }, _) | (_, Err(_)) => true,
        (_, Ok(value)) => value != setting.key.default.as_ref().unwrap_or(&Value::Null),
    }
}

/// A setting in one line.
fn line(setting: &Setting, entry: &Entry<'_>) -> String {
    let place = match &setting.origin {
        Origin::File { .. } => String::new(),
        other => format!("  from {other}"),
    };
    let value = shown(setting, entry);
    format!(
        "{} = {value}{}",
        style(entry.key).bold(),
        style(place).dim()
    )
}

fn shown(setting: &Setting, entry: &Entry<'_>) -> String {
    match (&setting.value, &entry.value) {
        (Err(problem), _) => style(format!("({problem})")).red().to_string(),
        (Ok(_), Some(value)) => value.to_string(),
        (Ok(_), None) => style("(no value)").dim().to_string(),
    }
}

/// A setting for a person.
fn describe(setting: &Setting, entry: &Entry<'_>, document: &Document) -> String {
    let value = shown(setting, entry);
    let default = entry
        .default
        .map(|default| format!(", default {}", bare(default)));
    let place = match &setting.origin {
        Origin::Default => "not set".to_owned(),
        Origin::File { position, .. } => format!("from line {}", position.line),
        other => format!("from {other}"),
    };
    let about = format!("{}{}, {place}", entry.r#type, default.unwrap_or_default());
    let mut lines = vec![
        format!("{} = {value}", style(entry.key).bold()),
        format!("    {}", style(about).dim()),
    ];
    for origin in &setting.shadowed {
        let place = match origin.position() {
            Some(position) => {
                let mut spellings = document.spellings(setting.key).into_iter();
                let spelling = spellings.find(|(_, place)| *place == position);
                let name = spelling.map_or(entry.key, |(name, _)| name);
                format!("{name} on line {}", position.line)
            }
            None => origin.to_string(),
        };
        lines.push(format!("    {}", style(format!("hides {place}")).yellow()));
    }
    wrap(&lines.join("\n"), 6, &Term::stdout())
}
