//! By which rules a message is answered.

use serde::Serialize;

use super::{AllowFrom, Policy, Situation, is_direct};
use crate::config::GroupPolicy;

/// A setting by which a message is answered, and what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ground {
    /// The key.
    pub key: &'static str,
    /// What of it counts here, as a predicate of the key.
    pub says: String,
}

impl Policy {
    /// The settings by which a message is answered to which there is no
    /// [objection](Self::objection).
    pub fn grounds(&self, situation: &Situation<'_>) -> Vec<Ground> {
        let ground = |key, says: String| Ground { key, says };
        let users = match &self.allow_from {
            AllowFrom::Everyone => "allows everyone".to_owned(),
            AllowFrom::Users(_) => format!("lists {}", situation.sender),
        };
        let mut grounds = vec![ground("allowFrom", users)];
        if situation.encrypted {
            grounds.push(ground("e2eeEnabled", "is true".to_owned()));
        }
        grounds.push(if is_direct(situation.members) {
            ground("groupPolicy", "does not matter in a direct chat".to_owned())
        } else {
            match self.group_policy {
                GroupPolicy::Open => ground("groupPolicy", "is \"open\"".to_owned()),
                GroupPolicy::Mention if situation.mentions_bot => ground(
                    "groupPolicy",
                    "is \"mention\", and the bot is mentioned".to_owned(),
                ),
                GroupPolicy::Mention if situation.is_reaction => ground(
                    "answerReactions",
                    "is true, and it is about something that the bot said".to_owned(),
                ),
                GroupPolicy::Mention => ground(
                    "allowRoomMentions",
                    "is true, and the room is mentioned".to_owned(),
                ),
                GroupPolicy::Allowlist => {
                    let entry = self.listed(situation).unwrap_or_default();
                    ground("groupAllowFrom", format!("lists {entry}"))
                }
            }
        });
        grounds
    }
}
