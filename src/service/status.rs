//! What there is of a service, at every level; nothing is started or changed.

use std::fmt;

use serde::Serialize;

use super::{
    definition::Level,
    found::{Asked, Found, State},
    manager::{Machine, Manager},
    systemd,
};
use crate::{
    error::{Kind, Result},
    text::counted,
};

/// The width of a row's name.
const NAMES: usize = 12;

/// What there is of a service.
#[derive(Debug, Serialize)]
pub struct Status {
    manager: Manager,
    name: String,
    state: Installation,
    services: Vec<Found>,
    /// What is installed, or may be, and cannot be asked for.
    unknown: Vec<Unknown>,
    /// Whether the user's services run without a login; `None` where that is no question.
    lingers: Option<bool>,
}

/// Where a service is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Installation {
    NotInstalled,
    InstalledUser,
    InstalledSystem,
    InstalledTwice,
    /// None was found, and not everybody could be asked.
    Unreachable,
}

/// A manager that does not answer.
#[derive(Debug, Serialize)]
struct Unknown {
    level: Level,
    /// The service's file, where it is installed all the same.
    file: Option<String>,
    why: String,
}

impl Status {
    /// Looks at both levels.
    ///
    /// # Errors
    ///
    /// When a manager's tool cannot be run.
    pub fn gather(name: &str, machine: &Machine<'_>) -> Result<Self> {
        let (mut services, mut unknown) = (Vec::new(), Vec::new());
        for level in Level::ALL {
            match machine.ask(level, name)? {
                Asked::Found(found) => services.push(found),
                Asked::NotFound => {}
                Asked::Unreachable(why) => {
                    // Where there is no home, there is no file in it.
                    let file = machine.file(level, name).ok();
                    let file = file.filter(|file| file.exists());
                    let file = file.map(|file| file.display().to_string());
                    unknown.push(Unknown { level, file, why });
                }
            }
        }
        let with_file = unknown.iter().filter(|unknown| unknown.file.is_some());
        let levels = services.iter().map(|found| found.level);
        let levels: Vec<_> = levels
            .chain(with_file.map(|unknown| unknown.level))
            .collect();
        let state = match levels[..] {
            [] if unknown.is_empty() => Installation::NotInstalled,
            [] => Installation::Unreachable,
            [Level::User] => Installation::InstalledUser,
            [Level::System] => Installation::InstalledSystem,
            _ => Installation::InstalledTwice,
        };
        let lingers = if machine.manager == Manager::Systemd && levels.contains(&Level::User) {
            systemd::lingers(machine.uid, machine.runner)?
        } else {
            None
        };
        Ok(Self {
            manager: machine.manager,
            name: name.to_owned(),
            state,
            services,
            unknown,
            lingers,
        })
    }

    /// 0 where a service is installed and did not fail.
    pub fn exit_code(&self) -> u8 {
        let is_there = !self.services.is_empty();
        let failed = self
            .services
            .iter()
            .any(|found| found.state == State::Failed);
        if is_there && !failed {
            0
        } else {
            Kind::Failure.exit_code()
        }
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, value: impl fmt::Display) -> fmt::Result {
    write!(f, "\n{name:NAMES$}{value}")
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.state {
            Installation::NotInstalled => write!(
                f,
                "No service {name} is installed.\nInstall it:\n  nanobot service install"
            )?,
            Installation::Unreachable => {
                write!(
                    f,
                    "No service {name} was found, but not every manager answers:"
                )?;
            }
            Installation::InstalledTwice => {
                write!(
                    f,
                    "{name} is installed twice: two services must not run one bot."
                )?;
            }
            Installation::InstalledUser => write!(f, "{:NAMES$}{name}, a user service", "Service")?,
            Installation::InstalledSystem => {
                write!(f, "{:NAMES$}{name}, a system service", "Service")?;
            }
        }
        for found in &self.services {
            self.show(found, f)?;
        }
        for Unknown { level, file, why } in &self.unknown {
            let level = level.name();
            match file {
                Some(file) => {
                    row(f, "File", file)?;
                    row(f, "State", format_args!("unknown: {why}"))?;
                }
                None if self.state == Installation::Unreachable => {
                    row(f, level, why)?;
                }
                None => {}
            }
        }
        Ok(())
    }
}

impl Status {
    fn show(&self, found: &Found, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.state == Installation::InstalledTwice {
            row(
                f,
                "Service",
                format_args!("{}, a {} service", self.name, found.level.name()),
            )?;
        }
        if let Some(file) = &found.file {
            row(f, "File", file)?;
        }
        let starts = match (found.enabled, found.level, self.lingers) {
            (false, ..) => "only when you start it (not enabled)",
            (true, Level::System, _) | (true, Level::User, Some(true)) => "with the machine",
            (true, Level::User, _) => "when you log in; ends when you log out",
        };
        row(f, "Starts", starts)?;
        let pid = found
            .pid
            .map_or_else(String::new, |pid| format!(", pid {pid}"));
        let code = found.exit_code.filter(|_| found.pid.is_none());
        let code = code.map_or_else(String::new, |code| format!(", exit code {code}"));
        let restarts = found.restarts.filter(|restarts| *restarts > 0);
        let restarts = restarts.map_or_else(String::new, |restarts| {
            format!(", restarted {}", counted(u64::from(restarts), "time"))
        });
        row(
            f,
            "State",
            format_args!("{}{pid}{code}{restarts}", found.detail),
        )?;
        if let Some(said) = &found.said {
            row(f, "Says", said)?;
        }
        if found.state == State::Failed {
            let user = match found.level {
                Level::User => " --user",
                Level::System => "",
            };
            if self.manager == Manager::Systemd {
                row(
                    f,
                    "Log",
                    format_args!("journalctl{user} -u {} -n 20", self.name),
                )?;
            }
        }
        Ok(())
    }
}
