//! What an answer costs, in what does not depend on how fast the machine is.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::http::Method;

use crate::harness::account::{Bot, person};
use crate::harness::eventually::PATIENCE;
use crate::harness::fsyncs::Fsyncs;
use crate::harness::process::Process;
use crate::harness::relay::{Hang, Meddler, relay};
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

const TRIPS: usize = 10;
/// What is noted when a sync was answered.
const ANSWERED: &str = "answered";

/// Notes how many fsyncs there were when a request came, and when a sync was answered.
#[derive(Clone)]
struct Watcher {
    fsyncs: Fsyncs,
    seen: Arc<Mutex<Vec<(String, u64)>>>,
}

impl Watcher {
    fn note(&self, what: String) {
        let count = self.fsyncs.count();
        self.seen.lock().unwrap().push((what, count));
    }
}

impl Meddler for Watcher {
    fn hang(&self, method: &Method, path: &str) -> Hang {
        self.note(format!("{method} {path}"));
        Hang::Never
    }

    fn change(&self, path: &str, answer: Bytes) -> Bytes {
        if path.ends_with("/sync") {
            self.note(ANSWERED.to_owned());
        }
        answer
    }
}

#[tokio::test]
async fn a_round_trip_takes_few_requests_and_fsyncs() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let mut command = bot.home.command(&["gateway"]);
    let fsyncs = Fsyncs::in_dir(bot.home.user_dir());
    command.envs(fsyncs.environment());
    let watcher = Watcher {
        fsyncs,
        seen: Arc::default(),
    };
    bot.set(
        "homeserver",
        relay(synapse.base_url(), watcher.clone()).await,
    );
    let gateway = Process::spawn(command, bot.home.record());
    gateway.give(b"");
    gateway.expect_line("E2EE enabled", PATIENCE).await;
    let ann = person(synapse, "ann").await;
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    // The first makes the session that the others use.
    for number in 0..3 {
        let question = ann.send_text(&room, &format!("first {number}")).await;
        ann.wait_for_reply(&room, &question, &bot.user_id).await;
    }

    let before = watcher.fsyncs.count();
    watcher.seen.lock().unwrap().clear();
    for number in 0..TRIPS {
        let question = ann.send_text(&room, &format!("message {number}")).await;
        ann.wait_for_reply(&room, &question, &bot.user_id).await;
    }
    let fsyncs = watcher.fsyncs.count() - before;
    let seen = watcher.seen.lock().unwrap().clone();
    gateway.terminate().await;

    // Two; now and then a log of writes is folded in, or what is routine is written.
    assert!(fsyncs <= 3 * TRIPS as u64, "{fsyncs} fsyncs: {seen:?}");
    let on_the_way = most_on_the_way(&seen);
    assert!(
        on_the_way <= 2 + 2,
        "{on_the_way} before an answer: {seen:?}"
    );
    let requests = |of: &str| seen.iter().filter(|(what, _)| what.contains(of)).count();
    assert_eq!(requests("/send/"), TRIPS, "{seen:?}");
    // The question's and the answer's own.
    assert!(requests("/sync") <= 2 * TRIPS + 1, "{seen:?}");
    // Receipts are a second apart.
    assert!(requests("POST ") <= TRIPS, "{seen:?}");
}

/// The most fsyncs between the answer to a sync and the sending of the answer to a message.
fn most_on_the_way(seen: &[(String, u64)]) -> u64 {
    let mut begun = None;
    let mut most = 0;
    for (what, count) in seen {
        if what == ANSWERED {
            begun = Some(*count);
        } else if what.contains("/send/")
            && let Some(begun) = begun
        {
            most = most.max(count - begun);
        }
    }
    most
}
