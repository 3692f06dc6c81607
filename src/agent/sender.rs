//! Who said something.

use serde::{Deserialize, Serialize};

/// Somebody who writes to the bot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// Their Matrix user ID.
    pub user_id: String,
    /// What they call themselves in the room, made harmless: one line, of a sane length.
    pub display_name: Option<String>,
}

impl Sender {
    /// What they wrote, said to be theirs: their name, and every line quoted, so that nothing in it
    /// can pass for what somebody else wrote.
    pub fn quote(&self, text: &str) -> String {
        let lines: Vec<_> = text.lines().map(|line| format!("> {line}")).collect();
        format!("{}:\n{}", self.who(), lines.join("\n"))
    }

    /// Who it is, for an agent: `Alice (@alice:example.org)`.
    pub(super) fn who(&self) -> String {
        match &self.display_name {
            Some(name) => format!("{name} ({})", self.user_id),
            None => self.user_id.clone(),
        }
    }
}
