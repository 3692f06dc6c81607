//! launchd: where its property lists are, and what `launchctl` says and does.

use std::path::PathBuf;

use super::{
    definition::Level,
    found::{Asked, Found, State},
    runner::{CommandLine, Runner},
};
use crate::{
    config::Env,
    error::{Error, Result},
};

/// How `launchctl` ends when it is asked for a service that is not loaded.
const NOT_LOADED: i32 = 113;

/// Where a list is installed.
///
/// # Errors
///
/// Where nobody says where the user's home is.
pub fn file(level: Level, name: &str, env: Env<'_>) -> Result<PathBuf> {
    let directory = match level {
        Level::System => PathBuf::from("/Library/LaunchDaemons"),
        Level::User => home(env)?.join("Library/LaunchAgents"),
    };
    Ok(directory.join(format!("{name}.plist")))
}

/// Where the service logs to.
///
/// # Errors
///
/// As [`file()`].
pub fn log(level: Level, name: &str, env: Env<'_>) -> Result<String> {
    let directory = match level {
        Level::System => PathBuf::from("/Library/Logs"),
        Level::User => home(env)?.join("Library/Logs"),
    };
    Ok(directory.join(format!("{name}.log")).display().to_string())
}

fn home(env: Env<'_>) -> Result<PathBuf> {
    let home = env("HOME").filter(|home| !home.is_empty());
    home.map(PathBuf::from)
        .ok_or_else(|| Error::config("HOME is not set"))
}

fn domain(level: Level, uid: u32) -> String {
    match level {
        Level::System => "system".to_owned(),
        Level::User => format!("gui/{uid}"),
    }
}

fn target(level: Level, name: &str, uid: u32) -> String {
    format!("{}/{name}", domain(level, uid))
}

/// Undoes what once disabled it; a list in its place is loaded at the next login or start.
pub fn enable(level: Level, name: &str, uid: u32) -> CommandLine {
    CommandLine::new("launchctl", &["enable", &target(level, name, uid)])
}

pub fn start(level: Level, file: &str, uid: u32) -> CommandLine {
    CommandLine::new("launchctl", &["bootstrap", &domain(level, uid), file])
}

pub fn stop(level: Level, name: &str, uid: u32) -> CommandLine {
    CommandLine::new("launchctl", &["bootout", &target(level, name, uid)])
}

/// Asks for a service. It changes nothing.
pub fn ask(level: Level, name: &str, uid: u32, env: Env<'_>, runner: &dyn Runner) -> Result<Asked> {
    let file = file(level, name, env)?;
    let file = file.exists().then(|| file.display().to_string());
    let print = ["print", &target(level, name, uid)];
    let Some(ran) = runner.run(&CommandLine::new("launchctl", &print))? else {
        return Ok(Asked::Unreachable("launchctl is not installed".to_owned()));
    };
    let mut found = Found {
        level,
        enabled: file.is_some(),
        file,
        state: State::Stopped,
        detail: "not loaded".to_owned(),
        pid: None,
        restarts: None,
        exit_code: None,
        said: None,
    };
    if ran.code == Some(NOT_LOADED) {
        return Ok(match found.file {
            Some(_) => Asked::Found(found),
            None => Asked::NotFound,
        });
    }
    if !ran.is_success() {
        return Ok(Asked::Unreachable(ran.complaint()));
    }
    let value = |name: &str| {
        let mut lines = ran.stdout.lines().map(str::trim);
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "))
    };
    let code = value("last exit code").and_then(|code| code.parse().ok());
    found.exit_code = code.filter(|code| *code != 0);
    found.pid = value("pid").and_then(|pid| pid.parse().ok());
    value("state")
        .unwrap_or("loaded")
        .clone_into(&mut found.detail);
    found.state = match (found.pid, found.exit_code) {
        (Some(_), _) => State::Running,
        (None, Some(_)) => State::Failed,
        (None, None) => State::Stopped,
    };
    Ok(Asked::Found(found))
}
