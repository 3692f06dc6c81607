//! The command line of `nanobot verify`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use crate::address::read_user_id;

const EXAMPLES: &str = "\
Examples:
  nanobot verify                       Wait for a request and compare emoji
  nanobot verify @you:example.org      Send a request
  nanobot verify @bot:example.org --device ABCDEFGHIJ
  nanobot verify list --json           Verifications in the running gateway
  nanobot verify confirm
  nanobot verify recovery              Use the recovery key";

/// Options of `verify`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Verify {
    /// Send a verification request to this user; for the bot's own account, to its other devices
    #[arg(value_name = "USER", value_parser = user_id, value_hint = ValueHint::Other)]
    pub user: Option<String>,
    /// Send it only to this device
    #[arg(long, value_name = "ID", requires = "user", value_hint = ValueHint::Other)]
    pub device: Option<String>,
    /// What else to do than comparing in the terminal.
    #[command(subcommand)]
    pub command: Option<VerifyCommand>,
}

/// The parts of a verification for scripts, and the other ways to have the device verified.
#[derive(Clone, Debug, Subcommand)]
pub enum VerifyCommand {
    /// List the verifications in the running gateway, with their emoji
    #[command(after_help = LIST_EXAMPLES)]
    List,
    /// Confirm that both sides show the same, and wait for the other side
    Confirm(Decision),
    /// Report that the emoji differ, or cancel a verification
    Deny(Decision),
    /// Verify the device with the recovery key, and restore the key backup
    Recovery(Recovery),
}

const LIST_EXAMPLES: &str = "\
Examples:
  nanobot verify list
  nanobot verify list --json";

const DECISION_EXAMPLES: &str = "\
Examples:
  nanobot verify list
  nanobot verify confirm
  nanobot verify confirm ABCDEFGHIJ --json
  nanobot verify deny ABCDEFGHIJ";

/// Options of `verify confirm` and `verify deny`.
#[derive(Args, Clone, Debug)]
#[command(after_help = DECISION_EXAMPLES)]
pub struct Decision {
    /// ID of the verification, see `verify list` [default: the only one]
    #[arg(value_name = "ID", value_hint = ValueHint::Other)]
    pub id: Option<String>,
}

const RECOVERY_EXAMPLES: &str = "\
Examples:
  nanobot verify recovery
  nanobot verify recovery --recovery-key-file recovery-key.txt
  nanobot verify recovery --recovery-key-stdin --json <recovery-key.txt

Without an option, the recovery key in the system's keyring is used; if there is none, you are asked \
for it. The result is checked against the signatures on the homeserver. Stop the gateway first.";

/// Options of `verify recovery`.
#[derive(Args, Clone, Debug)]
#[command(after_help = RECOVERY_EXAMPLES)]
#[expect(clippy::struct_field_names, reason = "a field is named as its option")]
pub struct Recovery {
    /// Read the recovery key from standard input
    #[arg(long, alias = "key-stdin", conflicts_with = "recovery_key_file")]
    pub recovery_key_stdin: bool,
    /// Read the recovery key from a file
    #[arg(long, alias = "key-file", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub recovery_key_file: Option<PathBuf>,
    /// Also store the recovery key in the system's keyring, for this command and `store reset`
    #[arg(long, alias = "save-key-keyring")]
    pub save_recovery_key_keyring: bool,
}

fn user_id(text: &str) -> Result<String, String> {
    read_user_id(text).map_err(|_| {
        "neither a user ID like @you:example.org nor a command of `nanobot verify`".to_owned()
    })
}
