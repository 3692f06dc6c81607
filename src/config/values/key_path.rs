//! How a person names a value of the file, and what in the file that is.

use crate::{
    config::{
        file::{Document, split},
        keys::{self, KEYS, Key, ROOT_KEYS, SECTION, is_root_key},
        secrets::looks_secret,
    },
    error::{Error, Kind, Result},
    text::{did_you_mean, nearest},
};

/// What the Python tool reads in sections that are not ours, for telling a slip from a key that is
/// only not known here.
const SHARED: [(&[&str], &str); 3] = [
    (
        &["agents", "defaults"],
        "workspace modelPreset model provider maxTokens contextWindowTokens contextBlockLimit \
         temperature fallbackModels maxToolIterations maxConcurrentSubagents failOnToolError \
         maxToolResultChars providerRetryMode toolHintMaxLength reasoningEffort timezone \
         timezoneMode botName botIcon unifiedSession disabledSkills idleCompactAfterMinutes \
         sessionTtlMinutes idleCompactCheckIntervalSeconds consolidationRatio dream",
    ),
    (
        &["modelPresets", ANY],
        "model provider maxTokens contextWindowTokens temperature reasoningEffort",
    ),
    (
        &["providers", ANY],
        "displayName apiKey apiBase apiType extraHeaders extraBody extraQuery proxy thinkingStyle",
    ),
];
const ANY: &str = "*";

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
                .hint("separate the key and the value with a space"));
        }
        let names = split(text);
        if names.iter().any(|name| name.is_empty()) {
            return Err(Error::new(
                Kind::Usage,
                "a key must not have an empty name between dots",
            ));
        }
        let in_section = |name: &str| {
            let section = document.section();
            keys::find(name).is_some() || section.is_some_and(|section| section.get(name).is_some())
        };
        let at_root = |name: &str| is_root_key(name) || document.parsed().root.get(name).is_some();
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
                let key = keys::find(name);
                if let Some(scalar) = key.filter(|key| key.type_name != "object")
                    && !rest.is_empty()
                {
                    let (path, name) = (scalar.path(), scalar.type_name);
                    let message = format!("{path} is a {name}, so it has no keys");
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
    pub fn key(&self) -> Option<&'static Key> {
        self.key
    }

    /// The spelling in which a person named it.
    pub fn spelling(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }

    /// Whether anyone is known to read it.
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// Its full path, as [`Document::get`] takes it; a key of the schema under its documented
    /// name.
    pub fn path(&self) -> String {
        match self.key {
            Some(key) => key.path(),
            None => join(&self.names),
        }
    }

    /// A sentence that says that nobody knows this key, and which one was probably meant.
    pub fn unknown(&self) -> String {
        let (place, name, known) = match self.names.as_slice() {
            [channels, matrix, name, ..] if [channels, matrix] == SECTION => {
                let known = KEYS.iter().map(|key| key.name).collect::<Vec<_>>();
                ("channels.matrix", name, known)
            }
            [name, ..] => ("the file", name, ROOT_KEYS.to_vec()),
            [] => return "no key given".to_owned(),
        };
        if looks_secret(name) {
            // It may be a value that was given in the key's place.
            return format!("{place} has no such key");
        }
        let suggestion = did_you_mean(name, known);
        format!("{place} has no key {name:?}{suggestion}")
    }

    /// A sentence about a name that is like a key of the Python tool and is none.
    pub fn doubt(&self) -> Option<String> {
        let (name, section) = self.names.split_last()?;
        let is_here = |place: &[&str]| {
            let mut pairs = place.iter().zip(section);
            place.len() == section.len() && pairs.all(|(known, name)| [ANY, name].contains(known))
        };
        let (_, known) = SHARED.iter().find(|(place, _)| is_here(place))?;
        let meant = nearest(name, known.split_whitespace())?;
        let is_slip = keys::snake_case(name) != keys::snake_case(meant);
        let place = join(section);
        is_slip.then(|| format!("{place} has no key {name:?}; did you mean {meant:?}?"))
    }

    pub fn names(&self) -> Vec<&str> {
        self.names.iter().map(String::as_str).collect()
    }
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
        for (slip, meant) in [
            ("agents.defaults.modle", "\"model\""),
            ("agents.defaults.max_token", "\"maxTokens\""),
            ("modelPresets.fast.temprature", "\"temperature\""),
            ("providers.openai.apikey", "\"apiKey\""),
        ] {
            assert!(resolve(slip).doubt().unwrap().contains(meant), "{slip}");
        }
        for right in [
            "agents.defaults.model",
            "agents.defaults.max_tokens",
            "agents.defaults.something",
            "agents.modle",
            "channels.matrix.userId",
        ] {
            assert_eq!(resolve(right).doubt(), None, "{right}");
        }
    }
}
