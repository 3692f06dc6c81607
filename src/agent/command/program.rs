//! The program: what it is called, where it is, and whether it can be run.

use std::{
    ffi::{OsStr, OsString},
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::fs::{Access, access};

use super::environment::Environment;
use crate::{
    error::{Error, Result},
    text::shell_quote,
};

/// Where programs are looked for without a `PATH`.
const USUAL_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A program, and how it is run.
#[derive(Debug)]
pub(super) struct Program {
    /// Its path, absolute, or a word that is looked for in `PATH`.
    pub(super) name: PathBuf,
    /// What it is, for the person who starts the bot. Its arguments may be secret.
    pub(super) described: String,
    pub(super) arguments: Vec<String>,
    /// Where it works; absolute.
    pub(super) directory: PathBuf,
    pub(super) environment: Environment,
    pub(super) time_limit: Duration,
}

impl Program {
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
        if self.name.is_absolute() {
            return runnable(&self.name).map(|()| self.name.clone());
        }
        let path = self.environment.variables.get(OsStr::new("PATH"));
        let path = path.map_or(USUAL_PATH.as_ref(), OsString::as_os_str);
        let places = path.as_bytes().split(|byte| *byte == b':');
        places
            .filter(|place| place.starts_with(b"/"))
            .map(|place| Path::new(OsStr::from_bytes(place)).join(&self.name))
            .find(|place| runnable(place).is_ok())
            .ok_or_else(|| {
                let name = self.name.to_string_lossy();
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
        let fix = format!("chmod +x {}", shell_quote(&shown.to_string()));
        Error::failure(format!("{shown} may not be run")).command(fix)
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    fn program(name: &str, directory: &Path) -> Program {
        Program {
            name: name.into(),
            described: "the program".to_owned(),
            arguments: Vec::new(),
            directory: directory.to_owned(),
            environment: Environment::default(),
            time_limit: Duration::from_secs(1),
        }
    }

    #[test]
    fn a_file_must_be_there_and_runnable() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("bot.sh");
        let file = program(path.to_str().unwrap(), home.path());
        let said = || file.place().unwrap_err().to_string();
        assert!(said().contains("there is no program"), "{}", said());
        fs::write(&path, "#!/bin/sh\n").unwrap();
        assert!(said().contains("may not be run"), "{}", said());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(file.place().unwrap(), path);
        let directory = program(home.path().to_str().unwrap(), home.path());
        let said = directory.place().unwrap_err().to_string();
        assert!(said.contains("is not a file"), "{said}");
    }

    #[test]
    fn a_word_is_looked_for_in_the_path() {
        let here = Path::new("/");
        let found = program("sh", here).place().unwrap();
        assert!(found.ends_with("sh") && found.is_absolute(), "{found:?}");
        let error = program("no-such-program", here).place();
        assert!(error.unwrap_err().to_string().contains("PATH"));
    }

    #[test]
    fn without_a_directory_to_work_in_nothing_is_run() {
        let nowhere = Path::new("/no/such/directory");
        let error = program("/bin/sh", nowhere).place().unwrap_err();
        assert!(error.to_string().contains("/no/such/directory"), "{error}");
    }
}
