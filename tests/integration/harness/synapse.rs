//! A throwaway Synapse homeserver on `SQLite` and loopback.
//!
//! Nothing here depends on the rest of the harness but `python.rs` and
//! `synapse_config.rs`, so that the demo can include this file too. The
//! process is held by `launcher.py`, so it ends with this process however that happens.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::python::Python;
pub use super::synapse_config::Config;

const START_LIMIT: Duration = Duration::from_mins(2);
const STOP_LIMIT: Duration = Duration::from_secs(30);
const POLL_INTERVAL: Duration = Duration::from_millis(50);
const LOG_TAIL_LINES: usize = 40;

/// A running (or, between [`Synapse::stop`] and [`Synapse::restart`], stopped) homeserver.
#[derive(Debug)]
pub struct Synapse {
    python: Python,
    dir: PathBuf,
    config: Config,
    port: u16,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    launcher: Child,
    pid: Pid,
}

impl Synapse {
    /// Starts a server that keeps everything in `dir`, and waits until it answers.
    ///
    /// # Errors
    ///
    /// What went wrong, with the end of the server's log.
    pub async fn start(python: &Python, dir: &Path, config: Config) -> Result<Self, String> {
        fs::create_dir_all(dir).map_err(|e| format!("cannot create {}: {e}", dir.display()))?;
        // Between finding a free port and Synapse taking it, somebody else may: then another one is tried.
        for attempt in 1.. {
            let port = config.port.map_or_else(free_port, Ok)?;
            let mut synapse = Self {
                python: python.clone(),
                dir: dir.to_owned(),
                config: config.clone(),
                port,
                running: None,
            };
            synapse.config.write(&synapse.dir, synapse.port)?;
            match synapse.launch().await {
                Ok(()) => return Ok(synapse),
                Err(error)
                    if config.port.is_some()
                        || attempt == 3
                        || !error.contains("Address already in use") =>
                {
                    return Err(error);
                }
                Err(_) => {}
            }
        }
        unreachable!("the third attempt returns")
    }

    /// Where clients reach the server, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The part of user IDs behind the colon.
    #[must_use]
    pub fn server_name(&self) -> &str {
        &self.config.server_name
    }

    /// The port on 127.0.0.1, which a restart keeps.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The file all output of the server goes to.
    #[must_use]
    pub fn log_path(&self) -> PathBuf {
        self.dir.join("synapse.log")
    }

    /// The process id of the server itself, `None` while stopped.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.running
            .as_ref()
            .map(|running| running.pid.as_raw_nonzero().get().unsigned_abs())
    }

    /// Registers a user and returns the full user ID. No device is made.
    ///
    /// # Errors
    ///
    /// The server's answer, e.g. that the name is taken.
    pub async fn register(&self, name: &str, password: &str) -> Result<String, String> {
        let body = json!({
            "username": name,
            "password": password,
            "inhibit_login": true,
            "auth": {"type": "m.login.dummy"},
        });
        let url = format!("{}/_matrix/client/v3/register", self.base_url());
        let failed = |why: String| format!("cannot register {name}: {why}");
        let request = client()?.post(url).json(&body).timeout(START_LIMIT);
        let answer = request.send().await.map_err(|e| failed(format!("{e:?}")))?;
        let answer: Value = answer.json().await.map_err(|e| failed(format!("{e:?}")))?;
        match answer["user_id"].as_str() {
            Some(user_id) => Ok(user_id.to_owned()),
            None => Err(failed(answer.to_string())),
        }
    }

    /// Ends the server (SIGTERM) and waits until it is gone. Does nothing when it is stopped already.
    ///
    /// # Errors
    ///
    /// The server did not end in time, or not by itself; it is gone all the same.
    pub async fn stop(&mut self) -> Result<(), String> {
        let Some(mut running) = self.running.take() else {
            return Ok(());
        };
        // A paused process acts on the SIGTERM only when it is resumed.
        let _ = kill_process(running.pid, Signal::TERM);
        let _ = kill_process(running.pid, Signal::CONT);
        let deadline = Instant::now() + STOP_LIMIT;
        loop {
            match running.launcher.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => {
                    return Err(format!("Synapse ended with {status}\n{}", self.log_tail()));
                }
                Ok(None) if Instant::now() < deadline => tokio::time::sleep(POLL_INTERVAL).await,
                Ok(None) => return Err(format!("Synapse ignores SIGTERM\n{}", self.log_tail())),
                Err(error) => return Err(format!("cannot wait for Synapse: {error}")),
            }
        }
    }

    /// Starts the server again (after stopping it, if it runs) on the same port and database.
    ///
    /// # Errors
    ///
    /// As [`Synapse::start`] and [`Synapse::stop`].
    pub async fn restart(&mut self) -> Result<(), String> {
        self.stop().await?;
        self.launch().await
    }

    /// Freezes the server (SIGSTOP): connections are still accepted by the system, and nothing answers.
    ///
    /// # Panics
    ///
    /// When the server is not running.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets a paused server go on.
    ///
    /// # Panics
    ///
    /// When the server is not running.
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let running = self.running.as_ref().expect("the server is running");
        kill_process(running.pid, signal).expect("the server's process exists");
    }

    async fn launch(&mut self) -> Result<(), String> {
        let failed = |why: String| format!("cannot start Synapse: {why}");
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_path());
        let log = log.map_err(|e| failed(e.to_string()))?;
        let mut command = self.python.script("launcher.py");
        if self.config.remove_dir {
            command.arg("--remove-dir").arg(&self.dir);
        }
        command
            .arg(self.python.interpreter())
            .args(["-m", "synapse.app.homeserver", "--config-path"])
            .arg(self.dir.join("homeserver.yaml"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            // Out of the terminal's foreground group: Ctrl-C is for whoever started the server.
            .process_group(0);
        let mut launcher = command.spawn().map_err(|e| failed(e.to_string()))?;
        let mut first_line = String::new();
        let stdout = launcher.stdout.take().expect("it is piped");
        BufReader::new(stdout)
            .read_line(&mut first_line)
            .map_err(|e| failed(e.to_string()))?;
        let pid = first_line.trim().parse().ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| failed(format!("no process id\n{}", self.log_tail())))?;
        let running = self.running.insert(Running { launcher, pid });

        let url = format!("http://127.0.0.1:{}/_matrix/client/versions", self.port);
        let client = client()?;
        let deadline = Instant::now() + START_LIMIT;
        let problem = loop {
            if let Ok(Some(status)) = running.launcher.try_wait() {
                break format!("it ended with {status}");
            }
            let answer = client
                .get(&url)
                .timeout(Duration::from_secs(5))
                .send()
                .await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            if Instant::now() > deadline {
                break format!("no answer within {} s", START_LIMIT.as_secs());
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        };
        self.running = None;
        Err(failed(format!("{problem}\n{}", self.log_tail())))
    }

    /// The end of the log, for an error message.
    #[must_use]
    pub fn log_tail(&self) -> String {
        let log = fs::read(self.log_path()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_TAIL_LINES)..].join("\n")
    }
}

impl Drop for Running {
    /// Ends the server at once: the launcher kills it when its standard input closes.
    fn drop(&mut self) {
        drop(self.launcher.stdin.take());
        let _ = self.launcher.wait();
    }
}

fn free_port() -> Result<u16, String> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    listener
        .map(|address| address.port())
        .map_err(|e| format!("no free port on 127.0.0.1: {e}"))
}

/// Made anew each time: a client belongs to the runtime it was first used in, and every test has its own.
fn client() -> Result<reqwest::Client, String> {
    reqwest::Client::builder()
        .no_proxy()
        .build()
        .map_err(|e| format!("cannot make an HTTP client: {e}"))
}
