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

use rustix::process;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::unix::pipe,
    process::ChildStdin,
    signal::unix::{SignalKind, signal},
    time::{Instant, timeout_at},
};

use super::process_tree::ProcessTree;

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
    let [name, arguments @ ..] = command else {
        return Err(io::Error::other("there is nothing to run"));
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(watch(Command::new(name).args(arguments)))
}

/// Runs the program to its end, or to that of the gateway's interest; returns its exit code.
async fn watch(program: &mut Command) -> io::Result<u8> {
    let control = pipe::Receiver::from_owned_fd(io::stdin().as_fd().try_clone_to_owned()?)?;
    let mut control = BufReader::new(control);
    let mut children = signal(SignalKind::child())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut question = Vec::new();
    control.read_until(b'\n', &mut question).await?;
    // The gateway is gone before it was whole.
    if !question.ends_with(b"\n") {
        return Ok(NOT_ASKED);
    }
    ProcessTree::adopt_orphans();
    let mut program = program.stdin(Stdio::piped()).process_group(0).spawn()?;
    let stdin = program.stdin.take().map(ChildStdin::from_std).transpose()?;
    let mut tree = ProcessTree::of(&program)?;
    let told = tell(stdin, question);
    tokio::pin!(told);
    let mut telling = true;
    while tree.reap() && tree.exit_code().is_none() {
        let is_wanted = tokio::select! {
            _ = children.recv() => true,
            () = &mut told, if telling => {
                telling = false;
                true
            }
            // Nothing more is ever written to it: it closes.
            _ = control.read_u8() => false,
            _ = terminate.recv() => false,
        };
        if !is_wanted {
            // Everybody has the time to end by themselves.
            let deadline = Instant::now() + GRACE;
            tree.signal(process::Signal::TERM);
            while tree.reap() && timeout_at(deadline, children.recv()).await.is_ok() {}
            break;
        }
    }
    tree.kill().await?;
    Ok(tree.exit_code().unwrap_or(NOT_ASKED))
}

/// Hands the program its question. One that does not want it is no fault.
async fn tell(stdin: Option<ChildStdin>, question: Vec<u8>) {
    if let Some(mut stdin) = stdin {
        let _ = stdin.write_all(&question).await;
    }
}
