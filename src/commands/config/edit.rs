//! `nanobot config edit`: a private copy of the file in an editor, saved only when it is valid.

use std::{
    env, fs,
    io::{self, IsTerminal},
    os::fd::AsFd,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use console::Term;
use rustix::process::{Pid, kill_process};
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    signal::unix::{Signal, SignalKind, signal},
};

use super::{
    Outcome,
    findings::{finding, saved_notes, tally},
};
use crate::{
    config::{Draft, Finding, Paths, Severity},
    error::{Error, Kind, Result},
    terminal::{Question, Terminal, stop_signal},
};

/// The shell's way of saying that a command is not there.
const NOT_FOUND: i32 = 127;
/// How long an editor may take to end when it is told to.
const GRACE: Duration = Duration::from_secs(2);

pub async fn run(paths: &Paths) -> Result<Outcome> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Error::new(Kind::Usage, "`config edit` needs a terminal")
            .hint("change one key at a time")
            .command("nanobot config set KEY VALUE"));
    }
    let terminal = Terminal::new(true);
    let path = paths.config_file();
    let draft = Draft::load(path)?;
    let (_directory, copy) = copy(path, draft.bytes())
        .map_err(|error| Error::failure("cannot make a copy to edit").because(error))?;
    let catch = |kind| {
        signal(kind).map_err(|error| Error::failure("cannot listen for signals").because(error))
    };
    // What would end this process and leave its editor behind. A terminal
    // sends Ctrl-C to the editor too, which knows what to do with it.
    let mut signals = [
        catch(SignalKind::terminate())?,
        catch(SignalKind::hangup())?,
    ];
    let _ignored = stop_signal()?;
    let (text, changed, warnings) = loop {
        edit(&copy, &mut signals).await?;
        let bytes = fs::read(&copy).map_err(|error| {
            Error::failure("the copy was deleted; nothing was changed").because(error)
        })?;
        if bytes == draft.bytes() {
            break (
                format!("{} is unchanged", path.display()),
                false,
                Vec::new(),
            );
        }
        let findings = draft.judge(&bytes);
        for found in &findings {
            terminal.note(&finding(found, &Term::stderr()));
        }
        let is_error = |found: &Finding| found.severity == Severity::Error;
        if findings.iter().any(is_error) {
            again(terminal, &findings).await?;
            continue;
        }
        for note in saved_notes(&draft.save(&bytes)?, path) {
            terminal.note(&note);
        }
        break (format!("Saved {}", path.display()), true, findings);
    };
    let done =
        json!({"file": path.display().to_string(), "changed": changed, "warnings": warnings});
    Ok(Outcome::new(text, &done))
}

/// Asks whether to open the editor again.
async fn again(terminal: Terminal, findings: &[Finding]) -> Result<()> {
    let words = format!("{}. Edit again? (n discards the changes)", tally(findings));
    let question = Question {
        default: Some("y"),
        ..Question::new(&words, "an answer")
    };
    if terminal.ask_yes_or_no(question).await? {
        return Ok(());
    }
    let error = Error::config("the changes are invalid and were discarded");
    Err(error.hint("the file is unchanged"))
}

/// Makes a copy of the file in a directory of its own, which only its owner can enter and which
/// goes when it is dropped: an editor leaves copies beside what it edits. It is beside the file, so
/// that its secrets stay on the same disk, and its name lets an editor see what it is.
fn copy(file: &Path, bytes: &[u8]) -> io::Result<(TempDir, PathBuf)> {
    let beside = file.parent().filter(|directory| directory.is_dir());
    let parent = beside.map_or_else(env::temp_dir, Path::to_owned);
    // Only the owner can enter it: the umask sees to that.
    let directory = tempfile::Builder::new()
        .prefix(".config-edit-")
        .tempdir_in(parent)?;
    let copy = directory.path().join("config.json");
    fs::write(&copy, bytes)?;
    Ok((directory, copy))
}

/// Runs the person's editor, as they wrote its command line, until they leave it.
///
/// # Errors
///
/// [`Kind::Interrupted`] when it or this process was told to end, [`Kind::Failure`] when it
/// cannot be started or fails.
async fn edit(file: &Path, [terminate, hangup]: &mut [Signal; 2]) -> Result<()> {
    let mut named = ["VISUAL", "EDITOR"].into_iter().map(env::var);
    let command = named.find_map(|value| value.ok().filter(|command| !command.trim().is_empty()));
    let command = command.as_deref().unwrap_or("vi");
    let cannot =
        |error| Error::failure(format!("cannot start the editor {command:?}")).because(error);
    // Standard output is for the result.
    let screen = io::stderr().as_fd().try_clone_to_owned().map_err(cannot)?;
    // A shell reads quotes and variables, and `exec` gets it out of the way of signals.
    let mut editor = Command::new("sh")
        .args(["-c", &format!("exec {command} \"$@\""), "editor"])
        .arg(file)
        .stdout(Stdio::from(screen))
        .kill_on_drop(true)
        .spawn()
        .map_err(cannot)?;
    let status = tokio::select! {
        status = editor.wait() => status.map_err(cannot)?,
        _ = terminate.recv() => return Err(end(&mut editor).await),
        _ = hangup.recv() => return Err(end(&mut editor).await),
    };
    judge(command, status)
}

/// Lets the editor put the terminal back, as far as it will.
async fn end(editor: &mut Child) -> Error {
    let pid = editor.id().and_then(|id| i32::try_from(id).ok());
    if let Some(pid) = pid.and_then(Pid::from_raw) {
        // It may have ended just now, which is as good.
        let _ = kill_process(pid, rustix::process::Signal::TERM);
    }
    // What does not end in time is killed when it is dropped.
    let _ = tokio::time::timeout(GRACE, editor.wait()).await;
    interrupted()
}

fn judge(command: &str, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    Err(match status.code() {
        // It was told to end.
        None | Some(129..) => interrupted(),
        Some(NOT_FOUND) => Error::failure(format!("editor {command:?} not found"))
            .hint("set VISUAL or EDITOR, for example `EDITOR=nano nanobot config edit`"),
        Some(_) => Error::failure(format!("the editor {command:?} failed ({status})"))
            .hint("nothing was changed"),
    })
}

fn interrupted() -> Error {
    Error::new(
        Kind::Interrupted,
        "the editor was interrupted; nothing was changed",
    )
}
