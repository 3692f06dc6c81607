//! The agent that is any program: a document in, an answer out.
//!
//! One run for each question, with the [`document`] on its standard input. What it writes to its
//! standard output is the answer ([`reply`]), what it writes to its standard error goes to the
//! log. A [`supervisor`] sees to it that nothing of it outlives the question.

mod document;
mod environment;
mod household;
mod log;
mod program;
mod recent;
mod reply;
mod run;
mod settings;
mod supervisor;

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use futures_util::future::{BoxFuture, FutureExt};

pub use supervisor::supervised;

use self::{program::Program, recent::Recent, run::Trouble};
use super::{Agent, Answer, Check, Draft, Failure, Kind, Question};
use crate::error::{Error, Result};

pub(super) const KIND: Kind = Kind {
    name: "command",
    about: "runs a program of your own for each message",
    build: |section, surroundings| {
        let settings = settings::read(section, &surroundings.directory)?;
        Ok(Box::new(Command {
            program: settings.program,
            attachments_from: settings.attachments_from,
            recent: settings.history.map(|most| Mutex::new(Recent::new(most))),
        }))
    },
};

/// Answers with what a program writes.
#[derive(Debug)]
struct Command {
    program: Program,
    /// The directories from which it may send files; absolute.
    attachments_from: Vec<PathBuf>,
    /// What was said of late; `None` where the program does not want it.
    recent: Option<Mutex<Recent>>,
}

impl Agent for Command {
    fn describe(&self) -> String {
        self.program.describe()
    }

    fn answer<'a>(
        &'a self,
        question: &'a Question,
        draft: &'a Draft,
    ) -> BoxFuture<'a, Result<Answer, Failure>> {
        self.ask(question, draft).boxed()
    }

    /// Whatever the program does, it has done some of it.
    fn is_repeatable(&self) -> bool {
        false
    }

    fn forget<'a>(&'a self, conversation: &'a str) -> BoxFuture<'a, Result<()>> {
        self.with_recent(|recent| recent.forget(conversation));
        std::future::ready(Ok(())).boxed()
    }

    fn attachments_from(&self) -> &[PathBuf] {
        &self.attachments_from
    }

    fn check(&self) -> BoxFuture<'_, Vec<Check>> {
        let mut checks = vec![Check {
            id: "program",
            outcome: self
                .program
                .place()
                .map(|place| format!("{} can be run", place.display())),
        }];
        if checks[0].outcome.is_ok() && !self.attachments_from.is_empty() {
            checks.push(Check {
                id: "attachments",
                outcome: self.check_directories(),
            });
        }
        std::future::ready(checks).boxed()
    }
}

impl Command {
    async fn ask(&self, question: &Question, draft: &Draft) -> Result<Answer, Failure> {
        let conversation = question.conversation();
        let said = self.with_recent(|recent| recent.of(&conversation));
        let document = document::write(question, &said.unwrap_or_default());
        let output = self
            .program
            .run(&document, &question.event_id, draft)
            .await
            .map_err(|trouble| self.failure(trouble))?;
        let answer = reply::read(&output, self.program.directory());
        self.with_recent(|recent| recent.add(&conversation, question, &answer.text));
        Ok(answer)
    }

    fn with_recent<T>(&self, act: impl FnOnce(&mut Recent) -> T) -> Option<T> {
        let recent = self.recent.as_ref()?;
        let mut recent = recent.lock().unwrap_or_else(PoisonError::into_inner);
        Some(act(&mut recent))
    }

    fn failure(&self, trouble: Trouble) -> Failure {
        let who = self.program.describe();
        match trouble {
            Trouble::Start(error) => Failure::new(
                "I cannot answer: my program does not start. Please tell whoever runs this bot.",
                error,
            ),
            Trouble::TimeLimit(limit) => Failure::new(
                format!("I gave up: it took longer than {} s.", limit.as_secs()),
                Error::failure(format!(
                    "{who} did not end within {} s and was stopped",
                    limit.as_secs()
                ))
                .hint("raise channels.matrix.agent.timeoutSeconds if it needs longer"),
            ),
            Trouble::TooMuch(limit) => Failure::new(
                "I cannot send the answer: it is too long.",
                Error::failure(format!("{who} wrote more than {limit} bytes")),
            ),
            Trouble::Code { how, last } => {
                let last = match last.as_str() {
                    "" => "; it wrote nothing to its standard error".to_owned(),
                    last => format!(": {last}"),
                };
                Failure::new(
                    "I cannot answer: my program failed. The bot's log says why.",
                    Error::failure(format!("{who} {how}{last}")),
                )
            }
        }
    }

    fn check_directories(&self) -> Result<String> {
        for directory in &self.attachments_from {
            let found = std::fs::metadata(directory).map_err(|error| {
                Error::failure(format!("no files can be sent from {}", directory.display()))
                    .because(error)
                    .hint("make the directory, or correct channels.matrix.agent.attachmentsFrom")
            })?;
            if !found.is_dir() {
                let what = format!("{} is not a directory", directory.display());
                return Err(
                    Error::failure(what).hint("correct channels.matrix.agent.attachmentsFrom")
                );
            }
        }
        let count = self.attachments_from.len();
        Ok(format!("it may send files from {count} directories"))
    }
}
