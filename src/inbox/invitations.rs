//! Invitations that the bot has not answered.

use rusqlite::{Transaction, params};

use super::{Inbox, Invitation};
use crate::error::Result;

impl Inbox {
    /// Invitations that are not settled, in the order they came.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn invitations(&self) -> Result<Vec<Invitation>> {
        self.with(|db| {
            db.prepare("SELECT id, room_id, inviter FROM invitation ORDER BY id")?
                .query_map([], |row| {
                    Ok(Invitation {
                        id: row.get(0)?,
                        room_id: row.get(1)?,
                        inviter: row.get(2)?,
                    })
                })?
                .collect()
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
        self.with(move |db| {
            let transaction = db.transaction()?;
            for (room_id, inviter) in &invited {
                transaction.execute(
                    "INSERT OR IGNORE INTO invitation (room_id, inviter) VALUES (?1, ?2)",
                    params![room_id, inviter],
                )?;
            }
            transaction.commit()
        })
        .await
    }

    /// Forgets an invitation that is answered.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn settle_invitation(&self, id: i64) -> Result<()> {
        self.with(move |db| {
            db.execute("DELETE FROM invitation WHERE id = ?1", [id])
                .map(drop)
        })
        .await
    }
}

/// Adds an invitation as a new one, whatever was there for this room.
pub(super) fn add(
    transaction: &Transaction<'_>,
    room_id: &str,
    inviter: Option<&str>,
) -> rusqlite::Result<()> {
    settle(transaction, room_id)?;
    transaction
        .execute(
            "INSERT INTO invitation (room_id, inviter) VALUES (?1, ?2)",
            params![room_id, inviter],
        )
        .map(drop)
}

/// Forgets the invitation to a room.
pub(super) fn settle(transaction: &Transaction<'_>, room_id: &str) -> rusqlite::Result<()> {
    transaction
        .execute("DELETE FROM invitation WHERE room_id = ?1", [room_id])
        .map(drop)
}
