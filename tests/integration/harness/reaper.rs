//! Makes sure that the programs of a test run end with it, also when it is killed.

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

/// This process started another one.
pub fn watch(pid: u32) {
    tell('+', pid);
}

/// It has ended; its number may belong to somebody else from now on.
pub fn forget(pid: u32) {
    tell('-', pid);
}

fn tell(what: char, pid: u32) {
    static REAPER: OnceLock<Mutex<Child>> = OnceLock::new();
    let reaper = REAPER.get_or_init(|| {
        // The system's own Python, so that tests without a homeserver need no virtual environment.
        let mut command = Command::new("python3");
        command.arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/integration/harness/reaper.py"
        ));
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let child = command.spawn();
        Mutex::new(child.unwrap_or_else(|e| panic!("cannot run {command:?}: {e}")))
    });
    let mut reaper = reaper.lock().unwrap_or_else(PoisonError::into_inner);
    let stdin = reaper.stdin.as_mut().expect("it is piped");
    writeln!(stdin, "{what}{pid}").expect("the reaper lives as long as the tests");
}
