//! One look at what a sync would bring, without moving anything along.
//!
//! A sync without `since` acknowledges nothing: what waits for the device still waits for it.

use std::{
    collections::{BTreeMap, HashMap},
    time::{SystemTime, UNIX_EPOCH},
};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    account::Account,
    failure::Result,
    ids::UserId,
    inviter::inviter,
    words::{is_plain, tame},
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
    pub inviter: Option<UserId>,
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

#[derive(Deserialize)]
struct Answer {
    // Every server sends it, and nothing else does.
    #[serde(rename = "next_batch")]
    _next_batch: String,
    #[serde(default)]
    rooms: Rooms,
    #[serde(rename = "device_one_time_keys_count")]
    one_time_keys: Option<BTreeMap<String, u64>>,
    #[serde(rename = "device_unused_fallback_key_types")]
    unused_fallback: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
struct Rooms {
    #[serde(default)]
    invite: HashMap<String, Invited>,
}

#[derive(Deserialize)]
struct Invited {
    #[serde(default)]
    invite_state: Events,
}

#[derive(Default, Deserialize)]
struct Events {
    #[serde(default)]
    events: Vec<Value>,
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
        let reply = self.get_with("/_matrix/client/v3/sync", &query).await?;
        let answer: Answer = reply.json()?;
        if !answer.rooms.invite.keys().all(|room| is_plain(room)) {
            return Err(reply.not_matrix());
        }
        Ok(answer.read(user_id))
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

impl Answer {
    fn read(self, user_id: &str) -> InitialSync {
        let counts = self.one_time_keys;
        let mut invitations: Vec<_> = self
            .rooms
            .invite
            .into_iter()
            .map(|(room, invited)| invited.read(room, user_id))
            .collect();
        invitations.sort_by(|a, b| a.room.cmp(&b.room));
        InitialSync {
            invitations,
            keys: KeySupply {
                // Servers may leave out a count of zero, but not all of the counts.
                one_time_keys: counts.map(|counts| {
                    let left = counts.get("signed_curve25519");
                    left.copied().unwrap_or_default()
                }),
                unused_fallback: self.unused_fallback.map(|mut algorithms| {
                    for algorithm in &mut algorithms {
                        *algorithm = tame(algorithm, &[]);
                    }
                    algorithms
                }),
            },
        }
    }
}

impl Invited {
    fn read(self, room: String, user_id: &str) -> Invitation {
        let state = |kind: &str, key: &str| {
            let mut events = self.invite_state.events.iter();
            events.find(|event| event["type"] == kind && event["state_key"] == key)
        };
        let inviter = inviter(&self.invite_state.events, user_id);
        let ours = state("m.room.member", user_id).filter(|_| inviter.is_some());
        let name = state("m.room.name", "").and_then(|event| event["content"]["name"].as_str());
        Invitation {
            inviter: inviter.and_then(|sender| UserId::parse(&sender).ok()),
            name: name
                .map(|name| tame(name, &[]))
                .filter(|name| !name.is_empty()),
            is_direct: ours.is_some_and(|event| event["content"]["is_direct"] == true),
            is_encrypted: state("m.room.encryption", "").is_some(),
            room,
        }
    }
}
