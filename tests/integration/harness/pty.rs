//! A program in a pseudo-terminal.

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use super::driver::Driver;
use super::eventually::{PATIENCE, eventually};
use super::record::{Record, Recorder};
use super::shared::python;

const ROWS: u16 = 40;
/// How long a key takes to stop a program.
const KEY_TIME: Duration = Duration::from_secs(5);
/// Wide, so that no message is wrapped.
const COLUMNS: u16 = 200;

/// The running program; dropping it kills it.
#[derive(Debug)]
pub struct Pty {
    driver: Driver,
    screen: Recorder,
    exit: Arc<Mutex<Option<i32>>>,
}

/// What the terminal does with what is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Modes {
    /// It shows what is typed.
    pub echo: bool,
    /// It hands over whole lines.
    pub canonical: bool,
    /// Ctrl-C is a signal.
    pub signals: bool,
}

impl Modes {
    /// As a terminal is when a shell starts a program.
    pub const SANE: Self = Self {
        echo: true,
        canonical: true,
        signals: true,
    };
}

impl Pty {
    /// Runs `command` (its program, arguments, environment and directory) in a terminal of 200 columns.
    pub fn spawn(command: &Command, record: &Record) -> Self {
        Self::spawn_sized(ROWS, COLUMNS, command, record)
    }

    /// As [`Pty::spawn`], in a terminal of this size.
    pub fn spawn_sized(rows: u16, columns: u16, command: &Command, record: &Record) -> Self {
        let mut wrapped = python().script("terminal.py");
        wrapped
            .args([rows, columns].map(|size| size.to_string()))
            .arg(command.get_program())
            .args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => wrapped.env(name, value),
                None => wrapped.env_remove(name),
            };
        }
        if let Some(dir) = command.get_current_dir() {
            wrapped.current_dir(dir);
        }
        wrapped.env("TERM", "xterm-256color");
        let name = format!("the terminal of {command:?}");
        let screen = record.stream(&name);
        let exit = Arc::new(Mutex::new(None));
        let (shown, ended) = (screen.clone(), Arc::clone(&exit));
        let driver = Driver::spawn(&name, wrapped, move |event| {
            if let Some(text) = event["output"].as_str() {
                let bytes: Vec<u8> = text.chars().map(latin_1).collect();
                shown.append(&bytes);
            }
            if let Some(code) = event["exit"].as_i64() {
                *ended.lock().unwrap() = i32::try_from(code).ok();
            }
        });
        Self {
            driver,
            screen,
            exit,
        }
    }

    /// Everything shown so far, escape sequences kept.
    pub fn raw_screen(&self) -> String {
        self.screen.text()
    }

    /// Everything shown so far without escape sequences, lines ended by `\n` alone.
    pub fn screen(&self) -> String {
        plain(&self.raw_screen())
    }

    /// Waits until `text` has been shown, escape sequences not counted.
    ///
    /// # Panics
    ///
    /// After `limit`, or when the program ends without having shown it.
    pub async fn expect(&self, text: &str, limit: Duration) {
        eventually(&format!("{text:?} on the terminal"), limit, || async {
            // Asked first: everything was shown before the end was told.
            let exit = self.exit_code();
            let screen = self.screen();
            if screen.contains(text) {
                return Ok(());
            }
            assert!(
                exit.is_none(),
                "ended with {exit:?} without {text:?}:\n{screen}"
            );
            Err(screen)
        })
        .await;
    }

    /// Types bytes, e.g. `b"\x03"` for Ctrl-C.
    pub async fn send(&self, bytes: &[u8]) {
        let text: String = bytes.iter().copied().map(char::from).collect();
        self.call("write", json!({"bytes": text})).await;
    }

    /// Types a line and Enter.
    pub async fn send_line(&self, line: &str) {
        self.send(format!("{line}\r").as_bytes()).await;
    }

    /// Answers questions in their order, each with what must have been told before it.
    ///
    /// # Panics
    ///
    /// When a question does not come within `limit`, or something was not told.
    pub async fn answer_each(&self, dialogue: &[(&str, &str, &str)], limit: Duration) {
        for (told, question, answer) in dialogue {
            self.expect(question, limit).await;
            let screen = self.screen();
            // Lines are broken to the terminal's width.
            let words = screen.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words.contains(told), "no {told:?} in {words}");
            self.send_line(answer).await;
        }
    }

    /// Sends the program a signal.
    pub async fn signal(&self, signal: rustix::process::Signal) {
        self.call("signal", json!({"number": signal.as_raw()}))
            .await;
    }

    /// How the terminal is set at this moment, also after the program's end.
    pub async fn modes(&self) -> Modes {
        serde_json::from_value(self.call("modes", json!({})).await).expect("three booleans")
    }

    /// Presses this key, Ctrl-Z, until the program is stopped by it.
    ///
    /// # Panics
    ///
    /// When it still runs after a while.
    pub async fn stop_with(&self, key: &[u8]) {
        eventually("a program that is stopped", PATIENCE, || async {
            // Once and no more, where it works: a second one would stop it again later.
            self.send(key).await;
            let limit = Instant::now() + KEY_TIME;
            while Instant::now() < limit {
                if self.call("is_stopped", json!({})).await == Value::Bool(true) {
                    return Ok(());
                }
            }
            Err("it still runs")
        })
        .await;
    }

    /// Waits until the terminal no longer shows what is typed: a password prompt may print before it is so.
    ///
    /// # Panics
    ///
    /// When it still does after a while.
    pub async fn expect_no_echo(&self) {
        eventually("a terminal without echo", PATIENCE, || async {
            if self.modes().await.echo {
                Err(self.screen())
            } else {
                Ok(())
            }
        })
        .await;
    }

    /// Whether the program left the cursor visible.
    pub fn cursor_visible(&self) -> bool {
        let screen = self.raw_screen();
        screen.rfind("\x1b[?25l") <= screen.rfind("\x1b[?25h")
    }

    /// The exit code (128 + the number of the signal that killed it), `None` while the program runs.
    pub fn exit_code(&self) -> Option<i32> {
        *self.exit.lock().unwrap()
    }

    /// Waits for the end; returns the exit code.
    ///
    /// # Panics
    ///
    /// When it still runs after `limit`.
    pub async fn wait(&self, limit: Duration) -> i32 {
        eventually("the end of a program in a terminal", limit, || async {
            self.driver.assert_running();
            self.exit_code().ok_or_else(|| self.screen())
        })
        .await
    }

    async fn call(&self, command: &str, arguments: Value) -> Value {
        let answer = self.driver.call(command, arguments, PATIENCE).await;
        answer.unwrap_or_else(|error| panic!("{command}: {error}"))
    }
}

fn latin_1(character: char) -> u8 {
    u8::try_from(u32::from(character)).expect("bytes travel as Latin-1")
}

/// Text without terminal escape sequences and carriage returns.
pub fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            '\x1b' => match rest.next() {
                // A control sequence ends with a letter or one of @[\]^_`{|}~.
                Some('[') => drop(rest.find(|c| ('@'..='~').contains(c))),
                // An operating system command ends with BEL or ESC \.
                Some(']') => {
                    let end = rest.find(|c| matches!(c, '\x07' | '\x1b'));
                    if end == Some('\x1b') {
                        rest.next();
                    }
                }
                _ => {}
            },
            '\r' => {}
            other => plain.push(other),
        }
    }
    plain
}
