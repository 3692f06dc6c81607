//! The rooms that the bot has joined.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::account::Bot;
use crate::{
    address::parse_user_id,
    doctor::{
        facts::{Answer, RoomFacts, Rooms},
        probe::{Probe, ask},
    },
    homeserver::Account,
    text::excerpt,
};

/// The most rooms that are examined: each takes three requests.
const MOST_ROOMS: usize = 100;
/// The room version from which on a room's creators may do everything.
const CREATORS_SINCE: u32 = 12;
/// The level of those who have none of their own, and of events that have none
/// (spec, `m.room.power_levels`).
const NO_LEVEL: i64 = 0;
/// The most rooms whose creators are asked for.
const MOST_CREATORS: usize = 5;
/// The level that clients give to moderators.
const MODERATOR: i64 = 50;

pub fn probes() -> Vec<Probe> {
    vec![Probe::online("rooms", &["whoami"], |context, facts| {
        let bot = Bot::accepted(&context, facts)?;
        let policy = facts.policy().ok();
        let listed = policy.map(|policy| policy.group_allow_from.clone());
        ask(|facts| &mut facts.rooms, async move {
            look(&bot.account, &bot.user_id, &listed.unwrap_or_default()).await
        })
    })]
}

/// Looks at the rooms, those first that the configuration lists.
async fn look(account: &Account, user_id: &str, listed: &[String]) -> Answer<Rooms> {
    let joined = account.joined_rooms().await?;
    let (listed, aliases) = resolve(account, listed).await;
    let mut ids = joined.clone();
    ids.sort_by_key(|id| !listed.contains(id));
    ids.truncate(MOST_ROOMS);
    let (encryption, tombstones, levels) = tokio::join!(
        account.room_states(&ids, "m.room.encryption"),
        account.room_states(&ids, "m.room.tombstone"),
        account.room_states(&ids, "m.room.power_levels"),
    );
    let is_complete = listed.iter().all(|room| joined.contains(room));
    let creations = if is_complete {
        Vec::new()
    } else {
        // What is missing may go on under another id.
        account.room_states(&ids, "m.room.create").await
    };
    let mut creations = creations.into_iter();
    let states = encryption.into_iter().zip(tombstones).zip(levels);
    let (mut seen, mut moderators) = (Vec::new(), BTreeSet::new());
    for (id, ((encryption, tombstone), levels)) in ids.into_iter().zip(states) {
        let creation = creations.next().transpose()?.flatten();
        let encrypted = encryption?.is_some();
        let levels = levels?;
        moderators.extend(levels.iter().flat_map(moderators_of));
        let mut may_speak = levels.map(|levels| may_speak(&levels, user_id, encrypted));
        if may_speak == Some(false) {
            let creation = account.room_creation(&id).await?;
            may_speak = creation.and_then(|creation| is_almighty(&creation, user_id));
        }
        seen.push(RoomFacts {
            id,
            encrypted,
            replaced_by: tombstone?.and_then(|state| room_id(&state["replacement_room"])),
            may_speak,
            follows: creation.and_then(|state| room_id(&state["predecessor"]["room_id"])),
        });
    }
    // From version 12 on, a room's creator is not among its levels.
    if moderators.len() <= usize::from(moderators.contains(user_id)) {
        for room in joined.iter().take(MOST_CREATORS) {
            let creation = account.room_creation(room).await?;
            let creator = creation.and_then(|it| Some(it["sender"].as_str()?.to_owned()));
            moderators.extend(creator.filter(|creator| parse_user_id(creator).is_ok()));
        }
    }
    moderators.remove(user_id);
    Ok(Rooms {
        joined,
        seen,
        aliases,
        moderators: moderators.into_iter().collect(),
    })
}

/// The IDs of the rooms that the configuration lists, as far as they can be found out, and what was
/// found of each alias among them.
async fn resolve(
    account: &Account,
    listed: &[String],
) -> (Vec<String>, BTreeMap<String, Option<String>>) {
    let mut aliases = BTreeMap::new();
    for alias in listed.iter().filter(|entry| entry.starts_with('#')) {
        // One of another homeserver may not be found out, which says nothing of the rooms.
        if let Ok(room) = account.room_of_alias(alias).await {
            aliases.insert(alias.clone(), room);
        }
    }
    let id = |entry: &String| aliases.get(entry).cloned().flatten();
    let ids = listed
        .iter()
        .map(|entry| id(entry).unwrap_or_else(|| entry.clone()));
    (ids.collect(), aliases)
}

/// The users who may at least moderate a room, by its power levels.
fn moderators_of(levels: &Value) -> Vec<String> {
    let users = levels["users"].as_object().into_iter().flatten();
    let moderators = users.filter(|(id, own)| {
        level(own).is_some_and(|level| level >= MODERATOR) && parse_user_id(id).is_ok()
    });
    moderators.map(|(id, _)| id.clone()).collect()
}

/// Whether a user is one of a room's creators, who may do everything and stand in no list of
/// levels: from room version 12 on. `None` where that is unknown, and in versions without a
/// number, of which nothing is known.
fn is_almighty(creation: &Value, user_id: &str) -> Option<bool> {
    let content = &creation["content"];
    // A homeserver that returns only the content does not say who sent it.
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

/// The room that another one's state names, in words fit to be shown.
fn room_id(value: &Value) -> Option<String> {
    Some(excerpt(value.as_str()?)).filter(|room| !room.is_empty())
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
