//! How a person names a value of the file, and what in the file that is.

use super::{
    Document,
    document::SECTION,
    schema::{self, KEYS, Key},
    sensitive::looks_secret,
    shape::Shape,
    suggest::nearest,
    validate::ROOT_KEYS,
};
use crate::error::{Error, Kind, Result};

/// A value of the file, named from the root inwards.
#[derive(Clone, Debug)]
pub struct KeyPath {
    names: Vec<String>,
    key: Option<&'static Key>,
    is_known: bool,
}

impl KeyPath {
    /// Reads a name given by a person: a key of `channels.matrix` in any spelling, what is inside
    /// one, or a full path. A name with dots in it stands in double quotes.
    ///
    /// A name that means nothing is taken for a key of `channels.matrix` that does not exist.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] for what cannot be a name.
    pub fn resolve(text: &str, document: &Document) -> Result<Self> {
        if text.contains('=') {
            return Err(Error::new(Kind::Usage, "a key has no = in it")
                .hint("write the key and its value as two words"));
        }
        let names = split(text);
        if names.iter().any(|name| name.is_empty()) {
            return Err(Error::new(
                Kind::Usage,
                "a key needs a name between its dots",
            ));
        }
        let in_section = |name: &str| {
            let section = document.section();
            schema::find(name).is_some() || section.is_some_and(|node| node.member(name).is_some())
        };
        let at_root = |name: &str| is_root_key(name) || document.root().member(name).is_some();
        let full: Vec<&str> = match names.as_slice() {
            [first, ..] if in_section(first) => SECTION.into_iter().chain(names).collect(),
            [first] if !at_root(first) => SECTION.into_iter().chain(names).collect(),
            _ => names,
        };
        Self::of(&full)
    }

    fn of(names: &[&str]) -> Result<Self> {
        let inside = names.strip_prefix(&SECTION).and_then(<[_]>::split_first);
        let (key, is_known) = match inside {
            Some((name, rest)) => {
                let key = schema::find(name);
                if let Some(scalar) = key.filter(|key| key.shape != Shape::Section)
                    && !rest.is_empty()
                {
                    let (path, shape) = (scalar.path(), scalar.shape.name());
                    let message = format!("{path} is of type {shape}: there are no keys in it");
                    return Err(Error::new(Kind::Usage, message));
                }
                (key.filter(|_| rest.is_empty()), key.is_some())
            }
            None => (None, names.first().is_some_and(|name| is_root_key(name))),
        };
        Ok(Self {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            key,
            is_known,
        })
    }

    /// The key of the schema that this is.
    #[must_use]
    pub fn key(&self) -> Option<&'static Key> {
        self.key
    }

    /// The spelling in which a person named it.
    #[must_use]
    pub fn spelling(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }

    /// Whether anyone is known to read it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// Its full path, as [`Document::get`] takes it; a key of the schema under its documented
    /// name.
    #[must_use]
    pub fn path(&self) -> String {
        match self.key {
            Some(key) => key.path(),
            None => join(&self.names),
        }
    }

    /// A sentence that says that nobody knows this key, and which one was probably meant.
    #[must_use]
    pub fn unknown(&self) -> String {
        let (place, name, known) = match self.names.as_slice() {
            [channels, matrix, name, ..] if [channels, matrix] == SECTION => {
                let known = KEYS.iter().map(|key| key.name).collect::<Vec<_>>();
                ("channels.matrix", name, known)
            }
            [name, ..] => ("the file", name, ROOT_KEYS.to_vec()),
            [] => return "no key was named".to_owned(),
        };
        if looks_secret(name) {
            // It may be a value that was given in the key's place.
            return format!("{place} has no such key");
        }
        let suggestion = match nearest(name, known) {
            Some(known) => format!("; did you mean {known:?}?"),
            None => String::new(),
        };
        format!("{place} has no key {name:?}{suggestion}")
    }

    pub(super) fn names(&self) -> Vec<&str> {
        self.names.iter().map(String::as_str).collect()
    }
}

fn is_root_key(name: &str) -> bool {
    ROOT_KEYS.contains(&name) || name == "model_presets"
}

/// The names in a dotted path.
pub(super) fn split(path: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = Some(path);
    while let Some(path) = rest {
        let quoted = path.strip_prefix('"').and_then(|path| path.split_once('"'));
        let (name, after) = match quoted {
            Some((name, "")) => (name, None),
            Some((name, after)) if after.starts_with('.') => (name, after.strip_prefix('.')),
            _ => match path.split_once('.') {
                Some((name, after)) => (name, Some(after)),
                None => (path, None),
            },
        };
        names.push(name);
        rest = after;
    }
    names
}

fn join(names: &[String]) -> String {
    let quoted = names.iter().map(|name| {
        if name.contains('.') {
            format!("\"{name}\"")
        } else {
            name.clone()
        }
    });
    quoted.collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(text: &str) -> KeyPath {
        let document = Document::of(r#"{"channels": {"matrix": {"mine": 1}}, "odd": {"a.b": 2}}"#);
        KeyPath::resolve(text, &document).unwrap()
    }

    #[test]
    fn a_key_is_named_from_the_section_or_from_the_root() {
        for (text, path, known) in [
            ("userId", "channels.matrix.userId", true),
            ("user_id", "channels.matrix.userId", true),
            ("channels.matrix.user_id", "channels.matrix.userId", true),
            ("e2EeEnabled", "channels.matrix.e2eeEnabled", true),
            ("agent.type", "channels.matrix.agent.type", true),
            ("mine", "channels.matrix.mine", false),
            ("nothing", "channels.matrix.nothing", false),
            ("channels", "channels", true),
            ("channels.matrix", "channels.matrix", true),
            ("channels.telegram.token", "channels.telegram.token", true),
            ("providers.x.apiKey", "providers.x.apiKey", true),
            ("provider.x.apiKey", "provider.x.apiKey", false),
            ("odd.\"a.b\"", "odd.\"a.b\"", false),
        ] {
            let found = resolve(text);
            assert_eq!((found.path().as_str(), found.is_known()), (path, known));
        }
        assert!(resolve("user_id").key().is_some());
        assert!(resolve("agent.type").key().is_none());
    }

    #[test]
    fn what_cannot_be_a_key_is_refused_without_its_words() {
        let document = Document::of("{}");
        for text in ["", ".", "a..b", "accessToken=canary", "userId.canary"] {
            let error = KeyPath::resolve(text, &document).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage, "{text}");
            assert!(!error.to_string().contains("canary"));
        }
        let path = KeyPath::resolve("syt_canary_canary", &document).unwrap();
        assert!(!path.unknown().contains("canary"));
    }

    #[test]
    fn a_typing_mistake_is_corrected() {
        assert!(resolve("acessToken").unknown().contains("\"accessToken\""));
        assert!(resolve("provider.x.y").unknown().contains("\"providers\""));
    }
}
