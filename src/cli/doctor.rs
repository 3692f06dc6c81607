//! The command line of `doctor` and `explain`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

const DOCTOR_EXAMPLES: &str = "\
Examples:
  nanobot doctor                    What is wrong, and what mends it
  nanobot doctor --json             The same for a program
  nanobot doctor --only e2ee,token  Some parts only
  nanobot doctor --strict -q        For CI: silent when all is well
  nanobot doctor --wait --timeout 120
                                    Until the homeserver is there
  nanobot doctor --report report.json
                                    To attach to a bug report";

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
    /// Show findings only, and nothing when all is well
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Count warnings as failures (exit code 3)
    #[arg(long)]
    pub strict: bool,
    /// Make only these checks, by id or category (repeatable, or with commas)
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Leave these checks out, by id or category (repeatable, or with commas)
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    pub skip: Vec<String>,
    /// List the checks, and make none
    #[arg(long)]
    pub list: bool,
    /// Ask nobody on the network
    #[arg(long, conflicts_with_all = ["wait", "live"])]
    pub offline: bool,
    /// The longest all of it may take [default: 20, with --wait 60, with --live 80]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout: Option<u64>,
    /// Try again until nothing is wrong that may pass by itself
    ///
    /// That is a homeserver that does not answer yet, and a gateway that is still starting; with
    /// --strict a gateway that does not run yet is waited for too. Anything that somebody has to
    /// mend (a rejected token, an invalid configuration) ends the wait at once. When the time is
    /// over, the last state is the result: exit code 69 if it is still not there.
    #[arg(long)]
    pub wait: bool,
    /// Prove that encryption works end to end: sends and redacts a message in a room of the bot's own
    #[arg(long)]
    pub live: bool,
    /// Mend what can be mended without risk, after asking
    ///
    /// Permissions, missing directories and the spelling of keys. Never touches encryption keys,
    /// and never drops a setting. What would be done is shown first; then the bot is examined
    /// again, and that is the result. Without a terminal it needs --yes.
    #[arg(long, conflicts_with_all = ["wait", "list"])]
    pub fix: bool,
    /// Mend without asking
    #[arg(long, requires = "fix")]
    pub yes: bool,
    /// Replace ids, servers and paths by names that tell nothing, for pasting
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
  nanobot explain token.valid
  nanobot explain e2ee              All checks of a category";

/// Options of `explain`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXPLAIN_EXAMPLES)]
pub struct Explain {
    /// A check's id, or a category
    #[arg(value_name = "ID")]
    pub id: String,
}
