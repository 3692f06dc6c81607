//! What is wrong with a command line, for a person or as JSON.

use std::{ffi::OsString, process::ExitCode};

use clap::{
    Command, CommandFactory,
    error::{ContextKind, ContextValue, ErrorKind},
};
use serde_json::json;

use super::{
    Outcome,
    output::{self, Form},
};
use crate::{
    cli::Cli,
    error::{Error, Kind},
};

/// Words that people try, and the commands that they mean.
const SYNONYMS: [(&str, &str); 11] = [
    ("auth", "login"),
    ("check", "doctor"),
    ("configure", "setup"),
    ("daemon", "gateway"),
    ("fix", "doctor --fix"),
    ("health", "doctor"),
    ("info", "status"),
    ("onboard", "setup"),
    ("serve", "gateway"),
    ("signin", "login"),
    ("test", "doctor"),
];

/// Prints what is wrong with these arguments, or the help that was asked for.
pub fn fail(mut error: clap::Error, args: &[OsString]) -> ExitCode {
    let asked_for = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    if let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) {
        let commands = suggestions(&Cli::command(), word);
        if !commands.is_empty() {
            let commands = ContextValue::Strings(commands);
            error.insert(ContextKind::SuggestedSubcommand, commands);
        }
    }
    if asked_for || !Cli::seem_to_want_json(args) {
        // The stream is gone: there is no one to tell.
        let _ = error.print();
        let code = if asked_for {
            0
        } else {
            Kind::Usage.exit_code()
        };
        return ExitCode::from(code);
    }
    output::finish(Ok(outcome(&error, args)), Form::Document)
}

/// The commands, as they are typed, that a word could mean which is none.
fn suggestions(program: &Command, word: &str) -> Vec<String> {
    let synonyms = SYNONYMS.iter().filter(|(other, _)| *other == word);
    let mut found: Vec<_> = synonyms
        .filter(|(_, command)| {
            let name = command.split(' ').next().unwrap_or_default();
            program.find_subcommand(name).is_some()
        })
        .map(|(_, command)| format!("nanobot {command}"))
        .collect();
    for group in program.get_subcommands() {
        if group.find_subcommand(word).is_some() {
            found.push(format!("nanobot {} {word}", group.get_name()));
        }
    }
    found
}

fn outcome(error: &clap::Error, args: &[OsString]) -> Outcome {
    let (path, command) = command(args);
    let text = error.to_string();
    let message = if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let names: Vec<_> = command.get_subcommands().map(Command::get_name).collect();
        format!("{path} needs a command: {}", names.join(", "))
    } else {
        // Up to the first blank line: what is missing may stand on lines of its own.
        let lines = text.lines().take_while(|line| !line.trim().is_empty());
        let lines: Vec<_> = lines.map(str::trim).collect();
        let message = lines.join(" ");
        message.trim_start_matches("error: ").to_owned()
    };
    let tips = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("tip: "));
    let see = format!("run `{path} --help`");
    let hint: Vec<_> = tips.map(str::to_owned).chain([see]).collect();
    let arguments = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(names)) => names.clone(),
        Some(ContextValue::String(name)) => vec![name.clone()],
        _ => Vec::new(),
    };
    Outcome {
        error: Some(Error::new(Kind::Usage, message).hint(hint.join("; "))),
        ..Outcome::new("", &json!({"arguments": arguments}))
    }
}

/// The command that these arguments name as far as they do, and how it is typed.
fn command(args: &[OsString]) -> (String, Command) {
    let mut command = Cli::command();
    let mut path = "nanobot".to_owned();
    for word in args.iter().skip(1).filter_map(|arg| arg.to_str()) {
        if let Some(sub) = command.find_subcommand(word).cloned() {
            path = format!("{path} {}", sub.get_name());
            command = sub;
        }
    }
    (path, command)
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use serde_json::Value;

    use super::*;

    fn judged(line: &str) -> (String, String, Value) {
        let args: Vec<_> = line.split(' ').map(OsString::from).collect();
        let error = Cli::try_parse_from(&args).unwrap_err();
        let outcome = outcome(&error, &args);
        let error = outcome.error.unwrap();
        let arguments = Value::Object(outcome.json)["arguments"].clone();
        (error.to_string(), error.hint_text().unwrap(), arguments)
    }

    #[test]
    fn json_names_the_argument() {
        for (line, message, hint, arguments) in [
            (
                "nanobot config get",
                "<KEY>",
                "`nanobot config get --help`",
                json!(["<KEY>"]),
            ),
            (
                "nanobot login --usr x",
                "'--usr'",
                "'--user'",
                json!(["--usr"]),
            ),
            (
                "nanobot doctor --format yaml",
                "'yaml' for '--format <FORMAT>' [possible values: text, json",
                "`nanobot doctor --help`",
                json!(["--format <FORMAT>"]),
            ),
            (
                "nanobot doctor --offline --live",
                "'--offline' cannot be used with",
                "`nanobot doctor --help`",
                json!(["--offline"]),
            ),
            (
                "nanobot config",
                "nanobot config needs a command: get, set",
                "`nanobot config --help`",
                json!([]),
            ),
            (
                "nanobot logn",
                "unrecognized subcommand 'logn'",
                "'login'",
                json!([]),
            ),
        ] {
            let judged = judged(line);
            assert!(judged.0.contains(message), "{line}: {judged:?}");
            assert!(judged.1.contains(hint), "{line}: {judged:?}");
            assert_eq!(judged.2, arguments, "{line}: {judged:?}");
        }
    }

    #[test]
    fn words_that_are_no_command_lead_to_one() {
        let program = Cli::command();
        for (word, command) in [
            ("reset", "nanobot store reset"),
            ("set", "nanobot config set"),
            ("recovery", "nanobot verify recovery"),
            ("onboard", "nanobot setup"),
            ("fix", "nanobot doctor --fix"),
        ] {
            assert_eq!(suggestions(&program, word), [command]);
        }
        for (word, _) in SYNONYMS {
            assert!(program.find_subcommand(word).is_none(), "{word}");
        }
    }
}
