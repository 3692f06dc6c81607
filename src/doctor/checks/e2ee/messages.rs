//! Encrypted messages that the bot does not read.

use crate::{
    doctor::{
        check::{Advice, Check, Explanation, Verdict},
        checks::{counted, listed},
        facts::Facts,
    },
    inbox::Stored,
    instance::{Backlog, UndecryptableEvent},
};

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
            meaning: "Messages whose keys have not come. The bot keeps them, and answers them when \
                      the keys do come.",
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
    let mut lines = vec![format!(
        "{} cannot be decrypted",
        counted(found.count, "message")
    )];
    lines.extend(found.recent.iter().map(told));
    Some(Verdict::warn(lines.join("\n")).evidence("count", found.count))
}

fn backlog(facts: &Facts) -> Option<&Backlog> {
    if let Some(status) = facts.gateway.as_ref()?.as_ref().ok()?.status() {
        return status.backlog.as_ref();
    }
    match facts.journal.as_ref()?.as_ref().ok()?.as_ref()? {
        Stored::Sound { summary, .. } => Some(&summary.backlog),
        Stored::Damaged { .. } | Stored::Newer { .. } => None,
    }
}
