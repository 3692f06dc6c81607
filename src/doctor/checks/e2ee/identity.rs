//! Whether others can trace the device to its owner, and what is kept for a lost machine.

use crate::{
    doctor::{
        check::{Advice, Check, Explanation, Verdict},
        checks::{FRESH_DEVICE, counted},
        facts::Facts,
    },
    session::{Chain, Cure, Flaw, verify_chain},
};

pub(in crate::doctor) const CHECKS: &[Check] = &[
    Check {
        id: "e2ee.signature",
        title: "The device's keys are signed by itself",
        probe: "keys",
        needs: &["e2ee.published"],
        judge: |facts| {
            Some(match chain(facts)? {
                Chain::Device(flaw) => {
                    Verdict::fail(format!("the device's published keys {}", flaws(flaw)))
                }
                _ => Verdict::pass("its signature is true"),
            })
        },
        explanation: Explanation {
            meaning: "The signature of the device on its own published keys is verified as every \
                      client does.",
            matters: "Clients ignore a device whose signature is false: nobody encrypts to it.",
            causes: &[
                "the keys were uploaded by a broken program",
                "the homeserver changed them",
            ],
        },
        remedy: FRESH_DEVICE,
    },
    Check {
        id: "e2ee.identity",
        title: "The account has a cross-signing identity",
        probe: "keys",
        needs: &["e2ee.signature"],
        judge: identity,
        explanation: Explanation {
            meaning: "A master key speaks for the account, and a self-signing key, signed by it, for \
                      the account's devices. The signatures are verified.",
            matters: "Without it people's clients warn that the bot's device is not verified by its \
                      owner, and some refuse to encrypt to it.",
            causes: &[
                "the homeserver asked for more than a password when the bot logged in",
                "the account was made by a program that does not know cross-signing",
            ],
        },
        remedy: Advice {
            text: "log in again with the password, which sets it up",
            commands: &["nanobot login"],
        },
    },
    Check {
        id: "e2ee.verified",
        title: "The device is verified by its owner",
        probe: "keys",
        needs: &["e2ee.identity"],
        judge: verified,
        explanation: Explanation {
            meaning: "The signatures from the account's master key down to the bot's device are \
                      verified as another user's client would.",
            matters: "People's clients warn of a device that is not verified by its owner, and some \
                      refuse to encrypt to it.",
            causes: &[
                "the account had an identity before the bot logged in, and its keys are elsewhere",
                "the bot has a new device, and the identity's keys were in the old store",
                "the identity was made anew in another client",
            ],
        },
        remedy: Advice {
            text: "stop the gateway and verify the device with the account's recovery key, or verify \
                   its session from another client of the account; `nanobot login --reset-identity` \
                   makes a new identity where neither is left",
            commands: &["nanobot verify recovery"],
        },
    },
    Check {
        id: "e2ee.recovery",
        title: "What is stored for recovery is complete",
        probe: "recovery",
        needs: &["token.device"],
        judge: recovery,
        explanation: Explanation {
            meaning: "Whether the account keeps its secrets under a recovery key, and a backup of its \
                      room keys.",
            matters: "With both, a bot that lost its machine is back with its history. Without, it \
                      gets a new device and starts afresh, which most bots can live with.",
            causes: &["only one of the two was set up"],
        },
        remedy: Advice {
            text: "stop the gateway and set recovery up, or complete it in the client of the bot's \
                   account that began it",
            commands: &["nanobot login --recovery"],
        },
    },
];

/// How far others can trace the device to its owner.
fn chain(facts: &Facts) -> Option<Chain> {
    let configured = facts.config.as_ref()?.credentials()?;
    let keys = facts.keys.as_ref()?.as_ref().ok()?;
    // A device that is about to publish its keys is told by another check.
    keys.device.as_ref()?;
    Some(verify_chain(
        keys,
        &configured.user_id,
        &configured.device_id,
    ))
}

fn identity(facts: &Facts) -> Option<Verdict> {
    let flawed = |verdict: Verdict| {
        verdict
            .advice("set the identity up anew in another client of the bot's account")
            .without_commands()
    };
    Some(match chain(facts)? {
        Chain::NoIdentity => Verdict::warn("the account has no cross-signing identity"),
        Chain::NoSelfSigning => flawed(Verdict::warn(
            "the account's cross-signing identity lacks its self-signing key",
        )),
        Chain::SelfSigning(Flaw::Foreign) => flawed(Verdict::fail(
            "the account's cross-signing keys name another owner, or cannot be read",
        )),
        Chain::SelfSigning(_) => flawed(Verdict::fail(
            "the account's master key has not signed its self-signing key",
        )),
        _ => Verdict::pass("the account's master key vouches for its self-signing key"),
    })
}

fn verified(facts: &Facts) -> Option<Verdict> {
    let chain = chain(facts)?;
    let verdict = match chain {
        Chain::Owner(Flaw::Unsigned) => {
            Verdict::warn("the account's owner has not verified this device")
        }
        Chain::Owner(_) => {
            Verdict::fail("the signature of the account's owner on this device is false")
        }
        Chain::Whole => {
            return Some(Verdict::pass(
                "the signatures from its owner to the device are true",
            ));
        }
        _ => return None,
    };
    // Where that was not asked, the usual advice names all ways.
    let Some(Ok(recovery)) = &facts.recovery else {
        return Some(verdict);
    };
    let (has_key, has_session) = (recovery.has_secret_storage, recovery.has_verified_session);
    let Some(cure) = Cure::choose(chain, has_key, has_session) else {
        return Some(verdict);
    };
    let verdict = verdict.advice(cure.action_beside_gateway());
    Some(verdict.without_commands().command(cure.command()))
}

/// What is wrong with the keys of the device.
fn flaws(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::Foreign => "name another device, or cannot be read",
        Flaw::Unsigned => "bear no signature of the device",
        Flaw::BadSignature => "bear a false signature of the device",
    }
}

fn recovery(facts: &Facts) -> Option<Verdict> {
    let recovery = match facts.recovery.as_ref()? {
        Ok(recovery) => recovery,
        Err(failure) => return Some(Verdict::unanswered(failure)),
    };
    Some(match (recovery.has_secret_storage, &recovery.backup) {
        (true, Some(backup)) => Verdict::pass(format!(
            "there is a recovery key, and a backup of {}",
            counted(backup.count, "room key")
        )),
        (false, None) => Verdict::pass("nothing is stored: a lost machine means a new device"),
        (true, None) => Verdict::warn("there is a recovery key, but no backup of room keys")
            .advice("stop the gateway and have one made with the recovery key")
            .command("nanobot verify recovery"),
        (false, Some(_)) => {
            Verdict::warn("there is a backup of room keys, but no recovery key to open it with")
        }
    })
}
