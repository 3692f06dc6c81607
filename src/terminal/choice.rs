//! What a list offers.

use std::io;

use console::{Term, measure_text_width, pad_str, truncate_str};

use super::shown;

/// One of the answers that a list offers.
#[derive(Clone, Debug)]
pub struct Choice<T> {
    /// What choosing it gives.
    pub value: T,
    /// Its name, a word or two.
    pub name: String,
    /// What it means, in a few words; may be empty.
    pub about: String,
}

impl<T> Choice<T> {
    /// A choice that its name explains.
    pub fn new(value: T, name: impl Into<String>) -> Self {
        Self {
            value,
            name: name.into(),
            about: String::new(),
        }
    }

    /// Says what it means.
    pub fn about(self, about: impl Into<String>) -> Self {
        Self {
            about: about.into(),
            ..self
        }
    }
}

/// A line for each choice, what they mean below each other.
///
/// A line is cut off where the terminal ends: one that breaks could not be cleared away.
pub(super) fn labels<T>(choices: &[Choice<T>]) -> Vec<String> {
    let names = choices
        .iter()
        .map(|choice| measure_text_width(&choice.name));
    let width = names.max().unwrap_or_default();
    let columns = usize::from(Term::stderr().size().1);
    let label = |choice: &Choice<T>| {
        let name = pad_str(&choice.name, width, console::Alignment::Left, None);
        let line = shown(&format!("{name}  {}", choice.about), &io::stderr()).into_owned();
        truncate_str(
            line.trim_end(),
            columns.saturating_sub(3),
            &shown("…", &io::stderr()),
        )
        .into_owned()
    };
    choices.iter().map(label).collect()
}
