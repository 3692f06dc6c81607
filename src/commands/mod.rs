//! One file per command: arguments in, the rooms below called, an outcome out.

mod access;
mod agent;
mod completions;
mod config;
mod doctor;
mod explain;
mod gateway;
mod held_log;
mod log;
mod login;
mod output;
mod queue;
mod service;
mod setup;
mod status;
mod store;
mod usage;
mod verify;
#[cfg(feature = "nats")]
mod worker;

use std::{ffi::OsString, process::ExitCode};

use clap::Parser;
use rustix::fs::Mode;
use tokio::runtime::Builder;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use crate::{
    agent::supervised,
    cli::{Cli, Command, Global, LogFormat},
    config::{Paths, environment},
    error::{Error, Result},
};

use held_log::HeldLog;
use output::Form;
pub use output::Outcome;

/// Threads that compute, and threads that wait for disks, keyrings and names of hosts: what one
/// homeserver lets through keeps no more of them busy, and each keeps memory of its own.
const WORKERS: usize = 2;
const BLOCKING: usize = 8;

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
        Err(error) => return usage::fail(error, &args),
    };
    let form = match cli.log_format() {
        _ if cli.wants_json() => Form::Document,
        LogFormat::Json => Form::Log,
        LogFormat::Text => Form::Text,
    };
    output::finish(execute(&cli), form)
}

fn execute(cli: &Cli) -> Result<Outcome> {
    let held = HeldLog::default();
    let writer = match &cli.command {
        Command::Doctor(args) if args.redact => BoxMakeWriter::new(held.clone()),
        _ => BoxMakeWriter::new(std::io::stderr),
    };
    log::start(cli.global.verbose, cli.log_format(), writer);
    let mut runtime = match &cli.command {
        // What takes long there is done aside, and to wake another thread for each step of a message's
        // way takes more time than the step.
        Command::Gateway(_) => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    let runtime = runtime
        .worker_threads(WORKERS)
        .max_blocking_threads(BLOCKING)
        .enable_all()
        .build()
        .map_err(|error| Error::failure("cannot start the runtime").because(error))?;
    let outcome = runtime.block_on(async {
        match &cli.command {
            Command::Setup(args) => Box::pin(setup::run(args, &cli.global)).await,
            Command::Login(args) => Box::pin(login::run(args, &cli.global)).await,
            Command::Logout(args) => login::logout(args, &cli.global).await,
            Command::Config(args) => Box::pin(config::run(args, &cli.global)).await,
            Command::Access(args) => access::run(args, &cli.global).await,
            Command::Agent(args) => Box::pin(agent::run(args, &cli.global)).await,
            Command::Doctor(args) => Box::pin(doctor::run(args, &cli.global, &held)).await,
            Command::Explain(args) => explain::run(args),
            Command::Store(args) => Box::pin(store::run(args, &cli.global)).await,
            Command::Gateway(args) => Box::pin(gateway::run(args, &cli.global)).await,
            #[cfg(feature = "nats")]
            Command::Worker(args) => Box::pin(worker::run(args, &cli.global)).await,
            Command::Queue(args) => Box::pin(queue::run(args, &cli.global)).await,
            Command::Status(args) => Box::pin(status::run(args, &cli.global)).await,
            Command::Service(args) => service::run(args, &cli.global),
            Command::Verify(args) => Box::pin(verify::run(args, &cli.global)).await,
            Command::Completions(args) => Ok(completions::run(args, &cli.global)),
        }
    });
    // A thread may still wait for a key that nobody presses.
    runtime.shutdown_background();
    outcome
}

pub fn paths(global: &Global) -> Result<Paths> {
    Paths::locate(global.config.as_deref(), &environment)
}
