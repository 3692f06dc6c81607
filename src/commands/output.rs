//! How a command ends: its result on standard output, or its error, and the exit code.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use serde_json::{Map, Value, json};

use crate::{
    error::{Error, Kind, Result},
    terminal,
};

/// What a command has to say when it is done.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// For a person; nothing is printed where it is empty.
    pub text: String,
    /// The same for a program.
    pub json: Map<String, Value>,
    /// How the process ends: a command can have a result and not be content with it.
    pub exit_code: u8,
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
    let exit_code = ExitCode::from(outcome.exit_code);
    let text = if json {
        let mut document = Map::from_iter([
            ("ok".to_owned(), json!(outcome.exit_code == 0)),
            ("exit_code".to_owned(), json!(outcome.exit_code)),
        ]);
        document.extend(outcome.json);
        Value::Object(document).to_string()
    } else {
        outcome.text
    };
    if text.is_empty() {
        return exit_code;
    }
    match terminal::print(&text) {
        Ok(()) => exit_code,
        Err(error) => {
            let error = Error::failure("cannot write the result").because(error);
            print_error(&error, false);
            ExitCode::FAILURE
        }
    }
}

fn print_error(error: &Error, json: bool) {
    if json {
        let document = json!({
            "ok": false,
            "exit_code": error.kind().exit_code(),
            "error": {
                "kind": error.kind().name(),
                "message": error.to_string(),
                "hint": error.hint_text(),
            },
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
