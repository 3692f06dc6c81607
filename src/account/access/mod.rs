//! Who is answered, by the rules that the gateway uses, and why a message was or was not.

mod why;

pub use why::explain;

use std::fmt;

use serde::Serialize;

use crate::{
    address::{check_room, parse_user_id},
    config::{Document, GroupPolicy, Matrix, Paths, SenderTrust, environment},
    error::{Error, Kind, Result},
    journal::Remembered,
    policy::{Ground, Policy, Protection, Rule, Situation},
    session::Trust,
    text::shell_quote,
};

/// A message that somebody may write.
#[derive(Debug, Serialize)]
pub struct Asked {
    pub user: String,
    /// The room's ID or an alias of it.
    pub room: Option<String>,
    /// Whether it mentions the bot.
    pub mention: bool,
    /// Whether nobody else is in the room.
    pub direct: bool,
}

/// Whether it is answered.
#[derive(Debug, Serialize)]
pub struct Access {
    /// The message; its room by its ID, where that is known.
    #[serde(flatten)]
    asked: Asked,
    encrypted: bool,
    /// The verdict.
    pub answered: bool,
    /// The rule by which it is not answered, and the key that says so.
    rule: Option<&'static str>,
    key: Option<String>,
    why: Option<String>,
    /// The settings by which it is answered.
    because: Vec<Ground>,
    /// What cannot be told without the message itself.
    notes: Vec<String>,
    /// Commands that would let it be answered.
    commands: Vec<String>,
}

/// Judges a message as the gateway would, from the configuration and what the store remembers of
/// rooms. Asks nobody.
///
/// # Errors
///
/// When the user or the room is none, or the configuration or the journal cannot be read.
pub async fn judge(paths: &Paths, asked: Asked) -> Result<Access> {
    let wrong = |what: &str, why: &str| Error::new(Kind::Usage, format!("{what} {why}"));
    parse_user_id(&asked.user).map_err(|why| wrong(&shell_quote(&asked.user), why))?;
    if let Some(room) = &asked.room {
        check_room(room).map_err(|why| wrong(&shell_quote(room), why))?;
    }
    let matrix = Document::load_existing(paths.config_file())?.matrix(&environment)?;
    let policy = Policy::new(&matrix)?;
    let remembered = Remembered::read(&paths.store()).await?;
    // An alias that nothing is known of may be listed all the same.
    let id = |called: &String| remembered.names.room(called).unwrap_or(called).to_owned();
    let room = asked.room.as_ref().map(id);
    let room_id = room.as_deref().unwrap_or_default();
    let mut known_as = remembered.names.of(room_id);
    known_as.extend(asked.room.clone());
    let encrypted = remembered.encrypted.contains(room_id);
    let situation = Situation {
        sender: &asked.user,
        room_id,
        known_as: &known_as,
        members: if asked.direct { 2 } else { 3 },
        encrypted,
        protection: if encrypted {
            Protection::Encrypted(Trust::Verified)
        } else {
            Protection::Clear
        },
        mentions_bot: asked.mention,
        mentions_room: false,
        is_reaction: false,
        in_own_thread: false,
    };
    let is_own = matrix.user_id_if_set()? == Some(asked.user.as_str());
    let rule = policy.objection(&situation);
    let answered = rule.is_none() && !is_own;
    Ok(Access {
        answered,
        rule: rule.filter(|_| !is_own).map(Rule::name),
        key: rule.filter(|_| !is_own).and_then(Rule::key).map(full_key),
        why: match rule {
            _ if is_own => Some("the bot does not answer itself".to_owned()),
            rule => rule.map(|rule| rule.to_string()),
        },
        because: if answered {
            policy.grounds(&situation)
        } else {
            Vec::new()
        },
        notes: notes(&matrix, &policy, &asked, encrypted),
        commands: rule
            .filter(|_| !is_own)
            .and_then(|rule| command(rule, &asked))
            .into_iter()
            .collect(),
        encrypted,
        asked: Asked { room, ..asked },
    })
}

fn full_key(key: &str) -> String {
    format!("channels.matrix.{key}")
}

/// What only the message or its room itself can tell.
fn notes(matrix: &Matrix, policy: &Policy, asked: &Asked, encrypted: bool) -> Vec<String> {
    let mut notes = Vec::new();
    let is_group = !asked.direct;
    if is_group && policy.group_policy == GroupPolicy::Allowlist && asked.room.is_none() {
        notes.push("groupAllowFrom decides by the room; name it with --room".to_owned());
    }
    if is_group && policy.group_policy == GroupPolicy::Mention && policy.allow_room_mentions {
        notes.push("an @room of somebody with the power for it counts as a mention".to_owned());
    }
    if policy.sender_trust != SenderTrust::Any && (encrypted || asked.room.is_none()) {
        let name = matrix.sender_trust.name();
        notes.push(format!(
            "in an encrypted room, senderTrust {name:?} also decides by the sender's device"
        ));
    }
    if !encrypted && asked.room.is_none() && !policy.e2ee_enabled {
        notes.push("in an encrypted room nothing is answered: e2eeEnabled is false".to_owned());
    }
    notes
}

/// The command that would let a message be answered, where one setting is all.
fn command(rule: Rule, asked: &Asked) -> Option<String> {
    Some(match rule {
        Rule::SenderNotAllowed => {
            let user = shell_quote(&asked.user);
            format!("nanobot config set allowFrom --add {user}")
        }
        Rule::RoomNotAllowed => {
            let room = shell_quote(asked.room.as_deref()?);
            format!("nanobot config set groupAllowFrom --add {room}")
        }
        Rule::NotMentioned => "nanobot config set groupPolicy open".to_owned(),
        Rule::EncryptionDisabled => "nanobot config set e2eeEnabled true".to_owned(),
        _ => return None,
    })
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Asked {
            user,
            room,
            mention,
            direct,
        } = &self.asked;
        let place = match (room, direct) {
            (Some(room), _) => room.clone(),
            (None, true) => "a direct chat".to_owned(),
            (None, false) => "a group room".to_owned(),
        };
        let mention = if *mention { ", mentioning the bot" } else { "" };
        let verdict = if self.answered {
            "answered"
        } else {
            "not answered"
        };
        write!(f, "{user} in {place}{mention}: {verdict}")?;
        if let Some(why) = &self.why {
            write!(f, "\n  {why}")?;
        }
        if let Some(key) = &self.key {
            write!(f, " ({key})")?;
        }
        for Ground { key, says } in &self.because {
            write!(f, "\n  {key} {says}")?;
        }
        for note in &self.notes {
            write!(f, "\n  note: {note}")?;
        }
        for command in &self.commands {
            write!(f, "\n  → {command}")?;
        }
        Ok(())
    }
}
