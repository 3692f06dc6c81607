//! The rooms that the bot has joined.

use serde_json::Value;

use super::account::Own;
use crate::{
    doctor::{
        engine::{Probe, ask},
        facts::{Answer, RoomFacts},
    },
    homeserver::Account,
};

/// More rooms than this are not looked at: a look at one takes three requests.
const MOST_ROOMS: usize = 100;
/// The level of those who have none of their own, and of events that have none
/// (spec, "m.room.power_levels").
const NO_LEVEL: i64 = 0;

pub(super) const PROBES: &[Probe] = &[Probe::online("rooms", &["whoami"], |subject, facts| {
    let own = Own::accepted(&subject, facts)?;
    ask(
        async move { look(&own.account, &own.user_id).await },
        |facts, rooms| facts.rooms = Some(rooms),
    )
})];

async fn look(account: &Account, user_id: &str) -> Answer<Vec<RoomFacts>> {
    let mut ids = account.joined_rooms().await?;
    ids.truncate(MOST_ROOMS);
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
        if may_speak == Some(false) && has_creators(account, &id).await? {
            may_speak = None;
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

/// Whether this room's creators may do everything and stand in no list of levels, so that the
/// list does not tell all: from room version 12 on.
async fn has_creators(account: &Account, room: &str) -> Answer<bool> {
    let creation = account.room_state(room, "m.room.create", "").await?;
    let version = creation.and_then(|event| Some(event["room_version"].as_str()?.to_owned()));
    // A version without a number is one we know nothing about.
    Ok(version.is_some_and(|version| version.parse::<u32>().map_or(true, |number| number >= 12)))
}

fn replacement(tombstone: &Value) -> Option<String> {
    tombstone["replacement_room"].as_str().map(str::to_owned)
}

/// Whether a user may send messages, by the room's power levels (spec, "m.room.power_levels").
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
