//! The device truth table: whose keys are here, and whose are published.

use crate::{
    doctor::{
        check::{Advice, Check, Explanation, Verdict},
        checks::NEW_DEVICE,
        facts::Facts,
    },
    session::{Fault, Readiness},
};

pub(in crate::doctor) const CHECKS: &[Check] = &[
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
                "the configuration was used on another machine without the store",
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
];

fn fault(facts: &Facts, otherwise: &str, is_own: fn(&Fault) -> bool) -> Option<Verdict> {
    if let Err(failure) = facts.keys.as_ref()? {
        return Some(Verdict::failed(failure));
    }
    Some(match facts.preflight()? {
        Err((fault, known)) if is_own(&fault) => {
            let error = fault.explain(&known);
            Verdict::fail(error.to_string()).kind(error.kind())
        }
        _ => Verdict::pass(otherwise),
    })
}

fn published(facts: &Facts) -> Option<Verdict> {
    Some(match facts.preflight()?.ok()? {
        Readiness::Established => Verdict::pass("the published keys are those of the store"),
        Readiness::Unpublished => Verdict::warn("the device's keys were not published yet"),
        Readiness::New => Verdict::warn("the device has no keys yet, neither here nor published"),
    })
}
