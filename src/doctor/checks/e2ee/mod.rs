//! `e2ee.*`: whether others can encrypt to the bot, and whether it can read what they write.

pub(super) mod device;
pub(super) mod identity;
pub(super) mod messages;
pub(super) mod supply;
