//! The command line of `nanobot verify`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

const EXAMPLES: &str = "\
Examples:
  nanobot verify recovery                             Asks for the recovery key
  nanobot verify recovery --key-file recovery-key.txt";

/// Options of `verify`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Verify {
    /// How to verify the device.
    #[command(subcommand)]
    pub command: VerifyCommand,
}

/// The ways to have the bot's device verified.
#[derive(Clone, Debug, Subcommand)]
pub enum VerifyCommand {
    /// With the recovery key of the bot's account; also opens its backup of room keys
    Recovery(Recovery),
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
