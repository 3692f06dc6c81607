//! Where the journal stands: its positions, which events it knows, and which invitations are open.

use std::collections::BTreeMap;

use super::{Journal, Undecryptable};
use crate::error::Result;

/// Events read at a time.
const PAGE: u32 = 50;
/// The most starts of the gateway that are counted.
const MOST_STARTS: u64 = 1 << 62;

/// An invitation to a room that the bot has not answered yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Invitation {
    /// Another number for every invitation, also to the same room by the same person.
    pub id: i64,
    /// The room.
    pub room_id: String,
    /// Who invited; `None` where its events contradict each other about that.
    pub inviter: Option<String>,
}

impl Journal {
    /// Invitations that are not settled, in the order they came.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn invitations(&self) -> Result<Vec<Invitation>> {
        let sql = "SELECT id, room_id, inviter FROM invitation ORDER BY id";
        self.few(sql, [], |row| {
            Ok(Invitation {
                id: row.get("id")?,
                room_id: row.get("room_id")?,
                inviter: row.get("inviter")?,
            })
        })
        .await
    }

    /// Adds invitations that came before the journal did: rooms and who invited. Those that are
    /// known stay as they are.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn add_invitations(&self, invited: Vec<(String, Option<String>)>) -> Result<()> {
        self.transact(move |transaction| {
            let sql = "INSERT OR IGNORE INTO invitation (room_id, inviter) VALUES (?1, ?2)";
            for invitation in invited {
                transaction.execute(sql, invitation)?;
            }
            Ok(())
        })
        .await
    }

    /// The sync position behind everything in the journal.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn position(&self) -> Result<Option<String>> {
        self.field("SELECT position FROM account", []).await
    }

    /// Sets the position without events, when the journal and the store start out differently.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn set_position(&self, position: Option<String>) -> Result<()> {
        self.execute("UPDATE account SET position = ?1", [position])
            .await
    }

    /// The position of the device that this one replaces, as long as what came since is not taken
    /// in.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn predecessor(&self) -> Result<Option<String>> {
        self.field("SELECT predecessor FROM account", []).await
    }

    /// Everything that came since the predecessor's position is taken in.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn caught_up(&self) -> Result<()> {
        self.execute("UPDATE account SET predecessor = NULL", [])
            .await
    }

    /// How often the gateway was started with this journal.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn generation(&self) -> Result<u64> {
        self.one("SELECT generation FROM account", []).await
    }

    /// Counts one more start of the gateway after this many, and returns how many there were.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn next_generation(&self, after: u64) -> Result<u64> {
        let sql = "UPDATE account SET generation = max(generation, ?1) + 1 RETURNING generation";
        // SQLite counts no further, and whoever writes to the account may name any number.
        self.one(sql, [after.min(MOST_STARTS)]).await
    }

    /// A run of the gateway begins; whether the one before it died.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn begin_run(&self) -> Result<bool> {
        let died = self.one("SELECT is_running FROM account", []).await?;
        self.execute("UPDATE account SET is_running = 1", [])
            .await?;
        Ok(died)
    }

    /// The run of the gateway ends as it should.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn end_run(&self) -> Result<()> {
        self.execute("UPDATE account SET is_running = 0", []).await
    }

    /// Which of these events of a room are known, and whether nothing before them is for the bot.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn known(
        &self,
        room_id: &str,
        event_ids: Vec<String>,
    ) -> Result<BTreeMap<String, bool>> {
        let sql = "SELECT event_id, is_floor FROM event
                   WHERE room_id = ?1 AND event_id IN (SELECT value FROM json_each(?2))";
        let params = (room_id.to_owned(), list(&event_ids));
        let known = self.few(sql, params, |row| Ok((row.get(0)?, row.get(1)?)));
        Ok(known.await?.into_iter().collect())
    }

    /// Whether any event of this room is known.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn knows_room(&self, room_id: &str) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM event WHERE room_id = ?1)";
        self.field(sql, [room_id.to_owned()]).await
    }

    /// Rooms with events that are not done.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn open_rooms(&self) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT room_id FROM event
                   WHERE state IN ('waiting', 'parked', 'undecryptable')";
        self.all(sql, [], |row| row.get(0)).await
    }

    /// The events that wait or were given up: what came with them may be needed.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn open_events(&self) -> Result<Vec<String>> {
        let sql = "SELECT event_id FROM event WHERE state IN ('waiting', 'parked')";
        self.all(sql, [], |row| row.get(0)).await
    }

    /// Events behind this place in the journal that wait for a key: those of these Megolm
    /// sessions, or of any. A page of them; none means that there are no more.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn undecryptable(
        &self,
        sessions: Option<Vec<String>>,
        after: i64,
    ) -> Result<Vec<Undecryptable>> {
        let sessions = sessions.as_deref().map(list);
        let sql = "SELECT seq, room_id, reason, payload FROM event
                   WHERE state = 'undecryptable' AND seq > ?1
                     AND (?2 IS NULL OR session_id IN (SELECT value FROM json_each(?2)))
                   ORDER BY seq LIMIT ?3";
        self.all(sql, (after, sessions, PAGE), |row| {
            Ok(Undecryptable {
                seq: row.get("seq")?,
                room_id: row.get("room_id")?,
                reason: row.get("reason")?,
                payload: row.get("payload")?,
            })
        })
        .await
    }

    /// The place in the journal behind the newest event.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn newest(&self) -> Result<i64> {
        self.one("SELECT coalesce(max(seq), 0) FROM event", [])
            .await
    }
}

/// A list of which `json_each` makes a table, however long it is.
fn list(texts: &[String]) -> String {
    serde_json::json!(texts).to_string()
}
