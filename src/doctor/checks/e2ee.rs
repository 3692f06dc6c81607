//! `e2ee.*`: whether others can encrypt to the bot, and whether it can read what they write.

use crate::{
    doctor::{
        check::{Advice, Check, Explanation, Verdict},
        facts::Facts,
    },
    session::{self, DeviceKeyPair, Fault, Readiness, StoreAccount, judge},
};

/// Fewer one-time keys than this are about to run out.
const FEW: u64 = 5;

const NEW_DEVICE: Advice = Advice {
    text: "log in, which gives the bot a new device; the old store is kept aside",
    commands: &["nanobot login"],
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "e2ee.keys-elsewhere",
        title: "The device's private keys are here",
        probe: "keys",
        needs: &["token.device", "store.account"],
        judge: |facts| {
            fault(facts, "the keys that others see are ours", |fault| {
                matches!(fault, Fault::KeysElsewhere)
            })
        },
        explanation: Explanation {
            meaning: "The homeserver publishes keys for this device, and their private halves are \
                      not in the store.",
            matters: "Messages to the bot can be read by nobody, and if the gateway published new \
                      keys under the old name, others would refuse them for good. So it refuses to \
                      start.",
            causes: &[
                "matrix-store was deleted",
                "the token was copied from Element or another client",
                "the configuration was copied to another machine without the store",
            ],
        },
        remedy: NEW_DEVICE,
    },
    Check {
        id: "e2ee.keys-replaced",
        title: "Nobody else has published keys for the device",
        probe: "keys",
        needs: &["e2ee.keys-elsewhere"],
        judge: |facts| {
            fault(
                facts,
                "the published keys are those of the store",
                |fault| matches!(fault, Fault::KeysReplaced),
            )
        },
        explanation: Explanation {
            meaning: "The keys that the homeserver publishes for this device are not those in the \
                      store.",
            matters: "Others encrypt to keys that the bot does not have, and their clients no longer \
                      trust the device. The gateway refuses to start.",
            causes: &[
                "another program has run on the same device, such as the Python tool",
                "an old copy of matrix-store was restored",
            ],
        },
        remedy: NEW_DEVICE,
    },
    Check {
        id: "e2ee.keys-vanished",
        title: "The homeserver has the device's keys",
        probe: "keys",
        needs: &["e2ee.keys-replaced"],
        judge: |facts| {
            fault(facts, "the homeserver has them, or is about to", |fault| {
                matches!(fault, Fault::KeysVanished)
            })
        },
        explanation: Explanation {
            meaning: "The store's keys were published once, and the homeserver has none for this \
                      device now.",
            matters: "Nobody can encrypt to the bot, and keys published again under the same name \
                      would not be trusted. The gateway refuses to start.",
            causes: &[
                "the device was removed and made again with the same id",
                "the homeserver was restored from an old backup",
            ],
        },
        remedy: NEW_DEVICE,
    },
    Check {
        id: "e2ee.published",
        title: "Others can see the device's keys",
        probe: "keys",
        needs: &["e2ee.keys-vanished"],
        judge: published,
        explanation: Explanation {
            meaning: "The homeserver's answer to the question that every client asks before it \
                      encrypts to the bot.",
            matters: "Without published keys nobody can encrypt to the bot.",
            causes: &["a login that was interrupted before it was done"],
        },
        remedy: Advice {
            text: "start the gateway, which publishes them",
            commands: &["nanobot gateway"],
        },
    },
    Check {
        id: "e2ee.one-time-keys",
        title: "There are one-time keys for new conversations",
        probe: "one_time_keys",
        needs: &["e2ee.published"],
        judge: one_time_keys,
        explanation: Explanation {
            meaning: "Each new encrypted conversation uses up one of the keys that the bot keeps on \
                      the homeserver. The gateway replaces them.",
            matters: "When there are none, the first messages of new conversations cannot be read.",
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
        id: "e2ee.key-conflicts",
        title: "The homeserver takes the device's new keys",
        probe: "gateway",
        needs: &[],
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
        remedy: NEW_DEVICE,
    },
    Check {
        id: "e2ee.undecryptable",
        title: "Every message could be decrypted",
        probe: "gateway",
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

/// What the gateway's own preflight says: the same function, over the same facts.
fn preflight(facts: &Facts) -> Option<Result<Readiness, (Fault, session::Facts)>> {
    let configured = facts.config.as_ref()?.credentials()?;
    let known = session::Facts {
        user_id: configured.user_id.clone(),
        device_id: configured.device_id.clone(),
        whoami: facts.whoami.as_ref()?.as_ref().ok()?.clone(),
        store: own_keys(facts)?,
        published: facts
            .keys
            .as_ref()?
            .as_ref()
            .ok()?
            .device
            .clone()
            .map(DeviceKeyPair::from),
    };
    Some(judge(&known).map_err(|fault| (fault, known)))
}

/// The keys that are here: from the store, or from the gateway that has it open.
fn own_keys(facts: &Facts) -> Option<Option<StoreAccount>> {
    let Some(status) = facts
        .gateway
        .as_ref()
        .and_then(|gateway| gateway.as_ref().ok()?.status())
    else {
        return facts.account.as_ref()?.as_ref().ok().cloned();
    };
    let keys = status.keys.as_ref()?;
    Some(Some(StoreAccount {
        user_id: status.user_id.clone(),
        device_id: status.device_id.clone(),
        keys: DeviceKeyPair {
            ed25519: keys.ed25519.clone(),
            curve25519: keys.curve25519.clone(),
        },
        // A gateway that runs has passed its own preflight, and publishes what it has.
        published: status.connected,
    }))
}

fn fault(facts: &Facts, otherwise: &str, is_own: fn(&Fault) -> bool) -> Option<Verdict> {
    if let Err(failure) = facts.keys.as_ref()? {
        return Some(Verdict::failed(failure));
    }
    Some(match preflight(facts)? {
        Err((fault, known)) if is_own(&fault) => {
            let error = fault.explain(&known);
            Verdict::fail(error.to_string()).kind(error.kind())
        }
        _ => Verdict::pass(otherwise),
    })
}

fn published(facts: &Facts) -> Option<Verdict> {
    Some(match preflight(facts)?.ok()? {
        Readiness::Established => Verdict::pass("the published keys are those of the store"),
        Readiness::Unpublished => Verdict::warn("the device's keys were not published yet"),
        Readiness::New => Verdict::warn("the device has no keys yet, neither here nor published"),
    })
}

fn one_time_keys(facts: &Facts) -> Option<Verdict> {
    let count = match facts.one_time_keys.as_ref()? {
        Ok(count) => *count,
        Err(failure) => return Some(Verdict::unanswered(failure)),
    };
    let detail = format!("the homeserver holds {count} one-time keys of the bot");
    Some(
        match count {
            0 => Verdict::fail(detail),
            1..FEW => Verdict::warn(detail),
            _ => Verdict::pass(detail),
        }
        .evidence("count", count),
    )
}

fn key_conflicts(facts: &Facts) -> Option<Verdict> {
    let status = facts.gateway.as_ref()?.as_ref().ok()?.status()?;
    Some(match status.key_conflict_at {
        Some(_) => Verdict::fail(
            "the homeserver holds one-time keys of another store under this device's name",
        ),
        None => Verdict::pass("it has refused none"),
    })
}

fn undecryptable(facts: &Facts) -> Option<Verdict> {
    let status = facts.gateway.as_ref()?.as_ref().ok()?.status()?;
    let found = &status.backlog.as_ref()?.undecryptable;
    if found.count == 0 {
        return Some(Verdict::pass("no message waits for its key"));
    }
    let reasons: Vec<_> = found
        .recent
        .iter()
        .map(|event| {
            let reason = event
                .reason
                .as_deref()
                .unwrap_or("the reason was not written down");
            format!("from {} in {}: {reason}", event.sender, event.room_id)
        })
        .collect();
    Some(
        Verdict::warn(format!(
            "{} messages cannot be decrypted\n{}",
            found.count,
            reasons.join("\n")
        ))
        .evidence("count", found.count),
    )
}
