//! Read receipts: the newest message of each thread that the bot has dealt with.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;

use super::pauses::{Endpoint, Pauses};
use crate::session::Rooms;

/// A room, and a thread of it or its main timeline.
type Place = (String, Option<String>);
/// Shows that this event was read there.
type Show = Arc<dyn Fn(Place, String) -> BoxFuture<'static, ()> + Send + Sync>;

/// The time between two receipts in the same place: each costs the homeserver about as much as an
/// answer does, and only the last of them says something.
const APART: Duration = Duration::from_secs(1);

/// Sends read receipts, without anybody waiting for it.
#[derive(Clone)]
pub(super) struct Receipts {
    show: Show,
    /// What is to be shown next in the places where a receipt is on its way.
    next: Arc<Mutex<HashMap<Place, Option<String>>>>,
}

impl fmt::Debug for Receipts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipts").finish_non_exhaustive()
    }
}

impl Receipts {
    pub(super) fn new(rooms: Rooms, pauses: Pauses) -> Self {
        Self::with(Arc::new(move |(room_id, thread): Place, event_id| {
            let (rooms, pauses) = (rooms.clone(), pauses.clone());
            Box::pin(async move {
                let read = || rooms.mark_read(&room_id, thread.as_deref(), &event_id);
                if let Err(error) = pauses.patiently(Endpoint::Receipts, read).await {
                    tracing::debug!(room = %room_id, event = %event_id, %error, "no read receipt");
                }
            })
        }))
    }

    fn with(show: Show) -> Self {
        Self {
            show,
            next: Arc::default(),
        }
    }

    /// Shows that this event was read, and with it everything before it in its thread. Of many in
    /// a short time only the last is sure to be shown.
    pub(super) fn read(&self, room_id: &str, thread: Option<&str>, event_id: &str) {
        let place = (room_id.to_owned(), thread.map(str::to_owned));
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(next) = next.get_mut(&place) {
            *next = Some(event_id.to_owned());
            return;
        }
        next.insert(place.clone(), None);
        let receipts = self.clone();
        let first = event_id.to_owned();
        tokio::spawn(async move {
            let mut event_id = Some(first);
            while let Some(read) = event_id {
                (receipts.show)(place.clone(), read).await;
                tokio::time::sleep(APART).await;
                event_id = receipts.take(&place);
            }
        });
    }

    /// What is to be shown next in this place; where there is nothing, the place is forgotten.
    fn take(&self, place: &Place) -> Option<String> {
        let mut all = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let next = all.get_mut(place).and_then(Option::take);
        if next.is_none() {
            all.remove(place);
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::{Semaphore, mpsc};

    use super::*;

    #[tokio::test]
    async fn of_many_at_once_the_last_is_shown_and_threads_are_apart() {
        let gate = Arc::new(Semaphore::new(0));
        let (sender, mut shown) = mpsc::unbounded_channel();
        let opened = Arc::clone(&gate);
        let receipts = Receipts::with(Arc::new(move |place, event_id| {
            let _ = sender.send((place, event_id));
            let opened = Arc::clone(&opened);
            Box::pin(async move {
                let _ = opened
                    .acquire()
                    .await
                    .map(tokio::sync::SemaphorePermit::forget);
            })
        }));
        let mut next = async || {
            let next = tokio::time::timeout(Duration::from_secs(20), shown.recv()).await;
            let ((room, thread), event): (Place, String) = next.unwrap().unwrap();
            (room, thread.unwrap_or_default(), event)
        };
        receipts.read("a", None, "$1");
        assert_eq!(next().await, ("a".into(), String::new(), "$1".into()));
        receipts.read("a", None, "$2");
        receipts.read("a", None, "$3");
        receipts.read("a", Some("$root"), "$4");
        assert_eq!(next().await, ("a".into(), "$root".into(), "$4".into()));
        gate.add_permits(2);
        assert_eq!(next().await, ("a".into(), String::new(), "$3".into()));
        gate.add_permits(1);
        let forgotten = async {
            while !receipts.next.lock().unwrap().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        let forgotten = tokio::time::timeout(Duration::from_secs(20), forgotten).await;
        assert!(forgotten.is_ok(), "{:?}", receipts.next);
    }
}
