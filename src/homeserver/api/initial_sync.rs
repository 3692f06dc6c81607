//! One look at what a sync would bring, without moving anything along.
//!
//! A sync without `since` acknowledges nothing: what waits for the device still waits for it.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::account::Account;
use crate::{
    address::{OwnedUserId, is_plain_id, parse_user_id},
    homeserver::transport::Result,
    text::excerpt,
};

/// What a first sync says of an account and its device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitialSync {
    /// The invitations that are open.
    pub invitations: Vec<Invitation>,
    /// The keys of the device that others can still use.
    pub keys: KeySupply,
}

/// An invitation that was neither accepted nor declined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The id of the room.
    pub room: String,
    /// Who invited; `None` when the server does not show it, or contradicts itself.
    pub inviter: Option<OwnedUserId>,
    /// The name of the room, fit to be shown; `None` without one.
    pub name: Option<String>,
    /// Whether the inviter calls it a direct chat.
    pub is_direct: bool,
    /// Whether the room is encrypted, as far as the server shows it.
    pub is_encrypted: bool,
}

/// The keys of a device that others can still use to write to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySupply {
    /// How many one-time keys are left; `None` when the server does not say.
    pub one_time_keys: Option<u64>,
    /// The algorithms whose fallback key is still unused; `None` when the server does not say.
    pub unused_fallback: Option<Vec<String>>,
}

impl Account {
    /// Looks at the invitations and the key supply of the token's device, once, by a sync without
    /// `since` (spec, "GET /_matrix/client/v3/sync"). Nothing is consumed by it, and nobody sees
    /// the account come online.
    ///
    /// `user_id` is the account's own.
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn initial_sync(&self, user_id: &str) -> Result<InitialSync> {
        let query = [
            ("timeout", "0".to_owned()),
            ("set_presence", "offline".to_owned()),
            ("filter", filter().to_string()),
        ];
        let reply = self.ask("/_matrix/client/v3/sync", &query).await?;
        let answer: Value = reply.json()?;
        let invited = answer["rooms"]["invite"].as_object();
        let invited = invited.into_iter().flatten();
        // Every server sends a position, and nothing else does.
        if !answer["next_batch"].is_string() || !invited.clone().all(|(room, _)| is_plain_id(room))
        {
            return Err(reply.not_matrix());
        }
        let counts = answer["device_one_time_keys_count"].as_object();
        let unused = answer["device_unused_fallback_key_types"].as_array();
        let words = |it: &Value| it.as_str().map(excerpt);
        Ok(InitialSync {
            invitations: invited
                .map(|(room, invited)| Invitation::read(room, invited, user_id))
                .collect(),
            keys: KeySupply {
                // Servers may leave out a count of zero, but not all of the counts.
                one_time_keys: counts
                    .map(|counts| counts.get("signed_curve25519").and_then(Value::as_u64))
                    .map(Option::unwrap_or_default),
                unused_fallback: unused.map(|it| it.iter().filter_map(words).collect()),
            },
        })
    }
}

/// Keeps the invitations, which no filter touches, and drops everything that is in rooms.
///
/// Synapse answers the same first sync from memory for two minutes, so none is asked for twice.
fn filter() -> Value {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    let moment = since_epoch.unwrap_or_default().as_nanos();
    let nothing = json!({ "types": [] });
    json!({
        "presence": nothing,
        "account_data": nothing,
        "room": {
            "timeline": { "types": [], "not_rooms": [format!("!{moment}:nobody.invalid")] },
            "state": nothing,
            "ephemeral": nothing,
            "account_data": nothing,
        },
    })
}

impl Invitation {
    fn read(room: &str, invitation: &Value, user_id: &str) -> Self {
        let state = invitation["invite_state"]["events"].as_array();
        let events = state.map_or(&[][..], Vec::as_slice);
        let state = |kind: &str, key: &str| {
            let mut events = events.iter();
            events.find(|event| event["type"] == kind && event["state_key"] == key)
        };
        let inviter = inviter(events, user_id);
        let ours = state("m.room.member", user_id).filter(|_| inviter.is_some());
        let name = state("m.room.name", "").and_then(|event| event["content"]["name"].as_str());
        Self {
            inviter: inviter.and_then(|sender| parse_user_id(&sender).ok()),
            name: name.map(excerpt).filter(|name| !name.is_empty()),
            is_direct: ours.is_some_and(|event| event["content"]["is_direct"] == true),
            is_encrypted: state("m.room.encryption", "").is_some(),
            room: room.to_owned(),
        }
    }
}

/// Who invited this user, as the stripped state of an invitation tells; `None` where it does not
/// say, or contradicts itself.
///
/// Another homeserver writes most of that state, and may add what it likes; the invitation itself
/// is in it too (spec, "Stripped state"). So all that is said of the user has to agree.
pub fn inviter(state: &[Value], own_id: &str) -> Option<String> {
    let mut members = state
        .iter()
        .filter(|event| event["type"] == "m.room.member" && event["state_key"] == own_id)
        .map(|event| {
            let is_invitation = event["content"]["membership"] == "invite";
            event["sender"].as_str().filter(|_| is_invitation)
        });
    let inviter = members.next()??;
    members
        .all(|other| other == Some(inviter))
        .then(|| inviter.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const BOT: &str = "@bot:h";

    fn member(sender: &str, membership: &str) -> Value {
        json!({
            "type": "m.room.member", "state_key": BOT, "sender": sender,
            "content": {"membership": membership},
        })
    }

    #[test]
    fn only_one_story_is_believed() {
        let ann = member("@ann:h", "invite");
        let other = json!({"type": "m.room.member", "state_key": "@ann:h", "sender": "@ann:h",
            "content": {"membership": "join"}});
        let one = [other.clone(), ann.clone()];
        assert_eq!(inviter(&one, BOT).as_deref(), Some("@ann:h"));
        let same = [ann.clone(), other, ann.clone()];
        assert_eq!(inviter(&same, BOT).as_deref(), Some("@ann:h"));
        for forged in [member("@eve:h", "invite"), member("@ann:h", "join")] {
            assert_eq!(inviter(&[forged.clone(), ann.clone()], BOT), None);
            assert_eq!(inviter(&[ann.clone(), forged], BOT), None);
        }
        assert_eq!(inviter(&[], BOT), None);
        assert_eq!(inviter(&[json!(5)], BOT), None);
    }
}
