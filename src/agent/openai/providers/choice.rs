//! Which provider a model belongs to, by the Python tool's own rules.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::table::{SPECS, Sort, Spec, fold};

/// A provider that may be the one.
#[derive(Clone, Debug)]
pub struct Choice<'a> {
    pub spec: Cow<'static, Spec>,
    /// Its name as the file writes it, or else the built-in one.
    pub name: &'a str,
    /// What the file has of it.
    pub entry: Option<&'a Value>,
}

/// The built-in providers, whether or not the file has anything of them, and those that it made up.
pub fn all(providers: &Map<String, Value>) -> Vec<Choice<'_>> {
    let is_of = |spec: &Spec, name: &str| spec.name == fold(name);
    let built_in = SPECS.iter().map(|spec| {
        let of_file = providers.iter().find(|(name, _)| is_of(spec, name));
        Choice {
            spec: Cow::Borrowed(spec),
            name: of_file.map_or(&spec.name, |(name, _)| name),
            entry: of_file.map(|(_, entry)| entry),
        }
    });
    let made_up = providers
        .iter()
        .filter(|(name, _)| !SPECS.iter().any(|spec| is_of(spec, name)));
    let made_up = made_up.map(|(name, entry)| Choice {
        spec: Cow::Owned(Spec {
            name: fold(name),
            strips: vec![fold(name)],
            ..Spec::default()
        }),
        name,
        entry: Some(entry),
    });
    built_in.chain(made_up).collect()
}

/// The provider of this name.
pub fn named<'a>(all: &[Choice<'a>], name: &str) -> Option<Choice<'a>> {
    all.iter()
        .find(|choice| choice.spec.name == fold(name))
        .cloned()
}

/// The provider of a model where none is named: by the name before the slash, by a part of the
/// model's name, a local one that is configured, the first with a key, the first made up in the
/// file that has an address.
pub fn found<'a>(all: &[Choice<'a>], model: &str) -> Option<Choice<'a>> {
    let prefix = model.split_once('/').map(|(prefix, _)| prefix);
    let prefixed = prefix.and_then(|prefix| named(all, prefix));
    if let Some(choice) = &prefixed
        && (choice.is_of(&[Sort::Custom]) || choice.needs_no_key() || choice.has("apiKey"))
    {
        return prefixed;
    }
    let is_configured = |choice: &&Choice<'_>| match choice.spec.sort {
        // The same families of models are to be had elsewhere.
        Sort::Local => {
            let is_other = |prefix: &Choice<'_>| prefix.spec.name != choice.spec.name;
            choice.has("apiBase") && !prefixed.as_ref().is_some_and(is_other)
        }
        _ => choice.needs_no_key() || choice.has("apiKey"),
    };
    let is_local = |choice: &&Choice<'_>| choice.is_of(&[Sort::Local]) && choice.has("apiBase");
    let has_key =
        |choice: &&Choice<'_>| !choice.is_of(&[Sort::OAuth, Sort::Custom]) && choice.has("apiKey");
    let is_custom = |choice: &&Choice<'_>| choice.is_of(&[Sort::Custom]) && choice.has("apiBase");
    all.iter()
        .filter(|choice| choice.has_keyword(model))
        .find(is_configured)
        .or_else(|| all.iter().find(is_local).filter(|_| prefixed.is_none()))
        .or_else(|| all.iter().find(has_key))
        .or_else(|| all.iter().find(is_custom))
        .cloned()
}

impl Choice<'_> {
    /// Whether the file has a text under this key, whatever that stands for.
    fn has(&self, key: &str) -> bool {
        let Some(Value::Object(members)) = self.entry else {
            return false;
        };
        let mut members = members.iter().filter(|(name, _)| fold(name) == fold(key));
        members.any(|(_, value)| value.as_str().is_some_and(|text| !text.is_empty()))
    }

    fn is_of(&self, sorts: &[Sort]) -> bool {
        sorts.contains(&self.spec.sort)
    }

    fn needs_no_key(&self) -> bool {
        self.is_of(&[Sort::Local, Sort::Direct, Sort::OAuth])
    }

    fn has_keyword(&self, model: &str) -> bool {
        let model = model.to_lowercase();
        let folded = model.replace('-', "_");
        let mut keywords = self.spec.keywords.iter();
        keywords.any(|word| model.contains(word) || folded.contains(&word.replace('-', "_")))
    }
}
