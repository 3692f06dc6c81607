//! A value given as text on the command line or on standard input, as the file is to hold it.

use serde_json::Value;

use super::KeyPath;
use crate::config::{
    keys::{Key, SECTION, type_name},
    placeholder,
    secrets::is_secret_name,
};

impl KeyPath {
    /// The value of this key that a text stands for. `current` is what the file has.
    ///
    /// A key of the schema takes only what it can be. Elsewhere the value keeps the type it has,
    /// and a new one is JSON where the text is JSON and stands under no secret's name.
    ///
    /// # Errors
    ///
    /// What is wrong with it, as a predicate that never quotes the value.
    pub fn read(&self, text: &str, current: Option<&Value>) -> Result<Value, String> {
        if let Some(key) = self.key() {
            return read_known(key, text);
        }
        let json = serde_json::from_str::<Value>(text).ok();
        if SECTION.starts_with(&self.names()) {
            return json
                .filter(Value::is_object)
                .ok_or_else(|| "must be a JSON object".to_owned());
        }
        let name = self.names().last().copied().unwrap_or_default();
        match current {
            None | Some(Value::Null) if is_secret_name(name) => Ok(Value::from(text)),
            None | Some(Value::Null) => Ok(json.unwrap_or_else(|| Value::from(text))),
            Some(Value::String(_)) => Ok(Value::from(text)),
            // `${NAME}` may stand for anything.
            Some(_) if placeholder::is_all(text) => Ok(Value::from(text)),
            Some(current) => json
                .filter(|json| type_name(json) == type_name(current))
                .ok_or_else(|| format!("must be {}, as it is now", type_name(current))),
        }
    }

    /// The entry of this list that a text stands for.
    ///
    /// # Errors
    ///
    /// What is wrong with it, as a predicate.
    pub fn read_entry(&self, text: &str) -> Result<Value, String> {
        match self.key() {
            Some(key) => {
                let entry = Value::from(text);
                check_entries(key, std::slice::from_ref(&entry))?;
                Ok(entry)
            }
            None => Ok(Value::from(text)),
        }
    }

    /// Whether this is, or can become, a list.
    pub fn takes_entries(&self, current: Option<&Value>) -> bool {
        match (self.key(), current) {
            (Some(key), _) => key.is_list(),
            (None, current) => current.is_none_or(Value::is_array),
        }
    }
}

fn read_known(key: &Key, text: &str) -> Result<Value, String> {
    let value = key.from_text(text)?;
    let is_empty = value.as_array().is_some_and(Vec::is_empty) && !text.contains('[');
    if is_empty || text.trim().is_empty() {
        let name = key.name;
        return Err(if key.is_list() && !text.trim().is_empty() {
            "must not be empty; write [] for an empty list".to_owned()
        } else {
            format!("must not be empty; `nanobot config unset {name}` removes the key")
        });
    }
    if let Value::Array(entries) = &value {
        check_entries(key, entries)?;
        return Ok(value);
    }
    if value.is_string() && placeholder::is_in(text) {
        return Ok(value);
    }
    let read = key.read(&value)?;
    // A text is written as it was given: the reading may write it in another way.
    Ok(if read.is_string() { value } else { read })
}

/// Judges the entries of a list, except those with a `${NAME}` in them.
fn check_entries(key: &Key, entries: &[Value]) -> Result<(), String> {
    let is_closed = |entry: &&Value| !entry.as_str().is_some_and(placeholder::is_in);
    let closed = entries.iter().map(|entry| Some(entry).filter(is_closed));
    match key.entry_faults(closed).next() {
        Some((_, fault)) => Err(fault),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::file::Document;

    fn read(key: &str, text: &str) -> Result<Value, String> {
        let document = Document::of(r#"{"a": {"n": 1, "s": "1", "l": [], "b": true}}"#);
        let path = KeyPath::resolve(key, &document).unwrap();
        path.read(text, document.get(&path.path()).as_ref())
    }

    #[test]
    fn a_text_becomes_what_the_key_needs() {
        for (key, text, value) in [
            ("enabled", "true", json!(true)),
            ("enabled", "No", json!(false)),
            ("maxMediaBytes", "1000", json!(1000)),
            ("userId", "@a:b", json!("@a:b")),
            ("userId", "${BOT}", json!("${BOT}")),
            ("enabled", "${ON}", json!("${ON}")),
            (
                "homeserver",
                "https://matrix.org",
                json!("https://matrix.org"),
            ),
            ("accessToken", "123", json!("123")),
            ("allowFrom", "@a:b, @c:d", json!(["@a:b", "@c:d"])),
            ("allowFrom", "*", json!(["*"])),
            (
                "allowFrom",
                "[\"@a:b\", \"${ME}\"]",
                json!(["@a:b", "${ME}"]),
            ),
            ("allowFrom", "[]", json!([])),
            ("groupAllowFrom", "!a:b", json!(["!a:b"])),
            ("agent", "{\"type\": \"echo\"}", json!({"type": "echo"})),
            ("agent.type", "echo", json!("echo")),
            ("agent.retries", "3", json!(3)),
            ("agent.apiKey", "123", json!("123")),
            ("a.n", "2", json!(2)),
            ("a.s", "2", json!("2")),
            ("a.l", "[1]", json!([1])),
        ] {
            assert_eq!(read(key, text), Ok(value), "{key} {text}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused_without_its_words() {
        for (key, text) in [
            ("enabled", "canary"),
            ("maxMediaBytes", "-1"),
            ("maxMediaBytes", "1.5"),
            ("maxMediaBytes", "1e30"),
            ("userId", "canary"),
            ("userId", ""),
            ("accessToken", "canary\ncanary"),
            ("allowFrom", "@a:b,canary"),
            ("allowFrom", "[\"${ME}\", 1]"),
            ("allowFrom", "[canary"),
            ("allowFrom", " "),
            ("allowFrom", ","),
            ("groupPolicy", "canary"),
            ("agent", "canary"),
            ("homeserver", "https://u:canary@b"),
            ("a.n", "canary"),
            ("a.b", "1"),
            ("channels", "canary"),
            ("channels.matrix", "[]"),
        ] {
            let words = read(key, text).unwrap_err();
            assert!(!words.contains("canary"), "{words}");
        }
        assert!(
            read("groupPolicy", "mentoin")
                .unwrap_err()
                .contains("did you mean")
        );
        assert!(
            read("allowFrom", "${ME},x")
                .unwrap_err()
                .contains("entry 2")
        );
    }
}
