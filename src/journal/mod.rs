//! The durable journal: where the sync stands, what came in, what goes out.
//!
//! One commit holds the events of a sync response together with the position behind it, before
//! anything is done about them. Whatever moment the process dies at, what is in here and not
//! closed is done again, and what is done again is recognised by the homeserver as the same.

mod anchors;
mod answers;
mod arrivals;
mod commit;
mod conversation;
mod drafts;
mod effects;
mod fate;
mod inheritance;
mod keys_left;
mod queue;
mod reactions;
mod rooms;
mod schema;
mod soundness;
mod summary;
mod tables;
mod told;

pub use anchors::Invitation;
pub use answers::{FIRST_FILE, POLL, Part, REACTION, Waiting};
pub use arrivals::{
    Affected, Arrival, Batch, Changes, Entry, Own, PartOf, Protection, Received, SENDER_MISMATCH,
    Undecryptable,
};
pub use conversation::{Conversation, Lane};
pub use drafts::DraftEvent;
pub use inheritance::{Inheritance, inherit};
pub use keys_left::room_keys_only_in;
pub use queue::Handled;
pub use reactions::{Gathered, TOLD_TOGETHER};
pub use rooms::{Greeting, Remembered, RoomNames};
pub use soundness::{Damage, damaged_databases};
pub use summary::{Stored, Summary};
pub use told::Keyless;

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use rusqlite::{Connection, Params, Row, Transaction, types::FromSql};

use crate::{
    error::Result,
    text::excerpt,
    threads::{aside, lock},
};

const FILE_NAME: &str = "inbox.sqlite3";

/// The journal of one device. Clones share it.
#[derive(Clone, Debug)]
pub struct Journal {
    database: Arc<Mutex<Database>>,
    path: PathBuf,
    /// Rooms that were seen encrypted.
    encrypted: Arc<Mutex<HashSet<String>>>,
    /// What rooms are known as.
    names: Arc<Mutex<Arc<RoomNames>>>,
    #[cfg(test)]
    fuse: fuse::Fuse,
}

/// Statements that are kept ready: about as many as a message needs on its way.
const STATEMENTS: usize = 48;
/// After a commit that took less, work is done at once.
const QUICK: Duration = Duration::from_millis(2);
/// The setting of how much a commit waits for the disk.
const SYNCHRONOUS: &str = "synchronous";

/// When a commit is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Durability {
    /// When it returns.
    Immediate,
    /// With the next that is immediate: a power cut before undoes it. So this is only for what is
    /// then done again and comes out the same. A kill of the process undoes nothing.
    Eventual,
}

/// The connection to the journal's file.
#[derive(Debug)]
struct Database {
    connection: Connection,
    /// When what is committed now is on the disk.
    durability: Durability,
    /// The setting for [`Durability::Immediate`].
    immediate: &'static str,
    /// How long the last commit took that waited for the disk.
    took: Duration,
}

impl Database {
    fn new(connection: Connection) -> Self {
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Self {
            connection,
            durability: Durability::Immediate,
            immediate: schema::IMMEDIATE,
            took: QUICK,
        }
    }

    fn is_quick(&self) -> bool {
        self.took < QUICK
    }

    /// Does this, and notes how long it took if it waited for the disk.
    fn time<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let (begun, changes) = (Instant::now(), self.connection.total_changes());
        let done = work(self);
        let has_written = self.connection.total_changes() != changes;
        if has_written && self.durability == Durability::Immediate {
            self.took = begun.elapsed();
        }
        done
    }

    /// The connection, which commits so from now on.
    fn durable(&mut self, durability: Durability) -> rusqlite::Result<&mut Connection> {
        if self.durability != durability {
            let setting = match durability {
                Durability::Immediate => self.immediate,
                Durability::Eventual => "NORMAL",
            };
            self.connection.pragma_update(None, SYNCHRONOUS, setting)?;
            self.durability = durability;
        }
        Ok(&mut self.connection)
    }
}

impl Journal {
    /// Opens the journal in this directory, which must exist, for this user's device.
    ///
    /// A journal of another device is emptied: its position means nothing to this one.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened, written, or is newer than this program.
    pub async fn open(directory: &Path, user_id: &str, device_id: &str) -> Result<Self> {
        let path = directory.join(FILE_NAME);
        Self::open_at(path, Some(format!("{user_id} {device_id}"))).await
    }

    /// Opens the journal in this directory for whatever device it belongs to, as it is; `None` where
    /// there is none.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub async fn open_existing(directory: &Path) -> Result<Option<Self>> {
        let path = directory.join(FILE_NAME);
        if !path.exists() {
            return Ok(None);
        }
        Self::open_at(path, None).await.map(Some)
    }

    async fn open_at(path: PathBuf, account: Option<String>) -> Result<Self> {
        let opening = path.clone();
        let connection = aside(move || schema::open(&opening, account.as_deref())).await?;
        let journal = Self {
            database: Arc::new(Mutex::new(Database::new(connection))),
            path,
            encrypted: Arc::default(),
            names: Arc::default(),
            #[cfg(test)]
            fuse: fuse::Fuse::default(),
        };
        let encrypted = journal
            .all("SELECT room_id FROM encrypted_room", [], |row| row.get(0))
            .await?;
        journal.remember_encrypted(encrypted);
        journal.remember_names().await?;
        Ok(journal)
    }

    /// The directory it is in.
    pub fn place(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    /// Writes what is there already, to see whether it can; does not wait for the disk.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub async fn try_write(&self) -> Result<()> {
        self.transact_with(Durability::Eventual, |db| {
            db.execute("UPDATE account SET position = position", [])
                .map(drop)
        })
        .await
    }

    /// Whether this room was ever seen encrypted: it stays so, whatever its homeserver says later.
    pub fn is_encrypted(&self, room_id: &str) -> bool {
        self.encrypted().contains(room_id)
    }

    fn remember_encrypted(&self, rooms: Vec<String>) {
        self.encrypted().extend(rooms);
    }

    fn encrypted(&self) -> MutexGuard<'_, HashSet<String>> {
        lock(&self.encrypted)
    }

    /// Runs one piece of work on the database: away from the async threads, because a commit waits
    /// for the disk, unless that took less time of late than to wake another thread.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        self.with_database(|database| work(database.durable(Durability::Immediate)?))
            .await
    }

    async fn with_database<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Database) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let at_once = match self.database.try_lock() {
            Ok(mut database) if database.is_quick() => Ok(database.time(work)),
            _ => Err(work),
        };
        let result = match at_once {
            Ok(result) => result.map_err(|error| schema::failure(&self.path, error)),
            Err(work) => {
                let (database, path) = (Arc::clone(&self.database), self.path.clone());
                aside(move || {
                    // A panic between statements leaves no half transaction: SQLite rolls it back.
                    let mut database = lock(&database);
                    let result = database.time(work);
                    result.map_err(|error| schema::failure(&path, error))
                })
                .await
            }
        };
        #[cfg(test)]
        self.fuse.burn(&self.path)?;
        result
    }

    /// The same in a transaction, which is committed where it succeeds.
    async fn transact<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        self.transact_with(Durability::Immediate, work).await
    }

    async fn transact_with<T: Send + 'static>(
        &self,
        durability: Durability,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        #[cfg(test)]
        if durability == Durability::Eventual {
            self.fuse.is_eventual();
        }
        self.with_database(move |database| transact(database.durable(durability)?, work))
            .await
    }

    /// Runs one statement.
    async fn execute(&self, sql: &'static str, params: impl Params + Send + 'static) -> Result<()> {
        self.with(|db| run(db, sql, params).map(drop)).await
    }

    /// The one value that a statement gives. It is run to its end: what it writes is committed only
    /// there.
    async fn one<T: FromSql + Send + 'static>(
        &self,
        sql: &'static str,
        params: impl Params + Send + 'static,
    ) -> Result<T> {
        self.with(|db| {
            let value = all(db, sql, params, |row| row.get(0))?.pop();
            value.ok_or(rusqlite::Error::QueryReturnedNoRows)
        })
        .await
    }

    /// Every row that a statement gives.
    async fn all<T: Send + 'static>(
        &self,
        sql: &'static str,
        params: impl Params + Send + 'static,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        self.with(move |db| all(db, sql, params, read)).await
    }

    /// The same for a statement that reads a few rows by their index. Where nobody else is at the
    /// database it is done at once: that takes less time than to wake another thread.
    async fn few<T: Send + 'static>(
        &self,
        sql: &'static str,
        params: impl Params + Send + 'static,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let Ok(database) = self.database.try_lock() else {
            return self.all(sql, params, read).await;
        };
        let found = all(&database.connection, sql, params, read);
        drop(database);
        #[cfg(test)]
        self.fuse.spend()?;
        found.map_err(|error| schema::failure(&self.path, error))
    }

    /// The one value that such a statement gives.
    async fn field<T: FromSql + Send + 'static>(
        &self,
        sql: &'static str,
        params: impl Params + Send + 'static,
    ) -> Result<T> {
        let value = self.few(sql, params, |row| row.get(0)).await?.pop();
        value.ok_or_else(|| schema::failure(&self.path, rusqlite::Error::QueryReturnedNoRows))
    }
}

fn transact<T>(
    db: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let transaction = db.transaction()?;
    let done = work(&transaction)?;
    transaction.commit()?;
    Ok(done)
}

/// Runs a statement; returns how many rows it changed.
fn run(db: &Connection, sql: &str, params: impl Params) -> rusqlite::Result<usize> {
    db.prepare_cached(sql)?.execute(params)
}

/// What this reads of the journal in this directory as it lies there, while nobody writes to it;
/// nothing where there is none.
async fn as_it_lies<T: Default + Send + 'static>(
    directory: &Path,
    read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
) -> Result<T> {
    let path = directory.join(FILE_NAME);
    aside(move || {
        if !path.exists() {
            return Ok(T::default());
        }
        let found = soundness::open_as_it_is(&path).and_then(|db| read(&db));
        found.map_err(|error| schema::failure(&path, error))
    })
    .await
}

/// Foreign text in this column, made harmless.
fn excerpt_of(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<String>> {
    let text: Option<String> = row.get(column)?;
    Ok(text.map(|text| excerpt(&text)))
}

/// Every row that a statement gives.
fn all<T>(
    db: &Connection,
    sql: &str,
    params: impl Params,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    db.prepare_cached(sql)?.query_map(params, read)?.collect()
}

#[cfg(test)]
mod effects_tests;
#[cfg(test)]
mod fuse;
#[cfg(test)]
mod inheritance_tests;
#[cfg(test)]
mod queue_tests;
#[cfg(test)]
mod tests;
