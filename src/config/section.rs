//! Reading an object whose keys somebody else knows, such as the settings of an agent.

use std::{collections::BTreeMap, num::NonZeroUsize, time::Duration};

use serde_json::{Map, Value};

use super::{Secret, did_you_mean};
use crate::error::{Error, Result};

/// An object of the configuration, taken apart key by key. Nothing in it is ever quoted in an
/// error: it may be secret.
#[derive(Clone)]
pub struct Section {
    path: String,
    left: Map<String, Value>,
    /// The keys that were asked for.
    known: Vec<&'static str>,
}

impl Section {
    /// Begins with an object of this path. An empty text is read as an empty object.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`](crate::error::Kind::Config) where it is no object.
    pub fn new(path: impl Into<String>, object: Option<&Secret>) -> Result<Self> {
        let path = path.into();
        let left = match object {
            None => Map::new(),
            Some(json) => serde_json::from_str(json.expose())
                .map_err(|_| Error::config(format!("{path} must be an object")))?,
        };
        Ok(Self {
            path,
            left,
            known: Vec::new(),
        })
    }

    /// A text; an empty one is as good as absent.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`](crate::error::Kind::Config) for anything else.
    pub fn text(&mut self, key: &'static str) -> Result<Option<String>> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
            Some(_) => Err(self.wrong(key, "a text")),
        }
    }

    /// A text that must not be shown.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`](crate::error::Kind::Config) for anything else.
    pub fn secret(&mut self, key: &'static str) -> Result<Option<Secret>> {
        Ok(self.text(key)?.map(Secret::new))
    }

    /// One of these words.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`](crate::error::Kind::Config) for anything else.
    pub fn choice(
        &mut self,
        key: &'static str,
        words: &[&'static str],
    ) -> Result<Option<&'static str>> {
        let Some(given) = self.text(key)? else {
            return Ok(None);
        };
        let found = words.iter().copied().find(|word| *word == given);
        found.map(Some).ok_or_else(|| {
            let meant = did_you_mean(&given, words.iter().copied());
            self.wrong(key, &format!("one of {}{meant}", words.join(", ")))
        })
    }

    /// True or false.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`](crate::error::Kind::Config) for anything else.
    pub fn switch(&mut self, key: &'static str) -> Result<Option<bool>> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::Bool(switch)) => Ok(Some(switch)),
            Some(_) => Err(self.wrong(key, "true or false")),
        }
    }

    /// A whole number from 1 to `largest`.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`](crate::error::Kind::Config) for anything else.
    pub fn count(&mut self, key: &'static str, largest: usize) -> Result<Option<NonZeroUsize>> {
        let Some(value) = self.take(key) else {
            return Ok(None);
        };
        let count = value.as_u64().and_then(|count| usize::try_from(count).ok());
        count
            .filter(|count| *count <= largest)
            .and_then(NonZeroUsize::new)
            .map(Some)
            .ok_or_else(|| self.wrong(key, &format!("a whole number from 1 to {largest}")))
    }

    /// A time in whole seconds, from 1 to `largest`.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`](crate::error::Kind::Config) for anything else.
    pub fn seconds(&mut self, key: &'static str, largest: usize) -> Result<Option<Duration>> {
        let count = self.count(key, largest)?;
        // A `usize` is never longer than a `u64` here: the largest is a constant of the caller.
        Ok(count.map(|count| Duration::from_secs(count.get() as u64)))
    }

    /// A list of texts.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`](crate::error::Kind::Config) for anything else.
    pub fn list(&mut self, key: &'static str) -> Result<Option<Vec<String>>> {
        let Some(value) = self.take(key) else {
            return Ok(None);
        };
        let texts = value.as_array().and_then(|items| {
            let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
            texts.collect::<Option<Vec<_>>>()
        });
        texts
            .map(Some)
            .ok_or_else(|| self.wrong(key, "a list of texts"))
    }

    /// An object of texts that may be secret, by their names.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`](crate::error::Kind::Config) for anything else.
    pub fn texts(&mut self, key: &'static str) -> Result<Option<BTreeMap<String, Secret>>> {
        let texts = match self.take(key) {
            None => return Ok(None),
            Some(Value::Object(texts)) => texts.into_iter(),
            Some(_) => return Err(self.wrong(key, "an object of texts")),
        };
        texts
            .map(|(name, value)| match value {
                Value::String(text) => Ok((name, Secret::new(text))),
                _ => Err(self.wrong(key, "an object of texts")),
            })
            .collect::<Result<_>>()
            .map(Some)
    }

    /// Any value, for what is handed on as it is.
    pub fn take(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        self.left.remove(key).filter(|value| !value.is_null())
    }

    /// Ends the reading.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`](crate::error::Kind::Config) for the first key that nobody asked for.
    pub fn finish(self) -> Result<()> {
        let Some(key) = self.left.keys().next() else {
            return Ok(());
        };
        let meant = did_you_mean(key, self.known.iter().copied());
        Err(
            Error::config(format!("{} has no key {key:?}{meant}", self.path))
                .hint(format!("its keys are: {}", self.known.join(", "))),
        )
    }

    /// The error for a value that is not as it must be.
    #[must_use]
    pub fn wrong(&self, key: &str, must: &str) -> Error {
        let path = format!("{}.{key}", self.path);
        Error::config(format!("{path} must be {must}"))
            .hint(format!("correct it: `nanobot config set {path} …`"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn section(object: &Value) -> Section {
        Section::new("a.b", Some(&Secret::new(object.to_string()))).unwrap()
    }

    #[test]
    fn values_are_read_as_what_they_must_be() {
        let mut section = section(&json!({
            "text": "x", "empty": "", "switch": true, "count": 3, "list": ["a", "b"], "null": null
        }));
        assert_eq!(section.text("text").unwrap().as_deref(), Some("x"));
        assert_eq!(section.text("empty").unwrap(), None);
        assert_eq!(section.text("absent").unwrap(), None);
        assert_eq!(section.switch("switch").unwrap(), Some(true));
        assert_eq!(section.count("count", 3).unwrap(), NonZeroUsize::new(3));
        assert_eq!(section.list("list").unwrap().unwrap(), ["a", "b"]);
        assert_eq!(section.switch("null").unwrap(), None);
        section.finish().unwrap();
    }

    #[test]
    fn a_wrong_value_is_named_and_not_quoted() {
        let mut section = section(&json!({
            "text": ["canary"], "switch": "canary", "count": 4, "list": [1], "choice": "canary"
        }));
        let errors = [
            section.text("text").unwrap_err(),
            section.switch("switch").unwrap_err(),
            section.count("count", 3).unwrap_err(),
            section.list("list").unwrap_err(),
            section.choice("choice", &["one", "two"]).unwrap_err(),
        ];
        for (error, key) in errors
            .iter()
            .zip(["text", "switch", "count", "list", "choice"])
        {
            let said = error.to_string();
            assert!(said.starts_with(&format!("a.b.{key} must be ")), "{said}");
            assert!(!said.contains("canary"), "{said}");
        }
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_one_that_was_meant() {
        let mut section = section(&json!({"modle": "x"}));
        section.text("model").unwrap();
        let error = section.finish().unwrap_err();
        let said = error.to_string();
        assert!(
            said.contains("\"modle\"; did you mean \"model\"?"),
            "{said}"
        );
    }
}
