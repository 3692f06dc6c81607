//! Measures the bot against what the homeserver itself needs, and prints a table.
//!
//! Everything runs on this machine: a throwaway Synapse, the real `login` and `gateway`, and as
//! the person an independent encrypted client (matrix-nio). Run it with `--release`. Leaves
//! nothing running, whatever way it ends.

mod chat;
mod figures;
mod floor;
mod harness;
mod machine;
mod program;
mod proxy;
mod start_up;
mod table;

use std::{ffi::OsString, path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;

use chat::{Burst, Chat};
use figures::{Memory, Trips};
use floor::Floor;
use harness::{
    shared,
    synapse::{Config, Synapse},
};
use program::{Gateway, Program};
use start_up::Start;

/// As this first argument, the program behaves as `nanobot` itself: an example builds no binary.
const AS_NANOBOT: &str = "--as-nanobot";
const PASSWORD: &str = "benchmark";
/// Round trips of either kind in a round: few, so that whatever else the machine does in a while
/// hits both kinds, and more than one, because a bot is not done when its answer is there.
const TRIPS: usize = 5;
const BURST: usize = 200;
const STARTS: usize = 5;
const COMMAND_RUNS: usize = 20;

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// Measure the bot against what the homeserver itself needs.
#[derive(Parser)]
struct Options {
    /// Rounds of 5 encrypted round trips, each after as many bare ones
    #[arg(long, value_name = "N", default_value_t = 40)]
    rounds: usize,
    /// Messages in all, after which memory is measured
    #[arg(long, value_name = "N", default_value_t = 2000)]
    messages: usize,
    /// Another nanobot to measure, instead of this build
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// All that was measured.
struct Results {
    first_reply: Duration,
    floor: Vec<Trips>,
    encrypted: Vec<Trips>,
    burst: Burst,
    rest: Burst,
    messages: usize,
    memory: [Memory; 3],
    starts: Vec<Start>,
    version: Vec<Duration>,
    help: Vec<Duration>,
}

fn main() -> ExitCode {
    let mut args: Vec<OsString> = std::env::args_os().collect();
    if args.get(1).is_some_and(|arg| arg == AS_NANOBOT) {
        args.remove(1);
        return nanobot::run(args);
    }
    let options = Options::parse();
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    if cfg!(debug_assertions) {
        say("This is a debug build; run it with --release for figures that mean something");
    }
    let runtime = tokio::runtime::Runtime::new()?;
    let results = runtime.block_on(async {
        tokio::select! {
            results = measure(options) => results,
            _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
        }
    });
    runtime.shutdown_background();
    table::print(&results?, &machine::describe(shared::python())?)?;
    Ok(())
}

async fn measure(options: &Options) -> Result<Results> {
    let python = shared::python();
    let home = tempfile::Builder::new()
        .prefix("bench-")
        .tempdir_in(harness::python::target_dir())?;
    say("Starting a Synapse homeserver");
    let config = Config {
        remove_dir: true,
        ..Config::default()
    };
    let mut synapse = Synapse::start(python, home.path(), config).await?;
    for name in ["bot", "you"] {
        synapse.register(name, PASSWORD).await?;
    }
    let program = Program::new(home.path(), options.program.as_deref())?;
    program.log_in(
        &synapse.base_url(),
        &format!("@you:{}", synapse.server_name()),
    )?;
    let mut gateway = Gateway::start(python, &program, &[])?;
    gateway.wait_for("E2EE enabled").await?;
    let after_start = gateway.memory()?;

    say("Opening an encrypted chat, and a bare one");
    let mut floor = Floor::open(&synapse.base_url()).await;
    let chat = Chat::open(&synapse).await;
    let first_reply = chat.trips(1).await?.median();
    let (mut bare, mut encrypted) = (Vec::new(), Vec::new());
    say(&format!("{} rounds of round trips", options.rounds));
    for _ in 0..options.rounds {
        bare.push(floor.trips(TRIPS).await?);
        encrypted.push(chat.trips(TRIPS).await?);
    }
    drop(floor);

    let burst = BURST.min(options.messages);
    say(&format!("{burst} messages at once"));
    let burst = chat.burst(burst).await;
    let after_burst = gateway.memory()?;
    let sent = 1 + options.rounds * TRIPS + burst.sent;
    let rest = chat
        .bursts(options.messages.saturating_sub(sent), BURST)
        .await;
    let memory = [after_start, after_burst, gateway.memory()?];
    gateway.stop()?;

    say("Starting the bot again and again");
    let starts = start_up::measure(&program, &synapse.base_url(), STARTS).await?;
    synapse.stop().await?;
    Ok(Results {
        first_reply,
        floor: bare,
        encrypted,
        messages: sent + rest.sent,
        burst,
        rest,
        memory,
        starts,
        version: program.times(&["--version"], COMMAND_RUNS)?,
        help: program.times(&["--help"], COMMAND_RUNS)?,
    })
}

/// Tells whoever waits what is being done.
fn say(text: &str) {
    eprintln!("{text} …");
}
