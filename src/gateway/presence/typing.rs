//! Typing notices: kept alive while the bot works in a room, and always taken back.

use std::{
    collections::HashMap,
    future::pending,
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::{sync::watch, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    gateway::pauses::{Endpoint, Pauses},
    session::{Rooms, TYPING_LASTS},
    threads::lock,
};

/// How long an answer takes at least that is worth a notice.
const WORTH: Duration = Duration::from_millis(250);
/// How often a notice is renewed: well before it ends.
const RENEWED: Duration = Duration::from_secs(TYPING_LASTS.as_secs() * 2 / 3);

/// Shows in a room that the bot is writing, or that it is not.
type Show = Arc<dyn Fn(String, bool) -> BoxFuture<'static, ()> + Send + Sync>;

/// The typing notices of all rooms. Clones share them.
#[derive(Clone)]
pub struct Typing {
    show: Show,
    worth: Duration,
    /// How many are at work in each room where anybody is, or was a moment ago.
    rooms: Arc<Mutex<HashMap<String, watch::Sender<usize>>>>,
    tasks: TaskTracker,
    end: CancellationToken,
}

/// Somebody at work in a room. When the last of them is dropped, the notice is taken back.
pub struct AtWork {
    typing: Typing,
    room_id: String,
}

impl Typing {
    pub fn new(rooms: Rooms, pauses: Pauses) -> Self {
        let show: Show = Arc::new(move |room_id, typing| {
            let (rooms, pauses) = (rooms.clone(), pauses.clone());
            Box::pin(async move {
                let shown = rooms.type_in(&room_id, typing);
                if let Some(Err(error)) = pauses.attempt(Endpoint::Typing, shown).await {
                    tracing::debug!(room_id, "cannot send a typing notice: {error}");
                }
            })
        });
        Self::with(show, WORTH)
    }

    fn with(show: Show, worth: Duration) -> Self {
        Self {
            show,
            worth,
            rooms: Arc::default(),
            tasks: TaskTracker::new(),
            end: CancellationToken::new(),
        }
    }

    /// Shows that the bot is writing in this room, until what is returned is dropped.
    pub fn begin(&self, room_id: &str) -> AtWork {
        let mut rooms = lock(&self.rooms);
        if let Some(count) = rooms.get(room_id) {
            count.send_modify(|count| *count += 1);
        } else {
            let (sender, count) = watch::channel(1);
            rooms.insert(room_id.to_owned(), sender);
            let keeping = self.clone().keep(room_id.to_owned(), count);
            self.tasks.spawn(keeping);
        }
        AtWork {
            typing: self.clone(),
            room_id: room_id.to_owned(),
        }
    }

    /// Does this, and shows that the bot is writing in this room while somebody is at work on it.
    /// Gives what came of it, and the sign that the bot goes on with it.
    pub async fn while_working<T>(
        &self,
        room_id: &str,
        mut working: watch::Receiver<bool>,
        work: impl Future<Output = T>,
    ) -> (T, AtWork) {
        let shown = async {
            loop {
                let at_work = working.borrow_and_update().then(|| self.begin(room_id));
                if working.changed().await.is_err() {
                    pending::<()>().await;
                }
                drop(at_work);
            }
        };
        let mut shown = pin!(shown);
        let done = tokio::select! {
            done = work => done,
            never = &mut shown => never,
        };
        // Before the other is dropped, so that the notice stays.
        (done, self.begin(room_id))
    }

    /// Takes all notices back, within this time.
    pub async fn end(&self, within: Duration) {
        self.end.cancel();
        self.tasks.close();
        if timeout(within, self.tasks.wait()).await.is_err() {
            tracing::debug!("typing notices time out by themselves");
        }
    }

    /// Keeps one room's notice. All of its requests go through here, one after the other, so that
    /// none overtakes another.
    async fn keep(self, room_id: String, mut count: watch::Receiver<usize>) {
        loop {
            if timeout(self.worth, self.until_done(&mut count))
                .await
                .is_err()
            {
                self.show_until_done(&room_id, &mut count).await;
            }
            let mut rooms = lock(&self.rooms);
            if *count.borrow() == 0 || self.end.is_cancelled() {
                rooms.remove(&room_id);
                return;
            }
        }
    }

    async fn show_until_done(&self, room_id: &str, count: &mut watch::Receiver<usize>) {
        loop {
            (self.show)(room_id.to_owned(), true).await;
            if timeout(RENEWED, self.until_done(count)).await.is_ok() {
                break;
            }
        }
        (self.show)(room_id.to_owned(), false).await;
    }

    async fn until_done(&self, count: &mut watch::Receiver<usize>) {
        tokio::select! {
            // Its sender stays in the map as long as this task runs.
            _ = count.wait_for(|count| *count == 0) => {}
            () = self.end.cancelled() => {}
        }
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        // There is none any more where the notices were ended.
        if let Some(count) = lock(&self.typing.rooms).get(&self.room_id) {
            count.send_modify(|count| *count = count.saturating_sub(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    /// Typing notices that are written down.
    struct Scene {
        typing: Typing,
        shown: watch::Receiver<Vec<(String, bool)>>,
    }

    impl Scene {
        fn new(worth: Duration) -> Self {
            let (sender, shown) = watch::channel(Vec::new());
            let show: Show = Arc::new(move |room_id, typing| {
                sender.send_modify(|shown| shown.push((room_id, typing)));
                Box::pin(tokio::task::yield_now())
            });
            Self {
                typing: Typing::with(show, worth),
                shown,
            }
        }

        async fn expect(&mut self, expected: &[(&str, bool)]) {
            let expected: Vec<_> = expected.iter().map(|(r, on)| ((*r).into(), *on)).collect();
            let reached = self.shown.wait_for(|shown| *shown == expected);
            let reached = timeout(LONG, reached).await.is_ok();
            assert!(reached, "{:?}", self.shown.borrow());
        }
    }

    #[tokio::test]
    async fn a_notice_lasts_until_the_last_in_the_room_is_done() {
        let mut scene = Scene::new(Duration::ZERO);
        let first = scene.typing.begin("a");
        scene.expect(&[("a", true)]).await;
        let second = scene.typing.begin("a");
        drop(first);
        let elsewhere = scene.typing.begin("b");
        scene.expect(&[("a", true), ("b", true)]).await;
        drop(second);
        scene
            .expect(&[("a", true), ("b", true), ("a", false)])
            .await;
        drop(elsewhere);
        let all = [("a", true), ("b", true), ("a", false), ("b", false)];
        scene.expect(&all).await;
        scene.typing.end(LONG).await;
        scene.expect(&all).await;
    }

    #[tokio::test]
    async fn what_is_done_at_once_shows_nothing() {
        let mut scene = Scene::new(LONG);
        drop(scene.typing.begin("a"));
        scene.typing.end(LONG).await;
        scene.expect(&[]).await;
    }

    #[tokio::test]
    async fn the_end_takes_back_what_is_still_shown() {
        let mut scene = Scene::new(Duration::ZERO);
        let at_work = scene.typing.begin("a");
        scene.expect(&[("a", true)]).await;
        scene.typing.end(LONG).await;
        scene.expect(&[("a", true), ("a", false)]).await;
        drop(at_work);
    }

    #[tokio::test]
    async fn work_that_begins_anew_is_shown_anew() {
        let mut scene = Scene::new(Duration::ZERO);
        for round in 1..=3 {
            let at_work = scene.typing.begin("a");
            let on = [[("a", true), ("a", false)]; 3].concat();
            scene.expect(&on[..round * 2 - 1]).await;
            drop(at_work);
            scene.expect(&on[..round * 2]).await;
        }
    }
}
