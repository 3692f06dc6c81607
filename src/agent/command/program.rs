//! The program: what it is called, where it is, and whether it can be run.

use std::{
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::fs::{Access, access};

use super::environment::Environment;
use crate::error::{Error, Result};

/// Where programs are looked for without a `PATH`.
const USUAL_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A program, and how it is run.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) name: Name,
    pub(super) arguments: Vec<String>,
    /// Where it works; absolute.
    pub(super) directory: PathBuf,
    pub(super) environment: Environment,
    pub(super) time_limit: Duration,
}

/// What a program is called.
#[derive(Debug)]
pub(super) enum Name {
    /// A file, and how the configuration spells it.
    File { path: PathBuf, spelled: String },
    /// A word that is looked for in `PATH`.
    Searched(String),
    /// The shell, which was asked for.
    Shell,
}

impl Name {
    /// A path is one with a slash, as in a shell.
    pub(super) fn new(spelled: &str, home: &Path) -> Self {
        if spelled.contains('/') {
            return Self::File {
                path: home.join(spelled),
                spelled: spelled.to_owned(),
            };
        }
        Self::Searched(spelled.to_owned())
    }
}

impl Program {
    /// What it is, for the person who starts the bot. Its arguments may be secret.
    pub(super) fn describe(&self) -> String {
        match &self.name {
            Name::File { spelled, .. } => format!("the program `{spelled}`"),
            Name::Searched(name) => format!("the program `{name}`"),
            Name::Shell => "a command of the shell".to_owned(),
        }
    }

    /// Where it works.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Its file, which can be run as things are now.
    ///
    /// # Errors
    ///
    /// When it is not there, may not be run, or has no directory to work in.
    pub(super) fn place(&self) -> Result<PathBuf> {
        if !self.directory.is_dir() {
            let directory = self.directory.display();
            return Err(
                Error::failure(format!("there is no directory {directory} to work in"))
                    .hint("make it, or correct channels.matrix.agent.workingDirectory"),
            );
        }
        match &self.name {
            Name::File { path, .. } => runnable(path).map(|()| path.clone()),
            Name::Searched(name) => self.search(name),
            Name::Shell => Ok(PathBuf::from("/bin/sh")),
        }
    }

    fn search(&self, name: &str) -> Result<PathBuf> {
        let path = self.environment.get("PATH").unwrap_or(USUAL_PATH.as_ref());
        let places = path.as_bytes().split(|byte| *byte == b':');
        places
            .filter(|place| place.starts_with(b"/"))
            .map(|place| Path::new(std::ffi::OsStr::from_bytes(place)).join(name))
            .find(|place| runnable(place).is_ok())
            .ok_or_else(|| {
                Error::failure(format!("there is no program {name:?} in PATH"))
                    .hint("install it, or give its whole path in channels.matrix.agent.command")
            })
    }
}

/// Whether a file can be run.
fn runnable(path: &Path) -> Result<()> {
    let shown = path.display();
    let found = std::fs::metadata(path).map_err(|error| {
        Error::failure(format!("there is no program {shown}"))
            .because(error)
            .hint("correct channels.matrix.agent.command")
    })?;
    if !found.is_file() {
        return Err(Error::failure(format!("{shown} is not a file"))
            .hint("correct channels.matrix.agent.command"));
    }
    access(path, Access::EXEC_OK).map_err(|_| {
        Error::failure(format!("{shown} may not be run")).hint(format!("chmod +x {shown}"))
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    fn program(name: Name, directory: &Path) -> Program {
        Program {
            name,
            arguments: Vec::new(),
            directory: directory.to_owned(),
            environment: Environment::default(),
            time_limit: Duration::from_secs(1),
        }
    }

    #[test]
    fn a_file_must_be_there_and_runnable() {
        let home = tempfile::tempdir().unwrap();
        let file = program(Name::new("./bot.sh", home.path()), home.path());
        let said = || file.place().unwrap_err().to_string();
        assert!(said().contains("there is no program"), "{}", said());
        let path = home.path().join("bot.sh");
        fs::write(&path, "#!/bin/sh\n").unwrap();
        assert!(said().contains("may not be run"), "{}", said());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(file.place().unwrap(), home.path().join("./bot.sh"));
        let directory = program(Name::new("./", home.path()), home.path());
        let said = directory.place().unwrap_err().to_string();
        assert!(said.contains("is not a file"), "{said}");
    }

    #[test]
    fn a_word_is_looked_for_in_the_path() {
        let here = Path::new("/");
        let found = program(Name::new("sh", here), here).place().unwrap();
        assert!(found.ends_with("sh") && found.is_absolute(), "{found:?}");
        let error = program(Name::new("no-such-program", here), here).place();
        assert!(error.unwrap_err().to_string().contains("PATH"));
    }

    #[test]
    fn without_a_directory_to_work_in_nothing_is_run() {
        let nowhere = Path::new("/no/such/directory");
        let error = program(Name::Shell, nowhere).place().unwrap_err();
        assert!(error.to_string().contains("/no/such/directory"), "{error}");
    }
}
