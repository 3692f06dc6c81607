//! The agent that says what it was told, for trying the bot out.

use futures_util::future::{BoxFuture, FutureExt, ready};

use super::{Agent, Answering, Attachment, Check, Draft, Kind, Question, interface::HERE};

/// Answers every message with its own words, and says which files came with it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Echo;

pub(super) const KIND: Kind = Kind {
    name: "echo",
    about: "repeats each message, to try the bot out",
    keys: &[],
    runs_programs: false,
    conversations: HERE,
    build: |_, _| Ok(Box::new(Echo)),
};

impl Agent for Echo {
    fn describe(&self) -> String {
        "repeats each message".to_owned()
    }

    fn answer<'a>(&'a self, question: &'a Question, _draft: &'a Draft) -> Answering<'a> {
        // It speaks to the chat, and where files lie on this machine is nobody's business there.
        let words = question.lines(Attachment::label);
        ready(Ok(question.after_context(words).into())).boxed()
    }

    fn check(&self, _may_ask: bool) -> BoxFuture<'_, Vec<Check>> {
        ready(Vec::new()).boxed()
    }
}
