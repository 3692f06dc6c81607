//! Whether a step of the sync loop gets further, for those who watch whether it hangs.

use std::{
    sync::{Arc, Mutex},
    time::Instant,
};

use crate::threads::lock;

/// When a step last got further. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Mutex<Option<Instant>>>);

impl Progress {
    /// It got further just now.
    pub(crate) fn made(&self) {
        *lock(&self.0) = Some(Instant::now());
    }

    /// When it last did; `None` before it did at all.
    pub fn at(&self) -> Option<Instant> {
        *lock(&self.0)
    }
}
