//! The device truth table, whose keys are here and whose are published; and the keys that new
//! conversations with the bot begin with.

use crate::doctor::checks::prelude::*;
use crate::{
    session::{Fault, Readiness},
    text::counted,
};

pub fn checks() -> Vec<Check> {
    vec![
        Check::new(
            "e2ee.keys-elsewhere",
            "keys",
            &["token.device", "store.account"],
        )
        .judge(fault(
            Fault::KeysElsewhere,
            "the published device keys are in the store",
        )),
        Check::new("e2ee.keys-replaced", "keys", &["e2ee.keys-elsewhere"]).judge(fault(
            Fault::KeysReplaced,
            "the published device keys match the store",
        )),
        Check::new("e2ee.keys-vanished", "keys", &["e2ee.keys-replaced"]).judge(fault(
            Fault::KeysVanished,
            "the homeserver has them, or the gateway will publish them",
        )),
        Check::new("e2ee.published", "keys", &["e2ee.keys-vanished"]).judge(published),
        Check::new("e2ee.key-conflicts", "gateway", &["e2ee.published"]).judge(key_conflicts),
        Check::new(
            "e2ee.one-time-keys",
            "one_time_keys",
            &["e2ee.key-conflicts"],
        )
        .judge(one_time_keys),
        Check::new("e2ee.fallback-key", "initial_sync", &["e2ee.one-time-keys"])
            .judge(fallback_key),
    ]
}

fn fault(own: Fault, well: &'static str) -> impl Fn(&Facts) -> Judgement {
    move |facts| {
        if let Err(failure) = facts.keys.as_ref().ok_or(Missing)? {
            return Ok(Verdict::failed(failure));
        }
        Ok(match facts.preflight()? {
            Err((fault, known)) if fault == own => {
                let error = fault.explain(&known);
                Verdict::fail(error.to_string()).kind(error.kind())
            }
            _ => Verdict::pass(well),
        })
    }
}

fn published(facts: &Facts) -> Judgement {
    Ok(match facts.preflight()?.map_err(|_| Missing)? {
        Readiness::Established => Verdict::pass("the published device keys match the store"),
        Readiness::Unpublished => Verdict::warn("the device keys are not published yet"),
        Readiness::New => Verdict::warn("the device has no keys yet"),
    })
}

/// Fewer one-time keys than this are about to run out.
const FEW: u64 = 5;

fn key_conflicts(facts: &Facts) -> Judgement {
    Ok(if facts.status()?.key_conflict {
        Verdict::fail("the homeserver has one-time keys of another store for this device ID")
    } else {
        Verdict::pass("it has refused none")
    })
}

/// Whether the homeserver has keys of this device: before that, it can have no one-time keys.
fn is_published(facts: &Facts) -> bool {
    known(facts.keys.as_ref()).is_ok_and(|keys| keys.device.is_some())
}

fn one_time_keys(facts: &Facts) -> Judgement {
    if !is_published(facts) {
        let why = "the gateway publishes them with the device keys";
        return Ok(Verdict::skip(why));
    }
    let count = *answer(facts.one_time_keys.as_ref())?;
    let left = counted(count, "one-time key");
    let verdict = match count {
        0 if matches!(has_unused_fallback(facts), Ok(true)) => {
            Verdict::warn("all one-time keys are used; the fallback key is used instead")
        }
        0 => Verdict::fail("all one-time keys are used, and there is no unused fallback key"),
        1..FEW => Verdict::warn(format!("only {left} left on the homeserver")),
        _ => Verdict::pass(format!("{left} on the homeserver")),
    };
    Ok(verdict.evidence("count", count))
}

fn fallback_key(facts: &Facts) -> Judgement {
    if !is_published(facts) {
        return Err(Missing.into());
    }
    answer(facts.initial_sync.as_ref())?;
    facts.gateway()?;
    Ok(if has_unused_fallback(facts)? {
        Verdict::pass("the homeserver has an unused one")
    } else if facts.status().is_ok() {
        Verdict::pass("it was used; the gateway replaces it when it is a week old")
    } else {
        Verdict::warn("the homeserver has no unused fallback key")
    })
}

/// Not known where the homeserver does not say.
fn has_unused_fallback(facts: &Facts) -> Result<bool, Missing> {
    let unused = &known(facts.initial_sync.as_ref())?.keys.unused_fallback;
    let mut kinds = unused.as_ref().ok_or(Missing)?.iter();
    Ok(kinds.any(|kind| kind == "signed_curve25519"))
}
