//! Queries for users' keys that the SDK has to make, and cannot where somebody waits for them.
//!
//! A send to a user of whom no device is known waits up to five seconds for the query that is due.
//! The SDK begins queries before and after each sync, under the lock that this send holds: until it
//! gives up, nothing else is sent and nothing comes in. The bot's own user is often one without
//! another device, and a query for it is due whenever the bot joins a room.

use std::{collections::HashSet, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use matrix_sdk::ruma::{OwnedUserId, UserId};
use tokio::{sync::watch, time::timeout};

/// How long a query may take to be begun that somebody waits for.
const STUCK: Duration = Duration::from_millis(100);
/// How often somebody makes way for it.
const TIMES: usize = 8;

/// The queries that are due and not begun. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct DueQueries(Arc<watch::Sender<Due>>);

#[derive(Debug, Default)]
struct Due {
    users: HashSet<OwnedUserId>,
    /// One of them may be waited for.
    awaited: bool,
}

impl DueQueries {
    /// A query for this user is due, of whom it is known that there is no device to encrypt to.
    pub fn add(&self, user_id: &UserId, is_without_devices: bool) {
        self.0.send_modify(|due| {
            due.users.insert(user_id.to_owned());
            due.awaited |= is_without_devices;
        });
    }

    /// There is no device of this user to encrypt to.
    pub fn found_no_device(&self, user_id: &UserId) {
        self.0.send_if_modified(|due| {
            let is_news = !due.awaited && due.users.contains(user_id);
            due.awaited |= is_news;
            is_news
        });
    }

    /// They are begun, all of them.
    pub fn begun(&self) {
        self.0.send_if_modified(|due| {
            let were_any = !due.users.is_empty();
            *due = Due::default();
            were_any
        });
    }

    /// Makes an attempt at something that may wait for queries, and another once it has made way for
    /// them. `sync` sees to it that a sync under way is answered.
    pub async fn make_way<'a, T>(
        &self,
        attempt: impl Fn() -> BoxFuture<'a, T>,
        sync: impl Fn() -> BoxFuture<'a, ()>,
    ) -> T {
        for _ in 0..TIMES {
            tokio::select! {
                biased;
                done = attempt() => return done,
                () = self.are_stuck() => {}
            }
            tracing::debug!("making way for queries of keys");
            if !self.are_begun_soon().await {
                sync().await;
                self.are_begun_soon().await;
            }
        }
        attempt().await
    }

    /// Completes when one is waited for and not begun.
    async fn are_stuck(&self) {
        let mut due = self.0.subscribe();
        loop {
            // Its sender lives as long as this.
            let _ = due.wait_for(|due| due.awaited).await;
            if !self.are_begun_soon().await {
                return;
            }
        }
    }

    async fn are_begun_soon(&self) -> bool {
        let mut due = self.0.subscribe();
        timeout(STUCK, due.wait_for(|due| !due.awaited))
            .await
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::FutureExt;
    use matrix_sdk::ruma::user_id;

    use super::*;

    /// How often something is attempted that takes this long, and how often a sync is asked for.
    async fn attempts(queries: &DueQueries, takes: Duration) -> (usize, usize) {
        let (attempts, syncs) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let attempt = || {
            attempts.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(takes).boxed()
        };
        let sync = || {
            syncs.fetch_add(1, Ordering::Relaxed);
            async {}.boxed()
        };
        queries.make_way(attempt, sync).await;
        (attempts.into_inner(), syncs.into_inner())
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_for_what_is_due_makes_way_and_not_for_ever() {
        let (long, eve) = (10 * STUCK, user_id!("@eve:example.org"));
        let queries = DueQueries::default();
        queries.found_no_device(eve);
        assert_eq!(attempts(&queries, long).await, (1, 0), "nothing is due");
        queries.add(eve, false);
        assert_eq!(attempts(&queries, long).await, (1, 0), "nobody waits");
        queries.found_no_device(eve);
        let soon = STUCK / 2;
        assert_eq!(attempts(&queries, soon).await, (1, 0), "it is done soon");
        assert_eq!(attempts(&queries, long).await, (TIMES + 1, TIMES));
        for (after, syncs) in [(STUCK + soon, 0), (2 * STUCK + soon, 1)] {
            queries.add(eve, true);
            let begun = async {
                tokio::time::sleep(after).await;
                queries.begun();
            };
            let (made, ()) = tokio::join!(attempts(&queries, long), begun);
            assert_eq!(made, (2, syncs), "once it has made way, they are begun");
        }
    }
}
