//! `access.*`: who can talk to the bot, and where.

use crate::{
    config::GroupPolicy,
    doctor::{
        check::{Advice, Check, Explanation, Verdict},
        facts::{Facts, RoomFacts},
    },
    homeserver::Invitation,
    policy::Policy,
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "access.audience",
        title: "It is clear who may talk to the bot",
        probe: "config",
        needs: &["config.values"],
        judge: |facts| {
            Some(match facts.config.as_ref()?.policy.as_ref()? {
                Ok(policy) => Verdict::pass(policy.describe()),
                Err(trouble) => Verdict::troubled(trouble),
            })
        },
        explanation: Explanation {
            meaning: "What allowFrom, groupPolicy and groupAllowFrom amount to, in one sentence. The \
                      gateway says the same when it starts.",
            matters: "It decides who is answered, and whose invitations are accepted.",
            causes: &["a list needs a variable of the environment that is not set"],
        },
        remedy: Advice {
            text: "look at the three settings",
            commands: &["nanobot config list"],
        },
    },
    Check {
        id: "access.open",
        title: "The bot is open to everyone only on purpose",
        probe: "config",
        needs: &["config.values"],
        judge: |facts| {
            super::config::found(
                facts,
                &["open-to-everyone"],
                "nobody is let in by an empty list",
            )
        },
        explanation: Explanation {
            meaning: "An empty or absent allowFrom means everyone; newer releases of the Python tool \
                      read it as nobody. [\"*\"] says that everyone is meant.",
            matters: "Strangers can use the bot, and what stands behind it, at your cost.",
            causes: &[
                "allowFrom was left out or misspelled",
                "the list was emptied by hand",
            ],
        },
        remedy: Advice {
            text: "list who may talk to it, or write \"*\"",
            commands: &["nanobot config set allowFrom --add @you:example.org"],
        },
    },
    Check {
        id: "access.users",
        title: "The users of allowFrom exist",
        probe: "users",
        needs: &["token.device"],
        judge: users,
        explanation: Explanation {
            meaning: "The homeserver is asked for the users of allowFrom that are its own.",
            matters: "Whoever is meant is not answered, because the id is another one.",
            causes: &[
                "a typing error in the user id",
                "the account is on another server",
            ],
        },
        remedy: Advice {
            text: "compare the id with the one in the person's own client",
            commands: &["nanobot config get allowFrom"],
        },
    },
    Check {
        id: "access.group-rooms",
        title: "The list of rooms is not empty by mistake",
        probe: "config",
        needs: &["config.values"],
        judge: |facts| {
            super::config::found(
                facts,
                &["no-group-rooms"],
                "the list of rooms is as groupPolicy needs it",
            )
        },
        explanation: Explanation {
            meaning: "With groupPolicy \"allowlist\" the bot answers only in the group rooms of \
                      groupAllowFrom.",
            matters: "With an empty list it answers in no group room.",
            causes: &["groupAllowFrom was forgotten or misspelled"],
        },
        remedy: Advice {
            text: "list the rooms, or choose another groupPolicy",
            commands: &["nanobot config set groupPolicy mention"],
        },
    },
    Check {
        id: "access.room-ids",
        title: "The ids of rooms are whole",
        probe: "config",
        needs: &["config.values"],
        judge: |facts| super::config::found(facts, &["short-room-id"], "they look whole"),
        explanation: Explanation {
            meaning: "Ids of newer rooms have no server part and are of a fixed length.",
            matters: "An id that was not copied whole matches no room.",
            causes: &[
                "the id was not copied whole",
                "the server part was left out of an older id",
            ],
        },
        remedy: Advice {
            text: "compare it with the id in the room's settings",
            commands: &["nanobot config get groupAllowFrom"],
        },
    },
    Check {
        id: "access.rooms",
        title: "The bot has joined the rooms of its list",
        probe: "rooms",
        needs: &["token.device"],
        judge: listed_rooms,
        explanation: Explanation {
            meaning: "The rooms of groupAllowFrom are looked for among those that the bot has joined.",
            matters: "The bot hears nothing in a room it has not joined.",
            causes: &[
                "nobody has invited the bot yet",
                "it was removed from the room",
                "the room was upgraded, and its successor has another id",
            ],
        },
        remedy: Advice {
            text: "invite the bot to the room, as a user that allowFrom lists",
            commands: &["nanobot config get groupAllowFrom"],
        },
    },
    Check {
        id: "access.invitations",
        title: "No invitation waits that will not be accepted",
        probe: "initial_sync",
        needs: &["token.device"],
        judge: invitations,
        explanation: Explanation {
            meaning: "Invitations that are open, and whether the gateway accepts them: it does when \
                      the inviter is in allowFrom.",
            matters: "Whoever invited the bot waits for it.",
            causes: &["the inviter is not in allowFrom"],
        },
        remedy: Advice {
            text: "add the inviter to allowFrom, if you know them",
            commands: &["nanobot config set allowFrom --add @you:example.org"],
        },
    },
    Check {
        id: "access.speak",
        title: "The bot may speak in its rooms",
        probe: "rooms",
        needs: &["token.device"],
        judge: |facts| {
            rooms_that(
                facts,
                |room| room.may_speak == Some(false),
                "it may speak in all of them",
                |count| format!("the bot may not send messages in {count} of its rooms"),
            )
        },
        explanation: Explanation {
            meaning: "The power that each room asks of those who send messages is compared with the \
                      bot's.",
            matters: "The bot hears what is said there, and its answers are refused.",
            causes: &[
                "the room is one for announcements",
                "a moderator has muted the bot",
            ],
        },
        remedy: Advice {
            text: "let a moderator of the room give the bot the power to send messages",
            commands: &[],
        },
    },
    Check {
        id: "access.upgraded",
        title: "No room was left behind by an upgrade",
        probe: "rooms",
        needs: &["token.device"],
        judge: upgraded,
        explanation: Explanation {
            meaning: "A room that was upgraded names the one that took its place. The bot joins that \
                      one when it is invited by a user of allowFrom.",
            matters: "People talk in the new room, and the bot is in the old one.",
            causes: &["the room was upgraded, and nobody invited the bot to its successor"],
        },
        remedy: Advice {
            text: "invite the bot to the new room, and change groupAllowFrom if it lists the old one",
            commands: &["nanobot config get groupAllowFrom"],
        },
    },
];

fn policy(facts: &Facts) -> Option<&Policy> {
    facts.config.as_ref()?.policy.as_ref()?.as_ref().ok()
}

fn users(facts: &Facts) -> Option<Verdict> {
    let users = match facts.users.as_ref()? {
        Ok(users) => users,
        Err(failure) => return Some(Verdict::unanswered(failure)),
    };
    let unknown: Vec<_> = users
        .iter()
        .filter(|(_, exists)| *exists == Some(false))
        .map(|(user, _)| user.as_str())
        .collect();
    Some(if unknown.is_empty() {
        Verdict::pass("nobody in it is unknown to the homeserver")
    } else {
        Verdict::warn(format!("the homeserver knows no {}", unknown.join(", ")))
            .evidence("users", &unknown)
    })
}

fn listed_rooms(facts: &Facts) -> Option<Verdict> {
    let policy = policy(facts)?;
    if policy.group_policy != GroupPolicy::Allowlist {
        return Some(Verdict::pass("groupPolicy needs no list of rooms"));
    }
    let joined = match facts.rooms.as_ref()? {
        Ok(rooms) => rooms,
        Err(failure) => return Some(Verdict::unanswered(failure)),
    };
    let missing: Vec<_> = policy
        .group_allow_from
        .iter()
        .filter(|listed| joined.iter().all(|room| room.id != **listed))
        .map(String::as_str)
        .collect();
    Some(if missing.is_empty() {
        Verdict::pass("it has joined all of them")
    } else {
        Verdict::warn(format!("the bot has not joined {}", missing.join(", ")))
            .evidence("rooms", &missing)
    })
}

fn invitations(facts: &Facts) -> Option<Verdict> {
    let allowed = &policy(facts)?.allow_from;
    let open = match facts.initial_sync.as_ref()? {
        Ok(sync) => &sync.invitations,
        Err(failure) => return Some(Verdict::unanswered(failure)),
    };
    let accepted = |invitation: &&Invitation| {
        let inviter = invitation.inviter.as_ref();
        inviter.is_some_and(|inviter| allowed.allows(&inviter.to_string()))
    };
    let (welcome, refused): (Vec<_>, Vec<_>) = open.iter().partition(accepted);
    let lines: Vec<_> = refused.iter().map(|invitation| told(invitation)).collect();
    Some(match (lines.is_empty(), welcome.len()) {
        (true, 0) => Verdict::pass("no invitation is open"),
        (true, count) => Verdict::pass(format!(
            "{count} invitations will be accepted by the gateway"
        )),
        (false, _) => Verdict::warn(lines.join("\n")).evidence(
            "rooms",
            refused
                .iter()
                .map(|invitation| &invitation.room)
                .collect::<Vec<_>>(),
        ),
    })
}

fn told(invitation: &Invitation) -> String {
    let room = &invitation.room;
    match &invitation.inviter {
        Some(inviter) => {
            format!("{inviter}, who is not in allowFrom, has invited the bot to {room}")
        }
        None => format!("somebody unknown has invited the bot to {room}"),
    }
}

fn upgraded(facts: &Facts) -> Option<Verdict> {
    let joined = facts.rooms.as_ref()?.as_ref().ok()?;
    let is_left_behind = |room: &RoomFacts| {
        let successor = room.replaced_by.as_ref();
        successor.is_some_and(|successor| joined.iter().all(|other| other.id != *successor))
    };
    rooms_that(
        facts,
        is_left_behind,
        "it is in the successors of all upgraded rooms",
        |count| {
            format!("{count} of the bot's rooms were upgraded, and it is not in their successors")
        },
    )
}

/// A warning about the rooms of which something holds.
fn rooms_that(
    facts: &Facts,
    holds: impl Fn(&RoomFacts) -> bool,
    otherwise: &str,
    words: impl Fn(usize) -> String,
) -> Option<Verdict> {
    let rooms = match facts.rooms.as_ref()? {
        Ok(rooms) => rooms,
        Err(failure) => return Some(Verdict::unanswered(failure)),
    };
    let found: Vec<_> = rooms
        .iter()
        .filter(|room| holds(room))
        .map(|room| room.id.as_str())
        .collect();
    Some(if found.is_empty() {
        Verdict::pass(otherwise)
    } else {
        Verdict::warn(format!("{}: {}", words(found.len()), found.join(", ")))
            .evidence("rooms", &found)
    })
}
