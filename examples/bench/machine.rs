//! What it was measured on and with.

use std::{fs, thread::available_parallelism};

use crate::{Result, harness::python::Python};

const VERSIONS: &str = "\
import importlib.metadata as packages, platform
print('Synapse', packages.version('matrix-synapse') + ', matrix-nio', \
packages.version('matrix-nio') + ', Python', platform.python_version())";

/// The machine and the versions, in one sentence.
///
/// # Errors
///
/// When the versions cannot be asked for.
pub fn describe(python: &Python) -> Result<String> {
    let output = python.command().args(["-c", VERSIONS]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let build = if cfg!(debug_assertions) {
        "debug build"
    } else {
        "release build"
    };
    Ok(format!(
        "{} cores{}, {} {}; nanobot {} ({build}), {}",
        available_parallelism()?,
        processor(),
        std::env::consts::OS,
        std::env::consts::ARCH,
        env!("CARGO_PKG_VERSION"),
        String::from_utf8_lossy(&output.stdout).trim(),
    ))
}

/// The processor's name in brackets, where the system tells it.
fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    name.map_or_else(String::new, |name| {
        format!(" ({})", name.trim_start_matches([' ', '\t', ':']))
    })
}
