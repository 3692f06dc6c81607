//! Installing a service: everything that would keep it from running is found before.

use std::{fmt, path::Path};

use serde::Serialize;

use super::{
    check::{Checked, check},
    definition::{Definition, Level, Options},
    file::{self, Present},
    found::{Asked, Found, State},
    manager::{Machine, Manager},
    runner::{CommandLine, must},
    systemd,
};
use crate::{
    config::Paths,
    error::{Error, Kind, Result},
};

/// How a service is to be installed.
#[derive(Clone, Debug, Default)]
pub struct Install {
    pub service: Options,
    /// It is started, too.
    pub now: bool,
    /// The user's services are to run without a login.
    pub linger: bool,
    /// Nothing is changed.
    pub dry_run: bool,
}

/// What was installed.
#[derive(Debug, Serialize)]
pub struct Installed {
    manager: Manager,
    level: Level,
    name: String,
    file: String,
    /// What is in that file.
    text: String,
    /// Whether the file is new or was changed.
    is_changed: bool,
    is_dry_run: bool,
    /// What was run, or would be.
    commands: Vec<String>,
    is_started: bool,
    /// Whether it runs without a login; `None` where that is no question.
    lingers: Option<bool>,
    /// What is left to do, and how.
    next: Vec<(String, String)>,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// What a service's file would say.
#[derive(Debug, Serialize)]
pub struct Printed {
    manager: Manager,
    level: Level,
    /// Where it belongs.
    file: String,
    text: String,
    pub notes: Vec<String>,
}

impl fmt::Display for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text.trim_end())
    }
}

/// Writes a service down without installing it.
///
/// # Errors
///
/// When there is no such service.
pub fn print(options: &Options, machine: &Machine<'_>, paths: &Paths) -> Result<Printed> {
    let service = Definition::new(options, paths, machine.uid, machine.runner)?;
    let file = machine.file(service.level, &service.name)?;
    Ok(Printed {
        manager: machine.manager,
        level: service.level,
        file: file.display().to_string(),
        text: machine.render(&service)?,
        notes: notes_of(&service, machine.manager),
    })
}

/// Installs the service.
///
/// # Errors
///
/// When it could not run, with what the gateway itself would say, and when its manager fails.
pub fn install(install: &Install, machine: &Machine<'_>, paths: &Paths) -> Result<Installed> {
    let level = install.service.level_for(machine.uid);
    if level == Level::System && machine.uid != 0 && !install.dry_run {
        return Err(Error::failure("only root can install a system service")
            .hint("run it with sudo, or install a service of your own")
            .command("nanobot service install --user"));
    }
    let service = Definition::new(&install.service, paths, machine.uid, machine.runner)?;
    let name = service.name.as_str();
    let path = machine.file(level, name)?;
    let text = machine.render(&service)?;
    let is_changed = refuse_others(&path, &text)?;
    let asked = machine.ask(level, name)?;
    let running = match asked {
        Asked::Unreachable(why) if !install.dry_run => {
            return Err(unreachable(machine.manager, level, &why));
        }
        Asked::Found(found) if found.state != State::Stopped => Some(found),
        _ => None,
    };
    let mut installed = Installed {
        manager: machine.manager,
        level,
        name: name.to_owned(),
        file: path.display().to_string(),
        is_changed,
        is_dry_run: install.dry_run,
        commands: Vec::new(),
        is_started: false,
        lingers: None,
        next: Vec::new(),
        notes: notes_of(&service, machine.manager),
        text,
    };
    let is_up = running.is_some_and(|found| found.state != State::Failed);
    installed.apply(check(&service, machine)?, is_up, install.now)?;
    installed.look_at_other(machine)?;
    installed.linger(install, machine)?;
    if !install.dry_run && is_changed {
        file::write(&path, &installed.text)?;
    }
    for command in machine.enable(level, name) {
        installed.run(&command, machine)?;
    }
    if is_up {
        for command in machine.restart(level, name)?.iter().filter(|_| is_changed) {
            installed.add("Restart it, to run what was installed now", command);
        }
    } else if install.now {
        installed.start(machine)?;
    } else {
        installed.add("Start it", machine.start(level, name)?);
    }
    installed.add("Look at it", status_command(name));
    installed.add("Read its log", machine.show_log(level, name)?);
    Ok(installed)
}

/// The command that shows this service.
fn status_command(name: &str) -> String {
    match name {
        "nanobot" => "nanobot service status".to_owned(),
        other => format!("nanobot service status --name {other}"),
    }
}

/// Whether the file is to be written.
fn refuse_others(path: &Path, text: &str) -> Result<bool> {
    let shown = path.display();
    match Present::at(path)? {
        Present::Nothing => Ok(true),
        Present::Ours(present) if file::bot(&present) != file::bot(text) => Err(Error::failure(
            format!("{shown} is the service of another bot"),
        )
        .hint("give this one a name of its own")
        .command("nanobot service install --name nanobot-2")),
        Present::Ours(present) => Ok(present != text),
        Present::Foreign => Err(
            Error::failure(format!("{shown} was not written by nanobot"))
                .hint("remove it, or give --name to install beside it"),
        ),
    }
}

/// What is to be known of such a service.
fn notes_of(service: &Definition, manager: Manager) -> Vec<String> {
    let mut notes = Vec::new();
    if !service.is_confined && manager == Manager::Systemd {
        notes.push(
            "the agent is a program and runs inside the service, so the lines that confine the \
             service are left out: they would break many programs"
                .to_owned(),
        );
    }
    notes
}

fn unreachable(manager: Manager, level: Level, why: &str) -> Error {
    match manager {
        Manager::Systemd => systemd::unreachable(level, why),
        Manager::Launchd => {
            Error::failure(format!("launchd cannot be asked: {why}")).hint("log in to the desktop")
        }
    }
}

impl Installed {
    /// What the gateway's own check means for a service.
    fn apply(&mut self, checked: Checked, is_up: bool, now: bool) -> Result<()> {
        match checked {
            Checked::Sound => {}
            // It is the service itself.
            Checked::InUse(_) if is_up => {}
            Checked::InUse(said) if now && !self.is_dry_run => {
                return Err(
                    Error::new(Kind::StoreInUse, said).hint("stop it, then install the service")
                );
            }
            Checked::InUse(said) => {
                let note = format!("{said}; stop it before you start the service");
                self.notes.push(note);
            }
            Checked::Away(said) => {
                let note = format!("{said}; the service waits until the homeserver is back");
                self.notes.push(note);
            }
            Checked::NotOurs => {
                let note = "whether the gateway can start was not checked: only root can";
                self.notes.push(note.to_owned());
            }
        }
        Ok(())
    }

    /// A second service of the same name may run the same bot.
    fn look_at_other(&mut self, machine: &Machine<'_>) -> Result<()> {
        let others = Level::ALL.into_iter().filter(|level| *level != self.level);
        for level in others {
            if let Asked::Found(Found { level, .. }) = machine.ask(level, &self.name)? {
                let note = format!(
                    "there is a {} service of this name, too: two services must not run one bot",
                    level.name()
                );
                self.notes.push(note);
            }
        }
        Ok(())
    }

    fn run(&mut self, command: &CommandLine, machine: &Machine<'_>) -> Result<()> {
        self.commands.push(command.to_string());
        if !self.is_dry_run {
            must(machine.runner, command)?;
        }
        Ok(())
    }

    fn start(&mut self, machine: &Machine<'_>) -> Result<()> {
        let start = machine.start(self.level, &self.name)?;
        let log = machine.show_log(self.level, &self.name)?;
        self.run(&start, machine).map_err(|error| {
            error
                .hint("its log says why")
                .command(log.replace(" -f", ""))
        })?;
        self.is_started = !self.is_dry_run;
        Ok(())
    }

    /// Sees to it that a user's service outlives the login, or says that it does not.
    fn linger(&mut self, install: &Install, machine: &Machine<'_>) -> Result<()> {
        if machine.manager != Manager::Systemd || self.level != Level::User {
            return Ok(());
        }
        self.lingers = systemd::lingers(machine.uid, machine.runner)?;
        if self.lingers == Some(true) {
            return Ok(());
        }
        let command = systemd::linger(machine.uid);
        if install.linger {
            self.run(&command, machine).map_err(|error| {
                error
                    .hint("have root switch it on, then install the service")
                    .command(format!("sudo {command}"))
            })?;
            self.lingers = Some(!self.is_dry_run);
        } else {
            self.add(
                "Let it run without a login, and start with the machine",
                command,
            );
        }
        Ok(())
    }

    fn add(&mut self, what: &str, command: impl fmt::Display) {
        self.next.push((what.to_owned(), command.to_string()));
    }
}

impl fmt::Display for Installed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (level, name, file) = (self.level.name(), &self.name, &self.file);
        if self.is_dry_run {
            if self.is_changed {
                writeln!(f, "Would write {file}:\n\n{}", self.text)?;
            } else {
                writeln!(f, "{file} is up to date.\n")?;
            }
            write!(f, "Would run:")?;
            return self
                .commands
                .iter()
                .try_for_each(|command| write!(f, "\n  {command}"));
        }
        let what = if self.is_changed {
            "Installed"
        } else {
            "Unchanged:"
        };
        writeln!(f, "{what} the {level} service {name}: {file}")?;
        let starts = match (self.level, self.lingers) {
            (Level::System, _) | (Level::User, Some(true)) => "It starts with the machine.",
            (Level::User, _) => "It starts when you log in, and ends when you log out.",
        };
        write!(f, "{starts}")?;
        if self.is_started {
            write!(f, " It runs now.")?;
        }
        self.next
            .iter()
            .try_for_each(|(what, command)| write!(f, "\n{what}:\n  {command}"))
    }
}
