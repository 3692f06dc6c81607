//! One file per command: arguments in, the rooms below called, an outcome out.

mod agent;
mod completions;
mod config;
mod doctor;
mod explain;
mod gateway;
mod inheritance;
mod logging;
mod login;
mod logout;
mod output;
mod private_file;
mod recovery_key;
mod secret_input;
mod setup;
mod signals;
mod store;
mod stores;
mod verify;

use std::{ffi::OsString, process::ExitCode};

use clap::Parser;
use rustix::fs::Mode;

use crate::{
    agent::{Configured, Surroundings, configured, supervised},
    cli::{Cli, Command, Global},
    config::{Document, Matrix, Paths},
    error::{Error, Result},
    homeserver::travels_in_clear,
    session::Credentials,
};

use output::Afterwards;
pub use output::Outcome;

/// Runs the program with these arguments, the program's name first, and returns its exit code.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    // Before anything is written: the SDK makes its files as open as this allows.
    rustix::process::umask(Mode::from_raw_mode(0o077));
    let args: Vec<_> = args.into_iter().collect();
    if let Some(code) = supervised(&args) {
        return code;
    }
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => {
            return output::usage(&error, Cli::seem_to_want_json(&args));
        }
    };
    let json = cli.wants_json();
    output::finish(execute(&cli), json)
}

fn execute(cli: &Cli) -> Result<Outcome> {
    logging::start(cli.global.verbose);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::failure("cannot start the runtime").because(error))?;
    let outcome = runtime.block_on(async {
        match &cli.command {
            Command::Setup(args) => Box::pin(setup::run(args, &cli.global)).await,
            Command::Login(args) => Box::pin(login::run(args, &cli.global)).await,
            Command::Logout(args) => logout::run(args, &cli.global).await,
            Command::Config(args) => Box::pin(config::run(args, &cli.global)).await,
            Command::Agent(args) => Box::pin(agent::run(args, &cli.global)).await,
            Command::Doctor(args) => Box::pin(doctor::run(args, &cli.global)).await,
            Command::Explain(args) => explain::run(args),
            Command::Store(args) => Box::pin(store::run(args, &cli.global)).await,
            Command::Gateway => Box::pin(gateway::run(&cli.global)).await,
            Command::Verify(args) => Box::pin(verify::run(args, &cli.global)).await,
            Command::Completions(args) => Ok(completions::run(args)),
        }
    });
    // A thread may still wait for a key that nobody presses.
    runtime.shutdown_background();
    outcome
}

fn paths(global: &Global) -> Result<Paths> {
    Paths::locate(global.config.as_deref(), &environment)
}

/// The configured device, to act as.
fn credentials(matrix: &Matrix) -> Result<Credentials> {
    let credentials = Credentials::new(matrix)?;
    let homeserver = &credentials.homeserver;
    if travels_in_clear(homeserver) {
        tracing::warn!(%homeserver, "the token travels unencrypted: use an https:// homeserver");
    }
    Ok(credentials)
}

/// The agent that this configuration names.
fn agent_of(document: &Document, paths: &Paths) -> Result<Configured> {
    let matrix = document.matrix(&environment)?;
    let surroundings = Surroundings {
        document: document.clone(),
        directory: paths.dir().to_owned(),
        environment,
    };
    configured(&matrix, &surroundings)
}

fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}
