//! `live.*`: the device put to use.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::StatusCode;

use super::examined::examine;
use super::scene::{assert_well_but, carry_out, commands};
use crate::harness::account::{Bot, http_person, person};
use crate::harness::relay::{Meddler, relay};
use crate::harness::room::RoomSpec;
use crate::harness::shared::{own_synapse, shared_synapse};
use crate::harness::synapse::Config;
use crate::mishap::{claim, copy_store};

const PARTS: [&str; 4] = [
    "live.run",
    "live.one-time-key",
    "live.round-trip",
    "live.media",
];

#[tokio::test]
async fn a_healthy_bot_passes_alone_and_through_its_gateway_again_and_again() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    for _ in 0..2 {
        let examined = examine(&bot.home, &["--live"]).await;
        assert_well_but(&examined, &[]);
        for id in PARTS {
            assert_eq!(examined.row(id)["status"], "pass", "{:#}", examined.row(id));
        }
    }

    let gateway = bot.run().await;
    for _ in 0..2 {
        let examined = examine(&bot.home, &["--live", "--strict"]).await;
        assert_eq!(examined.exit_code(), 0, "{:#}", examined.report);
        for id in PARTS {
            assert_eq!(examined.row(id)["status"], "pass", "{:#}", examined.row(id));
        }
    }
    // All of it in one room of the bot's own, and the gateway is as it was.
    assert_eq!(bot.account().await.joined_rooms().await.len(), 1);
    let ann = person(synapse, "ann").await;
    let room = ann
        .create_room(&RoomSpec::direct(&bot.user_id).encrypted())
        .await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let question = ann.send_text(&room, "still there?").await;
    let reply = ann.wait_for_reply(&room, &question, &bot.user_id).await;
    assert!(reply.decrypted, "{reply:?}");
    assert_eq!(gateway.terminate().await, 0);
}

#[tokio::test]
async fn what_people_wrote_before_a_test_is_answered_by_the_next_gateway() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let gateway = bot.run().await;
    let ann = person(synapse, "ann").await;
    let room = ann
        .create_room(&RoomSpec::direct(&bot.user_id).encrypted())
        .await;
    ann.wait_for_member(&room, &bot.user_id).await;
    assert_eq!(gateway.terminate().await, 0);

    // The test's syncs take these away from the homeserver.
    let question = ann.send_text(&room, "is anybody there?").await;
    examine(&bot.home, &["--live"]).await.expect_failed(&[]);
    let _gateway = bot.run().await;
    let reply = ann.wait_for_reply(&room, &question, &bot.user_id).await;
    assert!(reply.decrypted, "{reply:?}");
}

#[tokio::test]
async fn a_store_put_back_from_a_copy_fails_where_the_device_hears_itself() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let store = bot.home.path().join("matrix-store");
    let backup = bot.home.user_dir().join("backup");
    copy_store(&store, &backup);
    let ann = http_person(synapse, "ann").await;
    let count = bot.account().await.one_time_key_count().await;
    claim(&ann, &bot, count).await;
    assert_eq!(bot.run().await.terminate().await, 0);
    copy_store(&backup, &store);

    let examined = examine(&bot.home, &["--live"]).await;
    examined
        .expect("live.one-time-key", "fail", "lacks the private half")
        .expect_failed(&["live.one-time-key"]);
    assert_eq!(examined.exit_code(), 1);
    assert_eq!(examined.row("live.round-trip")["status"], "pass");
    let remedy = commands(&examined, "live.one-time-key");
    assert_eq!(remedy, ["nanobot store reset --force"]);

    carry_out(&bot, &examined, "live.one-time-key").await;
    examine(&bot.home, &["--live"]).await.expect_failed(&[]);
}

#[tokio::test]
async fn messages_that_the_homeserver_refuses_are_told() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    bot.set("homeserver", relay(synapse.base_url(), NoMessages).await);
    let examined = examine(&bot.home, &["--live"]).await;
    examined
        .expect("live.round-trip", "fail", "cannot send a message")
        .expect_failed(&["live.round-trip"]);
}

/// A homeserver that takes no messages: nobody else can mute the bot in a room of its own.
#[derive(Clone)]
struct NoMessages;

impl Meddler for NoMessages {
    fn replace(&self, path: &str) -> Option<(StatusCode, &'static str)> {
        let answer = "{\"errcode\": \"M_FORBIDDEN\", \"error\": \"no messages today\"}";
        path.contains("/send/m.room.")
            .then_some((StatusCode::FORBIDDEN, answer))
    }
}

#[tokio::test]
async fn a_file_that_the_homeserver_refuses_is_told() {
    let synapse = own_synapse(Config {
        max_upload_size: Some(100),
        ..Config::default()
    })
    .await;
    let bot = Bot::new(&synapse).await;
    let examined = examine(&bot.home, &["--live"]).await;
    examined
        .expect("live.media", "fail", "M_TOO_LARGE")
        .expect_failed(&["live.media"]);
    assert_eq!(examined.exit_code(), 1);
}

/// A homeserver that stops, behind a proxy that does not, as soon as somebody claims a key.
#[derive(Clone, Default)]
struct Stops {
    stopped: Arc<AtomicBool>,
}

impl Meddler for Stops {
    fn replace(&self, path: &str) -> Option<(StatusCode, &'static str)> {
        if path.ends_with("/keys/claim") {
            self.stopped.store(true, Ordering::Relaxed);
        }
        let stopped = self.stopped.load(Ordering::Relaxed);
        stopped.then_some((StatusCode::BAD_GATEWAY, "<html>502 Bad Gateway</html>"))
    }
}

#[tokio::test]
async fn a_homeserver_that_goes_away_during_the_test_is_one_failure() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    bot.set(
        "homeserver",
        relay(synapse.base_url(), Stops::default()).await,
    );
    let examined = examine(&bot.home, &["--live"]).await;
    examined
        .expect("live.run", "fail", "the test was interrupted")
        .expect_failed(&["live.run"])
        .expect_skipped("live.one-time-key", &["live.run"])
        .expect_skipped("live.round-trip", &["live.run"])
        .expect_skipped("live.media", &["live.run"]);
    assert_eq!(examined.exit_code(), 69);

    // The same through a running gateway.
    let meddler = Stops::default();
    bot.set(
        "homeserver",
        relay(synapse.base_url(), meddler.clone()).await,
    );
    let gateway = bot.run().await;
    let examined = examine(&bot.home, &["--live"]).await;
    examined
        .expect("live.run", "fail", "the test was interrupted")
        .expect_failed(&["live.run"])
        .expect_skipped("live.media", &["live.run"]);
    assert_eq!(examined.exit_code(), 69);
    meddler.stopped.store(false, Ordering::Relaxed);
    assert_eq!(gateway.terminate().await, 0);
}

#[tokio::test]
async fn the_checks_that_use_the_device_ask_for_leave() {
    let bot = Bot::new(shared_synapse().await).await;
    for only in ["live", "live.media", "token,live.run"] {
        let output = bot.home.run(&["doctor", "--only", only], "").await;
        assert!(output.stderr.contains("--live"), "{output}");
        output.expect_code(2);
    }
    let list = ["doctor", "--list", "--only", "live"];
    let list = bot.home.run(&list, "").await.expect_code(0);
    assert!(list.stdout.contains("live.media"), "{list}");
    bot.home
        .run(&["doctor", "--skip", "live"], "")
        .await
        .expect_code(0);
    assert_eq!(bot.account().await.joined_rooms().await, [""; 0]);

    let examined = examine(&bot.home, &["--live", "--only", "live"]).await;
    assert_eq!(examined.ids("pass"), PARTS);
}
