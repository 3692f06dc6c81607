//! Encrypted messages that the bot does not read.

use std::time::Duration;

use crate::{
    doctor::{
        check::{Advice, Check, Explanation, Verdict},
        checks::{counted, listed},
        facts::Facts,
    },
    inbox::Stored,
    instance::{Backlog, UndecryptableEvent, now},
};

/// Nobody waits any longer for an answer to what is older.
const RECENT: Duration = Duration::from_hours(7 * 24);

pub(in crate::doctor) const CHECKS: &[Check] = &[
    Check {
        id: "e2ee.disabled-rooms",
        title: "No room is left out because it is encrypted",
        probe: "rooms",
        needs: &["token.device"],
        judge: disabled_rooms,
        explanation: Explanation {
            meaning: "With e2eeEnabled false the bot neither reads nor answers in encrypted rooms.",
            matters: "The bot is silent in these rooms.",
            causes: &[
                "e2eeEnabled is false, and people made encrypted rooms, as clients do by default",
            ],
        },
        remedy: Advice {
            text: "switch encryption on, then start the gateway again",
            commands: &["nanobot config set e2eeEnabled true"],
        },
    },
    Check {
        id: "e2ee.undecryptable",
        title: "Every message could be decrypted",
        probe: "journal",
        needs: &[],
        judge: undecryptable,
        explanation: Explanation {
            meaning: "Messages of the last week whose keys have not come. The bot keeps them, and \
                      answers them when the keys do come.",
            matters: "Their senders wait for an answer.",
            causes: &[
                "the sender's client did not know the bot's device when it encrypted",
                "the bot's device is new, and the message is older",
                "the sender's client only encrypts to verified devices",
            ],
        },
        remedy: Advice {
            text: "ask the sender to write again",
            commands: &[],
        },
    },
];

fn disabled_rooms(facts: &Facts) -> Option<Verdict> {
    if facts.config.as_ref()?.matrix.as_ref()?.e2ee_enabled {
        return Some(Verdict::pass("encryption is switched on"));
    }
    let rooms = match facts.rooms.as_ref()? {
        Ok(rooms) => &rooms.seen,
        Err(failure) => return Some(Verdict::unanswered(failure)),
    };
    let encrypted: Vec<_> = rooms
        .iter()
        .filter(|room| room.encrypted)
        .map(|room| room.id.as_str())
        .collect();
    Some(if encrypted.is_empty() {
        Verdict::pass("encryption is switched off, and the bot is in no encrypted room")
    } else {
        Verdict::warn(format!(
            "e2eeEnabled is false, and the bot is in {}, where it is silent: {}",
            counted(encrypted.len(), "encrypted room"),
            listed(&encrypted)
        ))
        .evidence("rooms", &encrypted)
    })
}

fn undecryptable(facts: &Facts) -> Option<Verdict> {
    let found = &backlog(facts)?.undecryptable;
    if found.count == 0 {
        return Some(Verdict::pass("no message waits for its key"));
    }
    let told = |event: &UndecryptableEvent| {
        let reason = event.reason.as_deref();
        let reason = reason.unwrap_or("the reason was not written down");
        format!("from {} in {}: {reason}", event.sender, event.room_id)
    };
    if !found.recent.iter().any(is_recent) {
        return Some(Verdict::pass(format!(
            "none of the last {} days; {} older than that cannot be decrypted",
            RECENT.as_secs() / 86_400,
            counted(found.count, "message")
        )));
    }
    let mut lines = vec![format!(
        "{} cannot be decrypted",
        counted(found.count, "message")
    )];
    lines.extend(found.recent.iter().map(told));
    Some(Verdict::warn(lines.join("\n")).evidence("count", found.count))
}

/// Whether its sender may still wait for an answer; so where nobody wrote down when it came.
fn is_recent(event: &UndecryptableEvent) -> bool {
    let age = |at| Duration::from_millis(now().saturating_sub(at));
    event.at.is_none_or(|at| age(at) < RECENT)
}

/// What waits: from the running gateway, or from the journal it left.
fn backlog(facts: &Facts) -> Option<&Backlog> {
    if let Some(status) = facts.gateway.as_ref()?.as_ref().ok()?.status() {
        return status.backlog.as_ref();
    }
    match facts.journal.as_ref()?.as_ref().ok()?.as_ref()? {
        Stored::Sound { summary, .. } => Some(&summary.backlog),
        Stored::Damaged { .. } | Stored::Newer { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        doctor::{facts::Gateway, report::Status},
        inbox::Summary,
        instance::Undecryptable,
    };

    /// The judgement over messages that came so many days ago.
    fn judged(days: &[Option<u64>]) -> Verdict {
        let event = |days: &Option<u64>| UndecryptableEvent {
            at: days.map(|days| now() - days * 86_400_000),
            ..UndecryptableEvent::default()
        };
        let mut summary = Summary::default();
        summary.backlog.undecryptable = Undecryptable {
            count: 1,
            recent: days.iter().map(event).collect(),
        };
        let version = 2;
        let facts = Facts {
            gateway: Some(Ok(Gateway::Stopped)),
            journal: Some(Ok(Some(Stored::Sound { version, summary }))),
            ..Facts::default()
        };
        undecryptable(&facts).unwrap()
    }

    #[test]
    fn what_was_not_read_long_ago_is_no_news() {
        assert_eq!(judged(&[Some(8), Some(30)]).status, Status::Pass);
        assert_eq!(judged(&[Some(6), Some(30)]).status, Status::Warn);
        assert_eq!(judged(&[None]).status, Status::Warn);
    }
}
