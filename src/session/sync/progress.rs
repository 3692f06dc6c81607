//! Whether a step of the sync loop gets further, for those who watch whether it hangs.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::ipc::now;

/// When a step last got further. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<AtomicU64>);

impl Progress {
    /// It got further just now.
    pub(crate) fn made(&self) {
        self.0.store(now(), Ordering::Relaxed);
    }

    /// When it last did, in milliseconds since the Unix epoch; 0 before it did at all.
    pub fn at(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
