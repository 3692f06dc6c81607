//! systemd: where its units are, and what `systemctl` and `loginctl` say and do.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    definition::Level,
    found::{Asked, Found, State},
    runner::{CommandLine, Ran, Runner},
};
use crate::{
    config::Env,
    error::{Error, Result},
    text::clean_line,
};

const PROPERTIES: &str = "LoadState,ActiveState,SubState,UnitFileState,FragmentPath,MainPID,\
                          NRestarts,Result,ExecMainStatus,StatusText";

/// Where a unit is installed.
///
/// # Errors
///
/// Where nobody says where the user's home is.
pub fn file(level: Level, name: &str, env: Env<'_>) -> Result<PathBuf> {
    let directory = match level {
        Level::System => PathBuf::from("/etc/systemd/system"),
        Level::User => {
            let path = |name| {
                env(name)
                    .map(PathBuf::from)
                    .filter(|path| path.is_absolute())
            };
            let home = || Some(path("HOME")?.join(".config"));
            let config = path("XDG_CONFIG_HOME").or_else(home);
            let config = config.ok_or_else(|| Error::config("HOME is not set"))?;
            config.join("systemd/user")
        }
    };
    Ok(directory.join(unit(name)))
}

/// The name of a service's unit.
pub fn unit(name: &str) -> String {
    format!("{name}.service")
}

/// A command for the manager of this level.
pub fn control(level: Level, words: &[&str]) -> CommandLine {
    let level = match level {
        Level::User => &["--user"][..],
        Level::System => &[],
    };
    CommandLine::new("systemctl", &[level, words].concat())
}

pub fn enable(level: Level, name: &str) -> Vec<CommandLine> {
    vec![
        control(level, &["daemon-reload"]),
        control(level, &["enable", &unit(name)]),
    ]
}

/// Asks for a unit. It changes nothing.
pub fn ask(level: Level, name: &str, runner: &dyn Runner) -> Result<Asked> {
    let show = control(level, &["show", "--property", PROPERTIES, &unit(name)]);
    let unreachable = |why: &str| Ok(Asked::Unreachable(why.to_owned()));
    let Some(ran) = runner.run(&show)? else {
        return unreachable("systemctl is not installed: this system does not run systemd");
    };
    if !ran.is_success() {
        return unreachable(&ran.complaint());
    }
    Ok(read(level, &ran))
}

fn read(level: Level, ran: &Ran) -> Asked {
    let properties: BTreeMap<_, _> = ran
        .stdout
        .lines()
        .filter_map(|line| line.split_once('='))
        .collect();
    let get = |name| properties.get(name).copied().unwrap_or_default();
    let active = get("ActiveState");
    // A unit whose file is gone may still run.
    if get("LoadState") == "not-found" && active == "inactive" {
        return Asked::NotFound;
    }
    let state = match active {
        "active" | "reloading" | "refreshing" => State::Running,
        "activating" => State::Starting,
        "failed" => State::Failed,
        _ => State::Stopped,
    };
    let detail = match get("Result") {
        "" | "success" => format!("{active} ({})", get("SubState")),
        result => format!("{active} ({}, {result})", get("SubState")),
    };
    let text = |name| {
        Some(get(name))
            .filter(|text| !text.is_empty())
            .map(clean_line)
    };
    let number = |name| get(name).parse::<u32>().ok();
    Asked::Found(Found {
        level,
        file: text("FragmentPath"),
        enabled: get("UnitFileState").starts_with("enabled"),
        state,
        detail,
        pid: number("MainPID").filter(|pid| *pid != 0),
        restarts: number("NRestarts"),
        exit_code: get("ExecMainStatus").parse().ok().filter(|code| *code != 0),
        said: text("StatusText"),
    })
}

/// Whether the user's services run without a login; `None` where that cannot be told.
pub fn lingers(uid: u32, runner: &dyn Runner) -> Result<Option<bool>> {
    let show = [
        "show-user",
        &uid.to_string(),
        "--property=Linger",
        "--value",
    ];
    let Some(ran) = runner.run(&CommandLine::new("loginctl", &show))? else {
        return Ok(None);
    };
    match ran.stdout.trim() {
        "yes" => Ok(Some(true)),
        "no" => Ok(Some(false)),
        // It knows those who are logged in or linger.
        _ if ran.stderr.contains("not logged in") => Ok(Some(false)),
        _ => Ok(None),
    }
}

/// Has the user's services run without a login.
pub fn linger(uid: u32) -> CommandLine {
    // By its number: without one it would need a session of its own.
    CommandLine::new("loginctl", &["enable-linger", &uid.to_string()])
}

/// What is to be done where the manager of this level cannot be reached.
pub fn unreachable(level: Level, why: &str) -> Error {
    let message = format!("the {} service manager cannot be reached", level.name());
    let error = Error::failure(message).because(why.to_owned());
    if !Path::new("/run/systemd/system").exists() {
        return error.hint(
            "this system was not started by systemd; let its own supervisor run `nanobot gateway \
             --wait`",
        );
    }
    match level {
        Level::System => error.hint("run it as root"),
        Level::User => error.hint(
            "log in as this user directly, not through su or sudo, or install a system service: \
             `sudo nanobot service install --system`",
        ),
    }
}
