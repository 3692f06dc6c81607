//! The table of keys, made from the struct. Reading by name, the environment's variable names,
//! validation, did-you-mean and whatever describes the keys to a person or an editor use it.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{Keys, names::names_of};

/// The keys the Python tool knows at the root; it refuses a file that has others.
pub const ROOT_KEYS: [&str; 8] = [
    "agents",
    "channels",
    "transcription",
    "providers",
    "api",
    "gateway",
    "tools",
    "modelPresets",
];

/// Spellings that older releases of the Python tool wrote, and the keys they stand for.
const LEGACY: [(&str, &str); 1] = [("e2EeEnabled", "e2eeEnabled")];

/// Every key, in the order of the documentation.
pub static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let schema = schemars::schema_for!(Keys).to_value();
    let properties = &schema["properties"];
    let key = |name: &&'static str| Key::new(name, &properties[*name]);
    names_of::<Keys>().iter().map(key).collect()
});

/// A key of `channels.matrix`.
#[derive(Debug)]
pub struct Key {
    /// Its documented name, in camelCase.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: String,
    /// What its value must be, in a few words.
    pub kind: String,
    /// Its type in JSON.
    pub type_name: &'static str,
    /// What it is where nothing sets it.
    pub default: Option<Value>,
    /// Its value's JSON Schema.
    schema: Map<String, Value>,
    snake: String,
}

impl Key {
    fn new(name: &'static str, property: &Value) -> Self {
        let mut schema = property.as_object().cloned().unwrap_or_default();
        let mut take = |name| schema.remove(name).unwrap_or_default();
        let (about, kind) = (take("description"), take("title"));
        let default = Some(take("default")).filter(|default| !default.is_null());
        let form = property["type"].as_str();
        let form = form.or(property["anyOf"][0]["type"].as_str());
        Self {
            name,
            about: about.as_str().unwrap_or_default().to_owned(),
            kind: kind.as_str().unwrap_or_default().to_owned(),
            type_name: match form {
                Some("boolean") => "boolean",
                Some("integer") => "number",
                Some("array") => "array",
                Some("object") => "object",
                _ => "string",
            },
            default,
            snake: snake_case(name),
            schema,
        }
    }

    /// All its spellings, the one that counts first where several are present.
    pub fn spellings(&'static self) -> impl Iterator<Item = &'static str> {
        let snake = Some(self.snake.as_str()).filter(|snake| *snake != self.name);
        let legacy = LEGACY.iter().filter(|(_, name)| *name == self.name);
        [self.name]
            .into_iter()
            .chain(snake)
            .chain(legacy.map(|(legacy, _)| *legacy))
    }

    /// Whether this spelling is one that only older releases of the Python tool wrote.
    pub fn is_legacy(&self, spelling: &str) -> bool {
        LEGACY.contains(&(spelling, self.name))
    }

    /// Its full path in the file.
    pub fn path(&self) -> String {
        format!("channels.matrix.{}", self.name)
    }

    /// Whether its value must not be shown.
    pub fn is_secret(&self) -> bool {
        self.schema.contains_key("writeOnly")
    }

    /// The words that its value is one of; none where it may be anything.
    pub fn choices(&'static self) -> Vec<&'static str> {
        let words = self
            .schema
            .get("anyOf")
            .and_then(|forms| forms[0]["enum"].as_array());
        match words {
            _ if self.type_name == "boolean" => vec!["true", "false"],
            Some(words) => words.iter().filter_map(Value::as_str).collect(),
            None => Vec::new(),
        }
    }

    /// Whether it is a list.
    pub fn is_list(&self) -> bool {
        self.type_name == "array"
    }

    /// Whether its value is needed only by those who ask for it: a `${NAME}` in it that cannot be
    /// had is no error before.
    pub fn is_optional(&self) -> bool {
        self.default.is_none() || self.is_list()
    }

    /// The variable of the environment that overrides it, such as `NANOBOT_MATRIX_USER_ID`.
    pub fn variable(&self) -> String {
        format!("NANOBOT_MATRIX_{}", self.snake.to_ascii_uppercase())
    }

    /// The Python tool's variable for it, such as `NANOBOT_CHANNELS__MATRIX__USER_ID`. It counts
    /// only where nothing else sets the key, as there.
    pub fn python_variable(&self) -> String {
        format!(
            "NANOBOT_CHANNELS__MATRIX__{}",
            self.snake.to_ascii_uppercase()
        )
    }

    /// The systemd credential that overrides it, such as `nanobot-matrix-access-token`: the
    /// variable's name in lower case with dashes. Only texts that are always secret have one.
    pub fn credential(&self) -> Option<String> {
        let name = || self.variable().to_ascii_lowercase().replace('_', "-");
        (self.is_secret() && !self.schema.contains_key("pattern")).then(name)
    }

    /// Reads a value and gives it back as the file would have it; `null` is one that is as good as
    /// absent.
    ///
    /// # Errors
    ///
    /// What is wrong with it, as a predicate that never quotes it.
    pub fn read(&self, value: &Value) -> Result<Value, String> {
        let entries = value.as_array().filter(|_| self.is_list());
        let entries = entries.into_iter().flatten().map(Some);
        match self.entry_faults(entries).next() {
            Some((_, fault)) => Err(fault),
            None => self.read_alone(value),
        }
    }

    /// Reads a value by the struct that has but this one.
    fn read_alone(&self, value: &Value) -> Result<Value, String> {
        let keys: serde_json::Result<Keys> = serde_json::from_value(json!({self.name: value}));
        let mut keys = json!(keys.map_err(|error| error.to_string())?);
        Ok(keys[self.name].take())
    }

    /// The faults of the single entries of a list; those that cannot be judged are `None`.
    pub fn entry_faults<'a>(
        &self,
        entries: impl Iterator<Item = Option<&'a Value>>,
    ) -> impl Iterator<Item = (usize, String)> {
        entries.enumerate().filter_map(|(index, entry)| {
            let fault = self.read_alone(&json!([entry?])).err()?;
            Some((
                index,
                format!("is invalid in entry {}: it {fault}", index + 1),
            ))
        })
    }

    /// The value that a text from outside the file stands for, where everything is text: a list is
    /// a JSON array or words between commas.
    ///
    /// # Errors
    ///
    /// What is wrong with it, as a predicate.
    pub fn from_text(&self, text: &str) -> Result<Value, String> {
        let json = || serde_json::from_str(text).map_err(|_| "is not valid JSON".to_owned());
        match self.type_name {
            "array" if !text.trim_start().starts_with('[') => {
                let words = text.split(',').map(str::trim);
                Ok(words.filter(|word| !word.is_empty()).collect())
            }
            "array" | "object" => json(),
            _ => Ok(Value::from(text)),
        }
    }
}

/// The key that has this name or another of its spellings.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter()
        .find(|key| key.spellings().any(|spelling| spelling == name))
}

/// Whether the Python tool knows this key at the root.
pub fn is_root_key(name: &str) -> bool {
    ROOT_KEYS.contains(&name) || name == "model_presets"
}

/// A camelCase name in `snake_case`.
pub fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 2);
    for character in name.chars() {
        if character.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}

/// The JSON Schema (draft 7, which every editor knows) of `config.json`.
///
/// It refuses nothing that is accepted; some of what is refused it lets through, because a
/// schema cannot say it.
pub fn json_schema() -> Value {
    let mut properties = Map::new();
    for key in KEYS.iter() {
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
        "description": "Chat channels; nanobot reads only matrix.",
        "properties": {"matrix": matrix},
    });
    let theirs = json!({"description": "Read only by the Python tool."});
    let mut root: Map<_, _> = ROOT_KEYS
        .map(|name| (name.to_owned(), theirs.clone()))
        .into_iter()
        .collect();
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
    let mut property = Value::from(key.schema.clone());
    property["description"] = json!(key.about);
    if spelling != key.name {
        property["description"] = json!(format!("Another spelling of {}. {}", key.name, key.about));
        // Visual Studio Code's word for it.
        property["doNotSuggest"] = json!(true);
    }
    if let Some(default) = &key.default {
        property["default"] = default.clone();
    }
    property
}
