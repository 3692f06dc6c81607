//! What an archived encryption store has that the one in use has not, looked at without changing
//! either.

use std::path::Path;

use super::soundness::open_as_it_is;
use crate::{
    error::{Error, Result},
    threads::aside,
};

/// The SDK's encryption store. Without a passphrase, as here, the IDs in it are as they are.
const KEYS: &str = "matrix-sdk-crypto.sqlite3";

/// How many Megolm sessions an archived store has that the store in use has not.
///
/// # Errors
///
/// When one of them cannot be read.
pub async fn room_keys_only_in(archive: &Path, store: &Path) -> Result<u64> {
    let (archive, store) = (archive.join(KEYS), store.join(KEYS));
    aside(move || {
        if !archive.exists() {
            return Ok(0);
        }
        count(&archive, &store).map_err(|error| {
            Error::failure(format!("cannot read the keys in {}", archive.display())).because(error)
        })
    })
    .await
}

fn count(archive: &Path, store: &Path) -> rusqlite::Result<u64> {
    let (archive, store) = (open_as_it_is(archive)?, open_as_it_is(store)?);
    let mut known = store
        .prepare("SELECT EXISTS (SELECT 1 FROM inbound_group_session WHERE session_id = ?1)")?;
    let mut sessions = archive.prepare("SELECT session_id FROM inbound_group_session")?;
    let mut rows = sessions.query([])?;
    let mut missing = 0;
    while let Some(row) = rows.next()? {
        let id: Vec<u8> = row.get(0)?;
        if !known.query_row([id], |row| row.get::<_, bool>(0))? {
            missing += 1;
        }
    }
    Ok(missing)
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    fn store(directory: &Path, sessions: &[&str]) {
        let db = Connection::open(directory.join(KEYS)).unwrap();
        db.execute_batch("CREATE TABLE inbound_group_session (session_id BLOB PRIMARY KEY)")
            .unwrap();
        for id in sessions {
            let sql = "INSERT INTO inbound_group_session VALUES (?1)";
            db.execute(sql, [id.as_bytes()]).unwrap();
        }
    }

    #[tokio::test]
    async fn keys_that_are_only_in_an_archive_are_counted() {
        let [archive, current] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let count = async || room_keys_only_in(archive.path(), current.path()).await;
        assert_eq!(count().await.unwrap(), 0, "there is nothing in it");
        store(archive.path(), &["a", "b", "c"]);
        assert!(count().await.is_err(), "the one in use cannot be read");
        store(current.path(), &["b", "d"]);
        assert_eq!(count().await.unwrap(), 2);
    }
}
