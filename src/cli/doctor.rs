//! The command line of `doctor` and `explain`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::suggest::{Suggest, checks};

const DOCTOR_EXAMPLES: &str = "\
Examples:
  nanobot doctor                       Check everything
  nanobot doctor --only e2ee,token     Check some parts only
  nanobot doctor --strict -q           For CI: print nothing when all is well
  nanobot doctor --wait --timeout 120  Wait until the homeserver is reachable
  nanobot doctor --report report.json  Write a report to attach to a bug report";

/// Options of `doctor`.
#[derive(Args, Clone, Debug)]
#[command(after_help = DOCTOR_EXAMPLES)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a command line has that many switches"
)]
pub struct Doctor {
    /// The format of the report on standard output
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with = "json")]
    pub format: Option<Format>,
    /// Show problems only, and nothing when there are none
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Count warnings as failures (exit code 3)
    #[arg(long)]
    pub strict: bool,
    /// Run only these checks, by ID or category (repeatable, or with commas)
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    #[arg(value_parser = Suggest(checks), hide_possible_values = true)]
    pub only: Vec<String>,
    /// Skip these checks, by ID or category (repeatable, or with commas)
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    #[arg(value_parser = Suggest(checks), hide_possible_values = true)]
    pub skip: Vec<String>,
    /// List the checks without running them
    #[arg(long)]
    pub list: bool,
    /// Use no network
    #[arg(long, conflicts_with_all = ["wait", "live"])]
    pub offline: bool,
    /// Time limit for all checks [default: 20, with --wait 60, with --live 80]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    #[arg(value_hint = ValueHint::Other)]
    pub timeout: Option<u64>,
    /// Repeat the checks while a problem may go away by itself
    ///
    /// That is a homeserver that does not answer yet, or a gateway that is still starting; with
    /// --strict also a gateway that is not running yet. A problem that you have to fix (a rejected
    /// token, an invalid configuration) ends the wait at once. After the time limit the last
    /// state is the result, with exit code 69 if the homeserver is still unreachable.
    #[arg(long)]
    pub wait: bool,
    /// Test encryption end to end: send and redact a message in a private room of the bot
    #[arg(long)]
    pub live: bool,
    /// Fix what can be fixed without risk, after asking
    ///
    /// Fixes permissions, missing directories and misspelled keys. Never touches encryption keys,
    /// and never drops a setting. Shows the changes first; the checks that run afterwards are the
    /// result. Without a terminal it needs --yes.
    #[arg(long, conflicts_with_all = ["wait", "list"])]
    pub fix: bool,
    /// Fix without asking
    #[arg(long, requires = "fix")]
    pub yes: bool,
    /// Replace IDs, servers and paths with pseudonyms, in the report and in the log
    #[arg(long)]
    pub redact: bool,
    /// Also write the redacted report to this file, as JSON
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub report: Option<PathBuf>,
}

/// A format of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a person
    Text,
    /// One JSON document
    Json,
    /// JUnit XML
    Junit,
    /// Annotations of GitHub Actions
    Github,
}

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  nanobot explain              List all checks
  nanobot explain token.valid  Explain one check
  nanobot explain e2ee         Explain all checks of a category";

/// Options of `explain`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXPLAIN_EXAMPLES)]
pub struct Explain {
    /// A check's ID or a category [default: list all checks]
    #[arg(value_name = "ID", value_parser = Suggest(checks), hide_possible_values = true)]
    pub id: Option<String>,
}
