//! The program under test: the real binary, in a home of its own.

use std::ffi::OsStr;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::eventually::PATIENCE;
use super::output::Output;
use super::process::{Process, behind};
use super::pty::Pty;
use super::record::Record;

const BINARY: &str = env!("CARGO_BIN_EXE_nanobot");

/// A user's home directory with a bot in it, and the record of all that was run there.
#[derive(Debug)]
pub struct Home {
    dir: TempDir,
    record: Record,
}

impl Home {
    /// An empty home; the bot's own directory in it does not exist yet.
    pub fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("nanobot-test-").tempdir();
        Self {
            dir: dir.expect("a temporary directory"),
            record: Record::default(),
        }
    }

    /// `HOME` of everything run here.
    pub fn user_dir(&self) -> &Path {
        self.dir.path()
    }

    /// `NANOBOT_HOME` of everything run here.
    pub fn path(&self) -> PathBuf {
        self.dir.path().join(".nanobot")
    }

    /// The configuration file.
    pub fn config_path(&self) -> PathBuf {
        self.path().join("config.json")
    }

    /// The configuration as it is on disk.
    ///
    /// # Panics
    ///
    /// When it cannot be read.
    pub fn config(&self) -> Value {
        let path = self.config_path();
        let text = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    /// Writes the configuration (any text, so that it can be broken).
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    pub fn write_config(&self, text: &str) {
        std::fs::create_dir_all(self.path()).expect("a directory in the home");
        std::fs::write(self.config_path(), text).expect("a file in the home");
    }

    /// Changes the configuration.
    ///
    /// # Panics
    ///
    /// When it cannot be read or written.
    pub fn edit_config(&self, edit: impl FnOnce(&mut Value)) {
        let mut config = self.config();
        edit(&mut config);
        self.write_config(&config.to_string());
    }

    /// All output of everything run here.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Asserts that no secret occurs in any output of anything ever run here.
    ///
    /// # Panics
    ///
    /// When one does.
    pub fn assert_no_secret(&self, secrets: &[&str]) {
        self.record.assert_no_secret(secrets);
    }

    /// The bot's command line, cut off from whatever the machine's own user has set.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(BINARY);
        command.args(arguments);
        for (name, _) in std::env::vars_os() {
            if is_disturbing(&name.to_string_lossy()) {
                command.env_remove(name);
            }
        }
        command
            .env("HOME", self.user_dir())
            .env("NANOBOT_HOME", self.path())
            .env("LANG", "C.UTF-8")
            // Without these the bus would be looked for in its usual place, where the machine's own user has one.
            .env("DBUS_SESSION_BUS_ADDRESS", self.no_bus())
            .env("XDG_RUNTIME_DIR", self.user_dir().join("run"));
        command
    }

    /// The address of a bus that is not there.
    fn no_bus(&self) -> String {
        format!("unix:path={}", self.user_dir().join("no-bus").display())
    }

    /// Runs the bot to its end.
    ///
    /// # Panics
    ///
    /// When it does not end.
    pub async fn run(&self, arguments: &[&str], stdin: &str) -> Output {
        self.run_command(self.command(arguments), stdin).await
    }

    /// Runs a command made by [`Home::command`] to its end.
    ///
    /// # Panics
    ///
    /// When it does not end.
    pub async fn run_command(&self, command: Command, stdin: &str) -> Output {
        let process = Process::spawn(command, &self.record);
        process.give(stdin.as_bytes());
        let output = process.wait(PATIENCE).await;
        let has_number = |text: &str| text.contains("(os error ");
        assert!(
            !has_number(&output.stdout) && !has_number(&output.stderr),
            "a number that means nothing to people: {output}"
        );
        output
    }

    /// Runs the bot in a pseudo-terminal.
    pub fn terminal(&self, arguments: &[&str]) -> Pty {
        Pty::spawn(&self.command(arguments), &self.record)
    }

    /// Runs the bot in a pseudo-terminal of this many rows and columns.
    pub fn terminal_of(&self, rows: u16, columns: u16, arguments: &[&str]) -> Pty {
        Pty::spawn_sized(rows, columns, &self.command(arguments), &self.record)
    }
}

/// What of the environment would change what the bot does.
fn is_disturbing(name: &str) -> bool {
    let name = name.to_uppercase();
    ["NANOBOT_", "XDG_", "CLICOLOR", "LC_"]
        .iter()
        .any(|start| name.starts_with(start))
        || name.ends_with("_PROXY")
        || [
            "NO_COLOR",
            "RUST_LOG",
            "RUST_BACKTRACE",
            "DBUS_SESSION_BUS_ADDRESS",
            "NOTIFY_SOCKET",
            "LANG",
            "SHELL",
        ]
        .contains(&name.as_str())
}

/// Runs a program as a service manager does: without a terminal, and no signal is ignored.
pub const AS_A_SERVICE: [&str; 3] = ["setsid", "env", "--default-signal=HUP"];

/// A running `nanobot gateway`. Dropping it kills it.
#[derive(Debug)]
pub struct Gateway(Process);

impl Gateway {
    /// Starts `nanobot gateway` with more arguments; nothing is waited for.
    pub fn start(home: &Home, arguments: &[&str]) -> Self {
        let arguments: Vec<&str> = ["gateway"].iter().chain(arguments).copied().collect();
        let process = Process::spawn(home.command(&arguments), &home.record);
        process.give(b"");
        Self(process)
    }

    /// Starts it and waits until it says `Matrix channel connected`.
    ///
    /// # Panics
    ///
    /// When it does not.
    pub async fn connected(home: &Home, arguments: &[&str]) -> Self {
        let gateway = Self::start(home, arguments);
        gateway
            .expect_line("Matrix channel connected", PATIENCE)
            .await;
        gateway
    }

    /// Starts it behind these words (a program that runs another one), and waits until it is ready.
    ///
    /// # Panics
    ///
    /// When it does not get ready.
    pub async fn behind(home: &Home, words: &[&str], arguments: &[&str]) -> Self {
        let arguments: Vec<&str> = ["gateway"].iter().chain(arguments).copied().collect();
        let command = behind(words, &home.command(&arguments));
        let gateway = Self(Process::spawn(command, &home.record));
        gateway.give(b"");
        gateway.expect_line("E2EE enabled", PATIENCE).await;
        gateway
    }

    /// Starts it as a service manager does, and waits until it is ready.
    pub async fn service(home: &Home, arguments: &[&str]) -> Self {
        Self::behind(home, &AS_A_SERVICE, arguments).await
    }

    /// Resident memory in KiB: all of it, and the anonymous part.
    ///
    /// # Panics
    ///
    /// Where there is no `/proc`, or the gateway has ended.
    pub fn memory(&self) -> (u64, u64) {
        let path = format!("/proc/{}/status", self.pid());
        let status = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
        let value = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key));
            let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
            number.unwrap_or_else(|| panic!("no {key} in {status}"))
        };
        (value("VmRSS:"), value("RssAnon:"))
    }

    /// SIGTERM; returns the exit code.
    ///
    /// # Panics
    ///
    /// When it has ended already, or takes longer than the 5 s it may.
    pub async fn terminate(&self) -> i32 {
        self.0.signal(rustix::process::Signal::TERM);
        self.0.wait(Duration::from_secs(5)).await.code
    }
}

impl Deref for Gateway {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.0
    }
}
