//! Makes the README's picture from what the program prints.
//!
//! Runs the real `login`, `gateway` and demo in a pseudo-terminal, against a throwaway
//! homeserver, types what a newcomer types, and draws what the terminal shows as an SVG. The
//! demo must have been built: `cargo build --release --examples`.

mod harness;
mod sessions;
mod svg;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::Parser;

/// As this first argument, the program behaves as `nanobot` itself: an example builds no binary.
const AS_NANOBOT: &str = "--as-nanobot";

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// Make the README's picture from what the program prints.
#[derive(Parser)]
struct Options {
    /// Where the picture goes
    #[arg(long, value_name = "FILE", default_value = "examples/demo.svg")]
    output: PathBuf,
}

fn main() -> ExitCode {
    let mut args: Vec<OsString> = std::env::args_os().collect();
    if args.get(1).is_some_and(|arg| arg == AS_NANOBOT) {
        args.remove(1);
        return nanobot::run(args);
    }
    match draw(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn draw(options: &Options) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let windows = runtime.block_on(async {
        tokio::select! {
            windows = sessions::record() => windows,
            _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
        }
    })?;
    std::fs::write(&options.output, svg::draw(&windows))?;
    eprintln!("{} is written", options.output.display());
    Ok(())
}
