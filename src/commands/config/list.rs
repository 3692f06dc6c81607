//! `nanobot config list`: every key with its value and where that comes from.

use console::{Term, style};
use serde_json::{Value, json};

use super::{
    Outcome, environment, outcome,
    words::{self, bare},
};
use crate::{
    config::{Document, Origin, Paths, REDACTED, Setting, redact, schema, settings},
    error::Result,
    terminal::wrap,
};

pub(super) fn run(paths: &Paths) -> Result<Outcome> {
    let document = Document::load(paths.config_file())?;
    let settings = settings(&document, &environment);
    let unknown = unknown(&document);
    let file = paths.config_file().display();
    let mut entries = vec![if document.exists() {
        file.to_string()
    } else {
        format!("{file} (not there yet)")
    }];
    entries.extend(settings.iter().map(|setting| entry(&document, setting)));
    entries.extend(unknown.iter().map(|(name, value)| {
        let about = style("unknown key, kept as it is").dim();
        format!("{} = {value}\n    {about}", style(name).bold())
    }));
    let unknown = unknown
        .into_iter()
        .map(|(key, value)| json!({"key": key, "value": value}));
    Ok(outcome(
        entries.join("\n\n"),
        [
            ("file", json!(paths.config_file())),
            ("exists", json!(document.exists())),
            ("settings", settings.iter().map(as_json).collect()),
            ("unknown", unknown.collect()),
        ],
    ))
}

/// The keys of `channels.matrix` that are not in the schema, with their values.
fn unknown(document: &Document) -> Vec<(String, Value)> {
    let Some(Value::Object(section)) = document.redacted("channels.matrix") else {
        return Vec::new();
    };
    section
        .into_iter()
        .filter(|(name, _)| schema::find(name).is_none())
        .collect()
}

fn shown(setting: &Setting) -> Option<Value> {
    if matches!(setting.origin, Origin::Keyring { .. }) {
        // It would not be shown, so the keyring need not be asked.
        return Some(Value::from(REDACTED));
    }
    let value = setting.value.as_ref().ok()?.as_ref()?;
    Some(redact(setting.key, value))
}

fn entry(document: &Document, setting: &Setting) -> String {
    let key = setting.key;
    let value = match (&setting.value, shown(setting)) {
        (Err(problem), _) => {
            let words = format!("({})", Setting::predicate(problem));
            style(words).red().to_string()
        }
        (_, Some(value)) => value.to_string(),
        (Ok(_), None) => style("(no value)").dim().to_string(),
    };
    let mut about = vec![key.shape.name().to_owned()];
    if let Some(preset) = key.preset() {
        about.push(format!("default {}", bare(&preset.expose())));
    }
    about.push(place(&setting.origin));
    let mut lines = vec![
        format!("{} = {value}", style(key.name).bold()),
        format!("    {}", style(about.join(", ")).dim()),
    ];
    for shadowed in &setting.shadowed {
        let words = format!("hides {}", hidden_place(document, setting, shadowed));
        lines.push(format!("    {}", style(words).yellow()));
    }
    wrap(&lines.join("\n"), 6, &Term::stdout())
}

fn place(origin: &Origin) -> String {
    match origin {
        Origin::Default => "not set".to_owned(),
        Origin::File { position, .. } => format!("from line {}", position.line),
        other => format!("from {other}"),
    }
}

/// A place whose value does not count, with the spelling that stands there.
fn hidden_place(document: &Document, setting: &Setting, origin: &Origin) -> String {
    let Some(position) = origin.position() else {
        return origin.to_string();
    };
    let spellings = document.spellings(setting.key);
    let spelling = spellings.iter().find(|(_, place)| *place == position);
    let name = spelling.map_or(setting.key.name, |(name, _)| name);
    format!("{name} on line {}", position.line)
}

fn as_json(setting: &Setting) -> Value {
    let key = setting.key;
    let problem = setting.value.as_ref().err();
    json!({
        "key": key.name,
        "path": key.path(),
        "value": shown(setting),
        "type": key.shape.name(),
        "default": key.preset().map(|preset| preset.expose()),
        "secret": key.is_secret(),
        "origin": words::origin(&setting.origin),
        "shadowed": setting.shadowed.iter().map(words::origin).collect::<Vec<_>>(),
        "problem": problem.map(|problem| setting.sentence(problem)),
        "about": key.about,
    })
}
