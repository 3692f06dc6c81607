//! The options of `nanobot gateway` and `nanobot status`.

use clap::{Args, Subcommand, ValueEnum, ValueHint};

use crate::address::Listen;

const GATEWAY_EXAMPLES: &str = "\
Examples:
  nanobot gateway
  nanobot gateway -v                      Log every message and change of state
  nanobot gateway --log-format json
  nanobot gateway --check                 Check whether it would start
  nanobot gateway --listen 9464           Answer on http://127.0.0.1:9464/readyz
  nanobot gateway --config /etc/nanobot/config.json
  nanobot gateway reload                  Apply a changed configuration

SIGTERM and Ctrl-C stop it when the answers under way are done; given again, they stop it at once. \
SIGHUP reloads the configuration, unless the gateway has a terminal: then it stops with it.";

/// Options of `gateway`.
#[derive(Args, Clone, Debug)]
#[command(after_help = GATEWAY_EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Gateway {
    /// What to do with the gateway that runs; without it, run one.
    #[command(subcommand)]
    pub command: Option<GatewayCommand>,
    /// How to write the log: lines of text, or one JSON object per line
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        default_value_t,
        hide_default_value = true
    )]
    #[arg(hide_possible_values = true)]
    pub log_format: LogFormat,
    /// Wait for the homeserver if it is unreachable at the start, as services do
    #[arg(long)]
    pub wait: bool,
    /// Check whether the bot could run, and exit
    #[arg(long, conflicts_with = "wait")]
    pub check: bool,
    /// Answer health checks and metrics over HTTP here: ADDRESS:PORT, PORT or unix:PATH
    #[arg(long, value_name = "ADDRESS", value_hint = ValueHint::Other)]
    pub listen: Option<Listen>,
}

/// The commands of `gateway`.
#[derive(Clone, Debug, Subcommand)]
pub enum GatewayCommand {
    /// Apply a changed configuration without a restart
    ///
    /// The running gateway reads its configuration again. Answers in progress finish with the old
    /// settings; no message is lost. If the configuration is invalid, nothing changes. The account,
    /// its device, homeserver, proxy, e2eeEnabled and health need a restart; the command names
    /// those that changed.
    #[command(after_help = RELOAD_EXAMPLES)]
    Reload,
}

const RELOAD_EXAMPLES: &str = "\
Examples:
  nanobot gateway reload
  nanobot config set groupPolicy open && nanobot gateway reload
  nanobot gateway reload --json | jq -r '.needs_restart[]'";

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines of text.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

const STATUS_EXAMPLES: &str = "\
Examples:
  nanobot status
  nanobot status --watch
  nanobot status --ready                  Exit code 0 if it can answer messages
  nanobot status --json | jq -r .state";

/// Options of `status`.
#[derive(Args, Clone, Debug)]
#[command(after_help = STATUS_EXAMPLES)]
pub struct Status {
    /// Keep showing it until Ctrl-C; into a pipe, one line per change
    #[arg(short, long)]
    pub watch: bool,
    /// Exit with 1 unless the gateway is running and ready, as probes want it
    #[arg(long, conflicts_with = "watch")]
    pub ready: bool,
}
