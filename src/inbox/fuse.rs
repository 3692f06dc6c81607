//! Death after any write, for tests: from a chosen one on the journal does nothing more.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use super::Inbox;
use crate::error::{Error, Result};

/// How many more pieces of work are done; negative for any number.
#[derive(Clone, Debug)]
pub(super) struct Fuse(Arc<AtomicI64>);

impl Default for Fuse {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(-1)))
    }
}

impl Fuse {
    pub(super) fn burn(&self) -> Result<()> {
        let left = self
            .0
            .try_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                (left > 0).then_some(left - 1)
            });
        match left {
            Ok(1) | Err(0) => Err(Error::failure("killed by the test")),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

impl Inbox {
    /// Dies after this many more pieces of work, of which the last is done.
    pub(crate) fn die_after(&self, count: i64) {
        self.fuse.0.store(count, Ordering::Relaxed);
    }

    /// Does not wait for the disk.
    pub(crate) async fn hurry(&self) {
        self.with(|db| db.pragma_update(None, "synchronous", "OFF"))
            .await
            .unwrap();
    }
}
