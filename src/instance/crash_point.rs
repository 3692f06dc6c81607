//! Dying on purpose, for the tests of what comes after.

use rustix::process::{Signal, getpid, kill_process};

/// Kills this process as `kill -9` would, if `NANOBOT_CRASH_POINT` names this point. Release
/// builds do not look.
pub fn crash_point(name: &str) {
    let asked = cfg!(debug_assertions)
        && std::env::var_os("NANOBOT_CRASH_POINT").is_some_and(|point| point == name);
    if asked {
        // A process may always signal itself.
        let _ = kill_process(getpid(), Signal::KILL);
    }
}
