//! Reading an object whose keys somebody else knows, such as the settings of an agent.

use std::{collections::BTreeMap, ffi::OsString, num::NonZeroUsize, time::Duration};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::Url;

use super::{
    keys::{as_number, as_switch, snake_case, whole},
    placeholder,
    secrets::Secret,
};
use crate::{
    error::{Error, Result},
    text::did_you_mean,
};

/// An object of the configuration, taken apart key by key, each in camelCase or else in
/// `snake_case`. Nothing in it is ever quoted in an error: it may be secret.
#[derive(Clone)]
pub struct Section {
    path: String,
    left: Map<String, Value>,
    /// The keys that were asked for.
    known: Vec<&'static str>,
    /// Where the variables are looked up that a value needs when it is taken.
    env: Option<fn(&str) -> Option<OsString>>,
}

impl Section {
    /// Begins with an object of this path, which needs no variable any more.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`](crate::error::Kind::Config) where it is no object.
    pub fn new(path: impl Into<String>, object: Option<&Secret>) -> Result<Self> {
        let object = object.map(|json| serde_json::from_str(json.expose()).unwrap_or(true.into()));
        Self::of(path.into(), object, None)
    }

    /// Begins with an object that the Python tool reads too.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`](crate::error::Kind::Config) where it is no object.
    pub fn shared(
        path: impl Into<String>,
        object: Option<&Value>,
        env: fn(&str) -> Option<OsString>,
    ) -> Result<Self> {
        Self::of(path.into(), object.cloned(), Some(env))
    }

    fn of(
        path: String,
        object: Option<Value>,
        env: Option<fn(&str) -> Option<OsString>>,
    ) -> Result<Self> {
        let left = match object {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(members)) => members,
            Some(_) => return Err(Error::config(format!("{path} must be an object"))),
        };
        Ok(Self {
            path,
            left,
            known: Vec::new(),
            env,
        })
    }

    /// A text; an empty one is as good as absent.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`](crate::error::Kind::Config) for anything else, as for every reader here,
    /// and where a variable of the environment is needed that cannot be had.
    pub fn text(&mut self, key: &'static str) -> Result<Option<String>> {
        let text: Option<String> = self.any(key, "a string")?;
        Ok(text.filter(|text| !text.is_empty()))
    }

    /// A text that must not be shown.
    pub fn secret(&mut self, key: &'static str) -> Result<Option<Secret>> {
        Ok(self.text(key)?.map(Secret::new))
    }

    /// One of these words.
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
    pub fn switch(&mut self, key: &'static str) -> Result<Option<bool>> {
        self.read(key, "true or false", |value| as_switch(&value))
    }

    /// A whole number from 1 to `largest`.
    pub fn count(&mut self, key: &'static str, largest: usize) -> Result<Option<NonZeroUsize>> {
        let form = format!("a whole number from 1 to {largest}");
        self.read(key, &form, |value| {
            let count = usize::try_from(whole(&as_number(&value)?).ok()?).ok()?;
            NonZeroUsize::new(count).filter(|_| count <= largest)
        })
    }

    /// A whole number from 0 to `largest`.
    pub fn amount(&mut self, key: &'static str, largest: usize) -> Result<Option<usize>> {
        let form = format!("a whole number from 0 to {largest}");
        self.read(key, &form, |value| {
            let amount = usize::try_from(whole(&as_number(&value)?).ok()?).ok()?;
            (amount <= largest).then_some(amount)
        })
    }

    /// A time in whole seconds, from 1 to `largest`.
    pub fn seconds(&mut self, key: &'static str, largest: usize) -> Result<Option<Duration>> {
        let count = self.count(key, largest)?;
        // A `usize` is never longer than a `u64` here: the largest is a constant of the caller.
        Ok(count.map(|count| Duration::from_secs(count.get() as u64)))
    }

    /// A list of texts.
    pub fn list(&mut self, key: &'static str) -> Result<Option<Vec<String>>> {
        self.any(key, "a list of strings")
    }

    /// A number from 0 to `largest`, which may have a fraction.
    pub fn number(&mut self, key: &'static str, largest: f64) -> Result<Option<f64>> {
        let form = format!("a number from 0 to {largest}");
        self.read(key, &form, |value| {
            let number = as_number(&value)?.as_f64()?;
            (0.0..=largest).contains(&number).then_some(number)
        })
    }

    /// The URL of an HTTP server.
    pub fn url(&mut self, key: &'static str) -> Result<Option<Url>> {
        let url = self.text(key)?.map(|text| {
            let url = Url::parse(&text).ok()?;
            (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
        });
        let wrong = || self.wrong(key, "a URL that begins with http:// or https://");
        url.map(|url| url.ok_or_else(wrong)).transpose()
    }

    /// An object, for what is handed on as it is; an absent one is empty.
    pub fn object(&mut self, key: &'static str) -> Result<Map<String, Value>> {
        Ok(self.any(key, "an object")?.unwrap_or_default())
    }

    /// An object of texts that may be secret, by their names.
    pub fn texts(&mut self, key: &'static str) -> Result<Option<BTreeMap<String, Secret>>> {
        self.any(key, "an object of strings")
    }

    /// A value of any type.
    pub fn any<T: DeserializeOwned>(&mut self, key: &'static str, must: &str) -> Result<Option<T>> {
        self.read(key, must, |value| serde_json::from_value(value).ok())
    }

    fn read<T>(
        &mut self,
        key: &'static str,
        must: &str,
        read: impl FnOnce(Value) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(value) = self.take(key)? else {
            return Ok(None);
        };
        read(value).map(Some).ok_or_else(|| self.wrong(key, must))
    }

    fn take(&mut self, key: &'static str) -> Result<Option<Value>> {
        self.known.push(key);
        let value = self.left.remove(key);
        let value = value.or_else(|| self.left.remove(&snake_case(key)));
        let Some(mut value) = value.filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        if let Some(env) = self.env {
            placeholder::fill(&mut value, &env).map_err(|missing| {
                let path = self.path_of(key);
                Error::config(format!("{path} {missing}")).hint(missing.fix())
            })?;
        }
        Ok(Some(value))
    }

    /// Whether there is something under this key that has not been taken yet.
    pub fn has(&self, key: &str) -> bool {
        let value = self.left.get(key);
        let value = value.or_else(|| self.left.get(&snake_case(key)));
        value.is_some_and(|value| !value.is_null() && value.as_str() != Some(""))
    }

    /// The path of a key in the file.
    pub fn path_of(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
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
        let error = Error::config(format!("{} has no key {key:?}{meant}", self.path))
            .hint(format!("known keys: {}", self.known.join(", ")));
        let is_plain = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        // What is a slip must be corrected, not removed.
        Err(if meant.is_empty() && is_plain {
            let fix = format!("remove it; known keys: {}", self.known.join(", "));
            let command = format!("nanobot config unset {}.{key}", self.path);
            error.hint(fix).command(command)
        } else {
            error
        })
    }

    /// The error for a value that is not as it must be.
    pub fn wrong(&self, key: &str, must: &str) -> Error {
        let path = self.path_of(key);
        Error::config(format!("{path} must be {must}"))
            .hint("correct it")
            .command(format!("nanobot config set {path} …"))
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

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

    #[test]
    fn numbers_addresses_and_maps_are_read() {
        let mut section = section(&json!({
            "number": 0.5, "hot": 3, "url": "http://h:1/v1", "file": "file:///x",
            "texts": {"A": "canary"}, "numbers": {"A": 1}, "object": {"a": [1]}
        }));
        assert_eq!(section.number("number", 2.0).unwrap(), Some(0.5));
        assert!(section.number("hot", 2.0).is_err());
        let url = section.url("url").unwrap().unwrap();
        assert_eq!(url.as_str(), "http://h:1/v1");
        assert!(section.url("file").is_err());
        let texts = section.texts("texts").unwrap().unwrap();
        assert_eq!(texts["A"], Secret::new("canary"));
        assert!(section.texts("numbers").is_err());
        assert_eq!(section.object("object").unwrap()["a"], json!([1]));
        assert!(section.object("absent").unwrap().is_empty());
    }

    #[test]
    fn a_key_that_nobody_knows_is_corrected_or_removed() {
        let finish = |object: Value| {
            let mut section = section(&object);
            section.text("apiBase").unwrap();
            section.finish().unwrap_err().remedy().commands.clone()
        };
        let stray = finish(json!({"shell": "true"}));
        assert_eq!(stray, ["nanobot config unset a.b.shell"]);
        for object in [json!({"apiBsae": "x"}), json!({"$(id)": "x"})] {
            assert_eq!(finish(object), [""; 0]);
        }
    }

    #[test]
    fn numbers_and_switches_may_be_texts() {
        let mut section = section(&json!({
            "count": " 8192 ", "round": 8192.0, "number": "0.5", "on": "True", "off": 0,
            "wrong": "8192 MB", "part": "1.5", "not": "maybe"
        }));
        for key in ["count", "round"] {
            assert_eq!(section.count(key, 8192).unwrap(), NonZeroUsize::new(8192));
        }
        assert_eq!(section.number("number", 2.0).unwrap(), Some(0.5));
        assert_eq!(section.switch("on").unwrap(), Some(true));
        assert_eq!(section.switch("off").unwrap(), Some(false));
        assert!(section.count("wrong", 9000).is_err());
        assert!(section.count("part", 9000).is_err());
        assert!(section.switch("not").is_err());
    }

    #[test]
    fn a_shared_object_is_read_in_both_spellings_and_needs_only_what_counts() {
        let env = |name: &str| match name {
            "KEY" => Some(OsString::from("canary")),
            "MOST" => Some(OsString::from("8192")),
            _ => None,
        };
        let object = json!({
            "api_key": "${KEY}", "apiBase": "camel", "api_base": "snake", "other": "${UNSET}",
            "maxTokens": "${MOST}"
        });
        let mut section = Section::shared("p.x", Some(&object), env).unwrap();
        assert!(section.has("apiKey"));
        assert_eq!(section.text("apiKey").unwrap().as_deref(), Some("canary"));
        assert_eq!(section.text("apiBase").unwrap().as_deref(), Some("camel"));
        assert_eq!(
            section.count("maxTokens", 9000).unwrap(),
            NonZeroUsize::new(8192)
        );
        let said = section.text("other").unwrap_err().to_string();
        assert!(
            said.contains("p.x.other needs the environment variable UNSET"),
            "{said}"
        );
        assert!(Section::shared("p.x", Some(&json!(1)), env).is_err());
    }
}
