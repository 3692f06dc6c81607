//! Words that completions offer where any text may stand.

use std::{ffi::OsStr, iter};

use clap::{
    Arg, Command,
    builder::{PossibleValue, StringValueParser, TypedValueParser},
};

use crate::{agent::KINDS, config::KEYS, doctor::catalogue};

/// Takes any text. Completions offer these words; `--help` does not list them.
#[derive(Clone)]
pub struct Suggest(pub fn() -> Vec<PossibleValue>);

impl TypedValueParser for Suggest {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.0)().into_iter()))
    }
}

/// The keys of the configuration.
pub fn keys() -> Vec<PossibleValue> {
    let own = KEYS.iter().map(|key| (key.name, key.about.as_str()));
    own.chain(of_agents()).map(described).collect()
}

/// The keys of agents that most people set.
fn of_agents() -> impl Iterator<Item = (&'static str, &'static str)> {
    let own = KINDS.iter().flat_map(|kind| kind.keys.iter().copied());
    iter::once(("agent.type", "Kind of agent")).chain(own)
}

/// The IDs of the doctor's checks, and their categories.
pub fn checks() -> Vec<PossibleValue> {
    let mut words: Vec<PossibleValue> = Vec::new();
    for check in catalogue() {
        let category = check.category();
        if !words.iter().any(|word| word.get_name() == category) {
            words.push(PossibleValue::new(category).help("All checks of this category"));
        }
        words.push(described((check.id, check.explanation().title)));
    }
    words
}

/// The kinds of agents.
pub fn agents() -> Vec<PossibleValue> {
    KINDS
        .iter()
        .map(|kind| described((kind.name, kind.about)))
        .collect()
}

/// The values that a key of the configuration chooses from, for every key that does.
pub fn values() -> Vec<(&'static str, Vec<PossibleValue>)> {
    let of_keys = KEYS.iter().map(|key| {
        let words = key.choices().into_iter();
        (key.name, words.map(PossibleValue::new).collect())
    });
    of_keys.chain([("agent.type", agents())]).collect()
}

fn described((name, about): (&'static str, &'static str)) -> PossibleValue {
    PossibleValue::new(name).help(about)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_agents_are_documented() {
        let pages = [
            include_str!("../../docs/agents.md"),
            include_str!("../../docs/scale.md"),
        ];
        for (key, _) in of_agents() {
            let name = key.trim_start_matches("agent.");
            let name = format!("`{name}`");
            assert!(pages.iter().any(|page| page.contains(&name)), "{key}");
        }
    }
}
