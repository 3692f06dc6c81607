//! `doctor.complete`: questions that nobody answered in time.

use std::time::Duration;

use axum::body::Bytes;

use super::examined::examine;
use crate::harness::account::Bot;
use crate::harness::relay::{Meddler, relay};
use crate::harness::shared::shared_synapse;

/// A homeserver that is so far away that each answer takes a while.
#[derive(Clone)]
struct FarAway(Duration);

impl Meddler for FarAway {
    fn change(&self, path: &str, answer: Bytes) -> Bytes {
        // Only what it takes to get to the other questions, so that these are on their way.
        if path.ends_with("/versions") || path.ends_with("/whoami") {
            std::thread::sleep(self.0);
        }
        answer
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_answered_in_time_is_told_and_what_needs_it_is_skipped() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let url = relay(synapse.base_url(), FarAway(Duration::from_millis(3_200))).await;
    bot.set("homeserver", url);
    // Each answer comes in time, and not all of them together do.
    let examined = examine(&bot.home, &["--timeout", "5"]).await;
    examined
        .expect("doctor.complete", "fail", "whoami: no answer within")
        .expect_failed(&["doctor.complete"])
        .expect(
            "homeserver.answers",
            "pass",
            "answers as a Matrix homeserver",
        )
        .expect_skipped("token.valid", &["doctor.complete"]);
    assert_eq!(examined.exit_code(), 69);
    assert_eq!(examined.commands("doctor.complete"), [""; 0]);
    bot.set("homeserver", synapse.base_url());
    examine(&bot.home, &[])
        .await
        .expect("doctor.complete", "pass", "were answered")
        .expect_failed(&[]);
}
