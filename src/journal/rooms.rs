//! What is remembered of rooms beside their events: by which they were replaced, what their aliases
//! are, whether they were greeted.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use rusqlite::{Connection, OptionalExtension};

use super::{Journal, all, as_it_lies, schema};
use crate::{error::Result, ipc::now, threads::lock};

/// The version that remembers rooms.
const KEEPS_ROOMS: i64 = 6;

/// By what rooms are known beside their IDs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomNames {
    /// Rooms to whose successors the bot followed, and those.
    successors: BTreeMap<String, String>,
    /// Aliases, and the rooms they were found to be of.
    aliases: BTreeMap<String, String>,
}

/// How far the greeting of a room is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Greeting {
    /// It is to be sent as soon as the bot is there.
    Due,
    /// It was sent, to this room or to one whose place it took.
    Sent,
}

/// What a journal remembers of rooms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// What they are known as.
    pub names: RoomNames,
    /// Those that were seen encrypted.
    pub encrypted: BTreeSet<String>,
}

impl Remembered {
    /// Reads it from the journal in this directory as it is; nothing where there is no journal.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub async fn read(directory: &Path) -> Result<Self> {
        as_it_lies(directory, |db| {
            if schema::version(db)? < KEEPS_ROOMS {
                return Ok(Self::default());
            }
            let sql = "SELECT room_id FROM encrypted_room";
            let encrypted = all(db, sql, [], |row| row.get(0))?;
            Ok(Self {
                names: RoomNames::load(db)?,
                encrypted: encrypted.into_iter().collect(),
            })
        })
        .await
    }
}

impl RoomNames {
    fn load(db: &Connection) -> rusqlite::Result<Self> {
        let successors = "SELECT room_id, successor FROM room WHERE successor IS NOT NULL";
        let pairs = |sql| all(db, sql, [], |row| Ok((row.get(0)?, row.get(1)?)));
        Ok(Self {
            successors: pairs(successors)?.into_iter().collect(),
            aliases: pairs("SELECT alias, room_id FROM alias")?
                .into_iter()
                .collect(),
        })
    }

    /// The room that took this one's place, where the bot followed.
    pub fn successor(&self, room_id: &str) -> Option<&str> {
        self.successors.get(room_id).map(String::as_str)
    }

    /// The room that this alias was found to be of.
    pub fn room(&self, alias: &str) -> Option<&str> {
        self.aliases.get(alias).map(String::as_str)
    }

    /// What else this room is known as: the IDs of the rooms whose place it took, and the aliases of
    /// all of them.
    pub fn of(&self, room_id: &str) -> Vec<String> {
        let rooms = self.line_of(room_id);
        let aliases = self.aliases.iter();
        let aliases = aliases.filter(|(_, of)| rooms.contains(of));
        let aliases = aliases.map(|(alias, _)| alias.clone()).collect::<Vec<_>>();
        rooms.into_iter().skip(1).chain(aliases).collect()
    }

    /// The first of the rooms whose place this one took; itself where it took none.
    pub fn origin(&self, room_id: &str) -> String {
        let mut rooms = self.line_of(room_id);
        rooms.pop().unwrap_or_else(|| room_id.to_owned())
    }

    /// This room, and those whose place it took, the newest first.
    fn line_of(&self, room_id: &str) -> Vec<String> {
        let (mut line, mut seen) = (vec![room_id.to_owned()], BTreeSet::new());
        // Rooms may claim to replace each other in a circle.
        while let Some(newest) = line.last().filter(|last| seen.insert((*last).clone())) {
            let mut before = self.successors.iter();
            match before.find(|(old, new)| *new == newest && !seen.contains(*old)) {
                Some((old, _)) => line.push(old.clone()),
                None => break,
            }
        }
        line
    }
}

impl Journal {
    /// What rooms are known as.
    pub fn names(&self) -> Arc<RoomNames> {
        lock(&self.names).clone()
    }

    pub(super) async fn remember_names(&self) -> Result<()> {
        let names = self.with(|db| RoomNames::load(db)).await?;
        *lock(&self.names) = Arc::new(names);
        Ok(())
    }

    /// The bot followed from a room to the one that took its place.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn follow(&self, old: &str, new: &str) -> Result<()> {
        let (old, new) = (old.to_owned(), new.to_owned());
        self.transact(move |db| {
            let sql = "INSERT INTO room (room_id, successor, followed_at) VALUES (?1, ?2, ?3)
                       ON CONFLICT DO UPDATE SET successor = ?2, followed_at = ?3";
            db.execute(sql, (&old, &new, now()))?;
            // Who was greeted there is not greeted again.
            let sql = "INSERT INTO room (room_id, greeting)
                       SELECT ?2, greeting FROM room WHERE room_id = ?1 AND greeting IS NOT NULL
                       ON CONFLICT DO UPDATE SET greeting = excluded.greeting";
            db.execute(sql, (&old, &new)).map(drop)
        })
        .await?;
        self.remember_names().await
    }

    /// The room that claims to have taken this one's place has not.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn refuse_successor(&self, old: &str, new: &str) -> Result<()> {
        let sql = "INSERT INTO room (room_id, refused) VALUES (?1, ?2)
                   ON CONFLICT DO UPDATE SET refused = ?2";
        self.execute(sql, (old.to_owned(), new.to_owned())).await
    }

    /// Whether that was found of these two rooms.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn is_refused(&self, old: &str, new: &str) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM room WHERE room_id = ?1 AND refused = ?2)";
        self.one(sql, (old.to_owned(), new.to_owned())).await
    }

    /// The rooms that these aliases are of now; others are forgotten.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn set_aliases(&self, aliases: BTreeMap<String, String>) -> Result<()> {
        if self.names().aliases == aliases {
            return Ok(());
        }
        self.transact(move |db| {
            db.execute("DELETE FROM alias WHERE true", [])?;
            for pair in aliases {
                db.execute("INSERT INTO alias (alias, room_id) VALUES (?1, ?2)", pair)?;
            }
            Ok(())
        })
        .await?;
        self.remember_names().await
    }

    /// How far the greeting of a room is; `None` where none is wanted.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn greeting(&self, room_id: &str) -> Result<Option<Greeting>> {
        let sql = "SELECT greeting FROM room WHERE room_id = ?1";
        let found = self.all(sql, [room_id.to_owned()], |row| row.get(0));
        let found: Option<Option<String>> = found.await?.pop();
        Ok(found.flatten().map(|word| match &*word {
            "due" => Greeting::Due,
            _ => Greeting::Sent,
        }))
    }

    /// Rooms whose greeting is due.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn greetings_due(&self) -> Result<Vec<String>> {
        let sql = "SELECT room_id FROM room WHERE greeting = 'due'";
        self.all(sql, [], |row| row.get(0)).await
    }

    /// The greeting of a room is due, unless it was sent.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn greeting_due(&self, room_id: &str) -> Result<()> {
        let sql = "INSERT INTO room (room_id, greeting) VALUES (?1, 'due')
                   ON CONFLICT DO UPDATE SET greeting = coalesce(greeting, 'due')";
        self.execute(sql, [room_id.to_owned()]).await
    }

    /// The greeting of a room was sent, or cannot be.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn greeted(&self, room_id: &str) -> Result<()> {
        let sql = "UPDATE room SET greeting = 'sent' WHERE room_id = ?1";
        self.execute(sql, [room_id.to_owned()]).await
    }

    /// Since when the bot is alone in a room, in milliseconds since the Unix epoch: from now on, if
    /// that was not known.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn alone_since(&self, room_id: &str) -> Result<u64> {
        let sql = "INSERT INTO room (room_id, alone_since) VALUES (?1, ?2)
                   ON CONFLICT DO UPDATE SET alone_since = coalesce(alone_since, ?2)
                   RETURNING alone_since";
        self.one(sql, (room_id.to_owned(), now())).await
    }

    /// Others are in all rooms but these.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn alone_only_in(&self, rooms: Vec<String>) -> Result<()> {
        let sql = "UPDATE room SET alone_since = NULL WHERE alone_since IS NOT NULL
                     AND room_id NOT IN (SELECT value FROM json_each(?1))";
        self.execute(sql, [serde_json::json!(rooms).to_string()])
            .await
    }

    /// Rooms that the bot followed from before this time, in milliseconds since the Unix epoch.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn followed_before(&self, time: u64) -> Result<Vec<String>> {
        let sql = "SELECT room_id FROM room WHERE followed_at < ?1";
        self.all(sql, [time], |row| row.get(0)).await
    }

    /// Where the picture with this hash was uploaded to, if it was the last.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn avatar(&self, hash: &str) -> Result<Option<String>> {
        let hash = hash.to_owned();
        self.with(move |db| {
            let sql = "SELECT url FROM avatar WHERE hash = ?1";
            db.query_row(sql, [hash], |row| row.get(0)).optional()
        })
        .await
    }

    /// The picture with this hash is the last that was uploaded, and is there.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn set_avatar(&self, hash: &str, url: &str) -> Result<()> {
        let row = (hash.to_owned(), url.to_owned());
        self.transact(move |db| {
            db.execute("DELETE FROM avatar WHERE true", [])?;
            db.execute("INSERT INTO avatar (hash, url) VALUES (?1, ?2)", row)
                .map(drop)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn journal(directory: &Path) -> Journal {
        let opening = Journal::open(directory, "@bot:example.org", "DEVICE");
        opening.await.unwrap()
    }

    #[tokio::test]
    async fn a_room_is_known_as_those_whose_place_it_took() {
        let directory = tempfile::tempdir().unwrap();
        let journal = journal(directory.path()).await;
        journal.follow("!a", "!b").await.unwrap();
        journal.follow("!b", "!c").await.unwrap();
        let aliases = [("#old:h", "!a"), ("#other:h", "!x")];
        let aliases = aliases.map(|(alias, of)| (alias.to_owned(), of.to_owned()));
        journal.set_aliases(aliases.into()).await.unwrap();
        let names = Remembered::read(directory.path()).await.unwrap().names;
        assert_eq!(names, *journal.names());
        assert_eq!(names.of("!c"), ["!b", "!a", "#old:h"]);
        assert_eq!(names.origin("!c"), "!a");
        assert_eq!(names.of("!x"), ["#other:h"]);
        assert_eq!(names.origin("!x"), "!x");
        // Another tombstone, another successor.
        journal.follow("!b", "!d").await.unwrap();
        assert!(journal.names().of("!c").is_empty());
        assert_eq!(journal.names().origin("!d"), "!a");
    }

    #[tokio::test]
    async fn rooms_that_replace_each_other_have_an_end() {
        let directory = tempfile::tempdir().unwrap();
        let journal = journal(directory.path()).await;
        for (old, new) in [("!a", "!b"), ("!b", "!a"), ("!c", "!c")] {
            journal.follow(old, new).await.unwrap();
        }
        assert_eq!(journal.names().of("!a"), ["!b"]);
        assert_eq!(journal.names().origin("!a"), "!b");
        assert!(journal.names().of("!c").is_empty());
    }

    #[tokio::test]
    async fn a_greeting_is_due_once_also_over_an_upgrade() {
        let directory = tempfile::tempdir().unwrap();
        let journal = journal(directory.path()).await;
        assert_eq!(journal.greeting("!a").await.unwrap(), None);
        journal.greeting_due("!a").await.unwrap();
        assert_eq!(journal.greetings_due().await.unwrap(), ["!a"]);
        journal.greeted("!a").await.unwrap();
        journal.greeting_due("!a").await.unwrap();
        assert_eq!(journal.greeting("!a").await.unwrap(), Some(Greeting::Sent));
        journal.greeting_due("!b").await.unwrap();
        journal.follow("!a", "!b").await.unwrap();
        assert!(journal.greetings_due().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn being_alone_begins_once_and_ends_with_company() {
        let directory = tempfile::tempdir().unwrap();
        let journal = journal(directory.path()).await;
        let since = journal.alone_since("!a").await.unwrap();
        assert_eq!(journal.alone_since("!a").await.unwrap(), since);
        journal.alone_only_in(vec![]).await.unwrap();
        let later = journal.alone_since("!a").await.unwrap();
        assert!(later >= since);
        assert!(
            journal
                .followed_before(u64::MAX >> 1)
                .await
                .unwrap()
                .is_empty()
        );
    }
}
