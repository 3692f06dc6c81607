//! Which provider a model belongs to, by the Python tool's own rules.

use serde_json::{Map, Value};

use super::table::{SPECS, Sort, Spec};

/// A provider that was named or found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice<'a> {
    /// What is built in of it; nothing of one that the file made up.
    pub(super) spec: Option<&'static Spec>,
    /// Its name as the file writes it, or else the built-in one.
    pub(super) name: &'a str,
    /// What the file has of it.
    pub(super) entry: Option<&'a Value>,
}

/// The provider of this name, whether or not the file has anything of it.
pub(super) fn named<'a>(providers: &'a Map<String, Value>, name: &str) -> Option<Choice<'a>> {
    let of_file = || providers.iter().find(|(key, _)| fold(key) == fold(name));
    match SPECS.iter().find(|spec| spec.name == fold(name)) {
        Some(spec) => Some(built_in(providers, spec)),
        None => of_file().map(|(name, entry)| Choice {
            spec: None,
            name,
            entry: Some(entry),
        }),
    }
}

/// The provider of a model where none is named: by the name before the slash, by a part of the
/// model's name, a local one that is configured, the first with a key, the first made up in the
/// file that has an address.
pub(super) fn found<'a>(providers: &'a Map<String, Value>, model: &str) -> Option<Choice<'a>> {
    let of = |spec| built_in(providers, spec);
    let prefix = model.split_once('/').map(|(prefix, _)| prefix);
    let prefixed = prefix.and_then(|prefix| named(providers, prefix));
    if let Some(choice) = prefixed
        && choice
            .spec
            .is_none_or(|_| choice.needs_no_key() || choice.has("apiKey"))
    {
        return Some(choice);
    }
    let foreign = |spec: &Spec| {
        let theirs = prefixed.and_then(|choice| choice.spec);
        theirs.is_some_and(|theirs| theirs.name != spec.name)
    };
    let mut by_keyword = SPECS.iter().filter(|spec| has_keyword(model, spec)).map(of);
    let configured = |choice: &Choice<'_>| match choice.spec {
        // The same families of models are to be had elsewhere.
        Some(spec) if spec.sort == Sort::Local => choice.has("apiBase") && !foreign(spec),
        _ => choice.needs_no_key() || choice.has("apiKey"),
    };
    if let Some(choice) = by_keyword.find(configured) {
        return Some(choice);
    }
    let of_sort = |wanted: fn(Sort) -> bool| SPECS.iter().filter(move |spec| wanted(spec.sort));
    let mut local = of_sort(|sort| sort == Sort::Local).map(of);
    let is_prefixed = prefixed.is_some_and(|choice| choice.spec.is_some());
    if !is_prefixed && let Some(choice) = local.find(|choice| choice.has("apiBase")) {
        return Some(choice);
    }
    let mut with_key = of_sort(|sort| sort != Sort::OAuth).map(of);
    with_key.find(|choice| choice.has("apiKey")).or_else(|| {
        let built_in = |name: &str| SPECS.iter().any(|spec| spec.name == fold(name));
        let mut made_up = providers.iter().filter(|(name, _)| !built_in(name));
        made_up.find_map(|(name, entry)| {
            let entry = Some(entry);
            let choice = Choice {
                spec: None,
                name,
                entry,
            };
            choice.has("apiBase").then_some(choice)
        })
    })
}

fn built_in<'a>(providers: &'a Map<String, Value>, spec: &'static Spec) -> Choice<'a> {
    let of_file = providers.iter().find(|(key, _)| fold(key) == spec.name);
    Choice {
        spec: Some(spec),
        name: of_file.map_or(spec.name, |(name, _)| name.as_str()),
        entry: of_file.map(|(_, entry)| entry),
    }
}

impl Choice<'_> {
    /// Whether the file has a text under this key, whatever that stands for.
    pub(super) fn has(&self, key: &str) -> bool {
        let Some(Value::Object(members)) = self.entry else {
            return false;
        };
        let mut members = members.iter().filter(|(name, _)| fold(name) == fold(key));
        members.any(|(_, value)| value.as_str().is_some_and(|text| !text.is_empty()))
    }

    fn needs_no_key(&self) -> bool {
        let sort = self.spec.map(|spec| spec.sort);
        matches!(sort, Some(Sort::Local | Sort::Direct | Sort::OAuth))
    }
}

fn has_keyword(model: &str, spec: &Spec) -> bool {
    let model = model.to_lowercase();
    let folded = model.replace('-', "_");
    let mut keywords = spec.keywords.iter();
    keywords.any(|word| model.contains(word) || folded.contains(&word.replace('-', "_")))
}

/// A name in `snake_case`, however it is written: `lmStudio`, `lm-studio`.
pub(super) fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len() + 2);
    let mut lower = false;
    for character in name.chars() {
        if character.is_uppercase() && lower {
            folded.push('_');
        }
        lower = character.is_lowercase() || character.is_ascii_digit();
        folded.extend(match character {
            '-' => vec!['_'],
            other => other.to_lowercase().collect(),
        });
    }
    folded
}
