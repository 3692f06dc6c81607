//! A homeserver that hides that a room is encrypted.

use super::front::Scene;
use crate::harness::account::person;
use crate::harness::bot::Gateway;
use crate::harness::eventually::PATIENCE;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

/// A gateway that logs each attempt.
async fn watched(scene: &Scene) -> Gateway {
    Gateway::connected(&scene.bot.home, &["-vv"]).await
}

#[tokio::test]
async fn what_was_asked_encrypted_is_never_answered_in_clear() {
    let scene = Scene::new().await;
    scene.front.hide_encryption();
    let gateway = watched(&scene).await;
    let ann = person(shared_synapse().await, "ann").await;
    let room = RoomSpec::direct(&scene.bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    ann.wait_for_member(&room, &scene.bot.user_id).await;
    for words in ["a secret", "!status"] {
        ann.send_text(&room, words).await;
    }
    let words = "the homeserver hides that the room is encrypted";
    gateway.expect_lines(words, 4, PATIENCE).await;
    let in_clear = scene.front.requests("/send/m.room.message/");
    assert!(in_clear.is_empty(), "{in_clear:?}");
    let said = ann.timeline(&room).await.into_iter();
    let said: Vec<_> = said
        .filter(|event| event.sender == scene.bot.user_id && event.msgtype.is_some())
        .collect();
    assert!(said.is_empty(), "{said:?}");
}

#[tokio::test]
async fn a_room_that_was_seen_encrypted_stays_so() {
    let scene = Scene::new().await;
    let gateway = watched(&scene).await;
    let ann = person(shared_synapse().await, "ann").await;
    let room = RoomSpec::direct(&scene.bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    ann.wait_for_member(&room, &scene.bot.user_id).await;
    let question = ann.send_text(&room, "a secret").await;
    ann.wait_for_reply(&room, &question, &scene.bot.user_id)
        .await;
    assert_eq!(gateway.terminate().await, 0);
    // The device forgets its rooms; the journal does not.
    let state = scene
        .bot
        .home
        .path()
        .join("matrix-store/matrix-sdk-state.sqlite3");
    std::fs::remove_file(state).unwrap();
    scene.front.hide_encryption();
    let gateway = watched(&scene).await;
    let before = scene.front.requests("/send/m.room.message/").len();
    ann.send_text(&room, "another secret").await;
    let words = "the homeserver hides that the room is encrypted";
    gateway.expect_lines(words, 2, PATIENCE).await;
    let in_clear = scene.front.requests("/send/m.room.message/").len();
    assert_eq!(in_clear, before);
}
