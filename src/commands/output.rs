//! How a command ends: its result on standard output, or its error, and the exit code.

use std::{fmt, process::ExitCode};

use console::Term;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    account::{Afterwards, Done},
    error::{Error, Result},
    terminal,
    text::wrap,
};

/// How far a sentence's further lines are indented.
const INDENT: usize = 2;

/// What a command has to say when it is done.
#[derive(Default)]
pub struct Outcome {
    /// For a person; nothing is printed where it is empty.
    pub text: String,
    /// How far its further lines are indented where a terminal is too narrow for one; `None` for
    /// what must stay as it is.
    pub indent: Option<usize>,
    /// The same for a program.
    pub json: Map<String, Value>,
    /// How the process ends: a command can have a result and not be content with it.
    pub exit_code: u8,
    /// What ended the command early, where there is something to tell all the same. The exit code
    /// is the error's then.
    pub error: Option<Error>,
    /// What is done when the result is printed, and only then.
    pub afterwards: Option<Afterwards>,
    /// Whether all of it was printed already.
    pub is_printed: bool,
}

impl Outcome {
    /// The outcome of a command: these words for a person, and this result, an object, for a
    /// program.
    pub fn new(text: impl Into<String>, result: &impl Serialize) -> Self {
        let (json, error) = match serde_json::to_value(result) {
            Ok(Value::Object(json)) => (json, None),
            Ok(other) => (Map::from_iter([("result".to_owned(), other)]), None),
            // The work is done by now.
            Err(error) => {
                let words = "the command succeeded, but its result cannot be shown as JSON";
                (Map::new(), Some(Error::failure(words).because(error)))
            }
        };
        Self {
            text: text.into(),
            json,
            error,
            ..Self::default()
        }
    }

    /// The outcome of a command that has printed its results one by one.
    pub fn printed() -> Self {
        Self {
            is_printed: true,
            ..Self::default()
        }
    }

    /// The outcome of a command whose result displays for a person, too, in sentences.
    pub fn of(result: &(impl fmt::Display + Serialize)) -> Self {
        Self {
            indent: Some(INDENT),
            ..Self::new(result.to_string(), result)
        }
    }
}

impl<T: fmt::Display + Serialize> From<Done<T>> for Outcome {
    fn from(done: Done<T>) -> Self {
        let shown = Self::of(&done.result);
        Self {
            error: done.error.or(shown.error),
            afterwards: done.afterwards,
            ..shown
        }
    }
}

/// How results and errors are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For a person.
    Text,
    /// All of it in one JSON document.
    Document,
    /// Errors are lines of a log that a program reads.
    Log,
}

/// Prints a command's result or error, and returns its exit code.
pub fn finish(result: Result<Outcome>, form: Form) -> ExitCode {
    let outcome = result.unwrap_or_else(|error| Outcome {
        error: Some(error),
        ..Outcome::default()
    });
    let code = match &outcome.error {
        Some(error) => error.kind().exit_code(),
        None => outcome.exit_code,
    };
    let text = if outcome.is_printed {
        String::new()
    } else if form == Form::Document {
        document(&outcome, code)
    } else {
        match outcome.indent {
            Some(indent) => wrap(&outcome.text, indent, &Term::stdout()),
            None => outcome.text,
        }
    };
    let printed = if text.is_empty() {
        Ok(true)
    } else {
        terminal::print(&text)
    };
    if let Some(error) = outcome.error.filter(|_| form != Form::Document) {
        print_error(&error, form);
    }
    let last = printed
        .map_err(|error| Error::failure("cannot write the result").because(error))
        .and_then(|has_reader| match outcome.afterwards {
            Some(step) => step(has_reader),
            None => Ok(()),
        });
    ExitCode::from(last.map_or_else(
        |error| {
            print_error(&error, form);
            error.kind().exit_code()
        },
        |()| code,
    ))
}

/// What a program reads of a command that ends with this code.
pub fn document(outcome: &Outcome, code: u8) -> String {
    let mut document = Map::from_iter([
        ("ok".to_owned(), json!(code == 0)),
        ("exit_code".to_owned(), json!(code)),
    ]);
    let error = outcome.error.iter();
    document.extend(error.map(|error| ("error".to_owned(), json!(error))));
    document.extend(outcome.json.clone());
    Value::Object(document).to_string()
}

fn print_error(error: &Error, form: Form) {
    if form == Form::Log {
        let (exit_code, fix) = (error.kind().exit_code(), error.hint_text());
        tracing::error!(event = "failed", exit_code, fix, "{error}");
        return;
    }
    let style = console::Style::new().red().bold().for_stderr();
    terminal::tell(&format!("{} {error}", style.apply_to("error:")), 2);
    if let Some(hint) = error.hint_text() {
        terminal::tell(&format!("  → {hint}"), 4);
    }
    if let Some(url) = &error.remedy().url {
        let link = terminal::link("documentation", url, &Term::stderr());
        terminal::tell(&format!("  → {link}"), 4);
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, ffi::OsStr, os::unix::ffi::OsStrExt, path::PathBuf};

    use super::*;
    use crate::files::{shown_path, shown_path_if_any};

    #[derive(Serialize)]
    struct Paths {
        #[serde(serialize_with = "shown_path")]
        file: PathBuf,
        #[serde(serialize_with = "shown_path_if_any")]
        other: Option<PathBuf>,
    }

    #[test]
    fn a_path_that_is_not_utf8_is_shown_as_well_as_it_can_be() {
        let file = PathBuf::from(OsStr::from_bytes(b"/tmp/b\xffd"));
        let outcome = Outcome::new("", &Paths { other: None, file });
        assert_eq!(outcome.json["file"], "/tmp/b\u{fffd}d");
        assert_eq!(outcome.json["other"], Value::Null);
        assert!(outcome.error.is_none());
    }

    #[test]
    fn a_result_that_is_no_json_is_an_error_and_no_panic() {
        let outcome = Outcome::new("done", &BTreeMap::from([((1, 2), 3)]));
        assert_eq!(outcome.text, "done");
        assert!(outcome.error.is_some());
        assert_eq!(Outcome::new("", &"words").json["result"], "words");
    }
}
