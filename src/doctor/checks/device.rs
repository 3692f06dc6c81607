//! `device.*`: the bot's device as its account lists it.

use std::time::Duration;

use crate::{
    doctor::{
        check::{Advice, Check, Explanation, Verdict},
        checks::{NEW_DEVICE, counted, listed},
        facts::Facts,
    },
    homeserver::Device,
    instance::now,
};

/// A device that was not seen for so long is not one that a bot is using.
const IDLE: Duration = Duration::from_hours(24);

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "device.exists",
        title: "The device is in the account's list",
        probe: "device",
        needs: &["token.device"],
        judge: |facts| {
            Some(match facts.device.as_ref()? {
                Ok(Some(device)) => Verdict::pass(format!("device {} is there", device.device_id)),
                Ok(None) => {
                    Verdict::fail("the homeserver has no such device, though it accepts its token")
                }
                Err(failure) => Verdict::unanswered(failure),
            })
        },
        explanation: Explanation {
            meaning: "The homeserver is asked for the configured device.",
            matters: "Nobody can encrypt to a device that is not in the list.",
            causes: &["the device was removed by an administrator or in another client"],
        },
        remedy: NEW_DEVICE,
    },
    Check {
        id: "device.named",
        title: "The device has a name",
        probe: "device",
        needs: &["device.exists"],
        judge: named,
        explanation: Explanation {
            meaning: "The name is what people see in the list of the bot's sessions.",
            matters: "A session without a name is the one that somebody removes when tidying up.",
            causes: &["the device was made by another program"],
        },
        remedy: Advice {
            text: "name it in the session list of a client, or log in again",
            commands: &["nanobot login --device-name nanobot"],
        },
    },
    Check {
        id: "device.siblings",
        title: "No devices are left from former logins",
        probe: "devices",
        needs: &["device.exists"],
        judge: siblings,
        explanation: Explanation {
            meaning: "Other devices of the account with the same name as this one that were not seen \
                      for a day or ever. One that is in use may be another bot of this account.",
            matters: "People encrypt every message to all of them, and see old ones as not verified.",
            causes: &[
                "the bot was logged in several times and never logged out",
                "another bot of this account, on another machine perhaps, is switched off",
            ],
        },
        remedy: Advice {
            text: "remove those that nobody uses in the session list of a client of the bot's \
                   account",
            commands: &[],
        },
    },
];

fn named(facts: &Facts) -> Option<Verdict> {
    let name = facts
        .device
        .as_ref()?
        .as_ref()
        .ok()?
        .as_ref()?
        .display_name
        .as_ref();
    Some(match name.filter(|name| !name.trim().is_empty()) {
        Some(_) => Verdict::pass("it has a name"),
        None => Verdict::warn("the device has no name"),
    })
}

fn siblings(facts: &Facts) -> Option<Verdict> {
    let devices = match facts.devices.as_ref()? {
        Ok(devices) => devices,
        Err(failure) => return Some(Verdict::unanswered(failure)),
    };
    let own_id = &facts.config.as_ref()?.credentials()?.device_id;
    let own = devices.iter().find(|device| device.device_id == *own_id)?;
    let own_name = own.display_name.as_ref()?;
    let siblings: Vec<_> = devices
        .iter()
        .filter(|device| device.device_id != *own_id)
        .filter(|device| device.display_name.as_ref() == Some(own_name))
        .collect();
    let stale: Vec<_> = siblings
        .iter()
        .filter(|device| !is_in_use(device))
        .map(|device| device.device_id.as_str())
        .collect();
    let (count, all) = (stale.len(), siblings.len());
    Some(match (count, all) {
        (0, 0) => Verdict::pass("no other device has its name"),
        (0, _) => Verdict::pass(format!(
            "{} of its name, in use within a day: another bot, or a login just replaced",
            counted(all, "other device")
        )),
        _ => Verdict::warn(format!(
            "{} of its name, unseen for a day or ever: {}",
            counted(count, "other device"),
            listed(&stale)
        ))
        .evidence("devices", &stale),
    })
}

/// Whether somebody has used this device lately.
fn is_in_use(device: &Device) -> bool {
    let seen = device.last_seen_ts.unwrap_or_default();
    now().saturating_sub(seen) < u64::try_from(IDLE.as_millis()).unwrap_or(u64::MAX)
}
