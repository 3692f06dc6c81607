//! What every agent is and does.

use std::{ffi::OsString, fmt, num::NonZeroUsize, path::PathBuf, sync::Arc};

use futures_util::future::{BoxFuture, FutureExt, ready};
use tokio::sync::watch;

use super::{Answer, Question};
use crate::{
    config::{Document, Section},
    error::{Error, Result},
    ipc::Workers,
};

/// A kind of agent.
#[derive(Debug)]
pub struct Kind {
    /// Its name in `channels.matrix.agent.type`.
    pub name: &'static str,
    /// What it does, in a few words.
    pub about: &'static str,
    /// Its keys of `channels.matrix.agent` that most people set, and what each is, in a few words;
    /// `docs/agents.md` and `docs/scale.md` have the others.
    pub keys: &'static [(&'static str, &'static str)],
    /// Whether it runs programs of others, in the surroundings of this process.
    pub runs_programs: bool,
    /// How many conversations it is asked about at the same time where that is not said.
    pub conversations: NonZeroUsize,
    /// Makes an agent of its own keys of `channels.matrix.agent`. It takes every key it knows
    /// out of the section; what is left over is refused.
    pub build: fn(&mut Section, &Surroundings) -> Result<Box<dyn Agent>>,
}

/// Conversations that an agent of this machine is asked about at the same time.
// A constant: the compiler would refuse a 0.
pub const HERE: NonZeroUsize = NonZeroUsize::new(16).unwrap();

/// What an agent may know besides its own settings.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The whole configuration: `agents.defaults`, `providers` and so on.
    pub document: Document,
    /// The directory of the configuration, for what an agent keeps.
    pub directory: PathBuf,
    /// How a variable of the environment is looked up.
    pub environment: fn(&str) -> Option<OsString>,
}

/// The agent that the configuration names, and how it is to be asked.
#[derive(Clone, Debug)]
pub struct Configured {
    /// Who answers.
    pub agent: Arc<dyn Agent>,
    /// Its kind: [`Kind::name`].
    pub kind: &'static str,
    /// How many conversations are answered at the same time.
    pub conversations: NonZeroUsize,
    /// What happens to messages that arrive while an earlier one is being answered.
    pub while_busy: WhileBusy,
    /// How many messages of a group that did not mention the bot it is told before one that does.
    pub room_context: usize,
    /// Why the model does not answer that the file names for the Python tool, where it cannot.
    pub passed_over: Option<String>,
}

impl Configured {
    /// Its kind, and what it is in a few words.
    pub fn describe(&self) -> String {
        format!("{} ({})", self.kind, self.agent.describe())
    }
}

/// What happens to messages that arrive while an earlier one of their conversation is being
/// answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhileBusy {
    /// Each is answered by itself, in turn.
    #[default]
    Queue,
    /// All that wait are handed over together, as one question.
    Together,
}

/// Something that answers messages.
pub trait Agent: fmt::Debug + Send + Sync + 'static {
    /// What answers, in a few words for the person who starts the bot, such as
    /// ``the program `./bot.sh` ``.
    fn describe(&self) -> String;

    /// The answer to this question. An agent that has something to show before it is done puts
    /// it into the draft.
    ///
    /// Whoever drops the future has changed their mind: what it began must end with it.
    fn answer<'a>(&'a self, question: &'a Question, draft: &'a Draft) -> Answering<'a>;

    /// Whether a question may be given up half-way and asked again in other words. Where its work
    /// does more than answer, it may not be doubled.
    fn is_repeatable(&self) -> bool {
        true
    }

    /// The words of the commands that it knows by itself, without the `/` before them
    /// ([`Question::command`]).
    fn commands(&self) -> &'static [&'static str] {
        &[]
    }

    /// Begins with what it does beside answering, such as being connected. It is asked for this
    /// once, where it is about to be used for long.
    fn start(&self) {}

    /// How those are that answer for it on other machines, where it has such.
    fn workers(&self) -> Option<Workers> {
        None
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

    /// The models that its service offers, where it asks one of several.
    ///
    /// # Errors
    ///
    /// When they cannot be listed.
    fn models(&self) -> BoxFuture<'_, Result<Vec<String>>> {
        ready(Ok(Vec::new())).boxed()
    }

    /// The directories from which it may send files ([`Answer::attachments`]); absolute.
    fn attachments_from(&self) -> &[PathBuf] {
        &[]
    }

    /// Whether it is there, at little cost: somebody asks again and again.
    ///
    /// # Errors
    ///
    /// When it is not, so that it could not answer now.
    fn reach(&self) -> BoxFuture<'_, Result<()>> {
        ready(Ok(())).boxed()
    }

    /// Whether it could answer now: there, authorised, its model known. Where only a question can
    /// tell, which may cost something, one is asked if it may be. What is checked, in the order in
    /// which each needs the one before; ends with the first that fails.
    fn check(&self, may_ask: bool) -> BoxFuture<'_, Vec<Check>>;
}

/// An answer that is coming.
pub type Answering<'a> = BoxFuture<'a, Result<Answer, Failure>>;

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

    /// What was said before cannot be read or written: without it, it would be another conversation.
    pub(super) fn lost(error: Error) -> Self {
        let words = "I cannot keep our conversation right now; please tell whoever runs this bot.";
        Self::new(words, error)
    }
}

/// One thing that was checked of an agent.
#[derive(Debug)]
pub struct Check {
    /// What was checked, as the last part of the doctor's id: `reachable` of `agent.reachable`.
    pub id: &'static str,
    /// What was found, or what is wrong and how to mend it.
    pub outcome: Result<String>,
    /// Whether that is all that can be told without asking a question.
    pub is_open: bool,
}

impl Check {
    /// One that tells all.
    pub fn new(id: &'static str, outcome: Result<String>) -> Self {
        Self {
            id,
            outcome,
            is_open: false,
        }
    }
}

/// Where an agent puts the whole of what it has so far, while it writes.
#[derive(Clone, Debug)]
pub struct Draft {
    text: watch::Sender<String>,
    /// Whether somebody is at work on it.
    working: watch::Sender<bool>,
}

impl Draft {
    /// A draft, and the place where it can be watched. Where nobody watches, drop that.
    pub fn new() -> (Self, watch::Receiver<String>) {
        let (text, receiver) = watch::channel(String::new());
        let (working, _) = watch::channel(true);
        (Self { text, working }, receiver)
    }

    /// Whether somebody is at work on the answer, as [`Self::set_working`] says it.
    pub fn working(&self) -> watch::Receiver<bool> {
        self.working.subscribe()
    }

    /// Says whether somebody is at work on the answer, or it only waits. Until that is said,
    /// somebody is.
    pub fn set_working(&self, working: bool) {
        self.working
            .send_if_modified(|known| std::mem::replace(known, working) != working);
    }

    /// Whether anybody watches. Where nobody does, nothing need be put here.
    pub fn is_watched(&self) -> bool {
        !self.text.is_closed()
    }

    /// Replaces what there is so far.
    pub fn show(&self, text: &str) {
        self.text.send_if_modified(|shown| {
            let is_news = shown != text;
            text.clone_into(shown);
            is_news
        });
    }
}
