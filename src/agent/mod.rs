//! Who answers a message once it is clear that it may be answered.
//!
//! [`configured`] makes the agent that the configuration names. Every kind of agent is one file
//! here, and a line in [`KINDS`].

mod attachment;
mod chat;
mod command;
mod draft;
mod echo;
mod kinds;
mod nanobot;
mod openai;
mod providers;
mod question;

use std::{fmt, path::PathBuf};

use futures_util::future::{BoxFuture, FutureExt, ready};

pub use attachment::{Attachment, Content, Sort};
pub use command::supervised;
pub use draft::Draft;
pub use kinds::{Configured, KINDS, Kind, Surroundings, WhileBusy, configured};
pub use question::{Question, Room, Sender, conversation};

use crate::error::{Error, Result};

/// Something that answers messages.
pub trait Agent: fmt::Debug + Send + Sync + 'static {
    /// Who answers, in a few words for the person who starts the bot, such as
    /// ``the program `./bot.sh` ``.
    fn describe(&self) -> String;

    /// The answer to this question. An agent that has something to show before it is done puts
    /// it into the draft.
    ///
    /// Whoever drops the future has changed their mind: what it began must end with it.
    fn answer<'a>(
        &'a self,
        question: &'a Question,
        draft: &'a Draft,
    ) -> BoxFuture<'a, std::result::Result<Answer, Failure>>;

    /// Whether a question may be given up half-way and asked again in other words. Where its work
    /// does more than answer, it may not be doubled.
    fn is_repeatable(&self) -> bool {
        true
    }

    /// Forgets what was said in this conversation ([`Question::conversation`]).
    ///
    /// # Errors
    ///
    /// When it cannot be forgotten.
    fn forget<'a>(&'a self, conversation: &'a str) -> BoxFuture<'a, Result<()>> {
        let _ = conversation;
        ready(Ok(())).boxed()
    }

    /// The directories from which it may send files ([`Answer::attachments`]); absolute.
    fn attachments_from(&self) -> &[PathBuf] {
        &[]
    }

    /// Whether it could answer now, as far as that can be told without asking it anything:
    /// there, authorised, its model known. What is checked, in the order in which each needs the
    /// one before; ends with the first that fails.
    fn check(&self) -> BoxFuture<'_, Vec<Check>>;
}

/// What an agent answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The words, as Markdown. Where there are none and no files, nothing is said.
    pub text: String,
    /// Files to send with them: absolute paths. Only those in a directory of
    /// [`Agent::attachments_from`] are sent.
    pub attachments: Vec<PathBuf>,
}

/// Why an agent gave no answer.
#[derive(Debug)]
pub struct Failure {
    /// One short sentence for the person who asked: what they can do. It names no address, no
    /// path and nothing else of this machine.
    pub words: String,
    /// The whole story, for the log.
    pub error: Error,
}

impl Failure {
    /// A failure: what is said in the chat, and the whole story.
    pub fn new(words: impl Into<String>, error: Error) -> Self {
        Self {
            words: words.into(),
            error,
        }
    }
}

/// One thing that was checked of an agent.
#[derive(Debug)]
pub struct Check {
    /// What was checked, as the last part of the doctor's id: `reachable` of `agent.reachable`.
    pub id: &'static str,
    /// What was found, or what is wrong and how to mend it.
    pub outcome: Result<String>,
}

#[cfg(test)]
#[path = "../../tests/integration/harness/model.rs"]
#[allow(
    dead_code,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "a toolbox of the tests"
)]
mod model;
#[cfg(test)]
mod tests;
