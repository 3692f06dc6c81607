//! The log on standard error.

use std::io;

use tracing_subscriber::EnvFilter;

/// Lines that the SDK writes about things that are as they should be.
const NOISE: &str = "matrix_sdk::http_client=off,matrix_sdk_crypto::backups=error";

/// Starts the log: the bot's own doings, with more of them and of the SDK's at each level.
pub(super) fn start(verbosity: u8) {
    let filter = match verbosity {
        0 => format!("error,nanobot=info,matrix_sdk=error,{NOISE}"),
        1 => format!("warn,nanobot=debug,{NOISE}"),
        _ => "info,nanobot=trace,matrix_sdk=debug,matrix_sdk_base=debug,matrix_sdk_crypto=debug"
            .to_owned(),
    };
    let started = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(io::stderr)
        // A log that nobody reads any more must not end the bot.
        .log_internal_errors(false)
        .with_ansi(
            io::IsTerminal::is_terminal(&io::stderr()) && std::env::var_os("NO_COLOR").is_none(),
        )
        .with_target(verbosity > 0)
        .try_init();
    // A second start, in a process that runs several commands, keeps the first one's log.
    drop(started);
}
