//! How a command ends: its result on standard output, or its error, and the exit code.

use std::{
    fmt,
    io::{self, Write},
    process::ExitCode,
};

use serde_json::{Map, Value, json};

use crate::{
    error::{Error, Kind, Result},
    terminal,
};

/// What a command has to say when it is done.
#[derive(Debug, Default)]
pub struct Outcome {
    /// For a person; nothing is printed where it is empty.
    pub text: String,
    /// The same for a program.
    pub json: Map<String, Value>,
    /// How the process ends: a command can have a result and not be content with it.
    pub exit_code: u8,
    /// What ended the command early, where there is something to tell all the same. The exit code
    /// is the error's then.
    pub error: Option<Error>,
    /// What is done when the result is printed, and only then.
    pub afterwards: Option<Afterwards>,
}

impl Outcome {
    /// Lets the command fail with this, and tell its result all the same. Of several errors the
    /// first is the command's.
    pub(super) fn fail(&mut self, error: Error) {
        if self.error.is_some() {
            tracing::error!("{error}");
        } else {
            self.error = Some(error);
        }
    }
}

/// A last step, such as the removal of a secret that the result shows for the only time.
pub struct Afterwards(Box<dyn FnOnce(bool) -> Result<()>>);

impl Afterwards {
    /// A step that is told whether somebody was there to read the result.
    pub(super) fn new(step: impl FnOnce(bool) -> Result<()> + 'static) -> Self {
        Self(Box::new(step))
    }
}

impl fmt::Debug for Afterwards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Afterwards")
    }
}

/// Prints a command's result or error, and returns its exit code.
pub(super) fn finish(result: Result<Outcome>, json: bool) -> ExitCode {
    match result {
        Ok(outcome) => print_outcome(outcome, json),
        Err(error) => {
            print_error(&error, json);
            ExitCode::from(error.kind().exit_code())
        }
    }
}

/// Prints what is wrong with a command line, or the help that was asked for.
pub(super) fn usage(error: &clap::Error, json: bool) -> ExitCode {
    use clap::error::ErrorKind::{
        DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion,
    };
    let asked_for = matches!(error.kind(), DisplayHelp | DisplayVersion);
    if !json || asked_for {
        // The stream is gone: there is no one to tell.
        let _ = error.print();
        return ExitCode::from(if asked_for {
            0
        } else {
            Kind::Usage.exit_code()
        });
    }
    let words = error.to_string();
    let message = match error.kind() {
        // Its words are the whole help.
        DisplayHelpOnMissingArgumentOrSubcommand => "a command is missing",
        _ => words.lines().next().unwrap_or_default(),
    };
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let error = Error::new(Kind::Usage, message).hint("see `nanobot --help`");
    print_error(&error, json);
    ExitCode::from(Kind::Usage.exit_code())
}

fn print_outcome(outcome: Outcome, json: bool) -> ExitCode {
    let error = outcome.error.as_ref();
    let code = error.map_or(outcome.exit_code, |error| error.kind().exit_code());
    let exit_code = ExitCode::from(code);
    let text = if json {
        let mut document = Map::from_iter([
            ("ok".to_owned(), json!(code == 0)),
            ("exit_code".to_owned(), json!(code)),
        ]);
        document.extend(error.map(|error| ("error".to_owned(), describe(error))));
        document.extend(outcome.json);
        Value::Object(document).to_string()
    } else {
        outcome.text
    };
    let printed = if text.is_empty() {
        Ok(true)
    } else {
        terminal::print_to_reader(&text)
    };
    match printed {
        Ok(has_reader) => {
            if let Some(error) = error.filter(|_| !json) {
                print_error(error, false);
            }
            match outcome.afterwards.map(|Afterwards(step)| step(has_reader)) {
                Some(Err(error)) => {
                    print_error(&error, false);
                    ExitCode::from(error.kind().exit_code())
                }
                _ => exit_code,
            }
        }
        Err(error) => {
            let error = Error::failure("cannot write the result").because(error);
            print_error(&error, false);
            ExitCode::FAILURE
        }
    }
}

fn describe(error: &Error) -> Value {
    json!({
        "kind": error.kind().name(),
        "message": error.to_string(),
        "hint": error.hint_text(),
    })
}

fn print_error(error: &Error, json: bool) {
    if json {
        let document = json!({
            "ok": false,
            "exit_code": error.kind().exit_code(),
            "error": describe(error),
        });
        // The stream is gone: there is no one to tell.
        let _ = terminal::print(&document.to_string());
        return;
    }
    let style = console::Style::new().red().bold().for_stderr();
    let terminal = console::Term::stderr();
    let message = format!("{} {error}", style.apply_to("error:"));
    let mut text = terminal::wrap(&message, 2, &terminal);
    if let Some(hint) = error.hint_text() {
        let hint = terminal::wrap(&format!("  → {hint}"), 4, &terminal);
        text = format!("{text}\n{hint}");
    }
    // As above.
    let _ = writeln!(io::stderr(), "{text}");
}
