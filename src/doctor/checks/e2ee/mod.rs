//! `e2ee.*`: whether others can encrypt to the bot, and whether it can read what they write.

mod identity;
mod keys;
mod messages;

use super::prelude::Check;

pub fn checks() -> Vec<Check> {
    let parts = [keys::checks(), identity::checks(), messages::checks()];
    parts.into_iter().flatten().collect()
}
