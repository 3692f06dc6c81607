//! Death after any write, for tests: from a chosen one on the journal does nothing more. And power
//! cuts: what was committed without waiting for the disk is undone.

use std::{
    fs::{self, File},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
};

use super::{Database, Durability, FILE_NAME, Journal};
use crate::error::{Error, Result};

#[derive(Clone, Debug)]
pub(super) struct Fuse {
    /// How many more pieces of work are done; negative for any number.
    left: Arc<AtomicI64>,
    /// Whether the piece of work that is done need not be on the disk.
    is_eventual: Arc<AtomicBool>,
    /// How long the log of writes is, and how much of it is on the disk.
    written: Arc<AtomicU64>,
    durable: Arc<AtomicU64>,
}

impl Default for Fuse {
    fn default() -> Self {
        Self {
            left: Arc::new(AtomicI64::new(-1)),
            is_eventual: Arc::default(),
            written: Arc::default(),
            durable: Arc::default(),
        }
    }
}

impl Fuse {
    pub(super) fn is_eventual(&self) {
        self.is_eventual.store(true, Ordering::Relaxed);
    }

    /// A piece of work on this database is done.
    pub(super) fn burn(&self, path: &Path) -> Result<()> {
        let log = fs::metadata(path.with_extension(LOG));
        let log = log.map_or(0, |log| log.len());
        let has_written = self.written.swap(log, Ordering::Relaxed) != log;
        if !self.is_eventual.swap(false, Ordering::Relaxed) && has_written {
            self.durable.store(log, Ordering::Relaxed);
        }
        self.spend()
    }

    /// The same for one that only reads.
    pub(super) fn spend(&self) -> Result<()> {
        let left = self
            .left
            .try_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                (left > 0).then_some(left - 1)
            });
        match left {
            Ok(1) | Err(0) => Err(Error::failure("killed by the test")),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

/// The ending of the log of writes.
const LOG: &str = "sqlite3-wal";

impl Journal {
    /// Dies after this many more pieces of work, of which the last is done.
    pub(crate) fn die_after(&self, count: i64) {
        self.fuse.left.store(count, Ordering::Relaxed);
    }

    /// Makes in this directory what a power cut would leave.
    pub(crate) fn cut_power(&self, directory: &Path) {
        fs::create_dir_all(directory).unwrap();
        let copy = directory.join(FILE_NAME);
        fs::copy(&self.path, &copy).unwrap();
        let copy = copy.with_extension(LOG);
        fs::copy(self.path.with_extension(LOG), &copy).unwrap();
        let log = File::options().write(true).open(copy).unwrap();
        log.set_len(self.fuse.durable.load(Ordering::Relaxed))
            .unwrap();
    }

    /// Does not wait for the disk.
    pub(crate) async fn hurry(&self) {
        let hurry = |database: &mut Database| {
            database.immediate = "OFF";
            database.durable(Durability::Eventual)?;
            database.durable(Durability::Immediate).map(drop)
        };
        self.with_database(hurry).await.unwrap();
    }
}

mod tests {
    use std::time::Duration;

    use rusqlite::Transaction;

    use crate::journal::{
        Arrival, Durability, Entry, Own, Part, QUICK, run,
        tests::{batch, message, open, thread},
    };

    #[tokio::test]
    async fn a_power_cut_undoes_only_what_is_done_again() {
        let directory = tempfile::tempdir().unwrap();
        let journal = open(directory.path()).await;
        let own = Entry {
            arrival: Arrival::Own(Own::default()),
            ..message("$own", "a")
        };
        for (position, entry, survives) in [
            ("s1", message("$1", "a"), true),
            ("s2", own, false),
            ("s3", message("$2", "a"), true),
        ] {
            journal.commit(batch(position, vec![entry])).await.unwrap();
            let after = directory.path().join(position);
            journal.cut_power(&after);
            let survived = open(&after).await.position().await.unwrap();
            assert_eq!(survived.as_deref() == Some(position), survives);
        }

        let seq = journal.next(&thread("a")).await.unwrap().unwrap().seq;
        let parts = vec![Part {
            part: 0,
            content: "answer".into(),
        }];
        let recorded = journal.record_reply(seq, None, Vec::new(), parts.clone());
        assert!(recorded.await.unwrap());
        journal.part_sent(seq, 0, "$answer".into()).await.unwrap();
        journal.close_answered(vec![seq]).await.unwrap();
        assert!(!journal.waits(seq).await.unwrap());
        let after = directory.path().join("answered");
        journal.cut_power(&after);
        let survived = open(&after).await;
        assert_eq!(survived.reply(seq).await.unwrap(), Some(parts));
    }

    #[tokio::test]
    async fn only_what_waits_for_the_disk_tells_whether_it_is_quick() {
        let directory = tempfile::tempdir().unwrap();
        let journal = open(directory.path()).await;
        let is_quick = || journal.database.lock().unwrap().is_quick();
        let write = "UPDATE account SET is_running = 1";
        let commit = async |takes: Duration, durability| {
            let work = move |db: &Transaction<'_>| {
                std::thread::sleep(takes);
                run(db, write, []).map(drop)
            };
            journal.transact_with(durability, work).await.unwrap();
        };
        commit(QUICK, Durability::Immediate).await;
        assert!(!is_quick());
        commit(Duration::ZERO, Durability::Eventual).await;
        journal.execute("DELETE FROM staged", []).await.unwrap();
        journal.position().await.unwrap();
        assert!(!is_quick());
        journal.hurry().await;
        // Something else may hold one of them up.
        for _ in 0..1000 {
            commit(Duration::ZERO, Durability::Immediate).await;
            if is_quick() {
                return;
            }
        }
        panic!("no commit was quick");
    }
}
