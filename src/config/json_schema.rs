//! The table of keys as a JSON Schema, for editors.

use serde_json::{Map, Value, json};

use super::{
    schema::{KEYS, Key},
    shape::Shape,
    validate::ROOT_KEYS,
};

/// A text with a variable of the environment in it, which may become anything.
const VARIABLE: &str = r"\$\{[A-Za-z_][A-Za-z0-9_]*\}";

/// The JSON Schema (draft 7, which every editor knows) of `config.json`.
///
/// It refuses nothing that is accepted; some of what is refused it lets through, because a
/// schema cannot say it.
#[must_use]
pub fn json_schema() -> Value {
    let mut properties = Map::new();
    for key in KEYS {
        for spelling in key.spellings() {
            properties.insert(spelling.to_owned(), property(key, spelling));
        }
    }
    let matrix = json!({
        "type": "object",
        "description": "The Matrix channel. Unknown keys are kept.",
        "properties": properties,
    });
    let channels = json!({
        "type": "object",
        "description": "The chat channels; nanobot reads only matrix.",
        "properties": {"matrix": matrix},
    });
    let theirs = |name: &&str| {
        let description = "Only the Python tool reads it.";
        ((*name).to_owned(), json!({"description": description}))
    };
    let mut root: Map<_, _> = ROOT_KEYS.iter().map(theirs).collect();
    root.insert("channels".to_owned(), channels);
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "The configuration of nanobot",
        "description": "See nanobot-config(5).",
        "type": "object",
        "properties": root,
    })
}

fn property(key: &Key, spelling: &str) -> Value {
    let description = if spelling == key.name {
        key.about.to_owned()
    } else {
        format!("Another spelling of {}. {}", key.name, key.about)
    };
    let mut property = Map::from_iter([("description".to_owned(), Value::from(description))]);
    if spelling != key.name {
        // Visual Studio Code's word for it.
        property.insert("doNotSuggest".to_owned(), Value::from(true));
    }
    if let Some(preset) = key.preset() {
        property.insert("default".to_owned(), preset.expose());
    }
    if let Value::Object(shape) = shape(key.shape) {
        property.extend(shape);
    }
    property.into()
}

fn shape(shape: Shape) -> Value {
    match shape {
        Shape::Switch => {
            let word = "^\\s*([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy]([Ee][Ss])?|[Nn][Oo]?|\
                        [Oo][Nn]|[Oo][Ff][Ff]|[Tt]|[Ff]|[01])\\s*$";
            json!({"anyOf": [{"type": "boolean"}, {"enum": [0, 1]}, text(word)]})
        }
        Shape::Count { largest, .. } => {
            let mut number = json!({"type": "integer", "minimum": 0});
            // No editor could compare with a larger one exactly.
            if largest < u64::MAX {
                number["maximum"] = json!(largest);
            }
            json!({"anyOf": [number, text(r"^\s*[0-9]+([.]0+)?([eE][+]?[0-9]+)?\s*$")]})
        }
        Shape::Homeserver => text(r"^$|^[Hh][Tt][Tt][Pp][Ss]?://[^/?#@\s]+/*$"),
        Shape::Proxy => text(r"^$|^([Hh][Tt][Tt][Pp][Ss]?|[Ss][Oo][Cc][Kk][Ss](4|5|5[Hh]))://\S+$"),
        Shape::UserId => text(r"^$|^@[^:\s]+:\S+$"),
        Shape::Users => list(r"^[*]$|^@[^:\s]+:\S+$"),
        Shape::Rooms => list(r"^!\S+$"),
        Shape::Choice(words) => {
            json!({"anyOf": [{"enum": words}, {"type": "string", "pattern": VARIABLE}]})
        }
        Shape::Section => json!({"type": "object"}),
        Shape::Text | Shape::Secret => json!({"type": "string"}),
    }
}

fn list(pattern: &str) -> Value {
    json!({"type": "array", "items": text(pattern)})
}

/// A text of this form, or one that a variable completes.
fn text(pattern: &str) -> Value {
    json!({"type": "string", "pattern": format!("{pattern}|{VARIABLE}")})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::generated;

    #[test]
    fn the_checked_in_schema_is_this_one() {
        let text = serde_json::to_string_pretty(&json_schema()).unwrap() + "\n";
        generated::check_file("examples/config.schema.json", &text);
    }

    #[test]
    fn every_spelling_is_described() {
        let schema = json_schema();
        let properties = &schema["properties"]["channels"]["properties"]["matrix"]["properties"];
        for key in KEYS {
            for spelling in key.spellings() {
                let description = properties[spelling]["description"].as_str().unwrap();
                assert!(description.ends_with(key.about));
            }
        }
    }
}
