//! The command line of `nanobot verify`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

const EXAMPLES: &str = "\
Examples:
  nanobot verify                                      Compare emoji with who asks for it
  nanobot verify @you:example.org                     Ask them to
  nanobot verify @bot:example.org --device ABCDEFGHIJ
  nanobot verify list --json                          What is under way in the running gateway
  nanobot verify confirm
  nanobot verify recovery                             Asks for the recovery key";

/// Options of `verify`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Verify {
    /// Ask this user to verify the bot, in the chat with them; the bot's own account on its other
    /// devices
    #[arg(value_name = "USER", value_parser = user_id)]
    pub user: Option<String>,
    /// Ask only this device of theirs
    #[arg(long, value_name = "ID", requires = "user")]
    pub device: Option<String>,
    /// What else to do than comparing in the terminal.
    #[command(subcommand)]
    pub command: Option<VerifyCommand>,
}

/// The parts of a verification for scripts, and the other ways to have the device verified.
#[derive(Clone, Debug, Subcommand)]
pub enum VerifyCommand {
    /// Show the verifications in the running gateway, with their emoji
    #[command(after_help = LIST_EXAMPLES)]
    List,
    /// Say that both sides show the same; waits for the other side
    Confirm(Decision),
    /// Say that the emoji differ, or refuse a verification that has not come to them
    Deny(Decision),
    /// With the recovery key of the bot's account; also opens its backup of room keys
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
    /// Which verification, as `verify list` names it [default: the only one]
    #[arg(value_name = "ID")]
    pub id: Option<String>,
}

const RECOVERY_EXAMPLES: &str = "\
Examples:
  nanobot verify recovery
  nanobot verify recovery --key-file recovery-key.txt
  nanobot verify recovery --key-stdin --json <recovery-key.txt

Without a key, the one in the system's keyring is taken; where there is none, it is asked for.
Whether it worked is judged by the signatures that the homeserver shows to others. The gateway must
not be running.";

/// Options of `verify recovery`.
#[derive(Args, Clone, Debug)]
#[command(after_help = RECOVERY_EXAMPLES)]
pub struct Recovery {
    /// Read the recovery key from standard input
    #[arg(long, conflicts_with = "key_file")]
    pub key_stdin: bool,
    /// Read the recovery key from a file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key_file: Option<PathBuf>,
    /// Keep the recovery key in the system's keyring, where this command and `store reset` find it
    #[arg(long)]
    pub save_key_keyring: bool,
}

fn user_id(text: &str) -> Result<String, String> {
    if text.starts_with('@') && text.contains(':') {
        return Ok(text.to_owned());
    }
    Err("neither a user id like @you:example.org nor a command of `nanobot verify`".to_owned())
}
