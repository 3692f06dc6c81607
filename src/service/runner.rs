//! How other programs are run: the service managers' tools, and this program for its own check.

use std::{
    ffi::{OsStr, OsString},
    fmt, io,
    os::unix::process::CommandExt,
    process::{Command, Stdio},
};

use crate::{
    error::{Error, Result},
    text::{clean_line, shell_quote},
};

/// A program with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    pub program: OsString,
    pub arguments: Vec<OsString>,
    /// The user and group that it runs as, and the only variables that it sees; where it runs as
    /// ourselves, `None`.
    pub surroundings: Option<Surroundings>,
}

/// What a program finds around it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The user and the group, where they are not ours.
    pub identity: Option<(u32, u32)>,
    pub environment: Vec<(OsString, OsString)>,
}

impl CommandLine {
    pub fn new<S: AsRef<OsStr>>(program: impl Into<OsString>, arguments: &[S]) -> Self {
        let arguments = arguments.iter().map(|word| word.as_ref().to_owned());
        Self {
            program: program.into(),
            arguments: arguments.collect(),
            surroundings: None,
        }
    }
}

/// As it is typed.
impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shell_quote(&self.program.to_string_lossy()))?;
        for argument in &self.arguments {
            write!(f, " {}", shell_quote(&argument.to_string_lossy()))?;
        }
        Ok(())
    }
}

/// How a program ended.
#[derive(Clone, Debug, Default)]
pub struct Ran {
    /// `None` where a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn is_success(&self) -> bool {
        self.code == Some(0)
    }

    /// What it said on standard error, on one line.
    pub fn complaint(&self) -> String {
        let said = clean_line(self.stderr.trim());
        if said.is_empty() {
            let code = self
                .code
                .map_or("a signal".to_owned(), |code| code.to_string());
            return format!("it ended with {code} and said nothing");
        }
        said
    }
}

/// Runs programs; tests hand in their own.
pub trait Runner {
    /// Runs it to its end. `None` where there is no such program.
    ///
    /// # Errors
    ///
    /// When it cannot be run.
    fn run(&self, command: &CommandLine) -> Result<Option<Ran>>;
}

/// Runs them for real.
pub struct System;

impl Runner for System {
    fn run(&self, line: &CommandLine) -> Result<Option<Ran>> {
        let mut command = Command::new(&line.program);
        command.args(&line.arguments).stdin(Stdio::null());
        if let Some(surroundings) = &line.surroundings {
            command.env_clear();
            command.envs(
                surroundings
                    .environment
                    .iter()
                    .map(|(name, value)| (name, value)),
            );
            command.current_dir("/");
            if let Some((user, group)) = surroundings.identity {
                command.uid(user).gid(group);
            }
        }
        match command.output() {
            Ok(output) => Ok(Some(Ran {
                code: output.status.code(),
                stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
                stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::failure(format!("cannot run {line}")).because(error)),
        }
    }
}

/// Runs it, and takes it for granted that there is such a program and that it succeeds.
///
/// # Errors
///
/// Otherwise.
pub fn must(runner: &dyn Runner, line: &CommandLine) -> Result<Ran> {
    let failed = |why: &str| Error::failure(format!("`{line}` failed: {why}"));
    match runner.run(line)? {
        Some(ran) if ran.is_success() => Ok(ran),
        Some(ran) => Err(failed(&ran.complaint())),
        None => Err(failed("there is no such program")),
    }
}
