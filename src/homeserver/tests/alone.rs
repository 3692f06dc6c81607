//! Questions asked in a process of their own, where its environment settles the answer.
//!
//! That process is this test program again, running one test and told in a variable what to ask.

use std::{env, ffi::OsStr, process::Command};

use super::{super::Failure, server};

const ASK: &str = "NANOBOT_TEST_ASK";
/// What could be set where the tests run.
const CLEARED: [&str; 7] = [
    "SSL_CERT_DIR",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// What came of asking this server in a process with this variable. `test` is the full name of the
/// test that calls this, and that begins with [`is_told`].
pub(super) async fn ask(test: &str, url: &str, variable: &str, value: &OsStr) -> String {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", test]);
    for name in CLEARED {
        command.env_remove(name);
    }
    command.env(ASK, url).env(variable, value);
    let run = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = String::from_utf8(run.await.unwrap().stdout).unwrap();
    let line = output.lines().find_map(|line| line.split_once("said: "));
    line.unwrap_or_else(|| panic!("{output}")).1.to_owned()
}

/// Whether this process is one that [`ask`] started. If so, it has answered.
pub(super) async fn is_told() -> bool {
    let Ok(url) = env::var(ASK) else {
        return false;
    };
    let said = match server(&url).versions().await {
        Ok(_) => "answered".to_owned(),
        Err(Failure::Unreachable { reach, .. }) => format!("{reach:?}"),
        Err(other) => other.to_string(),
    };
    println!("\nsaid: {said}");
    true
}
