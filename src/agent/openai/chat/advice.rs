//! A fault in words: for the chat, and for those who run the bot.

use std::time::Duration;

use super::{
    endpoint::Endpoint,
    fault::{Fault, Why},
};
use crate::{
    agent::Failure,
    error::{Error, Kind, Remedy},
};

impl Endpoint {
    /// A fault of this place, for the chat and for the log.
    pub fn failure(&self, fault: &Fault) -> Failure {
        let why = fault.why;
        let (words, hint) = advice(why);
        let remedy = match why {
            Why::Unreachable => self.service.start.clone(),
            Why::Dropped => self.service.dropped.into(),
            Why::Unauthorised => {
                let command = format!("nanobot config set {} --stdin", self.key_path);
                Remedy::from(hint).and_command(command)
            }
            Why::NoModel | Why::Garbage => Remedy::from(hint).and_command("nanobot agent check"),
            _ => hint.into(),
        };
        let kind = match why {
            Why::Unreachable
            | Why::Busy(_)
            | Why::Trouble
            | Why::Stalled
            | Why::Slow
            | Why::Dropped => Kind::Unreachable,
            _ => Kind::Failure,
        };
        let message = format!("{} {}", self.name, fault.what);
        Failure::new(words, Error::new(kind, message).with_remedy(remedy))
    }
}

/// One short sentence for whoever asked, and what those who run the bot can do.
fn advice(why: Why) -> (String, &'static str) {
    let (words, hint) = match why {
        Why::Busy(wait) => return (busy(wait.unwrap_or_default()), "try again later"),
        Why::Unreachable => (
            "I cannot reach my model right now; please try again later.",
            "",
        ),
        Why::Unauthorised => (
            "My model does not accept my key; please tell whoever runs this bot.",
            "set the right key",
        ),
        Why::NoCredit => (
            "The account of my model is used up; please tell whoever runs this bot.",
            "look at the account's credit and limits",
        ),
        Why::NoModel => (
            "My model is not there; please tell whoever runs this bot.",
            "check apiBase and the model's name",
        ),
        Why::TooLong => (
            "This is too long for my model; say it shorter, or begin anew with !new.",
            "set historyTokens in channels.matrix.agent to what the model can take",
        ),
        Why::Trouble => (
            "My model is in trouble right now; please try again later.",
            "try again later",
        ),
        Why::Refused => (
            "My model refuses this message; say it in another way, or begin anew with !new.",
            "the words are the service's own; see its documentation",
        ),
        Why::Stalled => (
            "My model stopped answering; please try again.",
            "if it needs that long, raise idleSeconds in channels.matrix.agent",
        ),
        Why::Slow => (
            "My model took too long; please try again, or ask for less.",
            "if it needs that long, raise timeoutSeconds in channels.matrix.agent",
        ),
        Why::Dropped => ("The connection to my model broke; please try again.", ""),
        Why::Garbage => (
            "My model sent something I cannot read; please try again later.",
            "check apiBase",
        ),
        Why::Empty => (
            "My model had nothing to say; please say it in another way.",
            "say it in another way",
        ),
        Why::UsedUp => (
            "My model ran out of room before it could answer; ask for less.",
            "raise maxTokens",
        ),
        Why::Declined => ("My model declines to answer this.", "say it in another way"),
    };
    (words.to_owned(), hint)
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
        let told = |seconds| busy(Duration::from_secs(seconds));
        assert!(told(1).ends_with("in a minute."));
        assert!(told(61).ends_with("in 2 minutes."));
        assert!(told(86_400).ends_with("again later."));
    }
}
