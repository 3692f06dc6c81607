//! The program that answers, as a person types it.

use serde_json::{Value, json};

use super::{agent_options::at, run::Run};
use crate::{
    config::Document,
    error::{Error, Kind, Result},
    terminal::Question,
    text::shell_quote,
};

/// What only a shell understands.
const OF_SHELL: &str = "|&;<>()$`*?[]{}#~!\n";

impl Run {
    /// Asks for the program, unless the document has one.
    pub async fn ask_program(&self, document: &mut Document, changes: bool) -> Result<()> {
        let before = read(document);
        if before.is_some() && !changes {
            return Ok(());
        }
        let question = Question {
            default: before.as_deref(),
            why: "It runs once for each message: a JSON document on its standard input, the answer \
                  on its standard output.",
            ..Question::new("Program, with its arguments", "--command")
        };
        let told = |typed: &str| {
            let mut document = document.clone();
            write(&mut document, typed).and_then(|()| self.build(&document).map(|_| document))
        };
        let read = |typed: &str| told(typed).map_err(|error| error.to_string());
        *document = self.terminal.ask(question, read).await?;
        Ok(())
    }
}

/// Writes a program that was typed as for a shell.
///
/// # Errors
///
/// When a quotation mark is left open.
pub fn write(document: &mut Document, typed: &str) -> Result<()> {
    let (key, other, value) = if typed.contains(|c| OF_SHELL.contains(c)) {
        ("shell", "command", json!(typed))
    } else {
        let mut words = words(typed).ok_or_else(|| {
            Error::new(
                Kind::Usage,
                "the command has an open quotation mark or no program",
            )
            .hint("quote it as for a shell")
        })?;
        words[0] = from_here(&words[0]);
        ("command", "shell", json!(words))
    };
    document.unset(&at(other))?;
    document.set(&at(key), &value).map(drop)
}

/// The program of the document, as for a shell.
pub fn read(document: &Document) -> Option<String> {
    if let Some(Value::String(script)) = document.get(&at("shell")) {
        return Some(script);
    }
    let words = document.get(&at("command"))?;
    let words = words.as_array()?.iter().map(Value::as_str);
    let words = words.map(|word| word.map(shell_quote));
    words
        .collect::<Option<Vec<_>>>()
        .map(|words| words.join(" "))
}

/// A path that starts at the directory which a person is in, where a program is there: in the file
/// it would start at the file's.
fn from_here(program: &str) -> String {
    let is_relative = program.contains('/') && !program.starts_with('/');
    if is_relative && let Ok(path) = std::fs::canonicalize(program) {
        return path.display().to_string();
    }
    program.to_owned()
}

/// The words of a command line, at least one; `None` where a quotation mark is left open.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    let (mut is_in_word, mut quote) = (false, None);
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('\\', None | Some('"')) => words.last_mut()?.push(characters.next()?),
            (c, Some(_)) => words.last_mut()?.push(c),
            (c, None) if c.is_whitespace() => is_in_word = false,
            (c, None) => {
                if !is_in_word {
                    words.push(String::new());
                    is_in_word = true;
                }
                match c {
                    '\'' | '"' => quote = Some(c),
                    c => words.last_mut()?.push(c),
                }
            }
        }
    }
    (quote.is_none() && words.first().is_some_and(|word| !word.is_empty())).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_split_as_by_a_shell() {
        for (line, expected) in [
            ("bot.sh", &["bot.sh"][..]),
            ("  bot  -x  ", &["bot", "-x"]),
            ("'my bot' --name \"a b\"", &["my bot", "--name", "a b"]),
            ("bot ''", &["bot", ""]),
            ("my\\ bot 'it'\\''s'", &["my bot", "it's"]),
        ] {
            assert_eq!(
                words(line).as_deref(),
                Some(&expected.iter().map(ToString::to_string).collect::<Vec<_>>()[..]),
                "{line}"
            );
        }
        for line in ["", "  ", "'bot", "bot \"x", "''"] {
            assert_eq!(words(line), None, "{line}");
        }
    }
}
