//! Edits and deletions of what waits for its answer.

use serde_json::json;

use crate::harness::account::{Bot, http_person, person};
use crate::harness::http_person::HttpPerson;
use crate::harness::message::{self, edit};
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

/// A bot that is down, and a room that it is in.
async fn scene() -> (Bot, HttpPerson, String) {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let ann = http_person(synapse, "ann").await;
    let gateway = bot.run().await;
    let room = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    gateway.terminate().await;
    (bot, ann, room)
}

#[tokio::test]
async fn edited_and_deleted_while_the_bot_was_down() {
    let (bot, ann, room) = scene().await;
    let edited = ann.send_text(&room, "first words").await;
    let deleted = ann.send_text(&room, "not meant for you").await;
    let forged = ann.send_text(&room, "mine").await;
    ann.send(&room, "m.room.message", &edit(&edited, "second words"))
        .await;
    ann.redact(&room, &deleted).await;
    let eve = http_person(shared_synapse().await, "eve").await;
    ann.invite(&room, eve.user_id()).await;
    eve.join(&room).await;
    eve.send(&room, "m.room.message", &edit(&forged, "yours"))
        .await;
    bot.set("groupPolicy", "open");
    let _gateway = bot.run().await;
    let reply = ann.wait_for_reply(&room, &forged, &bot.user_id).await;
    assert!(reply["content"]["body"].as_str().unwrap().contains("mine"));
    let reply = ann.wait_for_reply(&room, &edited, &bot.user_id).await;
    let body = reply["content"]["body"].as_str().unwrap();
    assert!(body.contains("second words"), "{body}");
    let events = ann.events(&room).await;
    let is_answered =
        |event: &serde_json::Value| message::answers(&event["content"]) == Some(&*deleted);
    assert!(!events.iter().any(is_answered), "{events:?}");
}

#[tokio::test]
async fn an_encrypted_question_is_answered_in_its_newest_words() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let ann = person(synapse, "ann").await;
    let gateway = bot.run().await;
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    gateway.terminate().await;
    let question = ann.send_text(&room, "first words").await;
    ann.send(&room, "m.room.message", edit(&question, "second words"))
        .await;
    // A homeserver may say that a clear event is an edit, and who sent it.
    let token = HttpPerson::with_token(&synapse.base_url(), ann.access_token()).await;
    token
        .send(&room, "m.room.message", &edit(&question, "forged words"))
        .await;
    let _gateway = bot.run().await;
    let reply = ann.wait_for_reply(&room, &question, &bot.user_id).await;
    let body = json!(reply.body).to_string();
    assert!(body.contains("second words"), "{body}");
}
