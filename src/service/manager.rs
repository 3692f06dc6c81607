//! The managers of services, and what both have in common.

use std::path::PathBuf;

use serde::Serialize;

use super::{
    definition::{Definition, Level},
    found::Asked,
    launchd, plist,
    runner::{CommandLine, Runner},
    systemd, unit,
};
use crate::{
    config::Env,
    error::{Error, Result},
};

/// What runs services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Manager {
    Systemd,
    Launchd,
}

/// Where services are installed, and by whom.
pub struct Machine<'a> {
    pub runner: &'a dyn Runner,
    pub env: Env<'a>,
    /// Who asks.
    pub uid: u32,
    pub manager: Manager,
}

impl Manager {
    /// The manager of this system.
    pub fn here() -> Self {
        if cfg!(target_os = "macos") {
            Self::Launchd
        } else {
            Self::Systemd
        }
    }
}

impl Machine<'_> {
    /// Where the file of a service belongs.
    ///
    /// # Errors
    ///
    /// Where nobody says where the user's home is.
    pub fn file(&self, level: Level, name: &str) -> Result<PathBuf> {
        match self.manager {
            Manager::Systemd => systemd::file(level, name, self.env),
            Manager::Launchd => launchd::file(level, name, self.env),
        }
    }

    /// What that file says.
    ///
    /// # Errors
    ///
    /// Where the manager has no way to do what is asked for.
    pub fn render(&self, service: &Definition) -> Result<String> {
        match self.manager {
            Manager::Systemd => Ok(unit::render(service)),
            Manager::Launchd => {
                let unknown = [&service.access_token, &service.environment_file];
                if unknown.into_iter().any(Option::is_some) {
                    let message = "launchd cannot pass secrets or environment files";
                    return Err(Error::failure(message)
                        .hint("keep the values in config.json, which only you can read"));
                }
                let log = launchd::log(service.level, &service.name, self.env)?;
                Ok(plist::render(service, &log))
            }
        }
    }

    /// Asks for a service.
    ///
    /// # Errors
    ///
    /// When the manager's tool cannot be run.
    pub fn ask(&self, level: Level, name: &str) -> Result<Asked> {
        match self.manager {
            Manager::Systemd => systemd::ask(level, name, self.runner),
            Manager::Launchd => launchd::ask(level, name, self.uid, self.env, self.runner),
        }
    }

    /// The commands that make a new file known, and have the service started from now on with the
    /// machine, or when its user logs in.
    pub fn enable(&self, level: Level, name: &str) -> Vec<CommandLine> {
        match self.manager {
            Manager::Systemd => systemd::enable(level, name),
            Manager::Launchd => vec![launchd::enable(level, name, self.uid)],
        }
    }

    /// The command that starts it.
    pub fn start(&self, level: Level, name: &str) -> Result<CommandLine> {
        match self.manager {
            Manager::Systemd => Ok(systemd::control(level, &["start", &systemd::unit(name)])),
            Manager::Launchd => {
                let file = self.file(level, name)?;
                Ok(launchd::start(level, &file.display().to_string(), self.uid))
            }
        }
    }

    /// The command that stops it.
    pub fn stop(&self, level: Level, name: &str) -> CommandLine {
        match self.manager {
            Manager::Systemd => systemd::control(level, &["stop", &systemd::unit(name)]),
            Manager::Launchd => launchd::stop(level, name, self.uid),
        }
    }

    /// How a running one takes up a new file.
    pub fn restart(&self, level: Level, name: &str) -> Result<Vec<CommandLine>> {
        Ok(match self.manager {
            Manager::Systemd => vec![systemd::control(level, &["restart", &systemd::unit(name)])],
            // A restart alone would run what the old file says.
            Manager::Launchd => vec![self.stop(level, name), self.start(level, name)?],
        })
    }

    /// The commands before the file is removed, and after it.
    pub fn disable(&self, level: Level, name: &str) -> (Vec<CommandLine>, Vec<CommandLine>) {
        match self.manager {
            Manager::Systemd => (
                vec![systemd::control(level, &["disable", &systemd::unit(name)])],
                vec![systemd::control(level, &["daemon-reload"])],
            ),
            Manager::Launchd => (Vec::new(), Vec::new()),
        }
    }

    /// What shows its log.
    pub fn show_log(&self, level: Level, name: &str) -> Result<String> {
        Ok(match (self.manager, level) {
            (Manager::Systemd, Level::User) => format!("journalctl --user -u {name} -f"),
            (Manager::Systemd, Level::System) => format!("journalctl -u {name} -f"),
            (Manager::Launchd, _) => {
                format!("tail -f {}", launchd::log(level, name, self.env)?)
            }
        })
    }
}
