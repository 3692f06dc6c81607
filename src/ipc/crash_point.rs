//! Dying on purpose, for the tests of what comes after.

use rustix::process::{Signal, getpid, kill_process};

/// Kills this process as `kill -9` would, if `NANOBOT_CRASH_POINT` names this point; panics if it
/// names it behind `panic:`. Release builds do not look.
///
/// # Panics
///
/// Where it is asked to.
pub fn crash_point(name: &str) {
    if !cfg!(debug_assertions) {
        return;
    }
    let Ok(asked) = std::env::var("NANOBOT_CRASH_POINT") else {
        return;
    };
    if asked == name {
        // A process may always signal itself.
        let _ = kill_process(getpid(), Signal::KILL);
    }
    assert!(
        asked.strip_prefix("panic:") != Some(name),
        "a panic was asked for at {name}"
    );
}
