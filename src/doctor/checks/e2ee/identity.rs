//! Whether the device is verified by its account, and what is stored in case the machine is lost.

use crate::doctor::checks::prelude::*;
use crate::{
    session::{COST, Chain, Flaw, IdentityFix, verify_chain},
    text::counted,
};

pub fn checks() -> Vec<Check> {
    vec![
        Check::new("e2ee.signature", "keys", &["e2ee.published"]).judge(signature),
        Check::new("e2ee.identity", "keys", &["e2ee.signature"]).judge(identity),
        Check::new("e2ee.verified", "keys", &["e2ee.identity"])
            .advised_by("recovery")
            .judge(verified),
        Check::new("e2ee.recovery", "recovery", &["token.device"]).judge(recovery),
    ]
}

/// How far others can trace the device to its owner.
fn chain(facts: &Facts) -> Result<Chain, Missing> {
    let configured = facts.credentials()?;
    let keys = known(facts.keys.as_ref())?;
    // Another check reports a device whose keys are not published yet.
    keys.device.as_ref().ok_or(Missing)?;
    Ok(verify_chain(
        keys,
        &configured.user_id,
        &configured.device_id,
    ))
}

fn signature(facts: &Facts) -> Judgement {
    let Chain::Device(flaw) = chain(facts)? else {
        return Ok(Verdict::pass("its signature is valid"));
    };
    let flaw = match flaw {
        Flaw::Foreign => "name another device, or cannot be read",
        Flaw::Unsigned => "are not signed by the device",
        Flaw::BadSignature => "have an invalid signature of the device",
    };
    Ok(Verdict::fail(format!("the published device keys {flaw}")))
}

fn identity(facts: &Facts) -> Judgement {
    let verdict = match chain(facts)? {
        Chain::NoIdentity => {
            return Ok(Verdict::warn("the account has no cross-signing identity"));
        }
        Chain::NoSelfSigning => {
            Verdict::warn("the account's cross-signing identity has no self-signing key")
        }
        Chain::SelfSigning(Flaw::Foreign) => {
            Verdict::fail("the account's cross-signing keys name another owner, or cannot be read")
        }
        Chain::SelfSigning(_) => {
            Verdict::fail("the account's master key has not signed its self-signing key")
        }
        _ => {
            return Ok(Verdict::pass(
                "the master key has signed the self-signing key",
            ));
        }
    };
    Ok(verdict
        .advice(format!("replace the identity; {COST}"))
        .command("nanobot login --reset-identity --recovery"))
}

fn verified(facts: &Facts) -> Judgement {
    let chain = chain(facts)?;
    let verdict = match chain {
        Chain::Owner(Flaw::Unsigned) => Verdict::warn("this device is not verified by its account"),
        Chain::Owner(_) => Verdict::fail("the account's signature on this device is invalid"),
        Chain::Whole => {
            let well = "the signatures from the account to the device are valid";
            return Ok(Verdict::pass(well));
        }
        _ => return Err(Missing.into()),
    };
    let fix = known(facts.recovery.as_ref())
        .ok()
        .and_then(|recovery| IdentityFix::choose(chain, recovery.remains?));
    Ok(match fix {
        Some(fix) => verdict
            .advice(fix.action_beside_gateway())
            .command(fix.command()),
        // Where that was not asked, the usual advice names all ways.
        None => verdict,
    })
}

fn recovery(facts: &Facts) -> Judgement {
    let recovery = answer(facts.recovery.as_ref())?;
    Ok(match (recovery.has_secret_storage, &recovery.backup) {
        (true, Some(backup)) => Verdict::pass(format!(
            "there is a recovery key, and a backup of {}",
            counted(backup.count, "room key")
        )),
        (false, None) => {
            Verdict::pass("there is none: if this machine is lost, the bot gets a new device")
        }
        (true, None) => Verdict::warn("there is a recovery key, but no backup of room keys")
            .advice("stop the gateway if it is running, and create a backup with the recovery key")
            .command("nanobot verify recovery"),
        (false, Some(_)) => {
            Verdict::warn("there is a backup of room keys, but no recovery key for it")
        }
    })
}
