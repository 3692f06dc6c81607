//! The command line: the one source of parsing, of `--help`, and of what is generated from it.

pub mod agent;
pub mod completions;
pub mod config;
pub mod doctor;
pub mod manual;
mod reference;
pub mod setup;
pub mod store;
pub mod verify;

use std::{
    ffi::{OsStr, OsString},
    path::PathBuf,
};

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

const EXAMPLES: &str = "\
Examples:
  nanobot setup                     From nothing to a bot that answers
  nanobot config list               What is configured, and where that comes from
  nanobot doctor                    What is wrong, and what mends it
  nanobot gateway                   Run the bot
  nanobot gateway -v                Run it and watch what it does";

/// Sets up and runs an end-to-end-encrypted Matrix chat bot.
#[derive(Debug, Parser)]
#[command(
    name = "nanobot",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", reference::exit_codes()))]
pub struct Cli {
    /// What every command understands.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Whether the result is to be one JSON document, an error too.
    #[must_use]
    pub fn wants_json(&self) -> bool {
        let format = match &self.command {
            Command::Doctor(doctor) => doctor.format,
            _ => None,
        };
        self.global.json || format == Some(doctor::Format::Json)
    }

    /// The same, of arguments that cannot be read.
    pub fn seem_to_want_json<'a>(args: impl IntoIterator<Item = &'a OsString>) -> bool {
        let mut before = OsStr::new("");
        args.into_iter().any(|arg| {
            let format = before == "--format" && arg == "json";
            before = arg;
            format || arg == "--json" || arg == "--format=json"
        })
    }
}

/// Options that every command understands.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// The configuration file [default: ~/.nanobot/config.json]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Print one JSON document instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// Log more on standard error; twice for everything
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set the bot up from nothing: login, who may talk to it, recovery, check, a first message
    Setup(setup::Setup),
    /// Log the bot in and give it an encrypted device of its own
    Login(Login),
    /// End the bot's session on the homeserver and set its encryption store aside
    Logout(Logout),
    /// Read, change and check the configuration
    Config(config::Config),
    /// Look at the encryption store, export and import room keys, replace a broken device
    Store(store::Store),
    /// Ask the agent that answers, without Matrix, and check that it could
    Agent(agent::Agent),
    /// Find out what is wrong with the bot, and what mends it
    Doctor(doctor::Doctor),
    /// Explain a check of the doctor: what it means and what mends it
    Explain(doctor::Explain),
    /// Run the bot until it is stopped
    #[command(after_help = GATEWAY_EXAMPLES)]
    Gateway,
    /// Have the bot verified, by comparing emoji or with its recovery key
    ///
    /// Both sides show seven emoji, and three numbers that say the same. Whoever compares them by
    /// another way than the chat itself knows that nobody sits in between. There is a minute to
    /// compare; then the verification has to be begun anew.
    ///
    /// It goes through the gateway while one runs. Without one this command is the bot meanwhile,
    /// and keeps what is written to the bot for the next gateway.
    Verify(verify::Verify),
    /// Print a script that completes nanobot's command line in a shell
    Completions(Completions),
}

const GATEWAY_EXAMPLES: &str = "\
Examples:
  nanobot gateway
  nanobot gateway -v
  nanobot gateway --config /etc/nanobot/config.json";

const LOGIN_EXAMPLES: &str = "\
Examples:
  nanobot login
  nanobot login --user @bot:example.org --allow-from @you:example.org
  nanobot login --homeserver https://matrix.example.org --user bot --password-stdin <password.txt
  nanobot login --token-store keyring
  nanobot login --recovery --save-recovery-key recovery-key.txt
  nanobot login --user @bot:example.org --recovery-key-file recovery-key.txt
  nanobot login --status --json";

/// Options of `login`. What is missing is asked for when a person is there.
#[derive(Args, Clone, Debug)]
#[command(after_help = LOGIN_EXAMPLES)]
pub struct Login {
    /// What it shares with `setup`.
    #[command(flatten)]
    pub entry: Entry,
    /// Replace the account's identity by a new one; needs the password
    ///
    /// Only where the recovery key is lost: everyone who verified the bot is told by their client
    /// that its identity has changed.
    #[arg(long, conflicts_with_all = ["recovery_key", "token_stdin"])]
    pub reset_identity: bool,
    /// Do not ask for the user id to be typed before --reset-identity
    #[arg(long, requires = "reset_identity")]
    pub yes: bool,
    /// Say who the bot is logged in as, and whether that still holds; changes nothing
    #[arg(long)]
    #[arg(conflicts_with_all = ["homeserver", "user", "way", "device_name", "allow_from"])]
    #[arg(conflicts_with_all = ["token_store", "recovery", "reset_identity", "recovery_key"])]
    #[arg(conflicts_with = "save_recovery_key_keyring")]
    pub status: bool,
}

/// Options of `login` and `setup`: the account, and how to log in to it.
#[derive(Args, Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a command line has that many switches"
)]
pub struct Entry {
    /// The homeserver: a URL, or a server name to discover it from
    #[arg(long, value_name = "URL")]
    pub homeserver: Option<String>,
    /// The bot's user id, or only the part before the colon
    #[arg(long, value_name = "ID")]
    pub user: Option<String>,
    /// Read the password from standard input
    #[arg(long, group = "way")]
    pub password_stdin: bool,
    /// Read the password from a file
    #[arg(long, value_name = "FILE", group = "way")]
    pub password_file: Option<PathBuf>,
    /// Take an access token from standard input instead of logging in
    ///
    /// Only for a token whose device has no encryption keys yet. A token copied from another
    /// client belongs to that client's device and is refused.
    #[arg(long, group = "way", conflicts_with = "device_name")]
    pub token_stdin: bool,
    /// The name of the bot's device, as others see it [default: nanobot]
    #[arg(long, value_name = "NAME")]
    pub device_name: Option<String>,
    /// Someone who may talk to the bot; "*" for everyone (repeatable)
    #[arg(long, value_name = "ID")]
    pub allow_from: Vec<String>,
    /// Where to keep the access token [default: file, or what the configuration says]
    ///
    /// The system's keyring is that of a desktop session, which a systemd system service cannot
    /// read.
    #[arg(long, value_enum, value_name = "STORE")]
    pub token_store: Option<TokenStore>,
    /// Options about the account's identity and its recovery.
    #[command(flatten)]
    pub identity: LoginIdentity,
    /// Never ask; fail where something is missing
    #[arg(long)]
    pub no_input: bool,
    /// Allow plain HTTP to a homeserver on another machine; everything then travels in the clear
    #[arg(long)]
    pub allow_http: bool,
}

/// Options about the account's identity, which vouches for the bot's device.
#[derive(Args, Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a command line has that many switches"
)]
pub struct LoginIdentity {
    /// Have the new device verified with the recovery key that this file holds
    ///
    /// With it, a bot whose machine is lost is back: its new device is verified, and the history
    /// in the backup of room keys can be read.
    #[arg(long, value_name = "FILE", group = "recovery_key", value_hint = ValueHint::FilePath)]
    pub recovery_key_file: Option<PathBuf>,
    /// Have the new device verified with the recovery key on standard input
    #[arg(long, group = "recovery_key")]
    #[arg(conflicts_with_all = ["password_stdin", "token_stdin"])]
    pub recovery_key_stdin: bool,
    /// Have the new device verified with the recovery key in the system's keyring
    #[arg(long, group = "recovery_key")]
    pub recovery_key_keyring: bool,
    /// Set up recovery, and show the recovery key once
    ///
    /// The account then keeps its identity and a backup of the bot's room keys on the homeserver,
    /// encrypted with that key.
    #[arg(long, conflicts_with = "recovery_key")]
    pub recovery: bool,
    /// Write the recovery key into this new file too, which only you can read
    #[arg(long, value_name = "FILE", requires = "recovery", value_hint = ValueHint::FilePath)]
    pub save_recovery_key: Option<PathBuf>,
    /// Keep the recovery key in the system's keyring too
    ///
    /// `verify recovery` and `store reset` find it there.
    #[arg(long)]
    pub save_recovery_key_keyring: bool,
}

/// Where a login is to keep the access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TokenStore {
    /// In the configuration, which only its owner can read
    File,
    /// In the system's keyring, or fail
    Keyring,
    /// In the keyring where it works and outlives a restart, else in the configuration
    Auto,
}

const LOGOUT_EXAMPLES: &str = "\
Examples:
  nanobot logout
  nanobot logout --keep-store       Leave the encryption store in its place";

/// Options of `logout`.
#[derive(Args, Clone, Debug)]
#[command(after_help = LOGOUT_EXAMPLES)]
pub struct Logout {
    /// Leave the encryption store where it is
    #[arg(long)]
    pub keep_store: bool,
}

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  nanobot completions bash >~/.local/share/bash-completion/completions/nanobot
  nanobot completions zsh >~/.zfunc/_nanobot
  nanobot completions fish >~/.config/fish/completions/nanobot.fish";

/// Options of `completions`.
#[derive(Args, Clone, Debug)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub struct Completions {
    /// The shell to print it for
    pub shell: Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_wish_for_json_is_understood_before_anything_else() {
        for (line, expected) in [
            ("nanobot doctor --json --nonsense", true),
            ("nanobot doctor --format json --nonsense", true),
            ("nanobot doctor --format=json --nonsense", true),
            ("nanobot doctor --format text", false),
            ("nanobot explain json --format", false),
        ] {
            let args: Vec<_> = line.split(' ').map(OsString::from).collect();
            assert_eq!(Cli::seem_to_want_json(&args), expected, "{line}");
            if let Ok(cli) = Cli::try_parse_from(&args) {
                assert_eq!(cli.wants_json(), expected, "{line}");
            }
        }
    }
}
