//! `access.*`: who can talk to the bot, and where.

use std::collections::BTreeSet;

use super::{config::found, prelude::*};
use crate::{
    config::GroupPolicy,
    doctor::facts::Rooms,
    homeserver::Invitation,
    policy::{AllowFrom, Policy},
    text::{counted, excerpt, shell_quote},
};

/// The most lines of one finding.
const MOST_LINES: usize = 5;
/// With more than this, it is not clear who the owners are.
const MOST_OWNERS: usize = 3;

pub fn checks() -> Vec<Check> {
    vec![
        Check::new(
            "access.audience",
            "config",
            &["config.values", "config.variables"],
        )
        .judge(audience),
        Check::new(
            "access.open",
            "config",
            &["config.values", "config.unknown-keys"],
        )
        .judge(open),
        Check::new("access.users", "users", &["token.device"]).judge(users),
        Check::new("access.group-rooms", "config", &["config.values"]).judge(found(
            &["no-group-rooms"],
            "the list of rooms fits groupPolicy",
        )),
        Check::new("access.room-ids", "config", &["config.values"])
            .judge(found(&["short-room-id"], "the room IDs look complete")),
        Check::new("access.rooms", "rooms", &["token.device"]).judge(listed_rooms),
        Check::new("access.invitations", "initial_sync", &["token.device"]).judge(invitations),
        Check::new("access.speak", "rooms", &["token.device"]).judge(muted),
        Check::new("access.upgraded", "rooms", &["token.device"]).judge(upgraded),
    ]
}

fn audience(facts: &Facts) -> Judgement {
    let policy = match facts.config()?.policy.as_ref().ok_or(Missing)? {
        Ok(policy) => policy,
        Err(error) => return Ok(Verdict::error(error).command("nanobot config list")),
    };
    let own = facts.credentials().ok();
    let own = own.map(|credentials| credentials.user_id.as_str());
    Ok(match &policy.allow_from {
        AllowFrom::Users(users) if users.iter().all(|user| Some(user.as_str()) == own) => {
            let verdict =
                Verdict::warn("allowFrom lists only the bot itself, so the bot answers no one");
            return Ok(verdict.command(allow_owners(facts)));
        }
        _ => Verdict::pass(policy.describe()),
    })
}

fn open(facts: &Facts) -> Judgement {
    let verdict = found(&["open-to-everyone"], "allowFrom is not empty")(facts)?;
    Ok(if verdict.status == Status::Pass {
        verdict
    } else {
        verdict.command(allow_owners(facts))
    })
}

/// The command that lets those talk to the bot who run its rooms; where nobody is known to, the
/// owner has to write the list.
fn allow_owners(facts: &Facts) -> String {
    let owners = known(facts.rooms.as_ref()).map_or(&[][..], |rooms| &rooms.moderators);
    match owners {
        [] => "nanobot config edit".to_owned(),
        owners if owners.len() > MOST_OWNERS => "nanobot config edit".to_owned(),
        owners => format!("nanobot config set allowFrom{}", added(owners)),
    }
}

/// Options that add these to a list.
fn added(values: &[impl AsRef<str>]) -> String {
    let options = values
        .iter()
        .map(|value| format!(" --add {}", shell_quote(value.as_ref())));
    options.collect()
}

fn users(facts: &Facts) -> Judgement {
    let users = answer(facts.users.as_ref())?;
    let unknown = users.iter().filter(|(_, exists)| *exists == Some(false));
    let unknown: Vec<_> = unknown.map(|(user, _)| user.as_str()).collect();
    let asked = match &facts.policy()?.allow_from {
        AllowFrom::Users(all) if all.len() > users.len() => {
            format!("; only the first {} were checked", users.len())
        }
        _ => String::new(),
    };
    let well = format!("the homeserver knows all of them{asked}");
    Ok(Verdict::warn_of("users", &unknown, well, |users| {
        format!("the homeserver does not know {users}{asked}")
    }))
}

fn listed_rooms(facts: &Facts) -> Judgement {
    let policy = facts.policy()?;
    if policy.group_policy != GroupPolicy::Allowlist {
        return Ok(Verdict::pass("groupPolicy does not need a list of rooms"));
    }
    let rooms = answer(facts.rooms.as_ref())?;
    let listed = policy.group_allow_from.iter().map(String::as_str);
    let unknown = listed
        .clone()
        .filter(|entry| rooms.aliases.get(*entry) == Some(&None));
    let unknown: Vec<_> = unknown.collect();
    if !unknown.is_empty() {
        return Ok(Verdict::warn_of("rooms", &unknown, "", |rooms| {
            format!("the homeserver knows no room with the alias {rooms}")
        }));
    }
    let is_there = |room: &str| rooms.is_joined(room) || rooms.successor(room).is_some();
    let missing = listed.filter(|entry| rooms.id(entry).is_some_and(|room| !is_there(room)));
    let missing: Vec<_> = missing.collect();
    let well = "the bot has joined all of them";
    Ok(Verdict::warn_of("rooms", &missing, well, |rooms| {
        format!("the bot has not joined {rooms}")
    }))
}

fn invitations(facts: &Facts) -> Judgement {
    let allowed = &facts.policy()?.allow_from;
    let open = &answer(facts.initial_sync.as_ref())?.invitations;
    // Only a gateway that runs knows which it could not accept.
    let refused = facts.status().map(|status| &status.not_joined).ok();
    let (mut strangers, mut rooms, mut lines) = (BTreeSet::new(), Vec::new(), Vec::new());
    let mut is_unknown = false;
    for Invitation { room, inviter, .. } in open {
        let is_stranger = !inviter
            .as_ref()
            .is_some_and(|id| allowed.allows(id.as_ref()));
        let why = refused.and_then(|refused| refused.get(&excerpt(room)));
        let line = match (inviter, why) {
            (None, _) => format!("an unknown user has invited the bot to {room}"),
            (Some(inviter), _) if is_stranger => {
                format!("{inviter}, who is not in allowFrom, has invited the bot to {room}")
            }
            (Some(inviter), Some(why)) => {
                format!("the bot could not accept {inviter}'s invitation to {room}: {why}")
            }
            _ => continue,
        };
        strangers.extend(
            inviter
                .as_ref()
                .filter(|_| is_stranger)
                .map(ToString::to_string),
        );
        is_unknown |= inviter.is_none();
        rooms.push(room);
        lines.push(line);
    }
    if rooms.is_empty() {
        return Ok(Verdict::pass(match open.len() {
            0 => "there are no open invitations".to_owned(),
            count => format!("the gateway will accept {}", counted(count, "invitation")),
        }));
    }
    lines.truncate(MOST_LINES);
    let verdict = Verdict::warn(lines.join("\n")).evidence("rooms", rooms);
    let strangers: Vec<_> = strangers.into_iter().collect();
    Ok(if !strangers.is_empty() {
        verdict.command(format!("nanobot config set allowFrom{}", added(&strangers)))
    } else if is_unknown {
        verdict
    } else {
        let advice = "check that the room lets the bot in, then invite it again";
        verdict.advice(advice).without_commands()
    })
}

fn upgraded(facts: &Facts) -> Judgement {
    let rooms = answer(facts.rooms.as_ref())?;
    let replaced = rooms.seen.iter().filter_map(|room| {
        let successor = room.replaced_by.as_ref()?;
        (!rooms.is_joined(successor)).then_some((&room.id, successor))
    });
    let (ids, successors): (Vec<_>, Vec<_>) = replaced.unzip();
    if ids.is_empty() {
        return Ok(outdated(facts.policy()?, rooms).unwrap_or_else(|| {
            Verdict::pass("the bot is in the successors of all upgraded rooms")
        }));
    }
    let rooms = ids.iter().zip(successors).take(MOST_LINES);
    let lines: Vec<_> = rooms
        .map(|(old, new)| format!("{old} was replaced by {new}, which the bot has not joined"))
        .collect();
    Ok(Verdict::warn(lines.join("\n")).evidence("rooms", ids))
}

/// Whether the list names rooms that were upgraded, and not those that took their places.
fn outdated(policy: &Policy, rooms: &Rooms) -> Option<Verdict> {
    let listed = &policy.group_allow_from;
    let successor = |old: &'_ String| Some((old.clone(), rooms.successor(old)?.to_owned()));
    let mut pairs: Vec<_> = listed.iter().filter_map(successor).collect();
    pairs.retain(|(_, new)| !listed.iter().any(|entry| rooms.id(entry) == Some(new)));
    if pairs.is_empty() || policy.group_policy != GroupPolicy::Allowlist {
        return None;
    }
    let lines = pairs.iter().take(MOST_LINES).map(|(old, new)| {
        format!(
            "groupAllowFrom lists {old}, but not its successor {new}; the bot answers there only as \
             long as it remembers the upgrade"
        )
    });
    let verdict = Verdict::warn(lines.collect::<Vec<_>>().join("\n"));
    let (old, new): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    let command = format!("nanobot config set groupAllowFrom{}", added(&new));
    Some(verdict.command(command).evidence("rooms", old))
}

fn muted(facts: &Facts) -> Judgement {
    let rooms = answer(facts.rooms.as_ref())?.seen.iter();
    // An upgrade mutes everybody in the old room.
    let muted = rooms.filter(|room| room.may_speak == Some(false) && room.replaced_by.is_none());
    let muted: Vec<_> = muted.map(|room| room.id.as_str()).collect();
    let well = "the bot may send messages in all of them";
    Ok(Verdict::warn_of("rooms", &muted, well, |rooms| {
        format!("the bot may not send messages in {rooms}")
    }))
}
