//! The first message: the bot invites its owner to a direct room, and says hello there.
//!
//! What the homeserver holds decides whether that was done, so that it is done once, whenever
//! this is killed and from whichever machine it is run again.

use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{run::Run, steps::Status};
use crate::{
    error::Result,
    homeserver::Account,
    ipc::{Lock, crash_point},
    session::{Credentials, DIRECT_ROOM, Session},
    terminal::Progress,
};

const WORDS: &str = "Hello! I am your bot, set up with `nanobot setup`. While `nanobot gateway` \
                     runs, I answer what you write to me here.";
/// More rooms than that with one person are not looked at.
const MOST_LISTED: usize = 50;

/// Whom the bot greets, and what is known of their room.
struct Greeting<'a> {
    account: Account,
    bot: &'a str,
    owner: String,
    encrypted: bool,
}

/// A direct room that is there.
struct Found {
    room_id: String,
    /// It is in the bot's list of direct rooms.
    is_listed: bool,
    /// The owner's membership, where they ever had one.
    membership: Option<String>,
    /// The bot has said something in it.
    is_greeted: bool,
}

impl Run {
    /// Greets the first user of `allowFrom`. Returns how to write to the bot.
    pub async fn greet(&mut self, credentials: &Credentials) -> Result<String> {
        self.steps.begin("greeting");
        let bot = credentials.user_id.as_str();
        let write = format!("Write to {bot} from your own account, in Element or another client");
        if self.options.no_greeting {
            self.steps
                .end(Status::Skipped, "no first message (--no-greeting)")?;
            return Ok(write);
        }
        let matrix = self.matrix()?;
        let mut named = matrix.allow_from()?.iter();
        let Some(owner) = named.find(|user| *user != "*" && *user != bot).cloned() else {
            let detail = "no first message: everyone may talk to the bot";
            self.steps.end(Status::Skipped, detail)?;
            return Ok(write);
        };
        let greeting = Greeting {
            account: credentials.account()?,
            bot,
            owner,
            encrypted: matrix.e2ee_enabled,
        };
        let progress = Progress::start("Looking for a chat with you");
        let found = greeting.find().await?;
        let (status, detail) = match &found {
            Some(found) if found.has_left() || found.is_complete() => {
                (Status::AlreadyDone, greeting.describe(found))
            }
            found => {
                let _lock = Lock::acquire(self.paths.dir())?;
                progress.step("Sending the first message");
                let store = self.paths.store();
                let mut session = Session::open(credentials, &store).await?;
                let done = greeting.complete(&mut session, found.as_ref()).await;
                session.settle().await;
                let room_id = done?;
                let owner = &greeting.owner;
                let detail = format!("invited {owner} to {room_id}, with a first message");
                (Status::Done, detail)
            }
        };
        drop(progress);
        self.steps.end(status, &detail)?;
        if found.is_some_and(|found| found.membership.as_deref() != Some("invite")) {
            return Ok(write);
        }
        let owner = &greeting.owner;
        Ok(format!(
            "In Element or another client, accept the bot's invitation as {owner}, and write to it"
        ))
    }
}

impl Greeting<'_> {
    /// The room with the owner: one that the bot lists as direct, or one that a killed run made.
    async fn find(&self) -> Result<Option<Found>> {
        let joined = self.account.joined_rooms().await?;
        let listed = self.account.account_data(self.bot, "m.direct").await?;
        let listed = rooms_with(listed.as_ref(), &self.owner);
        for room_id in listed.iter().filter(|room| joined.contains(room)) {
            let found = self.look_at(room_id, true).await?;
            if found.is_open() && self.is_as_wanted(room_id).await? {
                return Ok(Some(found));
            }
        }
        let marks = self.account.room_states(&joined, DIRECT_ROOM).await;
        for (room_id, mark) in joined.iter().zip(marks) {
            let is_for_owner = mark?.is_some_and(|mark| mark["user_id"] == self.owner.as_str());
            if is_for_owner && self.is_made_by_bot(room_id).await? {
                let found = self.look_at(room_id, listed.contains(room_id)).await?;
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    async fn look_at(&self, room_id: &str, is_listed: bool) -> Result<Found> {
        let account = &self.account;
        let member = account.room_state(room_id, "m.room.member", &self.owner);
        let membership = member
            .await?
            .and_then(|member| Some(member["membership"].as_str()?.to_owned()));
        Ok(Found {
            room_id: room_id.to_owned(),
            is_listed,
            membership,
            is_greeted: account.has_spoken(room_id, self.bot).await?,
        })
    }

    /// Whether the bot reads what is said there.
    async fn is_as_wanted(&self, room_id: &str) -> Result<bool> {
        let encryption = self.account.room_state(room_id, "m.room.encryption", "");
        Ok(encryption.await?.is_some() == self.encrypted)
    }

    /// Anyone can put a mark into a room of theirs.
    async fn is_made_by_bot(&self, room_id: &str) -> Result<bool> {
        let creation = self.account.room_creation(room_id).await?;
        // Some homeservers give only the content, which named the creator before room version 11.
        Ok(creation
            .is_some_and(|event| event["sender"] == self.bot || event["creator"] == self.bot))
    }

    /// Does what is missing of room, invitation, list and greeting. Returns the room.
    async fn complete(&self, session: &mut Session, found: Option<&Found>) -> Result<String> {
        // The store knows a room of an earlier run once it is up to date.
        session.step(Duration::ZERO).await?;
        let (rooms, owner) = (&session.rooms, &self.owner);
        let room_id = match found {
            Some(found) => {
                if found.membership.is_none() {
                    rooms.invite_directly(&found.room_id, owner).await?;
                }
                if !found.is_listed {
                    rooms.list_direct_room(&found.room_id, owner).await?;
                }
                found.room_id.clone()
            }
            None => rooms.make_direct_room(owner, self.encrypted).await?,
        };
        crash_point("setup-room");
        if !found.is_some_and(|found| found.is_greeted) {
            let transaction = self.transaction_id(&room_id);
            rooms.say(&room_id, WORDS, &transaction).await?;
        }
        crash_point("setup-greeted");
        Ok(room_id)
    }

    /// The same for the same room, whenever it is sent: the homeserver then keeps only one.
    fn transaction_id(&self, room_id: &str) -> String {
        let hash = Sha256::digest(format!("{room_id} {}", self.owner));
        format!("nanobot-greeting-{hash:.32x}")
    }

    fn describe(&self, found: &Found) -> String {
        let (owner, room_id) = (&self.owner, &found.room_id);
        let how = match found.membership.as_deref() {
            Some("join") => "has joined",
            Some("invite") => "is invited to",
            _ => return format!("{owner} was invited to {room_id} and did not stay"),
        };
        format!("{owner} {how} {room_id}, with the bot's first message")
    }
}

impl Found {
    fn is_open(&self) -> bool {
        matches!(self.membership.as_deref(), Some("join" | "invite"))
    }

    /// Nobody is asked twice.
    fn has_left(&self) -> bool {
        self.membership.is_some() && !self.is_open()
    }

    fn is_complete(&self) -> bool {
        self.is_open() && self.is_greeted
    }
}

/// The rooms that `m.direct` lists for this user (spec, "Direct Messaging").
fn rooms_with(direct: Option<&Value>, user_id: &str) -> Vec<String> {
    let rooms = direct.and_then(|direct| direct[user_id].as_array());
    let rooms = rooms.into_iter().flatten().filter_map(Value::as_str);
    rooms.take(MOST_LISTED).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_texts_under_the_user_are_rooms() {
        let direct = json!({"@a:h": ["!1", 2, "!3"], "@b:h": "!4"});
        assert_eq!(rooms_with(Some(&direct), "@a:h"), ["!1", "!3"]);
        assert_eq!(rooms_with(Some(&direct), "@b:h"), [""; 0]);
        assert_eq!(rooms_with(Some(&direct), "@c:h"), [""; 0]);
        assert_eq!(rooms_with(Some(&json!([])), "@a:h"), [""; 0]);
        assert_eq!(rooms_with(None, "@a:h"), [""; 0]);
    }

    #[test]
    fn whoever_was_invited_once_is_not_asked_again() {
        let found = |membership: Option<&str>| Found {
            room_id: "!1".to_owned(),
            is_listed: true,
            membership: membership.map(str::to_owned),
            is_greeted: true,
        };
        assert!(found(Some("invite")).is_complete());
        assert!(found(Some("join")).is_complete());
        assert!(found(Some("leave")).has_left() && found(Some("ban")).has_left());
        let uninvited = found(None);
        assert!(!uninvited.has_left() && !uninvited.is_complete());
    }
}
