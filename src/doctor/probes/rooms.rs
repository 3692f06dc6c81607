//! The rooms that the bot has joined.

use serde_json::Value;

use super::account::Own;
use crate::{
    doctor::{
        engine::{Probe, ask},
        facts::{Answer, RoomFacts, Rooms},
    },
    homeserver::{Account, tame},
};

/// More rooms than this are not looked at: a look at one takes three requests.
const MOST_ROOMS: usize = 100;
/// The room version from which on a room's creators may do everything.
const CREATORS_SINCE: u32 = 12;
/// The level of those who have none of their own, and of events that have none
/// (spec, `m.room.power_levels`).
const NO_LEVEL: i64 = 0;

pub(super) const PROBES: &[Probe] = &[Probe::online("rooms", &["whoami"], |subject, facts| {
    let own = Own::accepted(&subject, facts)?;
    let policy = facts.config.as_ref()?.policy.as_ref();
    let listed = policy.and_then(|policy| Some(policy.as_ref().ok()?.group_allow_from.clone()));
    ask(
        async move { look(&own.account, &own.user_id, &listed.unwrap_or_default()).await },
        |facts, rooms| facts.rooms = Some(rooms),
    )
})];

/// Looks at the rooms, those first that the configuration lists.
async fn look(account: &Account, user_id: &str, listed: &[String]) -> Answer<Rooms> {
    let joined = account.joined_rooms().await?;
    let mut ids = joined.clone();
    ids.sort_by_key(|id| !listed.contains(id));
    ids.truncate(MOST_ROOMS);
    let seen = look_at(account, user_id, ids).await?;
    Ok(Rooms { joined, seen })
}

async fn look_at(account: &Account, user_id: &str, ids: Vec<String>) -> Answer<Vec<RoomFacts>> {
    let (encryption, tombstones, levels) = tokio::join!(
        account.room_states(&ids, "m.room.encryption"),
        account.room_states(&ids, "m.room.tombstone"),
        account.room_states(&ids, "m.room.power_levels"),
    );
    let states = encryption.into_iter().zip(tombstones).zip(levels);
    let mut rooms = Vec::new();
    for (id, ((encryption, tombstone), levels)) in ids.into_iter().zip(states) {
        let encrypted = encryption?.is_some();
        let mut may_speak = levels?.map(|levels| may_speak(&levels, user_id, encrypted));
        if may_speak == Some(false) {
            let creation = account.room_creation(&id).await?;
            may_speak = creation.and_then(|creation| is_almighty(&creation, user_id));
        }
        rooms.push(RoomFacts {
            id,
            encrypted,
            replaced_by: tombstone?.and_then(|state| replacement(&state)),
            may_speak,
        });
    }
    Ok(rooms)
}

/// Whether a user is one of a room's creators, who may do everything and stand in no list of
/// levels: from room version 12 on. `None` where that is not told, and in versions without a
/// number, of which nothing is known.
fn is_almighty(creation: &Value, user_id: &str) -> Option<bool> {
    let content = &creation["content"];
    // A homeserver that gives only the content does not tell who sent it.
    let sender = creation["sender"].as_str()?;
    // Without a version it is the first (spec, "m.room.create").
    let version = content["room_version"].as_str().unwrap_or("1");
    if version.parse::<u32>().ok()? < CREATORS_SINCE {
        return Some(false);
    }
    let others = content["additional_creators"].as_array();
    let mut others = others.into_iter().flatten();
    Some(sender == user_id || others.any(|other| other == user_id))
}

/// The room that took another's place, in words fit to be shown.
fn replacement(tombstone: &Value) -> Option<String> {
    Some(tame(tombstone["replacement_room"].as_str()?, &[])).filter(|room| !room.is_empty())
}

/// Whether a user may send messages, by the room's power levels (spec, `m.room.power_levels`).
fn may_speak(levels: &Value, user_id: &str, encrypted: bool) -> bool {
    let event_type = if encrypted {
        "m.room.encrypted"
    } else {
        "m.room.message"
    };
    let own = level(&levels["users"][user_id])
        .or_else(|| level(&levels["users_default"]))
        .unwrap_or(NO_LEVEL);
    let needed = level(&levels["events"][event_type])
        .or_else(|| level(&levels["events_default"]))
        .unwrap_or(NO_LEVEL);
    own >= needed
}

/// A level; old rooms have them as text.
fn level(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn creators_may_do_everything_from_version_12_on() {
        let created = |version: &str| {
            json!({"sender": "@a:h", "content": {
                "room_version": version, "additional_creators": ["@b:h"]}})
        };
        for (version, user, expected) in [
            ("12", "@a:h", Some(true)),
            ("12", "@b:h", Some(true)),
            ("12", "@c:h", Some(false)),
            ("11", "@a:h", Some(false)),
            ("org.example.new", "@a:h", None),
        ] {
            assert_eq!(
                is_almighty(&created(version), user),
                expected,
                "{version} {user}"
            );
        }
        assert_eq!(is_almighty(&json!({"room_version": "12"}), "@a:h"), None);
        let oldest = json!({"sender": "@a:h", "content": {}});
        assert_eq!(is_almighty(&oldest, "@a:h"), Some(false));
    }

    #[test]
    fn power_levels_decide_who_may_speak() {
        let bot = "@bot:h";
        for (levels, plain, encrypted) in [
            (json!({}), true, true),
            (
                json!({"users": {"@a:h": 100}, "events_default": 50}),
                false,
                false,
            ),
            (
                json!({"users": {"@bot:h": 50}, "events_default": "50"}),
                true,
                true,
            ),
            (
                json!({"users": {"@a:h": 1}, "events": {"m.room.encrypted": 10}}),
                true,
                false,
            ),
            (
                json!({"users": {"@a:h": 1}, "users_default": 10, "events_default": 5}),
                true,
                true,
            ),
            (json!({"users": {}, "events_default": 50}), false, false),
        ] {
            assert_eq!(may_speak(&levels, bot, false), plain, "{levels}");
            assert_eq!(may_speak(&levels, bot, true), encrypted, "{levels}");
        }
    }
}
