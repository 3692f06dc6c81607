//! Encrypted messages that the bot does not read.

use std::time::Duration;

use crate::doctor::checks::prelude::*;
use crate::{
    ipc::{Backlog, UndecryptableEvent},
    journal::Stored,
    text::{counted, shell_quote},
};

/// Nobody waits any longer for an answer to what is older.
const RECENT: Duration = Duration::from_hours(7 * 24);

pub fn checks() -> Vec<Check> {
    vec![
        Check::new("e2ee.disabled-rooms", "rooms", &["token.device"]).judge(disabled_rooms),
        Check::new("e2ee.undecryptable", "journal", &[]).judge(undecryptable),
    ]
}

fn disabled_rooms(facts: &Facts) -> Judgement {
    if facts.matrix()?.e2ee_enabled {
        return Ok(Verdict::pass("encryption is enabled"));
    }
    let rooms = answer(facts.rooms.as_ref())?.seen.iter();
    let encrypted = rooms.filter(|room| room.encrypted);
    let encrypted: Vec<_> = encrypted.map(|room| room.id.as_str()).collect();
    let well = "encryption is disabled, and the bot is in no encrypted room";
    Ok(Verdict::warn_of("rooms", &encrypted, well, |rooms| {
        let count = counted(encrypted.len(), "encrypted room");
        format!("e2eeEnabled is false, and the bot is in {count}, where it is silent: {rooms}")
    }))
}

fn undecryptable(facts: &Facts) -> Judgement {
    let found = &backlog(facts)?.undecryptable;
    if found.count == 0 {
        return Ok(Verdict::pass("no message is waiting for its key"));
    }
    let messages = counted(found.count, "message");
    // Nobody may have written down when it came.
    let is_recent = |event: &UndecryptableEvent| event.at.is_none_or(|at| age(at) < RECENT);
    if !found.recent.iter().any(is_recent) {
        return Ok(Verdict::pass(format!(
            "all of the last {} days; {messages} older than that cannot be decrypted",
            RECENT.as_secs() / 86_400,
        )));
    }
    let mut lines = vec![format!("{messages} cannot be decrypted")];
    lines.extend(found.recent.iter().map(|event| {
        let reason = event.reason.as_deref();
        let reason = reason.unwrap_or("unknown reason");
        format!("from {} in {}: {reason}", event.sender, event.room_id)
    }));
    let verdict = Verdict::warn(lines.join("\n")).evidence("count", found.count);
    let needs_trust = |event: &&UndecryptableEvent| {
        let reason = event.reason.as_deref().unwrap_or_default();
        is_recent(event) && reason.contains("m.unverified")
    };
    Ok(match found.recent.iter().find(needs_trust) {
        Some(event) => verdict
            .advice(
                "the sender's client sends keys only to verified devices: ask them to verify the bot, \
                 and then to write again",
            )
            .command(format!("nanobot verify {}", shell_quote(&event.sender))),
        None => verdict,
    })
}

/// What waits: from the running gateway, or from the journal it left.
fn backlog(facts: &Facts) -> Result<&Backlog, Missing> {
    facts.gateway()?;
    if let Ok(status) = facts.status() {
        return status.backlog.as_ref().ok_or(Missing);
    }
    match known(facts.journal.as_ref())? {
        Some(Stored::Sound { summary, .. }) => Ok(&summary.backlog),
        _ => Err(Missing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ipc::{Newest, now},
        journal::Summary,
    };

    /// The judgement over messages that came so many days ago.
    fn judged(days: &[Option<u64>]) -> Verdict {
        let event = |days: &Option<u64>| UndecryptableEvent {
            at: days.map(|days| now() - days * 86_400_000),
            ..UndecryptableEvent::default()
        };
        judged_of(Newest {
            count: 1,
            recent: days.iter().map(event).collect(),
        })
    }

    fn judged_of(found: Newest<UndecryptableEvent>) -> Verdict {
        let mut summary = Summary::default();
        summary.backlog.undecryptable = found;
        let version = 2;
        let facts = Facts {
            gateway: Some(Ok(Gateway::Stopped)),
            journal: Some(Ok(Some(Stored::Sound { version, summary }))),
            ..Facts::default()
        };
        undecryptable(&facts).unwrap()
    }

    #[test]
    fn who_keeps_the_key_from_an_unverified_bot_has_to_verify_it() {
        let told = |reason: &str| {
            let verdict = judged_of(Newest {
                count: 1,
                recent: vec![UndecryptableEvent {
                    sender: "@ann:example.org".to_owned(),
                    reason: Some(reason.to_owned()),
                    ..UndecryptableEvent::default()
                }],
            });
            verdict.remedy.commands
        };
        assert_eq!(told("its key has not come"), [""; 0]);
        let kept = told("its sender keeps the key from the bot (m.unverified)");
        assert_eq!(kept, ["nanobot verify @ann:example.org"]);
    }

    #[test]
    fn what_was_not_read_long_ago_is_no_news() {
        assert_eq!(judged(&[Some(8), Some(30)]).status, Status::Pass);
        assert_eq!(judged(&[Some(6), Some(30)]).status, Status::Warn);
        assert_eq!(judged(&[None]).status, Status::Warn);
    }
}
