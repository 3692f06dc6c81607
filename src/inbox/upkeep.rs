//! Keeping the journal's files small.

use rusqlite::Connection;

use super::Inbox;
use crate::error::Result;

/// Free pages that are left for what comes next.
const SPARE: i64 = 256;
/// Pages given back at a time, so that nobody waits long for the journal.
const AT_ONCE: i64 = 4096;

impl Inbox {
    /// Gives the disk back what the journal does not need any more, a part of it at a time.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    pub async fn shrink(&self) -> Result<()> {
        self.with(|db| {
            let free: i64 = db.pragma_query_value(None, "freelist_count", |row| row.get(0))?;
            if free <= SPARE {
                return Ok(());
            }
            let pages = (free - SPARE).min(AT_ONCE);
            give_back(db, pages)?;
            db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        })
        .await
    }
}

/// Gives back this many free pages, or all for 0.
pub(super) fn give_back(db: &Connection, pages: i64) -> rusqlite::Result<()> {
    // Every step gives back one page.
    let mut statement = db.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
    let mut steps = statement.query([])?;
    while steps.next()?.is_some() {}
    Ok(())
}
