//! The keys that new conversations with the bot begin with.

use crate::doctor::{
    check::{Advice, Check, Explanation, Verdict},
    checks::{FRESH_DEVICE, counted},
    facts::Facts,
};

/// Fewer one-time keys than this are about to run out.
const FEW: u64 = 5;

pub(in crate::doctor) const CHECKS: &[Check] = &[
    Check {
        id: "e2ee.key-conflicts",
        title: "The homeserver takes the device's new keys",
        probe: "gateway",
        needs: &["e2ee.published"],
        judge: key_conflicts,
        explanation: Explanation {
            meaning: "The running gateway was told by the homeserver that a one-time key of this \
                      name is there already, and is another one.",
            matters: "Some of the keys that others use are not ours: their messages cannot be read.",
            causes: &[
                "another program uses the same device",
                "the store was restored from an old copy",
            ],
        },
        remedy: FRESH_DEVICE,
    },
    Check {
        id: "e2ee.one-time-keys",
        title: "There are one-time keys for new conversations",
        probe: "one_time_keys",
        needs: &["e2ee.key-conflicts"],
        judge: one_time_keys,
        explanation: Explanation {
            meaning: "Each new encrypted conversation uses up one of the keys that the bot keeps on \
                      the homeserver. The gateway replaces them.",
            matters: "When there are none, everybody is given the same fallback key. When that is \
                      used up too, the first messages of new conversations may not be readable.",
            causes: &[
                "the gateway was not running for long while others started conversations",
                "the homeserver refuses new keys, because another program uses the same device",
            ],
        },
        remedy: Advice {
            text: "start the gateway, which replaces them",
            commands: &["nanobot gateway"],
        },
    },
    Check {
        id: "e2ee.fallback-key",
        title: "There is a key for when one-time keys run out",
        probe: "initial_sync",
        needs: &["e2ee.one-time-keys"],
        judge: fallback_key,
        explanation: Explanation {
            meaning: "The fallback key is given out, again and again, when no one-time keys are left. \
                      While it runs, the gateway replaces it once a week, whether it was used or not.",
            matters: "Without it, conversations that begin while there are no one-time keys cannot be \
                      read. One that was used still works, and is shared by those conversations.",
            causes: &[
                "the gateway was down for long, and all one-time keys were used up",
                "the bot has never synced since its login",
            ],
        },
        remedy: Advice {
            text: "start the gateway, which replaces it when it is a week old",
            commands: &["nanobot gateway"],
        },
    },
];

fn key_conflicts(facts: &Facts) -> Option<Verdict> {
    let status = facts.gateway.as_ref()?.as_ref().ok()?.status()?;
    Some(if status.key_conflict {
        Verdict::fail(
            "the homeserver holds one-time keys of another store under this device's name",
        )
    } else {
        Verdict::pass("it has refused none")
    })
}

/// Whether the homeserver has keys of this device: before that, it can have no one-time keys.
fn is_published(facts: &Facts) -> Option<()> {
    let keys = facts.keys.as_ref()?.as_ref().ok()?;
    keys.device.as_ref().map(drop)
}

fn one_time_keys(facts: &Facts) -> Option<Verdict> {
    if is_published(facts).is_none() {
        let why = "the gateway publishes them with the device's keys";
        return Some(Verdict::skip(why));
    }
    let count = match facts.one_time_keys.as_ref()? {
        Ok(count) => *count,
        Err(failure) => return Some(Verdict::unanswered(failure)),
    };
    let left = counted(count, "one-time key");
    Some(
        match count {
            0 if has_unused_fallback(facts) == Some(true) => Verdict::warn(
                "the one-time keys of the bot are used up, and its fallback key stands in for them",
            ),
            0 => Verdict::fail(
                "the one-time keys of the bot are used up, and there is no unused fallback key",
            ),
            1..FEW => Verdict::warn(format!("the homeserver has only {left} of the bot")),
            _ => Verdict::pass(format!("the homeserver has {left} of the bot")),
        }
        .evidence("count", count),
    )
}

fn fallback_key(facts: &Facts) -> Option<Verdict> {
    is_published(facts)?;
    if let Err(failure) = facts.initial_sync.as_ref()? {
        return Some(Verdict::unanswered(failure));
    }
    let gateway = facts.gateway.as_ref()?.as_ref().ok()?;
    Some(if has_unused_fallback(facts)? {
        Verdict::pass("the homeserver holds one that is unused")
    } else if gateway.status().is_some() {
        Verdict::pass("it was used, and the gateway replaces it when it is a week old")
    } else {
        Verdict::warn("the homeserver holds no unused fallback key of the bot")
    })
}

/// `None` where the homeserver does not say.
fn has_unused_fallback(facts: &Facts) -> Option<bool> {
    let sync = facts.initial_sync.as_ref()?.as_ref().ok()?;
    let unused = sync.keys.unused_fallback.as_ref()?;
    Some(unused.iter().any(|kind| kind == "signed_curve25519"))
}
