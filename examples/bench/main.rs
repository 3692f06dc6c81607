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
use figures::{Memory, Spent, Trips};
use floor::Floor;
use harness::{
    fsyncs::Fsyncs,
    python::Python,
    shared,
    synapse::{Config, Synapse},
};
use program::{Gateway, Program};
use start_up::Start;
use tempfile::TempDir;

/// As this first argument, the program behaves as `nanobot` itself: an example builds no binary.
const AS_NANOBOT: &str = "--as-nanobot";
const PASSWORD: &str = "benchmark";
/// Round trips of either kind in a round: few, so that whatever else the machine does in a while
/// hits both kinds, and more than one, because a bot is not done when its answer is there.
const TRIPS: usize = 5;
const BURST: usize = 1000;
/// Conversations that are talked in at once, and the messages in each.
const CONVERSATIONS: [usize; 2] = [10, 50];
const SAID: usize = 5;
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
    trips: RoundTrips,
    /// How long the floor takes for as many messages as the burst has.
    bare_burst: Duration,
    burst: Burst,
    rest: Burst,
    side_by_side: Vec<(usize, Burst)>,
    messages: usize,
    memory: [Memory; 3],
    starts: Vec<Start>,
    version: Vec<Duration>,
    help: Vec<Duration>,
}

/// Round trips of three kinds, taken in turns.
struct RoundTrips {
    first_reply: Duration,
    floor: Vec<Trips>,
    echo: Vec<Trips>,
    encrypted: Vec<Trips>,
    /// What the bot spent on the encrypted ones.
    spent: Spent,
}

/// What everything happens on.
struct Place {
    python: &'static Python,
    home: TempDir,
    synapse: Synapse,
    program: Program,
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

async fn prepare(options: &Options) -> Result<Place> {
    let python = shared::python();
    let home = tempfile::Builder::new()
        .prefix("bench-")
        .tempdir_in(harness::python::target_dir())?;
    say("Starting a Synapse homeserver");
    let config = Config {
        remove_dir: true,
        ..Config::default()
    };
    let synapse = Synapse::start(python, home.path(), config).await?;
    for name in ["bot", "you", "echo", "friend"] {
        synapse.register(name, PASSWORD).await?;
    }
    let program = Program::new(home.path(), options.program.as_deref())?;
    let owner = format!("@you:{}", synapse.server_name());
    program.log_in(&synapse.base_url(), &owner)?;
    Ok(Place {
        python,
        home,
        synapse,
        program,
    })
}

async fn measure(options: &Options) -> Result<Results> {
    let mut place = prepare(options).await?;
    let fsyncs = Fsyncs::in_dir(place.home.path());
    let mut gateway = Gateway::start(place.python, &place.program, &fsyncs.environment())?;
    gateway.wait_for("E2EE enabled").await?;
    let after_start = gateway.memory()?;
    let mut floor = Floor::open(&place.synapse.base_url()).await;
    let chat = Chat::open(&place.synapse, "you", "bot").await;
    let trips = round_trips(options, &place, (&gateway, &fsyncs), &mut floor, &chat).await?;

    let burst = BURST.min(options.messages);
    say(&format!("{burst} messages at once"));
    let bare_burst = floor.burst(burst).await?;
    drop(floor);
    let burst = chat.burst(burst).await;
    let after_burst = gateway.memory()?;
    let begun = 1 + options.rounds * TRIPS + burst.sent;
    let rest = chat
        .bursts(options.messages.saturating_sub(begun), BURST)
        .await;
    let memory = [after_start, after_burst, gateway.memory()?];
    let mut side_by_side = Vec::new();
    for chats in CONVERSATIONS {
        say(&format!("{chats} conversations"));
        side_by_side.push((chats, chat.side_by_side(chats, SAID).await));
    }
    gateway.stop()?;

    say("Starting the bot again and again");
    let starts = start_up::measure(&place.program, &place.synapse.base_url(), STARTS).await?;
    place.synapse.stop().await?;
    Ok(Results {
        trips,
        messages: begun + rest.sent,
        bare_burst,
        burst,
        rest,
        side_by_side,
        memory,
        starts,
        version: place.program.times(&["--version"], COMMAND_RUNS)?,
        help: place.program.times(&["--help"], COMMAND_RUNS)?,
    })
}

async fn round_trips(
    options: &Options,
    place: &Place,
    (gateway, fsyncs): (&Gateway, &Fsyncs),
    floor: &mut Floor,
    chat: &Chat,
) -> Result<RoundTrips> {
    say("Opening an encrypted chat with a bare matrix-nio bot");
    let (synapse, store) = (&place.synapse, place.home.path().join("echo"));
    let friend = format!("@friend:{}", synapse.server_name());
    let mut other = Gateway::echo(place.python, &synapse.base_url(), &friend, &store)?;
    other.wait_for("echo is there").await?;
    let echo_chat = Chat::open(synapse, "friend", "echo").await;
    echo_chat.trips(1).await?;
    let first_reply = chat.trips(1).await?.median();
    let spent = || {
        let spent = gateway.spent()?;
        let fsyncs = fsyncs.count();
        Ok::<_, Box<dyn std::error::Error>>(Spent { fsyncs, ..spent })
    };
    let before = spent()?;
    let mut trips = RoundTrips {
        first_reply,
        floor: Vec::new(),
        echo: Vec::new(),
        encrypted: Vec::new(),
        spent: before,
    };
    say(&format!("{} rounds of round trips", options.rounds));
    for _ in 0..options.rounds {
        trips.floor.push(floor.trips(TRIPS).await?);
        trips.encrypted.push(chat.trips(TRIPS).await?);
        trips.echo.push(echo_chat.trips(TRIPS).await?);
    }
    trips.spent = spent()?.since(before);
    Ok(trips)
}

/// Tells whoever waits what is being done.
fn say(text: &str) {
    eprintln!("{text} …");
}
