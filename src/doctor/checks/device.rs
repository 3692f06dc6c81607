//! `device.*`: the bot's device as its account lists it.

use std::time::Duration;

use super::prelude::*;
use crate::{
    homeserver::Device,
    text::{counted, duration},
};

/// Homeservers write down late when a device was seen.
const SEEN_LATE: Duration = Duration::from_mins(5);
/// A device that was not seen for so long is not one that a bot is using.
const IDLE: Duration = Duration::from_hours(24);

pub fn checks() -> Vec<Check> {
    vec![
        Check::new("device.exists", "device", &["token.device"]).judge(exists),
        Check::new("device.named", "device", &["device.exists"]).judge(named),
        Check::new("device.siblings", "devices", &["device.exists"]).judge(siblings),
    ]
}

fn exists(facts: &Facts) -> Judgement {
    Ok(match answer(facts.device.as_ref())? {
        Some(device) => Verdict::pass(format!("the account lists device {}", device.device_id)),
        None => Verdict::fail("the homeserver accepts the access token, but has no such device"),
    })
}

fn named(facts: &Facts) -> Judgement {
    let device = known(facts.device.as_ref())?.as_ref().ok_or(Missing)?;
    let name = device.display_name.as_deref().unwrap_or_default();
    Ok(if name.trim().is_empty() {
        Verdict::warn("the device has no name")
    } else {
        Verdict::pass("it has a name")
    })
}

fn siblings(facts: &Facts) -> Judgement {
    let devices = answer(facts.devices.as_ref())?;
    let own_id = &facts.credentials()?.device_id;
    let own = devices.iter().find(|device| device.device_id == *own_id);
    let own_name = own.and_then(|own| own.display_name.as_ref());
    let own_name = own_name.ok_or(Missing)?;
    let siblings: Vec<_> = devices
        .iter()
        .filter(|device| device.device_id != *own_id)
        .filter(|device| device.display_name.as_ref() == Some(own_name))
        .collect();
    if let Some(other) = answers_too(facts, &siblings) {
        return Ok(other);
    }
    let stale: Vec<_> = siblings
        .iter()
        .filter(|device| age(device.last_seen_ts.unwrap_or_default()) >= IDLE)
        .map(|device| device.device_id.as_str())
        .collect();
    let (count, all) = (stale.len(), siblings.len());
    Ok(match (count, all) {
        (0, 0) => Verdict::pass("no other device has the same name"),
        (0, _) => Verdict::pass(format!(
            "{} with the same name, active within a day: another bot, or a login just replaced",
            counted(all, "other device")
        )),
        _ => Verdict::warn(format!(
            "{} with the same name, inactive for a day or never used: {}",
            counted(count, "other device"),
            listed(&stale)
        ))
        .evidence("devices", &stale),
    })
}

/// Another device with the bot's name that is active while this gateway runs: a second gateway of
/// the same account, so each message gets two answers. A person's own client has another name, and
/// a login that was replaced is not active any more.
fn answers_too(facts: &Facts, siblings: &[&Device]) -> Option<Verdict> {
    let started = facts.status().ok()?.started_at;
    let late = u64::try_from(SEEN_LATE.as_millis()).unwrap_or(u64::MAX);
    let is_active = |device: &&&Device| {
        device
            .last_seen_ts
            .is_some_and(|seen| seen > started.saturating_add(late))
    };
    let active: Vec<_> = siblings.iter().filter(is_active).collect();
    let ids: Vec<_> = active
        .iter()
        .map(|device| device.device_id.as_str())
        .collect();
    let seen = active
        .iter()
        .filter_map(|device| device.last_seen_ts)
        .max()?;
    let verdict = Verdict::warn(format!(
        "another bot is running with this account: device {}, active {} ago; both answer each \
         message",
        listed(&ids),
        duration(age(seen))
    ));
    let fix = "stop the other gateway, or log it in to an account of its own";
    Some(verdict.advice(fix).evidence("devices", &ids))
}
