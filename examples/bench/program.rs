//! The program under test.

use std::{
    ffi::OsString,
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::{
    AS_NANOBOT, PASSWORD, Result,
    figures::{Memory, Spent},
    harness::python::Python,
};

/// What Linux counts in a second of a processor's time, for whoever asks.
const TICKS: u64 = 100;
/// How long it may take to say something.
const LIMIT: Duration = Duration::from_mins(1);

/// `nanobot`, with its files in a directory of their own.
pub struct Program {
    executable: PathBuf,
    /// What makes `nanobot` of the executable.
    role: Option<&'static str>,
    config: PathBuf,
}

impl Program {
    /// Puts its files into `bot` in this directory. Without an executable it is this very
    /// program, which holds the same library.
    ///
    /// # Errors
    ///
    /// When there is no such executable.
    pub fn new(home: &Path, executable: Option<&Path>) -> Result<Self> {
        let role = executable.is_none().then_some(AS_NANOBOT);
        let executable = match executable {
            Some(path) => path
                .canonicalize()
                .map_err(|error| format!("{}: {error}", path.display()))?,
            None => std::env::current_exe()?,
        };
        Ok(Self {
            executable,
            role,
            config: home.join("bot").join("config.json"),
        })
    }

    /// Logs in as `bot`.
    ///
    /// # Errors
    ///
    /// What the login says.
    pub fn log_in(&self, homeserver: &str, owner: &str) -> Result<()> {
        let mut command = Command::new(&self.executable);
        clean(&mut command)
            .args(self.words())
            .args(["login", "--no-input", "--password-stdin", "--user", "bot"])
            .args(["--homeserver", homeserver, "--allow-from", owner])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(PASSWORD.as_bytes())?;
        }
        let output = child.wait_with_output()?;
        if output.status.success() {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
    }

    /// How long it runs with these arguments, each time.
    ///
    /// # Errors
    ///
    /// When it fails.
    pub fn times(&self, arguments: &[&str], runs: usize) -> Result<Vec<Duration>> {
        let run = |_| {
            let mut command = Command::new(&self.executable);
            clean(&mut command).args(self.role).args(arguments);
            let started = Instant::now();
            let output = command.output()?;
            let took = started.elapsed();
            if output.status.success() {
                return Ok(took);
            }
            Err(format!("{command:?} ended with {}", output.status).into())
        };
        (0..runs).map(run).collect()
    }

    /// What every command starts with.
    fn words(&self) -> Vec<OsString> {
        let role = self.role.map(OsString::from).into_iter();
        role.chain(["--config".into(), self.config.clone().into()])
            .collect()
    }
}

/// A running bot. It ends with this process, however that ends.
pub struct Gateway {
    launcher: Child,
    pid: Pid,
    /// When its process was there.
    pub started: Instant,
    lines: UnboundedReceiver<(Instant, String)>,
    said: String,
}

impl Gateway {
    /// Starts it with these additions to its environment.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn start(
        python: &Python,
        program: &Program,
        environment: &[(&str, PathBuf)],
    ) -> Result<Self> {
        let mut command = python.script("launcher.py");
        command
            .arg(&program.executable)
            .args(program.words())
            .arg("gateway")
            .envs(environment.iter().cloned());
        Self::launch(command)
    }

    /// Starts the least that a bot of another library can be, which answers this person.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn echo(python: &Python, homeserver: &str, person: &str, store: &Path) -> Result<Self> {
        fs::create_dir_all(store)?;
        let mut command = python.script("launcher.py");
        command
            .arg(python.interpreter())
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/examples/bench/echo.py"
            ))
            .args([homeserver, "echo", PASSWORD, person])
            .arg(store);
        Self::launch(command)
    }

    fn launch(mut command: Command) -> Result<Self> {
        clean(&mut command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let mut launcher = command.spawn()?;
        let stdout = launcher.stdout.take().ok_or("its output is not piped")?;
        let stderr = launcher.stderr.take().ok_or("its output is not piped")?;
        let mut first = String::new();
        // The launcher says this as soon as the program's process is there.
        BufReader::new(stdout).read_line(&mut first)?;
        let started = Instant::now();
        let pid = first.trim().parse().ok().and_then(Pid::from_raw);
        Ok(Self {
            pid: pid.ok_or("the gateway cannot be started")?,
            launcher,
            started,
            lines: read_lines(stderr),
            said: String::new(),
        })
    }

    /// Waits for a line with this text; returns when it came.
    ///
    /// # Errors
    ///
    /// What it said, when it ends or takes too long.
    pub async fn wait_for(&mut self, text: &str) -> Result<Instant> {
        let deadline = tokio::time::Instant::now() + LIMIT;
        while let Ok(Some((at, line))) = tokio::time::timeout_at(deadline, self.lines.recv()).await
        {
            self.said.push_str(&line);
            self.said.push('\n');
            if line.contains(text) {
                return Ok(at);
            }
        }
        Err(format!("the gateway did not say {text:?}, but:\n{}", self.said).into())
    }

    /// Its memory at this moment.
    ///
    /// # Errors
    ///
    /// Where there is no `/proc`, or it has ended.
    pub fn memory(&self) -> Result<Memory> {
        let path = format!("/proc/{}/status", self.pid.as_raw_nonzero());
        let status = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let value = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key));
            let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
            number.ok_or_else(|| format!("{path} has no {key}"))
        };
        Ok(Memory {
            resident: value("VmRSS:")?,
            anonymous: value("RssAnon:")?,
        })
    }

    /// What it has spent until now.
    ///
    /// # Errors
    ///
    /// Where there is no `/proc`, or it has ended.
    pub fn spent(&self) -> Result<Spent> {
        let read = |what: &str| {
            let path = format!("/proc/{}/{what}", self.pid.as_raw_nonzero());
            fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))
        };
        // Behind the name, which may hold anything, user and system time are the 12th and 13th.
        let stat = read("stat")?;
        let fields = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace();
        let ticks: u64 = fields
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse::<u64>().ok())
            .sum();
        let io = read("io")?;
        let written = io
            .lines()
            .find_map(|line| line.strip_prefix("write_bytes: "));
        Ok(Spent {
            processor: Duration::from_millis(ticks * 1000 / TICKS),
            written: written
                .and_then(|bytes| bytes.parse().ok())
                .unwrap_or_default(),
            fsyncs: 0,
        })
    }

    /// Ends it as a service manager does, and waits until it is gone.
    ///
    /// # Errors
    ///
    /// When it ends otherwise than well.
    pub fn stop(mut self) -> Result<()> {
        kill_process(self.pid, Signal::TERM)?;
        // Closed before the end, as `wait` would, it is killed.
        let open = self.launcher.stdin.take();
        let status = self.launcher.wait()?;
        drop(open);
        if status.success() {
            return Ok(());
        }
        Err(format!("the gateway ended with {status}").into())
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        drop(self.launcher.stdin.take());
        // It has been killed by now; there is nothing to learn from how.
        let _ = self.launcher.wait();
    }
}

/// Takes away what of the environment would change what the program does.
fn clean(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        let upper = name.to_string_lossy().to_uppercase();
        if upper.starts_with("NANOBOT_") || upper.ends_with("_PROXY") {
            command.env_remove(name);
        }
    }
    command
}

/// Hands on the lines of a stream, and goes on reading when nobody wants them.
fn read_lines(stream: impl Read + Send + 'static) -> UnboundedReceiver<(Instant, String)> {
    let (sender, lines) = unbounded_channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            // Whoever wanted them may have gone; the program must not wait for a reader.
            let _ = sender.send((Instant::now(), line));
        }
    });
    lines
}
