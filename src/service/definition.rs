//! What a service consists of, before it is written down for a manager.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf, absolute},
};

use serde::Serialize;

use super::runner::{CommandLine, Runner};
use crate::{
    agent::from_document,
    config::{Document, Paths},
    error::{Error, Kind, Result},
    text::shell_quote,
};

/// Where a system service's directory is, with a user of its own.
const STATE: [&str; 2] = ["/var/lib", "/var/lib/private"];
/// The users that systemd makes for services that have none.
const DYNAMIC_USERS: std::ops::RangeInclusive<u32> = 61184..=65519;
/// What a service with a user of its own cannot see.
const HIDDEN: [&str; 3] = ["/home", "/root", "/run/user"];

/// Whose service it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The user's, run by the user's own manager.
    User,
    /// The machine's.
    System,
}

impl Level {
    pub const ALL: [Self; 2] = [Self::User, Self::System];

    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::System => "system",
        }
    }
}

/// Whom it runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Account {
    /// Whoever's manager runs it.
    Itself,
    /// A user that systemd makes for it; the directory of this name in `/var/lib` is its home.
    Dynamic(String),
    /// Whoever the bot's directory belongs to.
    Owner(Owner),
}

/// A user of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub uid: u32,
    pub gid: u32,
    /// The name, or the number where there is none.
    pub name: String,
    pub home: String,
}

/// A service: who runs what, as whom, with what.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Its name at its manager, without a suffix.
    pub name: String,
    pub level: Level,
    pub program: String,
    /// The configuration file; `None` where it is the one that is found anyhow.
    pub config: Option<String>,
    /// The directory of the configuration.
    pub directory: String,
    pub account: Account,
    /// The file with the access token, where it is handed over as a credential.
    pub access_token: Option<String>,
    /// Variables for it, where a file has them.
    pub environment_file: Option<String>,
    /// Whether no program of others runs inside it.
    pub is_confined: bool,
    /// Where programs are found, where that is not left to the manager.
    pub path: Option<String>,
}

/// What a service is made from.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub name: String,
    pub level: Option<Level>,
    pub program: Option<PathBuf>,
    pub access_token_file: Option<PathBuf>,
    pub environment_file: Option<PathBuf>,
}

impl Options {
    /// Whose service it is, where this user asks for it.
    pub fn level_for(&self, uid: u32) -> Level {
        self.level.unwrap_or(match uid {
            0 => Level::System,
            _ => Level::User,
        })
    }
}

impl Definition {
    /// The service that runs the gateway of this configuration. `uid` is who asks for it.
    ///
    /// # Errors
    ///
    /// When a service of this kind could never start.
    pub fn new(options: &Options, paths: &Paths, uid: u32, runner: &dyn Runner) -> Result<Self> {
        let level = options.level_for(uid);
        check_name(&options.name)?;
        let program = match &options.program {
            Some(program) => as_absolute(program)?,
            None => text(&std::env::current_exe().map_err(|error| {
                Error::failure("cannot tell where nanobot is installed")
                    .because(error)
                    .hint("give --program FILE")
            })?)?,
        };
        let config = as_absolute(paths.config_file())?;
        let directory = as_absolute(paths.dir())?;
        let account = match level {
            Level::User => Account::Itself,
            Level::System => account(&directory, runner)?,
        };
        let config = match &account {
            Account::Itself if paths.chosen_by() == "default" => None,
            Account::Dynamic(_) if config.ends_with("/config.json") => None,
            _ => Some(config),
        };
        let is_confined = !runs_programs(paths);
        let path = std::env::var("PATH").ok().filter(|path| !path.is_empty());
        let definition = Self {
            path: path.filter(|_| !is_confined && level == Level::User),
            name: options.name.clone(),
            access_token: options.access_token_file.as_deref().map(file).transpose()?,
            environment_file: options.environment_file.as_deref().map(file).transpose()?,
            level,
            program,
            config,
            directory,
            account,
            is_confined,
        };
        definition.see_program()?;
        Ok(definition)
    }

    /// The arguments of what runs in it.
    pub fn arguments(&self) -> Vec<&str> {
        self.gateway("--wait")
    }

    /// The arguments that make it read its configuration anew, which wait until it has done so.
    pub fn reload_arguments(&self) -> Vec<&str> {
        self.gateway("reload")
    }

    /// The arguments of its check.
    pub fn check_arguments(&self) -> Vec<&str> {
        [self.gateway("--check"), vec!["--json"]].concat()
    }

    fn gateway<'a>(&'a self, what: &'a str) -> Vec<&'a str> {
        let config = self.config.iter().flat_map(|file| ["--config", file]);
        ["gateway", what].into_iter().chain(config).collect()
    }

    /// Refuses a program that the service's user cannot reach.
    fn see_program(&self) -> Result<()> {
        let hidden = match self.account {
            Account::Itself => &[][..],
            Account::Dynamic(_) => &HIDDEN,
            Account::Owner(_) => &HIDDEN[1..2],
        };
        if !hidden
            .iter()
            .any(|place| Path::new(&self.program).starts_with(place))
        {
            return Ok(());
        }
        let program = &self.program;
        let message = format!("a system service cannot run {program}: other users cannot reach it");
        Err(Error::failure(message)
            .hint("copy it where every user can run it, and install the service with that copy")
            .command(format!(
                "install -m 755 {} /usr/local/bin/nanobot",
                shell_quote(program)
            )))
    }
}

/// Whether the agent is a program that runs inside the service. What cannot be read is judged by
/// the gateway.
fn runs_programs(paths: &Paths) -> bool {
    let document = Document::load(paths.config_file()).ok();
    let agent = document.and_then(|document| from_document(&document, paths.dir()).ok());
    agent.is_some_and(|agent| agent.runs_programs())
}

/// A name that is a file's and a unit's alike.
fn check_name(name: &str) -> Result<()> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(is_plain) {
        return Ok(());
    }
    let message = "--name must be made of letters, digits, \"-\", \"_\" and \".\"";
    Err(Error::new(Kind::Usage, message).hint("use a name such as nanobot-work"))
}

/// Whom the service of this directory runs as.
fn account(directory: &str, runner: &dyn Runner) -> Result<Account> {
    let path = Path::new(directory);
    let state = STATE
        .iter()
        .find_map(|parent| path.strip_prefix(parent).ok());
    let state = state
        .and_then(Path::to_str)
        .filter(|name| !name.is_empty() && !name.contains('/'));
    let owner = match fs::metadata(path) {
        Ok(found) => Some((found.uid(), found.gid())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            let message = format!("cannot look at {directory}");
            return Err(Error::failure(message).because(error));
        }
    };
    match (state, owner) {
        (Some(name), None) => Ok(Account::Dynamic(name.to_owned())),
        (Some(name), Some((uid, _))) if uid == 0 || DYNAMIC_USERS.contains(&uid) => {
            Ok(Account::Dynamic(name.to_owned()))
        }
        (None, None) => Err(Error::failure(format!("there is no directory {directory}"))
            .hint("log in first, or name the configuration with --config")
            .command("nanobot setup")),
        (None, Some((0, _))) => {
            let directory = shell_quote(directory);
            let message = format!(
                "{directory} belongs to root, and the bot should not run as root with your files"
            );
            Err(Error::failure(message)
                .hint("move it, so that the service gets a user of its own")
                .command(format!("mv {directory} /var/lib/nanobot"))
                .command("nanobot service install --system --config /var/lib/nanobot/config.json"))
        }
        (_, Some((uid, gid))) => Ok(Account::Owner(known(uid, gid, runner)?)),
    }
}

/// What the machine knows of a user.
fn known(uid: u32, gid: u32, runner: &dyn Runner) -> Result<Owner> {
    let asked = CommandLine::new("getent", &["passwd", &uid.to_string()]);
    let entry = runner.run(&asked)?.unwrap_or_default().stdout;
    let mut fields = entry.trim().split(':');
    let name = fields.next().filter(|name| !name.is_empty());
    let home = fields.nth(4).unwrap_or("/");
    Ok(Owner {
        uid,
        gid,
        name: name.map_or_else(|| uid.to_string(), str::to_owned),
        home: home.to_owned(),
    })
}

/// A file that a service reads when it starts: it must be there, or it never starts.
fn file(path: &Path) -> Result<String> {
    let path = as_absolute(path)?;
    if Path::new(&path).is_file() {
        return Ok(path);
    }
    Err(Error::failure(format!(
        "there is no file {path}, so the service could not start"
    )))
}

fn as_absolute(path: &Path) -> Result<String> {
    let cannot =
        |error| Error::failure(format!("cannot tell where {} is", path.display())).because(error);
    text(&absolute(path).map_err(cannot)?)
}

fn text(path: &Path) -> Result<String> {
    let is_shown = |text: &&str| !text.contains(char::is_control);
    path.to_str()
        .filter(is_shown)
        .map(str::to_owned)
        .ok_or_else(|| {
            let path = path.display();
            Error::failure(format!("{path:?} cannot be written into a service's file"))
                .hint("use a path without control characters, in UTF-8")
        })
}
