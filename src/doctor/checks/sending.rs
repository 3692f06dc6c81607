//! `gateway.sending`, `gateway.parked`: whether the homeserver takes what the running bot says.

use super::{
    counted,
    gateway::{ago, status},
};
use crate::{
    doctor::check::{Advice, Check, Explanation, Verdict},
    instance::{Pause, Status, now},
};

/// What helps an account of which nothing is taken.
const DO_WHAT_IT_SAYS: &str =
    "do what the homeserver says, or ask its administrator; the gateway goes on by itself";
/// How long a limit may last before it is worth a word, in milliseconds.
const LONG: u64 = 60_000;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "gateway.sending",
        title: "The homeserver takes what the bot sends",
        probe: "gateway",
        needs: &[],
        judge: |facts| Some(sending(status(facts)?)),
        explanation: Explanation {
            meaning: "A homeserver may limit how fast an account sends, or take nothing from it at \
                      all until something is done. The gateway then waits, and tries again after \
                      ten minutes at the latest.",
            matters: "The bot is slow, or silent. Nothing is lost: everything is answered \
                      afterwards.",
            causes: &[
                "the homeserver's terms have changed and want to be agreed to",
                "the account is suspended or locked",
                "the homeserver has reached its limit of users",
                "the homeserver's rate limits are tighter than the bot is busy",
            ],
        },
        remedy: Advice {
            text: "ask the homeserver's administrator to raise the account's rate limits",
            commands: &[],
        },
    },
    Check {
        id: "gateway.parked",
        title: "No message was given up",
        probe: "gateway",
        needs: &[],
        judge: |facts| parked(status(facts)?),
        explanation: Explanation {
            meaning: "A message is given up when the homeserver refuses its answer for good, when \
                      it refuses it again and again without a word why, or when the bot breaks \
                      down over it. Its conversation goes on without it.",
            matters: "Somebody waits for an answer that does not come.",
            causes: &[
                "the bot may not write in that room",
                "a firewall before the homeserver refuses what the answer says",
                "the homeserver hides that the room is encrypted",
            ],
        },
        remedy: Advice {
            text: "look at the reason; `!new` in the conversation drops what was given up there",
            commands: &["nanobot store status --json"],
        },
    },
];

fn sending(status: &Status) -> Verdict {
    let refused = status.pauses.iter().find_map(|pause| {
        let refusal = pause.refusal.as_ref()?;
        Some((pause, refusal))
    });
    if let Some((pause, refusal)) = refused {
        let verdict = Verdict::fail(told(pause))
            .advice(DO_WHAT_IT_SAYS)
            .evidence("errcode", &refusal.errcode);
        return match &refusal.link {
            Some(link) => verdict.evidence("link", link),
            None => verdict,
        };
    }
    let longest = status
        .pauses
        .iter()
        .max_by_key(|pause| pause.until.saturating_sub(pause.since));
    match longest {
        Some(pause) if pause.until.saturating_sub(pause.since) > LONG => Verdict::warn(told(pause)),
        Some(pause) => Verdict::pass(format!("{}, for a moment", pause.why)),
        None => Verdict::pass("nothing waits for it"),
    }
}

fn told(pause: &Pause) -> String {
    format!(
        "{}; {} has waited for {}, and is tried again in {} s",
        pause.why,
        pause.of,
        ago(pause.since),
        pause.until.saturating_sub(now()) / 1000
    )
}

fn parked(status: &Status) -> Option<Verdict> {
    let parked = &status.backlog.as_ref()?.parked;
    let Some(newest) = parked.recent.first() else {
        return Some(Verdict::pass("none was"));
    };
    let verdict = Verdict::warn(format!(
        "{} given up; the newest, in {}: {}",
        counted(parked.count, "message"),
        newest.room_id,
        newest.reason
    ));
    Some(verdict.evidence("parked", parked.count))
}
