//! The process between the gateway and the program: it sees to it that nothing of the program
//! outlives its question.
//!
//! It is this same executable under another name. Its standard input is a pipe from the gateway,
//! with one line for the program; the pipe closes when the gateway has changed its mind or is
//! gone, even by `kill -9`. Then, and when the program has ended by itself, whatever is left of
//! it is ended: on Linux every process that descends from it, wherever it has hidden; elsewhere
//! those of its process group.

use std::{
    ffi::{OsStr, OsString},
    io::{self, Write},
    os::{fd::AsFd, unix::process::CommandExt},
    path::PathBuf,
    process::{Command, ExitCode, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::unix::pipe,
    process::ChildStdin,
    signal::unix::{Signal, SignalKind, signal},
    time::{Instant, timeout_at},
};

use super::household::Household;

/// What it is called: the first of its arguments.
pub(super) const NAME: &str = "nanobot-supervisor";

/// How long the program may take to end by itself when it is asked to.
const GRACE: Duration = Duration::from_secs(2);
/// The exit code where the program could not be started, as a shell has it.
const NOT_STARTED: u8 = 126;
/// The exit code where there was nothing to ask: SIGTERM's.
const NOT_ASKED: u8 = 128 + 15;

/// The file of this program. It is still the right one when another version was put in its place.
///
/// # Errors
///
/// Where the system does not tell.
pub(super) fn file() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") {
        return Ok(PathBuf::from("/proc/self/exe"));
    }
    std::env::current_exe()
}

/// Runs as a supervisor where this process was started as one; `None` where it was not.
#[must_use]
pub fn supervised(args: &[OsString]) -> Option<ExitCode> {
    let (name, command) = args.split_first()?;
    if name != OsStr::new(NAME) {
        return None;
    }
    let code = supervise(command).unwrap_or_else(|error| {
        // Without a standard error there is nobody to tell.
        let _ = writeln!(io::stderr(), "cannot run it: {error}");
        NOT_STARTED
    });
    Some(ExitCode::from(code))
}

fn supervise(command: &[OsString]) -> io::Result<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut watch = Watch::begin()?;
        let Some(question) = watch.question().await? else {
            return Ok(NOT_ASKED);
        };
        watch.over(command, question).await
    })
}

/// What a supervisor watches.
struct Watch {
    control: BufReader<pipe::Receiver>,
    children: Signal,
    terminate: Signal,
}

impl Watch {
    fn begin() -> io::Result<Self> {
        let stdin = io::stdin().as_fd().try_clone_to_owned()?;
        Ok(Self {
            control: BufReader::new(pipe::Receiver::from_owned_fd(stdin)?),
            children: signal(SignalKind::child())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// The line for the program; `None` where the gateway is gone before it is whole.
    async fn question(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        self.control.read_until(b'\n', &mut line).await?;
        Ok(line.ends_with(b"\n").then_some(line))
    }

    /// Runs the program to its end, or to that of the gateway's interest; returns its exit code.
    async fn over(&mut self, command: &[OsString], question: Vec<u8>) -> io::Result<u8> {
        let Some((name, arguments)) = command.split_first() else {
            return Err(io::Error::other("there is nothing to run"));
        };
        Household::adopt_orphans();
        let mut program = Command::new(name)
            .args(arguments)
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let stdin = program.stdin.take().map(ChildStdin::from_std).transpose()?;
        let mut household = Household::of(&program)?;
        let told = tell(stdin, question);
        tokio::pin!(told);
        let mut telling = true;
        while household.reap() && household.exit_code().is_none() {
            tokio::select! {
                _ = self.children.recv() => {}
                () = &mut told, if telling => telling = false,
                // Nothing more is ever written to it: it closes.
                _ = self.control.read_u8() => {
                    self.ask_to_end(&mut household).await;
                    break;
                }
                _ = self.terminate.recv() => {
                    self.ask_to_end(&mut household).await;
                    break;
                }
            }
        }
        household.kill().await?;
        Ok(household.exit_code().unwrap_or(NOT_ASKED))
    }

    /// Gives everybody the time to end by themselves.
    async fn ask_to_end(&mut self, household: &mut Household) {
        let deadline = Instant::now() + GRACE;
        household.terminate();
        while household.reap() {
            let death = timeout_at(deadline, self.children.recv());
            if death.await.is_err() {
                return;
            }
        }
    }
}

/// Hands the program its question. One that does not want it is no fault.
async fn tell(stdin: Option<ChildStdin>, question: Vec<u8>) {
    if let Some(mut stdin) = stdin {
        let _ = stdin.write_all(&question).await;
    }
}
