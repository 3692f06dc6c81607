//! The command line that does the same without questions, secrets left out.

use std::fmt;

use console::Term;

use crate::text::shell_quote;

/// How wide a line of it becomes at most, its margin left out.
const COLUMNS: usize = 70;
/// What stands before and behind each line.
const AROUND: usize = 8;

/// The words of a command line, as a shell reads them: each is an option with its value.
#[derive(Debug)]
pub struct CommandLine(Vec<String>);

impl CommandLine {
    pub fn new(command: &str) -> Self {
        Self(vec![command.to_owned()])
    }

    /// Adds an option without a value, or whatever else a shell reads.
    pub fn add(&mut self, word: &str) {
        self.0.push(word.to_owned());
    }

    pub fn option(&mut self, name: &str, value: impl fmt::Display) {
        let value = shell_quote(&value.to_string());
        self.0.push(format!("{name} {value}"));
    }

    /// On lines that fit into the terminal at standard output.
    pub fn folded(&self) -> String {
        let columns = Term::stdout().size_checked();
        let columns = columns.map_or(COLUMNS, |(_, columns)| usize::from(columns));
        self.folded_to(columns.saturating_sub(AROUND).min(COLUMNS))
    }

    fn folded_to(&self, columns: usize) -> String {
        let mut lines: Vec<String> = Vec::new();
        for word in &self.0 {
            match lines.last_mut() {
                Some(line) if line.chars().count() + word.chars().count() < columns => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.clone()),
            }
        }
        lines.join(" \\\n    ")
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folded_line_is_the_same_to_a_shell() {
        let mut line = CommandLine::new("nanobot");
        for number in 0..9 {
            line.option(&format!("--option-{number}"), "a value");
        }
        let folded = line.folded_to(COLUMNS);
        assert!(
            folded.lines().all(|line| line.len() <= COLUMNS + 6),
            "{folded}"
        );
        assert!(folded.lines().count() > 2, "{folded}");
        assert_eq!(folded.replace(" \\\n    ", " "), line.to_string());
    }
}
