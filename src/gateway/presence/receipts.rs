//! Read receipts: the newest message of each thread that the bot has dealt with.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::BoxFuture;

use crate::{
    config::ReadReceipts,
    gateway::pauses::{Endpoint, Pauses},
    journal::Conversation,
    session::Rooms,
    threads::lock,
};

/// Shows that this event was read in this thread.
type Show = Arc<dyn Fn(Conversation, Read) -> BoxFuture<'static, ()> + Send + Sync>;

/// The time between two receipts in the same thread: each costs the homeserver about as much as an
/// answer does, and only the last of them says something.
const APART: Duration = Duration::from_secs(1);

/// What was read, and whether only the bot's own account sees that.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Read {
    event_id: String,
    is_private: bool,
}

/// Sends read receipts, without anybody waiting for it.
#[derive(Clone)]
pub struct Receipts {
    show: Show,
    /// What is to be shown next in the threads where a receipt is on its way.
    next: Arc<Mutex<HashMap<Conversation, Option<Read>>>>,
}

impl Receipts {
    pub fn new(rooms: Rooms, pauses: Pauses) -> Self {
        Self::with(Arc::new(move |conversation: Conversation, read: Read| {
            let (rooms, pauses) = (rooms.clone(), pauses.clone());
            Box::pin(async move {
                let (room, thread) = (&*conversation.room, conversation.thread.as_deref());
                let Read {
                    event_id,
                    is_private,
                } = &read;
                let mark = || rooms.mark_read(room, thread, event_id, *is_private);
                if let Err(error) = pauses.patiently(Endpoint::Receipts, mark).await {
                    tracing::debug!(room_id = %room, event_id, "cannot send a read receipt: {error}");
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
    pub fn read(&self, thread: &Conversation, event_id: &str, kind: ReadReceipts) {
        if kind == ReadReceipts::None {
            return;
        }
        let first = Read {
            event_id: event_id.to_owned(),
            is_private: kind == ReadReceipts::Private,
        };
        let mut next = lock(&self.next);
        if let Some(next) = next.get_mut(thread) {
            *next = Some(first);
            return;
        }
        next.insert(thread.clone(), None);
        let (receipts, thread) = (self.clone(), thread.clone());
        tokio::spawn(async move {
            let mut next = Some(first);
            while let Some(read) = next {
                (receipts.show)(thread.clone(), read).await;
                tokio::time::sleep(APART).await;
                next = receipts.take(&thread);
            }
        });
    }

    /// What is to be shown next in this thread; where there is nothing, the thread is forgotten.
    fn take(&self, thread: &Conversation) -> Option<Read> {
        let mut all = lock(&self.next);
        let next = all.get_mut(thread).and_then(Option::take);
        if next.is_none() {
            all.remove(thread);
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::{Semaphore, mpsc};

    use super::*;

    fn private(event_id: &str) -> Read {
        Read {
            event_id: event_id.to_owned(),
            is_private: true,
        }
    }

    #[tokio::test]
    async fn of_many_at_once_the_last_is_shown_and_threads_are_apart() {
        let gate = Arc::new(Semaphore::new(0));
        let (sender, mut shown) = mpsc::unbounded_channel();
        let opened = Arc::clone(&gate);
        let receipts = Receipts::with(Arc::new(move |thread, event_id| {
            let _ = sender.send((thread, event_id));
            let opened = Arc::clone(&opened);
            Box::pin(async move {
                let _ = opened
                    .acquire()
                    .await
                    .map(tokio::sync::SemaphorePermit::forget);
            })
        }));
        let main = Conversation::new("a", None);
        let thread = Conversation::new("a", Some("$root"));
        let mut next = async || {
            let next = tokio::time::timeout(Duration::from_secs(20), shown.recv()).await;
            next.unwrap().unwrap()
        };
        let read = |thread: &Conversation, id| receipts.read(thread, id, ReadReceipts::Private);
        read(&main, "$1");
        assert_eq!(next().await, (main.clone(), private("$1")));
        read(&main, "$2");
        read(&main, "$3");
        read(&thread, "$4");
        receipts.read(&main, "$5", ReadReceipts::None);
        assert_eq!(next().await, (thread.clone(), private("$4")));
        gate.add_permits(2);
        assert_eq!(next().await, (main.clone(), private("$3")));
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
