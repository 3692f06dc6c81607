//! What becomes of an agent's failure: words for the room, and the whole story for the log.

use super::{Answerer, filter::Admitted};
use crate::{
    agent::Failure,
    gateway::{
        health::News,
        render::{append, compose, notice},
        shown,
    },
    journal::Part,
    text::{counted, duration, excerpt},
};

/// What is said for an agent that failed without a word.
const SPEECHLESS: &str = "I could not answer that. See the bot's log for the reason.";

impl Answerer {
    /// What is said of an agent's failure; it follows what was shown of the answer.
    pub(super) fn failed(&self, asked: &Admitted, failure: &Failure, draft: &str) -> Vec<Part> {
        self.tell_failure(asked, &self.health.words(&failure.error));
        self.health.failed(&failure.error);
        let words = excerpt(&failure.words);
        let words = if words.is_empty() { SPEECHLESS } else { &words };
        if draft.trim().is_empty() {
            notice(asked.address(), words)
        } else {
            compose(asked.address(), &append(draft, words))
        }
    }

    /// Logs it. Of an agent that fails again and again only the first failure is worth an error, and
    /// their number now and then.
    fn tell_failure(&self, asked: &Admitted, error: &str) {
        let (room_id, sender) = (&*asked.waiting.room_id, &*asked.message.sender);
        let (event_id, agent) = (&*asked.waiting.event_id, self.settings.agent.kind);
        let (verdict, room) = ("agent-failed", shown(&self.asker.rooms, room_id));
        let words = format!("{sender} in {room}: the agent failed: {error}");
        macro_rules! tell {
            ($level:ident) => {
                tracing::$level!(
                    event = "message",
                    room_id,
                    sender,
                    event_id,
                    verdict,
                    agent,
                    error,
                    "{words}"
                )
            };
        }
        let news = self.health.agent_outage.failed();
        if news == News::First {
            tell!(error);
        } else {
            tell!(info);
        }
        if let News::Still { failures, time } = news {
            let (failures, time) = (counted(failures, "failure"), duration(time));
            tracing::error!(
                event = "agent_outage",
                agent,
                error,
                "the agent still fails ({failures} in {time}): {error}"
            );
        }
    }
}
