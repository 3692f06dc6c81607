//! `nanobot gateway`: starting, refusing to start, answering, ending.

use std::fs;
use std::time::Duration;

use serde_json::json;

use crate::harness::account::{Bot, http_person, person};
use crate::harness::bot::{Gateway, Home};
use crate::harness::eventually::PATIENCE;
use crate::harness::message;
use crate::harness::room::RoomSpec;
use crate::harness::shared::{own_synapse, shared_synapse};
use crate::harness::synapse::Config;

#[tokio::test]
async fn a_plaintext_room_is_answered_in_plaintext() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let gateway = bot.run().await;
    assert!(gateway.stdout().contains("Everyone may talk to this bot"));
    let ann = http_person(synapse, "ann").await;
    let room = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let question = ann.send_text(&room, "hello").await;
    let reply = ann.wait_for_reply(&room, &question, &bot.user_id).await;
    assert_eq!(reply["type"], "m.room.message");
    assert_eq!(reply["content"]["body"], "hello");
    assert_eq!(gateway.terminate().await, 0);
    bot.assert_no_secret();
}

#[tokio::test]
async fn an_independent_client_gets_an_encrypted_answer_to_its_first_message() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let _gateway = bot.run().await;
    let ann = person(synapse, "ann").await;
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    // With the invitation, before the bot has joined: the way Element does it.
    let question = ann.send_text(&room, "first words").await;
    let reply = ann.wait_for_reply(&room, &question, &bot.user_id).await;
    assert_eq!(reply.body.as_deref(), Some("first words"));
    assert!(reply.decrypted);
    assert_eq!(reply.sender_device.as_deref(), Some(&*bot.device_id()));
}

#[tokio::test]
async fn an_encrypted_group_is_answered() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let _gateway = bot.run().await;
    let (ann, ben) = tokio::join!(person(synapse, "ann"), person(synapse, "ben"));
    let spec = RoomSpec::group(&[&bot.user_id, ben.user_id()]).encrypted();
    let room = ann.create_room(&spec).await;
    ben.wait_for_invite(Some(ann.user_id()), PATIENCE).await;
    ben.join(&room).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    ann.wait_for_member(&room, ben.user_id()).await;
    let question = ann.send_text(&room, "to all").await;
    for reader in [&ann, &ben] {
        let reply = reader.wait_for_reply(&room, &question, &bot.user_id).await;
        assert!(reply.decrypted, "{reply:?}");
    }
}

#[tokio::test]
async fn invitations_that_wait_are_accepted_at_the_start() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let ann = person(synapse, "ann").await;
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    let question = ann.send_text(&room, "are you there?").await;
    let _gateway = bot.run().await;
    ann.wait_for_reply(&room, &question, &bot.user_id).await;
}

#[tokio::test]
async fn only_those_who_may_talk_to_it_are_joined_and_answered() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let (ann, eve) = tokio::join!(http_person(synapse, "ann"), http_person(synapse, "eve"));
    bot.set("allowFrom", json!([ann.user_id()]));
    let gateway = bot.run().await;
    assert!(gateway.stdout().contains(ann.user_id()));
    let refused = eve.create_room(&RoomSpec::direct(&bot.user_id)).await;
    gateway.expect_line("not joined", PATIENCE).await;

    let room = RoomSpec::group(&[&bot.user_id, eve.user_id()]);
    let room = ann.create_room(&room).await;
    eve.join(&room).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let from_eve = eve.send_text(&room, "canary text of eve").await;
    let from_ann = ann.send_text(&room, "from ann").await;
    ann.wait_for_reply(&room, &from_ann, &bot.user_id).await;
    gateway.expect_line("allowFrom", PATIENCE).await;
    assert_eq!(
        eve.membership(&refused, &bot.user_id).await.as_deref(),
        Some("invite")
    );
    let events = ann.events(&room).await;
    let answered_eve = events
        .iter()
        .any(|event| message::answers(&event["content"]) == Some(&*from_eve));
    assert!(!answered_eve);
    bot.home.assert_no_secret(&["canary text of eve"]);
}

#[tokio::test]
async fn a_gateway_that_is_not_enabled_or_not_there_says_so() {
    let home = Home::new();
    let output = home.run(&["gateway"], "").await.expect_code(4);
    assert!(output.stderr.contains("nanobot login"), "{output:?}");
    home.write_config("{\"channels\": {\"matrix\": {\"enabled\": false}}}");
    let output = home.run(&["gateway"], "").await.expect_code(78);
    assert!(output.stderr.contains("enabled"), "{output:?}");
}

#[tokio::test]
async fn a_second_gateway_is_refused_by_name() {
    let bot = Bot::new(shared_synapse().await).await;
    let gateway = bot.run().await;
    let output = bot.home.run(&["gateway"], "").await.expect_code(5);
    assert!(
        output.stderr.contains(&gateway.pid().to_string()),
        "{output:?}"
    );
    bot.log_in(&[]).await.expect_code(5);
    assert_eq!(gateway.terminate().await, 0);
    bot.run().await;
}

#[tokio::test]
async fn a_deleted_store_is_refused_before_it_breaks_anything() {
    let bot = Bot::new(shared_synapse().await).await;
    let published = bot.account().await.query_keys(&bot.user_id).await;
    fs::remove_dir_all(bot.home.path().join("matrix-store")).unwrap();
    let output = bot.home.run(&["gateway"], "").await.expect_code(1);
    assert!(output.stderr.contains("nanobot store reset"), "{output:?}");
    assert!(!output.stdout.contains("E2EE enabled"));
    assert_eq!(
        bot.account().await.query_keys(&bot.user_id).await,
        published
    );
}

#[tokio::test]
async fn a_token_of_another_device_or_user_is_refused() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let eve = http_person(synapse, "eve").await;
    let device_id = bot.device_id();
    bot.set("deviceId", "OTHER");
    let output = bot.home.run(&["gateway"], "").await.expect_code(1);
    assert!(output.stderr.contains(&device_id), "{output:?}");
    bot.set("deviceId", device_id);
    bot.set("accessToken", eve.access_token());
    let output = bot.home.run(&["gateway"], "").await.expect_code(1);
    assert!(output.stderr.contains(eve.user_id()), "{output:?}");
}

#[tokio::test]
async fn a_revoked_token_ends_it_with_what_to_do() {
    let bot = Bot::new(shared_synapse().await).await;
    let gateway = bot.run().await;
    bot.account().await.logout().await;
    let output = gateway.wait(PATIENCE).await.expect_code(4);
    assert!(output.stderr.contains("nanobot login"), "{output:?}");
    let output = bot.home.run(&["gateway"], "").await.expect_code(4);
    assert!(output.stderr.contains("nanobot login"), "{output:?}");
    bot.assert_no_secret();
}

#[tokio::test]
async fn a_homeserver_restart_does_not_end_it() {
    let mut synapse = own_synapse(Config::default()).await;
    let bot = Bot::new(&synapse).await;
    let gateway = bot.run().await;
    let ann = http_person(&synapse, "ann").await;
    let room = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    synapse.stop().await.unwrap();
    gateway
        .expect_line("homeserver unreachable", PATIENCE)
        .await;
    synapse.restart().await.unwrap();
    gateway
        .expect_line("homeserver reachable again", PATIENCE)
        .await;
    let question = ann.send_text(&room, "still there?").await;
    ann.wait_for_reply(&room, &question, &bot.user_id).await;
    assert_eq!(gateway.terminate().await, 0);
}

#[tokio::test]
async fn the_most_talkative_log_holds_no_secret() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let gateway = Gateway::connected(&bot.home, &["-vvv"]).await;
    let ann = person(synapse, "ann").await;
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    let question = ann.send_text(&room, "canary words").await;
    ann.wait_for_reply(&room, &question, &bot.user_id).await;
    gateway.signal(rustix::process::Signal::INT);
    gateway.wait(Duration::from_secs(5)).await.expect_code(0);
    bot.assert_no_secret();
    bot.home.assert_no_secret(&["canary words"]);
}
