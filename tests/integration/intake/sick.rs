//! Homeservers whose syncs are not what they should be.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::StatusCode;
use nanobot::testing::ipc::{Answer, POLL, Request, Status, ask};
use serde_json::{Value, json};

use crate::harness::account::{Bot, http_person};
use crate::harness::bot::Gateway;
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::relay::{Meddler, relay};
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sickness {
    /// It answers every sync at once.
    IgnoresTimeout,
    /// Its position never moves.
    Stands,
}

#[derive(Clone)]
struct Sick {
    sickness: Sickness,
    syncs: Arc<AtomicU32>,
}

impl Meddler for Sick {
    fn replace(&self, path: &str) -> Option<(StatusCode, &'static str)> {
        if !path.ends_with("/sync") || self.syncs.fetch_add(1, Ordering::Relaxed) < 4 {
            return None;
        }
        (self.sickness == Sickness::Stands).then_some((StatusCode::OK, "{\"next_batch\": \"s0\"}"))
    }

    fn rewrite(&self, uri: &str) -> String {
        let asked = format!("timeout={}", POLL.as_millis());
        uri.replace(&asked, "timeout=0")
    }

    fn change(&self, path: &str, answer: Bytes) -> Bytes {
        // The position that the device has is the one that it will always have.
        if self.sickness == Sickness::Stands && path.ends_with("/sync") {
            let mut answer: Value = serde_json::from_slice(&answer).unwrap();
            answer["next_batch"] = json!("s0");
            return answer.to_string().into();
        }
        answer
    }
}

async fn status(bot: &Bot) -> Status {
    match ask(&bot.home.path(), Request::Status, PATIENCE).await {
        Ok(Some(Answer::Status(status))) => *status,
        other => panic!("no status: {other:?}"),
    }
}

async fn is_paced_and_shown(sickness: Sickness) {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let syncs = Arc::new(AtomicU32::new(0));
    let meddler = Sick {
        sickness,
        syncs: Arc::clone(&syncs),
    };
    bot.set("homeserver", relay(synapse.base_url(), meddler).await);
    let _gateway = Gateway::connected(&bot.home, &[]).await;
    let (start, before) = (Instant::now(), syncs.load(Ordering::Relaxed));
    eventually("the fault in the status", PATIENCE, || async {
        let fault = status(&bot).await.sync_fault;
        fault.ok_or("none yet")
    })
    .await;
    let seconds = start.elapsed().as_secs_f64().max(1.0);
    let count = f64::from(syncs.load(Ordering::Relaxed) - before);
    assert!(count / seconds <= 6.0, "{count} syncs in {seconds} s");
    let doctor = bot.home.run(&["doctor", "--json"], "").await;
    let report: Value = serde_json::from_str(&doctor.stdout).unwrap();
    let found = report["checks"].as_array().unwrap().iter().find(|check| {
        let is_bad = check["status"] == "fail" || check["status"] == "warn";
        is_bad && check["id"] == "gateway.sync"
    });
    assert!(found.is_some(), "{report:#}");
}

#[tokio::test]
async fn a_homeserver_that_ignores_the_timeout_is_asked_seldom() {
    is_paced_and_shown(Sickness::IgnoresTimeout).await;
}

#[tokio::test]
async fn a_homeserver_whose_position_stands_still_is_found() {
    is_paced_and_shown(Sickness::Stands).await;
}

/// Half a second is long for a person who waits.
#[tokio::test]
async fn a_message_is_not_kept_waiting_by_the_pace() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let meddler = Sick {
        sickness: Sickness::IgnoresTimeout,
        syncs: Arc::default(),
    };
    bot.set("homeserver", relay(synapse.base_url(), meddler).await);
    let _gateway = Gateway::connected(&bot.home, &[]).await;
    let ann = http_person(synapse, "ann").await;
    let room = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let question = ann.send_text(&room, "hello").await;
    let asked = Instant::now();
    ann.wait_for_reply(&room, &question, &bot.user_id).await;
    assert!(asked.elapsed() < Duration::from_secs(5));
}
