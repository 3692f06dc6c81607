//! Draws the README's pictures from what the program prints.
//!
//! Runs the real `setup`, `gateway`, `status`, `doctor` and demo in a pseudo-terminal, against a
//! throwaway homeserver, types what a newcomer types, and draws what the terminal shows as SVG.
//! The demo must have been built: `cargo build --release --examples`.

mod harness;
mod sessions;
mod svg;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::Parser;

/// As this first argument, the program behaves as `nanobot` itself: an example builds no binary.
const AS_NANOBOT: &str = "--as-nanobot";

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// Draw the README's pictures from what the program prints
#[derive(Parser)]
struct Options {
    /// Directory of the pictures
    #[arg(long, value_name = "DIR", default_value = "examples")]
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
    let pictures = runtime.block_on(async {
        tokio::select! {
            pictures = sessions::record() => pictures,
            _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
        }
    })?;
    for (name, window) in pictures {
        let path = options.output.join(name);
        std::fs::write(&path, svg::draw(&[window]))?;
        eprintln!("wrote {}", path.display());
    }
    Ok(())
}
