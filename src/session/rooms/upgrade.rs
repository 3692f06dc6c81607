//! Rooms that others took the place of (spec, "Room upgrades"), and whether that is true.

use matrix_sdk::{
    Room, RoomState,
    deserialized_responses::SyncOrStrippedState,
    ruma::{
        Int, OwnedUserId, RoomOrAliasId, UserId,
        events::{
            StateEventType, SyncStateEvent,
            direct::OwnedDirectUserIdentifier,
            room::{power_levels::RoomPowerLevels, tombstone::RoomTombstoneEventContent},
        },
    },
};

use super::handle::Rooms;
use crate::{
    error::Error,
    session::sdk::{self, RoomFailure},
};

/// The least power that is needed to replace a room, whatever the room itself asks for.
const LEAST: i32 = 50;

/// That a room was replaced, by someone who may do that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgrade {
    /// The room.
    pub old: String,
    /// The one that is to take its place.
    pub new: String,
    /// Who said so.
    pub by: OwnedUserId,
}

/// What is known of the room that is to take another's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Successor {
    /// The bot is not in it.
    Absent,
    /// The bot is in it, and has not seen all that it has to: what not, as a sentence.
    Unfinished(&'static str),
    /// It is the one.
    Confirmed,
    /// It is not: why, as a sentence.
    Refused(String),
}

impl Rooms {
    /// The joined rooms that name another room to take their place, and those.
    pub fn replaced(&self) -> Vec<(String, String)> {
        let rooms = self.client.joined_rooms().into_iter();
        let replaced = rooms.filter_map(|room| {
            let successor = room.successor_room()?;
            let (old, new) = (room.room_id(), successor.room_id);
            (old != new).then(|| (old.to_string(), new.to_string()))
        });
        replaced.collect()
    }

    /// Who replaced a room by another, where they may; else why it does not count, as a sentence.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub async fn upgrade(&self, old: &str) -> Result<Result<Upgrade, String>, RoomFailure> {
        let room = self.room(old)?;
        let reading = room.get_state_event_static::<RoomTombstoneEventContent>();
        let event = sdk::call("read the room's tombstone", reading).await?;
        let Some(Ok(SyncOrStrippedState::Sync(SyncStateEvent::Original(event)))) =
            event.map(|event| event.deserialize())
        else {
            return Ok(Err("its tombstone cannot be read".to_owned()));
        };
        let levels = room.power_levels_or_default().await;
        Ok(authority(&levels, &event.sender).map(|()| Upgrade {
            old: old.to_owned(),
            new: event.content.replacement_room.to_string(),
            by: event.sender,
        }))
    }

    /// What the room that is to take another's place says of itself: it must have been made in place
    /// of the old one, and by whoever replaced that or somebody as powerful there.
    pub async fn successor(&self, upgrade: &Upgrade) -> Successor {
        let (Ok(old), Ok(new)) = (self.room(&upgrade.old), self.room(&upgrade.new)) else {
            return Successor::Absent;
        };
        if new.state() != RoomState::Joined {
            return Successor::Absent;
        }
        let Some(creation) = new.create_content() else {
            return Successor::Unfinished("it has not been seen yet how it was made");
        };
        if new
            .predecessor_room()
            .is_none_or(|it| it.room_id != upgrade.old)
        {
            return Successor::Refused("it was not made in place of the old one".to_owned());
        }
        let levels = old.power_levels_or_default().await;
        if !is_as_powerful(&levels, &creation.creator, &upgrade.by) {
            let why = "whoever made it has less power in the old one than who replaced that";
            return Successor::Refused(why.to_owned());
        }
        // What was said encrypted is not to be remembered where all is said in clear.
        let is_encrypted = |room: &Room| {
            room.encryption_state().is_encrypted()
                || self.journal.is_encrypted(room.room_id().as_str())
        };
        if is_encrypted(&old) && !is_encrypted(&new) {
            return Successor::Unfinished("it is not encrypted as the old one is");
        }
        Successor::Confirmed
    }

    /// Whether the bot is in this room.
    pub fn is_joined(&self, room_id: &str) -> bool {
        self.room(room_id)
            .is_ok_and(|room| room.state() == RoomState::Joined)
    }

    /// Joins the room that is to take another's place, by way of the homeserver of who said so:
    /// from its ID it cannot be told where it is.
    ///
    /// # Errors
    ///
    /// When the homeserver refuses or cannot be reached.
    pub async fn join_successor(&self, upgrade: &Upgrade) -> Result<(), RoomFailure> {
        let new = RoomOrAliasId::parse(&upgrade.new)
            .map_err(|error| RoomFailure::Never(Error::failure("not a room ID").because(error)))?;
        let via = [upgrade.by.server_name().to_owned()];
        let joining = self.client.join_room_by_id_or_alias(&new, &via);
        sdk::call("join the room", joining).await?;
        Ok(())
    }

    /// Leaves a room.
    ///
    /// # Errors
    ///
    /// When the homeserver refuses or cannot be reached.
    pub async fn leave(&self, room_id: &str) -> Result<(), RoomFailure> {
        self.quit(room_id, "leave the room").await
    }

    /// Lists a new room as a direct one where the old one is listed so, whose place it took.
    ///
    /// # Errors
    ///
    /// When the homeserver refuses or cannot be reached.
    pub async fn carry_direct(&self, old: &str, new: &str) -> Result<(), RoomFailure> {
        let (old, new) = (self.room(old)?, self.room(new)?);
        let users = old.direct_targets().into_iter();
        let users: Vec<_> = users
            .filter_map(OwnedDirectUserIdentifier::into_user_id)
            .collect();
        if users.is_empty() || !new.direct_targets().is_empty() {
            return Ok(());
        }
        let account = self.client.account();
        let listing = account.mark_as_dm(new.room_id(), &users);
        Ok(sdk::call("list the room as a direct one", listing).await?)
    }
}

/// Whether this user has the power to replace the room; why not, as a sentence. What the room itself
/// asks for may be nothing.
fn authority(levels: &RoomPowerLevels, user_id: &UserId) -> Result<(), String> {
    let needed = levels
        .for_state(StateEventType::RoomTombstone)
        .max(Int::from(LEAST));
    if levels.for_user(user_id) >= needed {
        return Ok(());
    }
    Err(format!(
        "{user_id}, who replaced it, does not have the power for that ({needed})"
    ))
}

/// Whether one user has at least as much power in a room as another.
fn is_as_powerful(levels: &RoomPowerLevels, one: &UserId, other: &UserId) -> bool {
    one == other || levels.for_user(one) >= levels.for_user(other)
}

#[cfg(test)]
mod tests {
    use matrix_sdk::ruma::{
        events::room::power_levels::RoomPowerLevelsSource, room_version_rules::AuthorizationRules,
    };
    use serde_json::{Value, json};

    use super::*;

    fn user(name: &str) -> OwnedUserId {
        UserId::parse(format!("@{name}:example.org")).unwrap()
    }

    fn levels(content: Value, rules: &AuthorizationRules) -> RoomPowerLevels {
        let content = serde_json::from_value(content).unwrap();
        let source = RoomPowerLevelsSource::Original(content);
        RoomPowerLevels::new(source, rules, vec![user("maker")])
    }

    #[test]
    fn a_room_is_replaced_by_those_with_power_whatever_it_asks_for() {
        let users = json!({"@admin:example.org": 100, "@mod:example.org": 50});
        let usual = levels(json!({"users": users}), &AuthorizationRules::V10);
        let lax = json!({"users": users, "events": {"m.room.tombstone": 0}});
        let lax = levels(lax, &AuthorizationRules::V10);
        let strict = json!({"users": users, "events": {"m.room.tombstone": 100}});
        let strict = levels(strict, &AuthorizationRules::V12);
        for (levels, name, may) in [
            (&usual, "admin", true),
            (&usual, "mod", true),
            (&usual, "ann", false),
            // Before version 12 who made a room has the power that it is given.
            (&usual, "maker", false),
            (&lax, "mod", true),
            (&lax, "ann", false),
            (&strict, "admin", true),
            (&strict, "mod", false),
            (&strict, "maker", true),
        ] {
            assert_eq!(authority(levels, &user(name)).is_ok(), may, "{name}");
        }
        let as_powerful = |one, other| is_as_powerful(&strict, &user(one), &user(other));
        assert!(as_powerful("mod", "mod") && as_powerful("admin", "mod"));
        assert!(as_powerful("maker", "admin") && !as_powerful("mod", "admin"));
        assert!(!as_powerful("admin", "maker"));
    }
}
