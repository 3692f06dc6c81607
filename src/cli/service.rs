//! The command line of `service`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

const EXAMPLES: &str = "\
Examples:
  nanobot service install --now     Install the bot as a service, and start it
  nanobot service status
  nanobot service uninstall --now   Stop it, and remove the service";

/// Options of `service`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub struct Service {
    /// What to do with the service.
    #[command(subcommand)]
    pub command: ServiceCommand,
}

/// The commands of `service`.
#[derive(Clone, Debug, Subcommand)]
pub enum ServiceCommand {
    /// Install the service, after checking that the gateway can start
    ///
    /// A service that could only fail is not installed. Nothing is started unless you give --now:
    /// a user service starts when you log in, a system service when the machine starts.
    Install(Install),
    /// Remove the service
    Uninstall(Uninstall),
    /// Show whether the service is installed and running
    Status(Status),
    /// Print the service's file without installing it
    Print(Print),
}

/// Which service.
#[derive(Args, Clone, Debug)]
pub struct Named {
    /// Name of the service; each bot needs its own
    #[arg(long, default_value = "nanobot", value_hint = ValueHint::Other)]
    pub name: String,
}

/// Whose service.
#[derive(Args, Clone, Copy, Debug)]
#[group(multiple = false)]
pub struct LevelOptions {
    /// Use this user's service manager [default, except for root]
    #[arg(long)]
    pub user: bool,
    /// Use the system's service manager [default for root]
    #[arg(long)]
    pub system: bool,
}

/// What the service consists of.
#[derive(Args, Clone, Debug)]
pub struct ServiceOptions {
    /// Which service.
    #[command(flatten)]
    pub named: Named,
    /// Program to run [default: this nanobot]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub program: Option<PathBuf>,
    /// Pass the access token in this file to the service, as a systemd credential
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub access_token_file: Option<PathBuf>,
    /// Set the variables in this file (NAME=value) for the service
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub env_file: Option<PathBuf>,
}

const INSTALL_EXAMPLES: &str = "\
Examples:
  nanobot service install --now --linger
  sudo nanobot service install --system --config /home/bot/.nanobot/config.json
  nanobot service install --dry-run";

/// Options of `service install`.
#[derive(Args, Clone, Debug)]
#[command(after_help = INSTALL_EXAMPLES)]
pub struct Install {
    /// Whose service.
    #[command(flatten)]
    pub level: LevelOptions,
    /// Start the service now
    #[arg(long)]
    pub now: bool,
    /// Keep it running without a login (loginctl enable-linger)
    #[arg(long, conflicts_with = "system")]
    pub linger: bool,
    /// Show what would be done without doing it
    #[arg(long)]
    pub dry_run: bool,
    /// What it consists of.
    #[command(flatten)]
    pub service: ServiceOptions,
}

const UNINSTALL_EXAMPLES: &str = "\
Examples:
  nanobot service uninstall
  nanobot service uninstall --now
  sudo nanobot service uninstall --system";

/// Options of `service uninstall`.
#[derive(Args, Clone, Debug)]
#[command(after_help = UNINSTALL_EXAMPLES)]
pub struct Uninstall {
    /// Whose service.
    #[command(flatten)]
    pub level: LevelOptions,
    /// Stop the service, too
    #[arg(long)]
    pub now: bool,
    /// Show what would be done without doing it
    #[arg(long)]
    pub dry_run: bool,
    /// Which service.
    #[command(flatten)]
    pub named: Named,
}

const STATUS_EXAMPLES: &str = "\
Examples:
  nanobot service status
  nanobot service status --json | jq -r .state";

/// Options of `service status`.
#[derive(Args, Clone, Debug)]
#[command(after_help = STATUS_EXAMPLES)]
pub struct Status {
    /// Which service.
    #[command(flatten)]
    pub named: Named,
}

const PRINT_EXAMPLES: &str = "\
Examples:
  nanobot service print
  nanobot service print launchd
  nanobot service print systemd --system --config /var/lib/nanobot/config.json";

/// Options of `service print`.
#[derive(Args, Clone, Debug)]
#[command(after_help = PRINT_EXAMPLES)]
pub struct Print {
    /// Service manager [default: the one of this system]
    pub manager: Option<ManagerName>,
    /// Whose service.
    #[command(flatten)]
    pub level: LevelOptions,
    /// What it consists of.
    #[command(flatten)]
    pub service: ServiceOptions,
}

/// A manager of services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ManagerName {
    /// systemd, on Linux.
    Systemd,
    /// launchd, on macOS.
    Launchd,
}
