//! The agent that is any program: a document in, an answer out.
//!
//! One run for each question, with the document on its standard input. What it writes to its
//! standard output is the answer ([`reply`]), what it writes to its standard error goes to the
//! log. A [`supervisor`] sees to it that nothing of it outlives the question.

mod environment;
mod log;
mod process_tree;
mod program;
mod recent;
mod reply;
mod run;
mod supervisor;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use futures_util::future::{BoxFuture, FutureExt};
use serde_json::json;

pub use supervisor::supervised;

use self::{
    environment::Environment,
    program::Program,
    recent::{Message, Recent},
};
use super::{Agent, Answer, Answering, Check, Draft, Failure, Kind, Question, interface::HERE};
use crate::{
    config::Section,
    error::{Error, Result},
    threads::lock,
};

pub(super) const KIND: Kind = Kind {
    name: "command",
    about: "a program of your own, run for each message",
    keys: &[("agent.command", "Program that answers")],
    runs_programs: true,
    conversations: HERE,
    build: |section, surroundings| Ok(Box::new(Command::read(section, &surroundings.directory)?)),
};

/// The version of the document. Keys may be added to it; whatever else changes is a new version.
const SCHEMA: &str = "nanobot.question/1";
/// How long the program may take where the configuration does not say.
const TIME_LIMIT: Duration = Duration::from_mins(2);
/// The longest it may be allowed to take, in seconds.
const LONGEST: usize = 24 * 60 * 60;
/// The most messages of a conversation that it may want to see again.
const MOST_HISTORY: usize = 100;

/// Answers with what a program writes.
#[derive(Debug)]
struct Command {
    program: Program,
    /// Whether it may be run again for a question that it was already run for.
    repeatable: bool,
    /// The directories from which it may send files; absolute.
    attachments_from: Vec<PathBuf>,
    /// What was said of late, as far as the program wants it.
    recent: Mutex<Recent>,
}

impl Agent for Command {
    fn describe(&self) -> String {
        self.program.described.clone()
    }

    fn answer<'a>(&'a self, question: &'a Question, draft: &'a Draft) -> Answering<'a> {
        self.ask(question, draft).boxed()
    }

    /// Whatever the program does, it has done some of it.
    fn is_repeatable(&self) -> bool {
        self.repeatable
    }

    fn forget<'a>(&'a self, conversation: &'a str) -> BoxFuture<'a, Result<()>> {
        self.recent().forget(conversation);
        std::future::ready(Ok(())).boxed()
    }

    fn attachments_from(&self) -> &[PathBuf] {
        &self.attachments_from
    }

    fn reach(&self) -> BoxFuture<'_, Result<()>> {
        std::future::ready(self.program.place().map(drop)).boxed()
    }

    fn check(&self, _may_ask: bool) -> BoxFuture<'_, Vec<Check>> {
        let checks = match self.program.place() {
            Err(error) => vec![Check::new("program", Err(error))],
            Ok(place) => {
                let program = Check::new("program", Ok(format!("{} can be run", place.display())));
                [program]
                    .into_iter()
                    .chain(self.check_directories())
                    .collect()
            }
        };
        std::future::ready(checks).boxed()
    }
}

impl Command {
    /// Takes the agent's keys out of the section. Relative paths start at this directory, that of
    /// the configuration.
    fn read(section: &mut Section, home: &Path) -> Result<Self> {
        // A program may work elsewhere than this one was started.
        let home = std::path::absolute(home).unwrap_or_else(|_| home.to_owned());
        let (name, described, arguments) = command(section, &home)?;
        let directory = section.text("workingDirectory")?;
        let time_limit = section.seconds("timeoutSeconds", LONGEST)?;
        let history = section.count("history", MOST_HISTORY)?;
        Ok(Self {
            program: Program {
                name,
                described,
                arguments,
                directory: home.join(directory.unwrap_or_default()),
                environment: Environment::read(section, std::env::vars_os())?,
                time_limit: time_limit.unwrap_or(TIME_LIMIT),
            },
            repeatable: section.switch("repeatable")?.unwrap_or(false),
            attachments_from: directories(section, &home)?,
            recent: Mutex::new(Recent::new(history.map_or(0, usize::from))),
        })
    }

    async fn ask(&self, question: &Question, draft: &Draft) -> Result<Answer, Failure> {
        let conversation = question.conversation();
        let said = match &question.history {
            Some(turns) => self.recent().newest(turns),
            None => self.recent().of(&conversation),
        };
        let document = document(question, &said);
        let output = self
            .program
            .run(&document, &question.event_id, draft)
            .await?;
        let answer = reply::read(&output, &self.program.directory);
        if question.history.is_none() {
            self.recent().add(&conversation, question, &answer.text);
        }
        Ok(answer)
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        lock(&self.recent)
    }

    fn check_directories(&self) -> Option<Check> {
        const ID: &str = "attachments";
        for directory in &self.attachments_from {
            let shown = directory.display();
            let error = match fs::metadata(directory) {
                Ok(found) if found.is_dir() => continue,
                Ok(_) => Error::failure(format!("{shown} is not a directory")),
                Err(error) => {
                    Error::failure(format!("no files can be sent from {shown}")).because(error)
                }
            };
            let hint = "make the directory, or correct channels.matrix.agent.attachmentsFrom";
            return Some(Check::new(ID, Err(error.hint(hint))));
        }
        let count = self.attachments_from.len();
        let found = format!("it may send files from {count} directories");
        (count > 0).then(|| Check::new(ID, Ok(found)))
    }
}

/// What the program gets: a document on one line.
fn document(question: &Question, history: &[Message]) -> String {
    let mut document = json!(question);
    document["schema"] = json!(SCHEMA);
    document["conversation"] = json!(question.conversation());
    document["history"] = json!(history);
    document.to_string()
}

/// The directories from which files may be sent.
fn directories(section: &mut Section, home: &Path) -> Result<Vec<PathBuf>> {
    const KEY: &str = "attachmentsFrom";
    let listed = section.list(KEY)?.unwrap_or_default();
    let directories: Vec<_> = listed.iter().map(|path| home.join(path)).collect();
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if directories
        .iter()
        .any(|path| real(home).starts_with(real(path)))
    {
        let must = "directories that do not hold this configuration: it has the bot's keys";
        return Err(section.wrong(KEY, must));
    }
    Ok(directories)
}

/// The program, what it is for people, and its arguments.
fn command(section: &mut Section, home: &Path) -> Result<(PathBuf, String, Vec<String>)> {
    let shell = "a command of the shell".to_owned();
    let no_command = "a list of a program and its arguments, or \"shell\" a text for sh";
    match (section.list("command")?.as_deref(), section.text("shell")?) {
        (Some([name, arguments @ ..]), None) if !name.is_empty() => {
            // A path is one with a slash, as in a shell.
            let is_path = name.contains('/');
            let path = if is_path {
                home.join(name)
            } else {
                name.into()
            };
            Ok((path, format!("the program `{name}`"), arguments.to_vec()))
        }
        (Some(_), None) => Err(section.wrong("command", "a list that begins with a program")),
        (None, Some(script)) => Ok(("/bin/sh".into(), shell, vec!["-c".to_owned(), script])),
        (None, None) => Err(section.wrong("command", no_command)),
        (Some(_), Some(_)) => Err(section.wrong("shell", "absent beside \"command\"")),
    }
}

#[cfg(test)]
mod tests;
