//! Removing a service: only what was installed by this program.

use std::{fmt, fs};

use serde::Serialize;

use super::{
    definition::Level,
    file::Present,
    found::{Asked, State},
    manager::{Machine, Manager},
    runner::must,
};
use crate::{
    error::{Error, Result},
    files::write_failed,
};

/// How a service is to be removed.
#[derive(Clone, Debug)]
pub struct Uninstall {
    pub name: String,
    /// Where both have one, this is to be said.
    pub level: Option<Level>,
    /// It is stopped, too.
    pub now: bool,
    /// Nothing is changed.
    pub dry_run: bool,
}

/// What was removed.
#[derive(Debug, Serialize)]
pub struct Uninstalled {
    manager: Manager,
    level: Level,
    name: String,
    file: String,
    is_dry_run: bool,
    /// What was run, or would be.
    commands: Vec<String>,
    /// The command that stops it, where it still runs.
    still_runs: Option<String>,
}

/// Removes the service.
///
/// # Errors
///
/// When there is none of ours, and when its manager fails.
pub fn uninstall(request: &Uninstall, machine: &Machine<'_>) -> Result<Uninstalled> {
    let name = request.name.as_str();
    let level = find(request, machine)?;
    if level == Level::System && machine.uid != 0 && !request.dry_run {
        return Err(Error::failure("only root can remove a system service")
            .hint("run it with sudo")
            .command("sudo nanobot service uninstall --system"));
    }
    let path = machine.file(level, name)?;
    let mut removed = Uninstalled {
        manager: machine.manager,
        level,
        name: name.to_owned(),
        file: path.display().to_string(),
        is_dry_run: request.dry_run,
        commands: Vec::new(),
        still_runs: None,
    };
    let is_up = match machine.ask(level, name)? {
        Asked::Found(found) => matches!(found.state, State::Running | State::Starting),
        Asked::NotFound | Asked::Unreachable(_) => false,
    };
    let (mut before, after) = machine.disable(level, name);
    let stop = machine.stop(level, name);
    if is_up && request.now {
        before.insert(0, stop);
    } else if is_up {
        removed.still_runs = Some(stop.to_string());
    }
    let all = before.iter().chain(&after);
    removed.commands = all.map(ToString::to_string).collect();
    if request.dry_run {
        return Ok(removed);
    }
    for command in &before {
        must(machine.runner, command)?;
    }
    fs::remove_file(&path).map_err(|error| write_failed(&path, error))?;
    for command in &after {
        must(machine.runner, command)?;
    }
    Ok(removed)
}

/// The level whose service is meant.
fn find(request: &Uninstall, machine: &Machine<'_>) -> Result<Level> {
    let mut ours = Vec::new();
    let mut foreign = None;
    let wanted = |level: &Level| request.level.is_none_or(|wanted| wanted == *level);
    for level in Level::ALL.into_iter().filter(wanted) {
        // Where there is no home, there is no file in it.
        let Ok(path) = machine.file(level, &request.name) else {
            continue;
        };
        match Present::at(&path)? {
            Present::Nothing => {}
            Present::Ours(_) => ours.push(level),
            Present::Foreign => foreign = Some(path),
        }
    }
    match (ours[..].as_ref(), foreign) {
        ([level], _) => Ok(*level),
        ([], Some(path)) => {
            let message = format!("{} was not written by nanobot", path.display());
            Err(Error::failure(message).hint("remove it by hand if you want it gone"))
        }
        ([], None) => {
            let message = format!("no service {} is installed", request.name);
            Err(Error::failure(message)
                .hint("to see what there is, run")
                .command("nanobot service status"))
        }
        _ => {
            let message = format!("{} is a user service and a system service", request.name);
            Err(Error::failure(message).hint("choose one with --user or --system"))
        }
    }
}

impl fmt::Display for Uninstalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (level, name, file) = (self.level.name(), &self.name, &self.file);
        if self.is_dry_run {
            write!(f, "Would remove {file}\nWould run:")?;
            return self
                .commands
                .iter()
                .try_for_each(|command| write!(f, "\n  {command}"));
        }
        write!(f, "Removed the {level} service {name}: {file}")?;
        if let Some(command) = &self.still_runs {
            write!(f, "\nIt still runs. Stop it:\n  {command}")?;
        }
        Ok(())
    }
}
