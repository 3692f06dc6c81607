//! What a person can do about a failure or a finding, as data.

use std::fmt;

use serde::Serialize;

/// What to do: a sentence, and commands to copy. Either may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// What to do, in a sentence without a full stop.
    pub text: String,
    /// Commands to copy, in their order.
    pub commands: Vec<String>,
    /// Where to read more.
    pub url: Option<String>,
}

impl Remedy {
    /// This command, with nothing to explain.
    pub fn command(command: impl Into<String>) -> Self {
        Self::default().and_command(command)
    }

    /// Adds a command to copy.
    pub fn and_command(mut self, command: impl Into<String>) -> Self {
        self.commands.push(command.into());
        self
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.commands.is_empty()
    }
}

impl<T: Into<String>> From<T> for Remedy {
    fn from(text: T) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }
}

/// On one line: `make room on the disk`, ``run `nanobot login` ``, ``add it: `nanobot …` ``.
impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let commands: Vec<_> = self.commands.iter().map(|c| format!("`{c}`")).collect();
        let commands = commands.join(", then ");
        match (self.text.as_str(), commands.as_str()) {
            (text, "") => f.write_str(text),
            ("", commands) => write!(f, "run {commands}"),
            (text, commands) => write!(f, "{text}: {commands}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_as_one_line() {
        let login = || Remedy::command("nanobot login");
        assert_eq!(login().to_string(), "run `nanobot login`");
        assert_eq!(Remedy::from("wait").to_string(), "wait");
        let both = Remedy {
            text: "log in again".to_owned(),
            ..login()
        };
        assert_eq!(both.to_string(), "log in again: `nanobot login`");
        assert_eq!(
            login().and_command("nanobot gateway").to_string(),
            "run `nanobot login`, then `nanobot gateway`"
        );
    }
}
