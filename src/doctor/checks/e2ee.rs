//! `e2ee.*`: whether others can encrypt to the bot, and whether it can read what they write.

use crate::{
    doctor::{
        check::{Advice, Check, Explanation, Verdict},
        facts::Facts,
    },
    inbox::Stored,
    instance::{Backlog, UndecryptableEvent},
    session::{Chain, Fault, Flaw, Readiness, verify_chain},
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
        id: "e2ee.fallback-key",
        title: "There is a key for when one-time keys run out",
        probe: "initial_sync",
        needs: &["e2ee.published"],
        judge: fallback_key,
        explanation: Explanation {
            meaning: "The fallback key is given out when no one-time keys are left. The gateway \
                      replaces it after it was used.",
            matters: "Without it, conversations that begin while the bot is down for long cannot be \
                      read.",
            causes: &[
                "the gateway was down for long, and all one-time keys were used up",
                "the bot has never synced since its login",
            ],
        },
        remedy: Advice {
            text: "start the gateway, which replaces it",
            commands: &["nanobot gateway"],
        },
    },
    Check {
        id: "e2ee.signature",
        title: "The device's keys are signed by itself",
        probe: "keys",
        needs: &["e2ee.published"],
        judge: |facts| {
            Some(match chain(facts)? {
                Chain::Device(flaw) => {
                    Verdict::fail(format!("the device's published keys {}", said(flaw)))
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
        remedy: NEW_DEVICE,
    },
    Check {
        id: "e2ee.identity",
        title: "The account has a cross-signing identity",
        probe: "keys",
        needs: &["e2ee.published"],
        judge: |facts| {
            Some(match chain(facts)? {
                Chain::NoIdentity | Chain::NoSelfSigning => {
                    Verdict::warn("the account has no cross-signing identity")
                }
                Chain::SelfSigning(flaw) => {
                    Verdict::fail(format!("the account's self-signing key {}", said(flaw)))
                }
                _ => Verdict::pass("the account's master key vouches for its self-signing key"),
            })
        },
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
        needs: &["e2ee.identity", "e2ee.signature"],
        judge: |facts| {
            Some(match chain(facts)? {
                Chain::Owner(Flaw::Unsigned) => {
                    Verdict::warn("the account's owner has not verified this device")
                }
                Chain::Owner(flaw) => {
                    Verdict::fail(format!("the owner's signature: the device {}", said(flaw)))
                }
                Chain::Whole => {
                    Verdict::pass("the signatures from its owner to the device are true")
                }
                _ => return None,
            })
        },
        explanation: Explanation {
            meaning: "The signatures from the account's master key down to the bot's device are \
                      verified as another user's client would.",
            matters: "People's clients warn of a device that is not verified by its owner, and some \
                      refuse to encrypt to it.",
            causes: &[
                "the account had an identity before the bot logged in, and its keys are elsewhere",
                "the identity was made anew in another client",
            ],
        },
        remedy: Advice {
            text: "stop the gateway and verify the device with the account's recovery key, or verify \
                   its session from another client of the account",
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

fn one_time_keys(facts: &Facts) -> Option<Verdict> {
    let count = match facts.one_time_keys.as_ref()? {
        Ok(count) => *count,
        Err(failure) => return Some(Verdict::unanswered(failure)),
    };
    if !matches!(facts.preflight()?.ok()?, Readiness::Established) {
        return Some(Verdict::skip(
            "the gateway publishes them with the device's keys",
        ));
    }
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

fn fallback_key(facts: &Facts) -> Option<Verdict> {
    let sync = match facts.initial_sync.as_ref()? {
        Ok(sync) => sync,
        Err(failure) => return Some(Verdict::unanswered(failure)),
    };
    let unused = sync.keys.unused_fallback.as_ref()?;
    Some(
        if unused
            .iter()
            .any(|algorithm| algorithm == "signed_curve25519")
        {
            Verdict::pass("the homeserver holds one that is unused")
        } else {
            Verdict::warn("the homeserver holds no unused fallback key of the bot")
        },
    )
}

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

fn said(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::Foreign => "name another owner, or cannot be read",
        Flaw::Unsigned => "bear no signature",
        Flaw::BadSignature => "bear a false signature",
    }
}

fn recovery(facts: &Facts) -> Option<Verdict> {
    let recovery = match facts.recovery.as_ref()? {
        Ok(recovery) => recovery,
        Err(failure) => return Some(Verdict::unanswered(failure)),
    };
    Some(match (recovery.has_secret_storage, &recovery.backup) {
        (true, Some(backup)) => Verdict::pass(format!(
            "there is a recovery key, and a backup of {} room keys",
            backup.count
        )),
        (false, None) => Verdict::pass("nothing is stored: a lost machine means a new device"),
        (true, None) => Verdict::warn("there is a recovery key, but no backup of room keys"),
        (false, Some(_)) => {
            Verdict::warn("there is a backup of room keys, but no recovery key to open it with")
        }
    })
}

fn disabled_rooms(facts: &Facts) -> Option<Verdict> {
    if facts.config.as_ref()?.matrix.as_ref()?.e2ee_enabled {
        return Some(Verdict::pass("encryption is switched on"));
    }
    let rooms = match facts.rooms.as_ref()? {
        Ok(rooms) => rooms,
        Err(failure) => return Some(Verdict::unanswered(failure)),
    };
    let encrypted: Vec<_> = rooms
        .iter()
        .filter(|room| room.encrypted)
        .map(|room| &room.id)
        .collect();
    Some(if encrypted.is_empty() {
        Verdict::pass("encryption is switched off, and the bot is in no encrypted room")
    } else {
        Verdict::warn(format!(
            "e2eeEnabled is false, and the bot is in {} encrypted rooms, where it is silent",
            encrypted.len()
        ))
        .evidence("rooms", &encrypted)
    })
}

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
    let mut lines = vec![format!("{} messages cannot be decrypted", found.count)];
    lines.extend(found.recent.iter().map(told));
    Some(Verdict::warn(lines.join("\n")).evidence("count", found.count))
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
