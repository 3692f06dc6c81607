//! `e2ee.*`: whether others can encrypt to the bot, and whether it can read what they write.

pub(super) mod device;
pub(super) mod identity;
pub(super) mod messages;
pub(super) mod supply;

use crate::doctor::check::Advice;

/// Where the keys of the device are not those of the store, a login makes a new device.
const NEW_DEVICE: Advice = Advice {
    text: "log in, which gives the bot a new device; the old store is kept aside",
    commands: &["nanobot login"],
};

/// Where keys and store agree, a login would keep the device: it has to be given up first.
pub(super) const FRESH_DEVICE: Advice = Advice {
    text: "stop the gateway if it runs, log out, and log in: that gives the bot a new device; the \
           old store is kept aside",
    commands: &["nanobot logout", "nanobot login"],
};
