//! `gateway.refusals`: messages that the running gateway did not answer for how they came.

use std::time::Duration;

use super::counted;
use crate::{
    doctor::{
        check::{Advice, Check, Explanation, Verdict},
        facts::Facts,
    },
    instance::{Refused, Status, now},
    policy::Rule,
};

/// How long a refusal is worth a warning.
const RECENT: Duration = Duration::from_hours(24);

pub(super) const CHECKS: &[Check] = &[Check {
    id: "gateway.refusals",
    title: "No message is refused for how it came",
    probe: "gateway",
    needs: &[],
    judge: |facts: &Facts| {
        let status = facts.gateway.as_ref()?.as_ref().ok()?.status()?;
        Some(refusals(status))
    },
    explanation: Explanation {
        meaning: "Messages of people who may talk to the bot that it did not answer since it started, \
                  because they were not encrypted in an encrypted room, or because of the device \
                  that encrypted them.",
        matters: "Whoever wrote them waits in vain, or somebody tried to write in their name.",
        causes: &[
            "the sender has not verified the device they write from, and senderTrust asks for that",
            "a bridge or a simple client does not encrypt, and allowPlaintextInEncryptedRooms is off",
            "the sender has reset their cross-signing identity after the bot had verified them",
            "e2eeEnabled is off, and the room is encrypted",
            "somebody at a homeserver writes messages in the name of others",
        ],
    },
    remedy: Advice {
        text: "ask the sender whether they wrote them; the gateway's log names each",
        commands: &[],
    },
}];

/// How to have such messages answered.
fn command(rule: Rule) -> Option<&'static str> {
    match rule {
        Rule::Plaintext => Some("nanobot config set allowPlaintextInEncryptedRooms true"),
        Rule::DeviceUnknown | Rule::DeviceNotSigned => Some("nanobot config set senderTrust any"),
        Rule::SenderNotVerified => Some("nanobot config set senderTrust signed"),
        Rule::EncryptionDisabled => Some("nanobot config set e2eeEnabled true"),
        _ => None,
    }
}

fn refusals(status: &Status) -> Verdict {
    let refused: Vec<(Rule, Refused)> = status
        .refused
        .iter()
        .filter_map(|(name, refused)| Some((Rule::from_name(name)?, *refused)))
        .filter(|(rule, _)| rule.is_about_protection())
        .collect();
    let all: u64 = refused.iter().map(|(_, refused)| refused.count).sum();
    let recent: Vec<_> = refused
        .iter()
        .filter(|(_, refused)| {
            Duration::from_millis(now().saturating_sub(refused.last_at)) <= RECENT
        })
        .collect();
    let verdict = match (all, recent.is_empty()) {
        (0, _) => Verdict::pass("none was refused since the gateway started"),
        (all, true) => Verdict::pass(format!(
            "{} refused since the gateway started, none in the last 24 hours",
            counted(all, "message")
        )),
        (_, false) => {
            let lines: Vec<_> = recent
                .iter()
                .map(|(rule, refused)| {
                    format!("{} refused: {rule}", counted(refused.count, "message"))
                })
                .collect();
            let commands = recent.iter().filter_map(|(rule, _)| command(*rule));
            let mut commands: Vec<_> = commands.collect();
            commands.dedup();
            commands
                .into_iter()
                .fold(Verdict::warn(lines.join("\n")), Verdict::command)
        }
    };
    verdict.evidence("refused", &status.refused)
}
