//! `access.*`: who can talk to the bot, and where.

use crate::{
    config::GroupPolicy,
    doctor::{
        check::{Advice, Check, Explanation, Verdict},
        checks::{counted, listed},
        facts::Facts,
    },
    homeserver::Invitation,
    policy::{AllowFrom, Policy},
};

/// More findings of one sort than this are not told one by one.
const MOST_LINES: usize = 5;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "access.audience",
        title: "It is clear who may talk to the bot",
        probe: "config",
        needs: &["config.values", "config.variables"],
        judge: audience,
        explanation: Explanation {
            meaning: "What allowFrom, groupPolicy and groupAllowFrom amount to, in one sentence. The \
                      gateway says the same when it starts.",
            matters: "It decides who is answered, and whose invitations are accepted.",
            causes: &[
                "the bot's own id was written into allowFrom instead of yours",
                "a list needs a variable of the environment that is not set",
            ],
        },
        remedy: Advice {
            text: "write your own id into allowFrom",
            commands: &["nanobot config set allowFrom --add @you:example.org"],
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
            meaning: "The homeserver is asked for the users of allowFrom that are its own, among the \
                      first 200.",
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
        judge: muted,
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

fn audience(facts: &Facts) -> Option<Verdict> {
    let policy = match facts.config.as_ref()?.policy.as_ref()? {
        Ok(policy) => policy,
        Err(trouble) => return Some(Verdict::troubled(trouble).command("nanobot config list")),
    };
    let own = facts.config.as_ref()?.credentials();
    let own = own.map(|credentials| credentials.user_id.as_str());
    Some(match &policy.allow_from {
        AllowFrom::Users(users) if users.iter().all(|user| Some(user.as_str()) == own) => {
            Verdict::warn("allowFrom lists nobody but the bot itself, so nobody is answered")
        }
        _ => Verdict::pass(policy.describe()),
    })
}

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
    let asked = match &policy(facts)?.allow_from {
        AllowFrom::Users(all) if all.len() > users.len() => {
            format!("; only the first {} were asked for", users.len())
        }
        _ => String::new(),
    };
    Some(if unknown.is_empty() {
        Verdict::pass(format!("nobody in it is unknown to the homeserver{asked}"))
    } else {
        let unknown_names = listed(&unknown);
        Verdict::warn(format!("the homeserver knows no {unknown_names}{asked}"))
            .evidence("users", &unknown)
    })
}

fn listed_rooms(facts: &Facts) -> Option<Verdict> {
    let policy = policy(facts)?;
    if policy.group_policy != GroupPolicy::Allowlist {
        return Some(Verdict::pass("groupPolicy needs no list of rooms"));
    }
    let rooms = match facts.rooms.as_ref()? {
        Ok(rooms) => rooms,
        Err(failure) => return Some(Verdict::unanswered(failure)),
    };
    let missing: Vec<_> = policy
        .group_allow_from
        .iter()
        .filter(|listed| !rooms.is_joined(listed))
        .map(String::as_str)
        .collect();
    Some(if missing.is_empty() {
        Verdict::pass("it has joined all of them")
    } else {
        Verdict::warn(format!("the bot has not joined {}", listed(&missing)))
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
    let lines = refused.iter().take(MOST_LINES);
    let lines: Vec<_> = lines.map(|invitation| told(invitation)).collect();
    Some(match (lines.is_empty(), welcome.len()) {
        (true, 0) => Verdict::pass("no invitation is open"),
        (true, count) => Verdict::pass(format!(
            "the gateway will accept {}",
            counted(count, "invitation")
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
    let rooms = match facts.rooms.as_ref()? {
        Ok(rooms) => rooms,
        Err(failure) => return Some(Verdict::unanswered(failure)),
    };
    let left_behind = rooms.seen.iter().filter_map(|room| {
        let successor = room.replaced_by.as_ref()?;
        (!rooms.is_joined(successor)).then_some((room.id.as_str(), successor.as_str()))
    });
    let left_behind: Vec<_> = left_behind.collect();
    let lines: Vec<_> = left_behind
        .iter()
        .take(MOST_LINES)
        .map(|(old, new)| format!("{old} was replaced by {new}, and the bot is not in there"))
        .collect();
    let ids: Vec<_> = left_behind.iter().map(|(old, _)| old).collect();
    Some(if lines.is_empty() {
        Verdict::pass("it is in the successors of all upgraded rooms")
    } else {
        Verdict::warn(lines.join("\n")).evidence("rooms", ids)
    })
}

fn muted(facts: &Facts) -> Option<Verdict> {
    let rooms = match facts.rooms.as_ref()? {
        Ok(rooms) => &rooms.seen,
        Err(failure) => return Some(Verdict::unanswered(failure)),
    };
    // An upgrade mutes everybody in the old room.
    let muted: Vec<_> = rooms
        .iter()
        .filter(|room| room.may_speak == Some(false) && room.replaced_by.is_none())
        .map(|room| room.id.as_str())
        .collect();
    Some(if muted.is_empty() {
        Verdict::pass("it may speak in all of them")
    } else {
        let detail = format!("the bot may not send messages in {}", listed(&muted));
        Verdict::warn(detail).evidence("rooms", &muted)
    })
}
