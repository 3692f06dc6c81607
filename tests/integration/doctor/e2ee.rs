//! `e2ee.*`: the device truth table, the keys of new conversations, messages that cannot be read.

use std::fs;

use nanobot::testing::session::Session;
use reqwest::Method;
use serde_json::json;

use super::examined::examine;
use super::scene::{
    assert_well_but, carry_out, commands, configure, configure_as, credentials, use_elsewhere,
};
use crate::harness::account::{Bot, PASSWORD, http_person, person};
use crate::harness::bot::{Gateway, Home};
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;
use crate::mishap::{Unreadable, claim, copy_store, put_back_from_a_copy, send_unreadable};

const NEW_DEVICE: &[&str] = &["nanobot store reset"];
const FRESH_DEVICE: &[&str] = &["nanobot store reset --force"];
/// What a new device cannot have where the old store alone had the keys of the identity.
const UNVERIFIED: &[&str] = &["e2ee.verified"];

#[tokio::test]
async fn a_deleted_store_is_one_failure_which_a_reset_fixes() {
    let bot = Bot::new(shared_synapse().await).await;
    let store = bot.home.path().join("matrix-store");
    fs::remove_dir_all(&store).unwrap();
    let examined = examine(&bot.home, &["--live"]).await;
    examined
        .expect("store.present", "fail", "the store was deleted")
        .expect_failed(&["store.present"])
        .expect_skipped("e2ee.keys-elsewhere", &["store.present"])
        .expect_skipped("e2ee.verified", &["store.present"])
        .expect_skipped("live.one-time-key", &["store.present"]);
    assert_eq!(examined.exit_code(), 1);
    assert_eq!(commands(&examined, "store.present"), NEW_DEVICE);
    assert!(!store.exists());

    carry_out(&bot, &examined, "store.present").await;
    assert_well_but(&examine(&bot.home, &[]).await, UNVERIFIED);
}

#[tokio::test]
async fn a_store_without_its_files_is_one_failure_which_a_reset_fixes() {
    let bot = Bot::new(shared_synapse().await).await;
    let store = bot.home.path().join("matrix-store");
    fs::remove_dir_all(&store).unwrap();
    fs::create_dir(&store).unwrap();
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("e2ee.keys-elsewhere", "fail", "the store was deleted")
        .expect_failed(&["e2ee.keys-elsewhere"])
        .expect_skipped("e2ee.keys-replaced", &["e2ee.keys-elsewhere"])
        .expect_skipped("e2ee.one-time-keys", &["e2ee.keys-elsewhere"]);
    assert_eq!(examined.exit_code(), 1);
    assert_eq!(commands(&examined, "e2ee.keys-elsewhere"), NEW_DEVICE);

    carry_out(&bot, &examined, "e2ee.keys-elsewhere").await;
    assert_well_but(&examine(&bot.home, &[]).await, UNVERIFIED);
}

#[tokio::test]
async fn a_token_of_another_client_is_one_failure() {
    let synapse = shared_synapse().await;
    let ann = person(synapse, "ann").await;
    let home = Home::new();
    let (token, user, device) = (ann.access_token(), ann.user_id(), ann.device_id());
    configure(&home, &synapse.base_url(), token, user, device);
    examine(&home, &[])
        .await
        .expect("store.present", "fail", "copied from another client")
        .expect_failed(&["store.present"]);
    // What the gateway says, which refuses to start.
    let refused = home.run(&["gateway"], "").await.expect_code(1);
    assert!(refused.stderr.contains("copied from another client"));
    // And after that, should a directory have been made.
    fs::create_dir_all(home.path().join("matrix-store")).unwrap();
    examine(&home, &[])
        .await
        .expect("e2ee.keys-elsewhere", "fail", "another client")
        .expect_failed(&["e2ee.keys-elsewhere"]);
}

#[tokio::test]
async fn a_device_that_another_program_has_used_is_found_and_not_opened() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let elsewhere = bot.home.user_dir().join("elsewhere");
    use_elsewhere(&synapse.base_url(), &bot, &elsewhere).await;
    let store = bot.home.path().join("matrix-store");
    let files = || {
        ["inbox.sqlite3", "matrix-sdk-state.sqlite3"]
            .map(|name| fs::read(store.join(name)).unwrap())
    };
    let (before, account) = (files(), bot.account().await);
    let keys = account.query_keys(&bot.user_id).await;
    let examined = examine(&bot.home, &["--live"]).await;
    examined
        .expect(
            "e2ee.keys-replaced",
            "fail",
            "another program has used this device",
        )
        .expect_failed(&["e2ee.keys-replaced"])
        .expect_skipped("e2ee.keys-vanished", &["e2ee.keys-replaced"])
        .expect_skipped("e2ee.signature", &["e2ee.keys-replaced"])
        .expect_skipped("live.run", &["e2ee.keys-replaced"])
        .expect_skipped("live.round-trip", &["e2ee.keys-replaced"]);
    assert_eq!(commands(&examined, "e2ee.keys-replaced"), NEW_DEVICE);
    assert!(files() == before, "the store was opened");
    assert_eq!(account.query_keys(&bot.user_id).await, keys);

    carry_out(&bot, &examined, "e2ee.keys-replaced").await;
    assert_well_but(&examine(&bot.home, &["--live"]).await, &[]);
}

#[tokio::test]
async fn a_store_put_back_from_a_copy_is_found_by_the_running_gateway() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    put_back_from_a_copy(synapse, &bot).await;

    let gateway = Gateway::connected(&bot.home, &[]).await;
    gateway.expect_line("encryption is broken", PATIENCE).await;
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("e2ee.key-conflicts", "fail", "another store")
        .expect_failed(&["e2ee.key-conflicts"])
        .expect_skipped("e2ee.one-time-keys", &["e2ee.key-conflicts"])
        .expect_skipped("e2ee.fallback-key", &["e2ee.key-conflicts"]);
    assert_eq!(commands(&examined, "e2ee.key-conflicts"), FRESH_DEVICE);
    let remedy = &examined.row("e2ee.key-conflicts")["remedy"];
    assert!(
        remedy["text"]
            .as_str()
            .unwrap()
            .contains("stop the gateway")
    );

    // The device's own keys are as they should be, so a reset alone would leave it.
    assert_eq!(gateway.terminate().await, 0);
    bot.reset(&[]).await.expect_code(1);
    carry_out(&bot, &examined, "e2ee.key-conflicts").await;
    let _gateway = bot.run().await;
    let examined = examine(&bot.home, &["--live"]).await;
    assert_eq!(examined.ids("fail"), [""; 0], "{:#}", examined.report);
}

#[tokio::test]
async fn a_device_made_again_under_its_old_id_is_found() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    bot.account().await.logout().await;
    let nobody = http_person(synapse, "nobody").await;
    let login = json!({
        "type": "m.login.password", "password": PASSWORD, "device_id": bot.device_id(),
        "identifier": {"type": "m.id.user", "user": bot.user_id},
        "initial_device_display_name": "nanobot",
    });
    let answer = nobody
        .call(Method::POST, &["v3", "login"], Some(&login))
        .await;
    bot.set("accessToken", answer["access_token"].clone());
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("e2ee.keys-vanished", "fail", "no longer has the keys")
        .expect_failed(&["e2ee.keys-vanished"])
        .expect_skipped("e2ee.published", &["e2ee.keys-vanished"])
        .expect_skipped("e2ee.one-time-keys", &["e2ee.keys-vanished"]);
    assert_eq!(commands(&examined, "e2ee.keys-vanished"), NEW_DEVICE);

    carry_out(&bot, &examined, "e2ee.keys-vanished").await;
    assert_well_but(&examine(&bot.home, &[]).await, &[]);
}

#[tokio::test]
async fn the_store_of_another_bot_is_one_failure() {
    let synapse = shared_synapse().await;
    let (bot, other) = (Bot::new(synapse).await, Bot::new(synapse).await);
    let store = |bot: &Bot| bot.home.path().join("matrix-store");
    copy_store(&store(&other), &store(&bot));
    let examined = examine(&bot.home, &["--live"]).await;
    examined
        .expect("store.account", "fail", &other.user_id)
        .expect_failed(&["store.account"])
        .expect_skipped("e2ee.keys-elsewhere", &["store.account"])
        .expect_skipped("e2ee.signature", &["store.account"])
        .expect_skipped("live.media", &["store.account"]);
    carry_out(&bot, &examined, "store.account").await;
    assert_well_but(&examine(&bot.home, &[]).await, UNVERIFIED);
}

#[tokio::test]
async fn a_device_that_never_published_its_keys_is_no_failure() {
    let synapse = shared_synapse().await;
    let home = Home::new();
    let account = http_person(synapse, "bot").await;
    configure_as(&home, &synapse.base_url(), &account);
    let examined = examine(&home, &["--live"]).await;
    examined
        .expect("e2ee.published", "warn", "has no keys yet")
        .expect_failed(&[]);
    assert_eq!(commands(&examined, "e2ee.published"), ["nanobot gateway"]);
    assert!(!home.path().join("matrix-store").exists());

    // A login that was interrupted before its first sync.
    let credentials = credentials(&synapse.base_url(), &account);
    let session = Session::open(&credentials, &home.path().join("matrix-store")).await;
    session.unwrap().settle().await;
    let examined = examine(&home, &["--live"]).await;
    examined
        .expect("e2ee.published", "warn", "not published yet")
        .expect_failed(&[]);
    for id in ["e2ee.one-time-keys", "e2ee.fallback-key", "live.run"] {
        assert_eq!(examined.row(id)["status"], "skip", "{id}");
    }
    assert_eq!(
        account
            .device_keys(account.user_id(), account.device_id())
            .await,
        None
    );

    let gateway = Gateway::connected(&home, &[]).await;
    gateway.expect_line("E2EE enabled", PATIENCE).await;
    let examined = examine(&home, &["--live"]).await;
    assert_eq!(examined.row("e2ee.published")["status"], "pass");
    examined.expect_failed(&[]);
}

#[tokio::test]
async fn one_time_keys_that_run_out_are_told_by_how_far_they_have() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let account = bot.account().await;
    let ann = http_person(synapse, "ann").await;
    let count = account.one_time_key_count().await;
    claim(&ann, &bot, count - 3).await;
    examine(&bot.home, &["--only", "e2ee"])
        .await
        .expect("e2ee.one-time-keys", "warn", "only 3 one-time keys")
        .expect_failed(&[]);

    let (id, key) = claim(&ann, &bot, 3).await;
    let examined = examine(&bot.home, &["--only", "e2ee"]).await;
    examined
        .expect(
            "e2ee.one-time-keys",
            "warn",
            "the fallback key is used instead",
        )
        .expect_failed(&[]);
    assert_eq!(
        commands(&examined, "e2ee.one-time-keys"),
        ["nanobot gateway"]
    );

    let (_, fallback) = claim(&ann, &bot, 1).await;
    assert_eq!(fallback["fallback"], true);
    let examined = examine(&bot.home, &["--only", "e2ee"]).await;
    examined
        .expect("e2ee.one-time-keys", "fail", "no unused fallback key")
        .expect_failed(&["e2ee.one-time-keys"])
        .expect_skipped("e2ee.fallback-key", &["e2ee.one-time-keys"]);

    let body = json!({"one_time_keys": {id: key}});
    let path = ["v3", "keys", "upload"];
    account.call(Method::POST, &path, Some(&body)).await;
    let examined = examine(&bot.home, &["--only", "e2ee"]).await;
    examined
        .expect("e2ee.one-time-keys", "warn", "only 1 one-time key ")
        .expect("e2ee.fallback-key", "warn", "no unused fallback key")
        .expect_failed(&[]);
    claim(&ann, &bot, 1).await;

    // The remedy.
    let _gateway = bot.run().await;
    let examined = examine(&bot.home, &["--live"]).await;
    assert_eq!(examined.ids("fail"), [""; 0], "{:#}", examined.report);
    assert_eq!(examined.ids("warn"), [""; 0], "{:#}", examined.report);
}

#[tokio::test]
async fn messages_without_their_keys_are_told_with_and_without_a_gateway() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let gateway = bot.run().await;
    let Unreadable { ann, room, .. } = send_unreadable(synapse, &bot).await;

    let examined = eventually("the message", PATIENCE, || async {
        let examined = examine(&bot.home, &["--only", "e2ee.undecryptable"]).await;
        let found = examined.ids("warn") == ["e2ee.undecryptable"];
        if found {
            Ok(examined)
        } else {
            Err(examined.report.to_string())
        }
    })
    .await;
    let words = format!(
        "1 message cannot be decrypted\nfrom {} in {room}: its key",
        ann.user_id()
    );
    examined
        .expect("e2ee.undecryptable", "warn", &words)
        .expect_failed(&[]);
    assert_eq!(gateway.terminate().await, 0);
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("e2ee.undecryptable", "warn", &words)
        .expect_failed(&[]);
}

#[tokio::test]
async fn encrypted_rooms_in_which_the_bot_is_silent_are_named() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let gateway = bot.run().await;
    let ann = http_person(synapse, "ann").await;
    let plain = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    ann.wait_for_member(&plain, &bot.user_id).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    assert_eq!(gateway.terminate().await, 0);

    bot.set("e2eeEnabled", false);
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect(
            "e2ee.disabled-rooms",
            "warn",
            &format!("in 1 encrypted room, where it is silent: {room}"),
        )
        .expect_failed(&[]);
    carry_out(&bot, &examined, "e2ee.disabled-rooms").await;
    assert_well_but(&examine(&bot.home, &[]).await, &[]);
}
