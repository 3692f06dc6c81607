//! What holds nothing to answer, whatever the rules say.

use crate::journal::TOLD_TOGETHER;

/// Why there is nothing to answer in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Nothing {
    /// Nothing of it can be seen.
    #[error("the message is empty")]
    Empty,
    /// It is of the kind with which bots answer, so that they do not answer each other.
    #[error("it is a notice, as bots send them")]
    Notice,
    /// There is nothing in it, as in what was taken back.
    #[error("it has neither text nor a file")]
    NotAMessage,
    /// A reaction or a vote that is about something else.
    #[error("it is a reaction to nothing that the bot said")]
    Elsewhere,
    /// A reaction of which a later one tells.
    #[error("it was told together with a later reaction of its sender")]
    ToldTogether,
}

/// All of them, and the names of their verdicts.
const ALL: [(Nothing, &str); 5] = [
    (Nothing::Empty, "empty"),
    (Nothing::Notice, "notice"),
    (Nothing::NotAMessage, "not-a-message"),
    (Nothing::Elsewhere, "reaction-elsewhere"),
    (Nothing::ToldTogether, TOLD_TOGETHER),
];

impl Nothing {
    /// The name of the verdict.
    pub fn name(self) -> &'static str {
        // All of them are in the table, in their order.
        ALL[self as usize].1
    }

    /// That of this verdict.
    pub fn from_name(name: &str) -> Option<Self> {
        let found = ALL.iter().find(|(_, known)| *known == name);
        found.map(|(nothing, _)| *nothing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_the_name_that_stands_in_its_place() {
        for (nothing, name) in ALL {
            let read = (nothing.name(), Nothing::from_name(name));
            assert_eq!(read, (name, Some(nothing)));
        }
    }
}
