//! The providers that the Python tool knows by name, in the order in which it tries them.

use std::sync::LazyLock;

use serde::Deserialize;

/// A provider by its name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Its name in `providers`, in `snake_case`.
    pub name: String,
    pub sort: Sort,
    /// Parts of names of models that are its own.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// What it speaks that is not OpenAI's chat API.
    pub speaks: Option<String>,
    /// Where it is, unless `apiBase` says otherwise.
    pub base: Option<String>,
    /// Which beginnings `x/` of a model's name it does not understand; `*` for all of them. A
    /// local one has its own name here: the Python tool sends `ollama/llama3` as it is, which no
    /// such server knows.
    #[serde(default)]
    pub strips: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// Somebody's service, which wants a key.
    Service,
    /// The same, and it has many providers' models.
    Gateway,
    /// A server of one's own, without a key as a rule.
    Local,
    /// Neither a key nor a default address says that it is configured.
    Direct,
    /// Its login is made in the browser.
    OAuth,
    /// The file made it up.
    #[default]
    #[serde(skip)]
    Custom,
}

/// All of them.
pub static SPECS: LazyLock<Vec<Spec>> = LazyLock::new(|| {
    // The file is a part of the program, and tests read it.
    serde_json::from_str(include_str!("table.json")).expect("the table is as described above")
});

/// A name in `snake_case`, however it is written: `lmStudio`, `lm-studio`.
pub fn fold(name: &str) -> String {
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
