//! What a doctor says, for tests to look at.

use std::process::Command;

use clap::Parser;
use clap::error::ErrorKind;
use nanobot::testing::cli::Cli;
use serde_json::Value;

use crate::harness::{bot::Home, output::Output};

/// The programs that advice may name besides `nanobot` itself.
const PROGRAMS: [&str; 14] = [
    "chmod",
    "chown",
    "curl",
    "date",
    "df",
    "du",
    "ip",
    "journalctl",
    "ls",
    "mkdir",
    "mv",
    "sudo",
    "systemctl",
    "timedatectl",
];

/// Whether a line is a command that a person can copy.
pub fn is_command(line: &str) -> bool {
    let program = line.split(' ').next().unwrap_or_default();
    program == "nanobot" || PROGRAMS.contains(&program)
}

/// The report of an examination.
pub struct Examined {
    pub report: Value,
}

/// Runs `nanobot doctor --json` with these options in this home.
pub async fn examine(home: &Home, options: &[&str]) -> Examined {
    examine_in(home, options, |_| {}).await
}

/// The same in a changed environment.
pub async fn examine_in(
    home: &Home,
    options: &[&str],
    change: impl FnOnce(&mut Command),
) -> Examined {
    let mut arguments = vec!["doctor", "--json"];
    arguments.extend(options);
    let mut command = home.command(&arguments);
    change(&mut command);
    examined(&home.run_command(command, "").await)
}

/// The report that a doctor printed.
pub fn examined(output: &Output) -> Examined {
    let report = output.json();
    assert_eq!(report["schema"], "nanobot.report/1", "{report}");
    assert_eq!(report["exit_code"], output.code, "{report}");
    assert_commands_can_be_typed(&report);
    Examined { report }
}

impl Examined {
    pub fn exit_code(&self) -> i64 {
        self.report["exit_code"].as_i64().unwrap()
    }

    /// The row of this check.
    pub fn row(&self, id: &str) -> &Value {
        let rows = self.report["checks"].as_array().unwrap();
        let row = rows.iter().find(|row| row["id"] == id);
        row.unwrap_or_else(|| panic!("no {id} in {:#}", self.report))
    }

    /// The ids of the rows that ended so.
    pub fn ids(&self, status: &str) -> Vec<&str> {
        let rows = self.report["checks"].as_array().unwrap().iter();
        rows.filter(|row| row["status"] == status)
            .map(|row| row["id"].as_str().unwrap())
            .collect()
    }

    /// This check found it, and says so in these words.
    pub fn expect(&self, id: &str, status: &str, words: &str) -> &Self {
        let row = self.row(id);
        assert_eq!(row["status"], status, "{row:#}");
        assert!(row["detail"].as_str().unwrap().contains(words), "{row:#}");
        self
    }

    /// The commands that fix what this check found.
    pub fn commands(&self, id: &str) -> Vec<&str> {
        let commands = self.row(id)["remedy"]["commands"].as_array().unwrap();
        let commands = commands.iter().map(|command| command.as_str().unwrap());
        commands.collect()
    }

    /// These checks and no others failed.
    pub fn expect_failed(&self, ids: &[&str]) -> &Self {
        assert_eq!(self.ids("fail"), ids, "{:#}", self.report);
        self
    }

    /// The remedy of this check says this, and its commands are these.
    pub fn expect_remedy(&self, id: &str, words: &str, commands: &[&str]) -> &Self {
        let remedy = &self.row(id)["remedy"];
        assert!(
            remedy["text"].as_str().unwrap().contains(words),
            "{remedy:#}"
        );
        assert_eq!(
            remedy["commands"],
            serde_json::json!(commands),
            "{remedy:#}"
        );
        self
    }

    /// This check could not be made, because of these.
    pub fn expect_skipped(&self, id: &str, because: &[&str]) -> &Self {
        let row = self.row(id);
        assert_eq!(row["status"], "skip", "{row:#}");
        assert_eq!(row["because"], serde_json::json!(because), "{row:#}");
        self
    }
}

/// Every command of a report can be copied, and ours are understood by our own command line.
pub fn assert_commands_can_be_typed(report: &Value) {
    let rows = report["checks"].as_array().unwrap().iter();
    let commands = rows.filter_map(|row| row["remedy"]["commands"].as_array());
    for command in commands.flatten() {
        let command = command.as_str().unwrap();
        assert_can_be_typed(command);
        let is_circle = command.starts_with("nanobot doctor") && !command.contains("--fix");
        assert!(!is_circle, "the doctor recommends itself: {command}");
        assert!(!command.contains("@you:"), "a placeholder: {command}");
    }
}

/// A shell reads it, and our own command line where it is ours.
pub fn assert_can_be_typed(command: &str) {
    assert!(is_command(command), "{command}");
    let words = shlex::split(command).unwrap_or_else(|| panic!("no shell reads {command}"));
    if words[0] != "nanobot" {
        return;
    }
    if let Err(error) = Cli::try_parse_from(words) {
        assert_eq!(
            error.kind(),
            ErrorKind::DisplayVersion,
            "{command}: {error}"
        );
    }
}
