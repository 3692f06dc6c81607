//! A few permits for every sender.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::Semaphore;

/// A semaphore for every sender, forgotten when nobody uses it.
#[derive(Debug)]
pub(super) struct Senders {
    permits: usize,
    known: Mutex<HashMap<String, Weak<Semaphore>>>,
}

impl Senders {
    /// With so many permits for each.
    pub(super) fn new(permits: usize) -> Self {
        Self {
            permits,
            known: Mutex::default(),
        }
    }

    /// That of this sender.
    pub(super) fn of(&self, sender: &str) -> Arc<Semaphore> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, semaphore| semaphore.strong_count() > 0);
        let there = known.get(sender).and_then(Weak::upgrade);
        there.unwrap_or_else(|| {
            let semaphore = Arc::new(Semaphore::new(self.permits));
            known.insert(sender.to_owned(), Arc::downgrade(&semaphore));
            semaphore
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_known_as_long_as_somebody_uses_it() {
        let senders = Senders::new(1);
        let ann = senders.of("@ann");
        let permit = Arc::clone(&ann).try_acquire_owned().unwrap();
        drop(ann);
        assert_eq!(senders.of("@ann").available_permits(), 0);
        assert_eq!(senders.of("@eve").available_permits(), 1);
        drop(permit);
        assert_eq!(senders.of("@eve").available_permits(), 1);
        assert!(senders.known.lock().unwrap().len() <= 1);
    }
}
