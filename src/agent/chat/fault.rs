//! Why a model gave no answer: in words for the chat, and the whole story.

use std::time::Duration;

use crate::{
    agent::Failure,
    error::{Error, Kind},
};

/// What sort of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::agent) enum Why {
    /// No connection came about.
    Unreachable,
    /// The key is missing, wrong, or not good for this.
    Unauthorised,
    /// The account has no credit left.
    NoCredit,
    /// There is no such model, or nothing at this address.
    NoModel,
    /// The conversation is longer than the model can take.
    TooLong,
    /// Too many questions; how long to wait, where that was said.
    Busy(Option<Duration>),
    /// The service says that it is in trouble.
    Trouble,
    /// The question was refused for another reason.
    Refused,
    /// Nothing came for too long.
    Stalled,
    /// The answer as a whole took too long.
    Slow,
    /// The connection ended in the middle of the answer.
    Dropped,
    /// What came is no answer of this API.
    Garbage,
    /// The answer has no words.
    Empty,
    /// The answer was used up before its first word.
    UsedUp,
    /// The model declines to answer.
    Declined,
}

/// Why a model gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::agent) struct Fault {
    pub(in crate::agent) why: Why,
    /// The whole story but for who it is about: a predicate such as `does not accept the key`.
    /// Foreign words in it are cleaned, and no secret is among them.
    pub(super) what: String,
}

impl Fault {
    pub(in crate::agent) fn new(why: Why, what: impl Into<String>) -> Self {
        Self {
            why,
            what: what.into(),
        }
    }

    /// Whether the same question may be answered in a moment, and was not acted on.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self.why, Why::Unreachable | Why::Busy(_) | Why::Trouble)
    }

    /// One short sentence for whoever asked.
    fn words(&self) -> String {
        match self.why {
            Why::Unreachable => "I cannot reach my model right now; please try again later.",
            Why::Unauthorised => {
                "My model does not accept my key; please tell whoever runs this bot."
            }
            Why::NoCredit => {
                "The account of my model is used up; please tell whoever runs this bot."
            }
            Why::NoModel => "My model is not there; please tell whoever runs this bot.",
            Why::TooLong => {
                "This is too long for my model; say it shorter, or begin anew with !new."
            }
            Why::Busy(Some(wait)) => return busy(wait),
            Why::Busy(None) => "My model is busy; please try again in a minute.",
            Why::Trouble => "My model is in trouble right now; please try again later.",
            Why::Refused => {
                "My model refuses this message; say it in another way, or begin anew with !new."
            }
            Why::Stalled => "My model stopped answering; please try again.",
            Why::Slow => "My model took too long; please try again, or ask for less.",
            Why::Dropped => "The connection to my model broke; please try again.",
            Why::Garbage => "My model sent something I cannot read; please try again later.",
            Why::Empty => "My model had nothing to say; please say it in another way.",
            Why::UsedUp => "My model ran out of room before it could answer; ask for less.",
            Why::Declined => "My model declines to answer this.",
        }
        .to_owned()
    }

    /// What sort of error it is for the exit code.
    fn kind(&self) -> Kind {
        match self.why {
            Why::Unreachable
            | Why::Busy(_)
            | Why::Trouble
            | Why::Stalled
            | Why::Slow
            | Why::Dropped => Kind::Unreachable,
            _ => Kind::Failure,
        }
    }

    /// The whole story, of this service.
    pub(super) fn error(&self, service: &Service<'_>) -> Error {
        let message = format!("{} {}", service.name, self.what);
        Error::new(self.kind(), message).hint(self.hint(service))
    }

    /// For the chat and for the log.
    pub(super) fn failure(&self, service: &Service<'_>) -> Failure {
        Failure::new(self.words(), self.error(service))
    }

    fn hint(&self, service: &Service<'_>) -> String {
        match self.why {
            Why::Unreachable => service.start.to_owned(),
            Why::Unauthorised => {
                format!(
                    "set the right key: nanobot config set {} --stdin",
                    service.key_path
                )
            }
            Why::NoCredit => "look at the account's credit and limits".to_owned(),
            Why::NoModel => "check apiBase and the model's name: nanobot agent check".to_owned(),
            Why::TooLong => {
                "set historyTokens in channels.matrix.agent to what the model can take".to_owned()
            }
            Why::Busy(_) | Why::Trouble => "try again later".to_owned(),
            Why::Refused => "the words are the service's own; see its documentation".to_owned(),
            Why::Stalled => {
                "if it needs that long, raise idleSeconds in channels.matrix.agent".to_owned()
            }
            Why::Slow => {
                "if it needs that long, raise timeoutSeconds in channels.matrix.agent".to_owned()
            }
            Why::Dropped => service.dropped.to_owned(),
            Why::Garbage => "check apiBase: nanobot agent check".to_owned(),
            Why::Empty | Why::Declined => "say it in another way".to_owned(),
            Why::UsedUp => "raise maxTokens".to_owned(),
        }
    }
}

/// Who a fault is about, for those who run the bot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Service<'a> {
    /// Its name and address, without secrets.
    pub(super) name: &'a str,
    pub(super) key_path: &'a str,
    /// What to do where nobody answers.
    pub(super) start: &'a str,
    /// What to do where an answer ended in the middle.
    pub(super) dropped: &'a str,
}

fn busy(wait: Duration) -> String {
    let minutes = wait.as_secs().div_ceil(60);
    let when = match minutes {
        0 | 1 => "in a minute".to_owned(),
        2..=90 => format!("in {minutes} minutes"),
        _ => "later".to_owned(),
    };
    format!("My model is busy; please try again {when}.")
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn a_wait_is_told_as_people_say_it() {
        let told = |seconds| Fault::new(Why::Busy(Some(Duration::from_secs(seconds))), "").words();
        assert!(told(1).ends_with("in a minute."));
        assert!(told(61).ends_with("in 2 minutes."));
        assert!(told(86_400).ends_with("again later."));
    }
}
