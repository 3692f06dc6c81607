//! Marks on a board of our own.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::{error::Error, journal::Protection};

const LONG: Duration = Duration::from_secs(20);

/// What was done, and what is there.
#[derive(Default)]
struct OwnBoard {
    log: Mutex<Vec<String>>,
    there: Mutex<Vec<Reaction>>,
    next: AtomicUsize,
    refuses: bool,
}

impl OwnBoard {
    fn log(&self) -> Vec<String> {
        lock(&self.log).clone()
    }

    fn there(&self) -> Vec<String> {
        let there = lock(&self.there);
        there.iter().map(|reaction| reaction.key.clone()).collect()
    }
}

impl Board for OwnBoard {
    fn add<'a>(&'a self, _: &'a Marked, emoji: &'a str) -> BoxFuture<'a, Result<Option<String>>> {
        async move {
            lock(&self.log).push(format!("+{emoji}"));
            if self.refuses {
                return Err(Error::failure("403"));
            }
            let mut there = lock(&self.there);
            if there.iter().any(|reaction| reaction.key == emoji) {
                return Ok(None);
            }
            let event_id = format!("${}", self.next.fetch_add(1, Ordering::Relaxed));
            let key = emoji.to_owned();
            there.push(Reaction {
                event_id: event_id.clone(),
                key,
            });
            Ok(Some(event_id))
        }
        .boxed()
    }

    fn all<'a>(&'a self, _: &'a Marked) -> BoxFuture<'a, Result<Vec<Reaction>>> {
        async move { Ok(lock(&self.there).clone()) }.boxed()
    }

    fn remove<'a>(&'a self, _: &'a Marked, event_id: &'a str) -> BoxFuture<'a, Result<()>> {
        async move {
            let mut there = lock(&self.there);
            let removed = there.extract_if(.., |reaction| reaction.event_id == event_id);
            lock(&self.log).extend(removed.map(|reaction| format!("-{}", reaction.key)));
            Ok(())
        }
        .boxed()
    }
}

fn marks() -> Marks {
    Marks {
        seen: Some("seen".into()),
        working: Some("work".into()),
        failed: Some("fail".into()),
    }
}

fn message(seq: i64) -> Waiting {
    Waiting {
        seq,
        room_id: "!r".into(),
        event_id: "$1".into(),
        payload: String::new(),
        protection: Protection::Clear,
        attempts: 0,
        revision: 0,
    }
}

async fn until(board: &OwnBoard, there: &[&str]) {
    let look = async {
        while board.there() != there {
            tokio::task::yield_now().await;
        }
    };
    assert!(timeout(LONG, look).await.is_ok(), "{:?}", board.log());
}

#[tokio::test]
async fn there_is_one_mark_at_a_time_and_none_in_the_end() {
    let board = Arc::new(OwnBoard::default());
    let marker = Marker::with(board.clone(), Duration::ZERO, 0);
    let (asked, marks) = (message(1), marks());
    marker.show(&asked, &marks, Mark::Seen);
    until(&board, &["seen"]).await;
    marker.show(&asked, &marks, Mark::Working);
    until(&board, &["work"]).await;
    marker.settle(&asked, &marks, None).await;
    assert_eq!(board.log(), ["+seen", "+work", "-seen", "-work"]);
    assert!(lock(&marker.running).is_empty());
}

#[tokio::test]
async fn a_quick_answer_is_not_marked_and_a_failure_is() {
    let board = Arc::new(OwnBoard::default());
    let marker = Marker::with(board.clone(), LONG, 0);
    let (asked, marks) = (message(1), marks());
    marker.show(&asked, &marks, Mark::Working);
    marker.settle(&asked, &marks, None).await;
    assert!(board.log().is_empty());
    marker.show(&asked, &marks, Mark::Working);
    marker.settle(&asked, &marks, Some(Mark::Failed)).await;
    assert_eq!(board.there(), ["fail"]);
    // It is tried again, and works.
    marker.show(&asked, &marks, Mark::Working);
    until(&board, &["work"]).await;
    marker.settle(&asked, &marks, None).await;
    assert!(board.there().is_empty());
}

#[tokio::test]
async fn what_an_earlier_run_left_is_taken_up_and_others_are_let_be() {
    let board = Arc::new(OwnBoard::default());
    let own = |event_id: &str, key: &str| Reaction {
        event_id: event_id.into(),
        key: key.into(),
    };
    *lock(&board.there) = vec![own("$work", "work"), own("$agent", "thanks")];
    let marker = Marker::with(board.clone(), Duration::ZERO, 1);
    let (asked, marks) = (message(1), marks());
    marker.show(&asked, &marks, Mark::Working);
    marker.settle(&asked, &marks, None).await;
    assert_eq!(board.there(), ["thanks"]);
    // Its answer was sent by the earlier run, and only the mark is left.
    lock(&board.there).push(own("$work", "work"));
    marker.settle(&asked, &marks, None).await;
    assert_eq!(board.there(), ["thanks"]);
    // A message of this run that was never marked costs nothing.
    marker.settle(&message(2), &marks, None).await;
    assert_eq!(board.log(), ["-work", "-work"]);
}

#[tokio::test]
async fn a_refused_reaction_keeps_nobody_waiting() {
    let board = Arc::new(OwnBoard {
        refuses: true,
        ..OwnBoard::default()
    });
    let marker = Marker::with(board.clone(), Duration::ZERO, 0);
    let (asked, marks) = (message(1), marks());
    marker.show(&asked, &marks, Mark::Working);
    let settled = marker.settle(&asked, &marks, Some(Mark::Failed));
    timeout(PATIENCE, settled).await.unwrap();
    assert!(board.there().is_empty());
}
