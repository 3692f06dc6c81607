//! The person's editor on a private copy of a file.

use std::{
    env, fs,
    io::{self, Write},
    os::{fd::AsFd, unix::process::ExitStatusExt},
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, kill_process};
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    signal::unix::{Signal, SignalKind, signal},
};

use crate::error::{Error, Kind, Result};

/// The shell's way of saying that a command is not there.
const NOT_FOUND: i32 = 127;

/// How long an editor may take to end when it is told to.
const GRACE: Duration = Duration::from_secs(2);

/// A copy of the file in a directory of its own, which only its owner can enter and which goes
/// when this is dropped: an editor leaves copies beside what it edits.
pub(super) struct Copy {
    dir: TempDir,
}

impl Copy {
    /// Makes a copy beside the file, so that its secrets stay on the same disk.
    pub(super) fn of(file: &Path, bytes: &[u8]) -> Result<Self> {
        let cannot = |error| Error::failure("cannot make a copy to edit").because(error);
        let beside = file.parent().filter(|dir| dir.is_dir());
        let parent = beside.map_or_else(env::temp_dir, Path::to_owned);
        // Only the owner can enter it: the umask sees to that.
        let dir = tempfile::Builder::new()
            .prefix(".config-edit-")
            .tempdir_in(parent)
            .map_err(cannot)?;
        let copy = Self { dir };
        let mut file = fs::File::create_new(copy.path()).map_err(cannot)?;
        file.write_all(bytes).map_err(cannot)?;
        Ok(copy)
    }

    /// Where the copy is. Its name lets an editor see what it is.
    pub(super) fn path(&self) -> PathBuf {
        self.dir.path().join("config.json")
    }

    /// What the copy holds now.
    pub(super) fn read(&self) -> Result<Vec<u8>> {
        fs::read(self.path())
            .map_err(|error| Error::failure("the copy is gone; nothing was changed").because(error))
    }
}

/// The editor's command line, as the person wrote it.
pub(super) fn command() -> String {
    ["VISUAL", "EDITOR"]
        .into_iter()
        .filter_map(|name| env::var(name).ok())
        .find(|command| !command.trim().is_empty())
        .unwrap_or_else(|| "vi".to_owned())
}

/// Catches the signals that would end this process and leave its editor behind.
pub(super) struct Signals {
    /// A terminal sends these two to the editor too, which knows what to do with them.
    _interrupt: Signal,
    _quit: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    pub(super) fn catch() -> Result<Self> {
        let catch = |kind| {
            signal(kind).map_err(|error| Error::failure("cannot listen for signals").because(error))
        };
        Ok(Self {
            _interrupt: catch(SignalKind::interrupt())?,
            _quit: catch(SignalKind::quit())?,
            terminate: catch(SignalKind::terminate())?,
            hangup: catch(SignalKind::hangup())?,
        })
    }
}

/// Runs the editor until the person leaves it.
///
/// # Errors
///
/// [`Kind::Interrupted`] when it or this process was told to end, [`Kind::Failure`] when it
/// cannot be started or fails.
pub(super) async fn edit(command: &str, file: &Path, signals: &mut Signals) -> Result<()> {
    let cannot =
        |error| Error::failure(format!("cannot start the editor {command:?}")).because(error);
    // A shell reads quotes and variables, and `exec` gets it out of the way of signals.
    let mut editor = Command::new("sh")
        .args(["-c", &format!("exec {command} \"$@\""), "editor"])
        .arg(file)
        // Standard output is for the result.
        .stdout(screen().map_err(cannot)?)
        .kill_on_drop(true)
        .spawn()
        .map_err(cannot)?;
    let status = tokio::select! {
        status = editor.wait() => status.map_err(cannot)?,
        _ = signals.terminate.recv() => return end(&mut editor).await,
        _ = signals.hangup.recv() => return end(&mut editor).await,
    };
    judge(command, status)
}

/// Lets the editor put the terminal back, as far as it will.
async fn end(editor: &mut Child) -> Result<()> {
    let pid = editor.id().and_then(|id| i32::try_from(id).ok());
    if let Some(pid) = pid.and_then(Pid::from_raw) {
        // It may have ended just now, which is as good.
        let _ = kill_process(pid, rustix::process::Signal::TERM);
    }
    // What does not end in time is killed when it is dropped.
    let _ = tokio::time::timeout(GRACE, editor.wait()).await;
    Err(interrupted())
}

fn screen() -> io::Result<Stdio> {
    Ok(Stdio::from(io::stderr().as_fd().try_clone_to_owned()?))
}

fn judge(command: &str, status: ExitStatus) -> Result<()> {
    let told_to_end = status.signal().is_some() || status.code().is_some_and(|code| code > 128);
    if status.success() {
        Ok(())
    } else if told_to_end {
        Err(interrupted())
    } else if status.code() == Some(NOT_FOUND) {
        Err(Error::failure(format!("there is no editor {command:?}"))
            .hint("name one in VISUAL or EDITOR, such as `EDITOR=nano nanobot config edit`"))
    } else {
        Err(
            Error::failure(format!("the editor {command:?} failed ({status})"))
                .hint("nothing was changed"),
        )
    }
}

fn interrupted() -> Error {
    Error::new(
        Kind::Interrupted,
        "the editor was interrupted; nothing was changed",
    )
}
