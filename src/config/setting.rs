//! A key's value with where it came from, or why it cannot be had.

use super::{
    Document, Env, Origin,
    schema::{KEYS, Key},
    shape::Typed,
    source::{Source, sources},
};
use crate::error::Error;

/// Why a value cannot be had. The words are a predicate and never quote the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is not what the key needs.
    Invalid(String),
    /// It needs a variable of the environment that cannot be had.
    Missing {
        /// The variable's name.
        variable: String,
        /// Why it cannot be had, as a predicate.
        why: &'static str,
    },
}

/// One key as it is in effect.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The key.
    pub key: &'static Key,
    /// Where its value came from.
    pub origin: Origin,
    /// Its value; `None` where it has none, or where that is in the keyring.
    pub value: Result<Option<Typed>, Problem>,
    /// The sources that also had something for it and did not count.
    pub shadowed: Vec<Origin>,
}

/// Every key as it is in effect, in the order of the schema.
#[must_use]
pub fn settings(document: &Document, env: Env<'_>) -> Vec<Setting> {
    KEYS.iter()
        .map(|key| Setting::new(key, sources(document, key, env)))
        .collect()
}

impl Setting {
    fn new(key: &'static Key, sources: Vec<Source>) -> Self {
        let mut sources = sources.into_iter();
        let Some(first) = sources.next() else {
            return Self {
                key,
                origin: Origin::Default,
                value: Ok(key.preset()),
                shadowed: Vec::new(),
            };
        };
        Self {
            key,
            origin: first.origin,
            value: first.value,
            shadowed: sources.map(|source| source.origin).collect(),
        }
    }

    /// What is wrong with the value, as a predicate of its key.
    #[must_use]
    pub fn predicate(problem: &Problem) -> String {
        match problem {
            Problem::Invalid(words) => words.clone(),
            Problem::Missing { variable, why } => {
                format!("needs the environment variable {variable}, which {why}")
            }
        }
    }

    /// A sentence about this setting: its name where it was set, and what is wrong with it.
    #[must_use]
    pub fn sentence(&self, problem: &Problem) -> String {
        let key = self.key.path();
        let words = Self::predicate(problem);
        match &self.origin {
            Origin::Default | Origin::File { .. } => format!("{key} {words}"),
            origin => format!("{key} from the {origin} {words}"),
        }
    }

    /// What a person can do about a problem with this setting.
    pub(super) fn fix(&self, problem: &Problem) -> String {
        match (problem, &self.origin) {
            (Problem::Missing { variable, .. }, _) => {
                format!("set {variable} in the environment nanobot runs in")
            }
            (_, Origin::Environment { variable }) => format!("correct or unset {variable}"),
            (_, Origin::Credential { .. }) => "correct the credential".to_owned(),
            (_, Origin::Keyring { .. }) => "run `nanobot login`".to_owned(),
            (_, Origin::Default | Origin::File { .. }) => {
                format!("correct {} in the file", self.key.name)
            }
        }
    }

    /// A problem with this setting as an error, with its place in the file.
    #[must_use]
    pub fn error(&self, problem: &Problem) -> Error {
        let sentence = self.sentence(problem);
        let message = match &self.origin {
            origin @ Origin::File { .. } => format!("{origin}: {sentence}"),
            _ => sentence,
        };
        Error::config(message).hint(self.fix(problem))
    }
}
