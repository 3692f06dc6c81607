//! Whatever people send beside text, encrypted and not.

use std::fs;

use nanobot::testing::agent::Content;
use serde_json::{Value, json};

use super::scene::Scene;
use crate::harness::account::person;
use crate::harness::message;
use crate::harness::person::Person;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

const POLL: &str = "org.matrix.msc3381.poll.start";
const CANNOT_READ: &str = "I cannot read this kind of message";

fn poll() -> Value {
    json!({
        POLL: {
            "question": {"org.matrix.msc1767.text": "Lunch?"}, "kind": "org.matrix.msc3381.poll.disclosed",
            "max_selections": 1, "answers": [
                {"id": "a", "org.matrix.msc1767.text": "Pizza"}, {"id": "b", "org.matrix.msc1767.text": "Salad"},
            ],
        },
        "org.matrix.msc1767.text": "Lunch?",
    })
}

/// A chat of a person with an encrypted client and the bot.
async fn chat(scene: &Scene, encrypted: bool) -> (Person, String) {
    let ben = person(shared_synapse().await, "ben").await;
    let spec = RoomSpec::direct(&scene.bot.user_id);
    let spec = if encrypted { spec.encrypted() } else { spec };
    let room = ben.create_room(&spec).await;
    ben.wait_for_member(&room, &scene.bot.user_id).await;
    (ben, room)
}

async fn everything_is_answered(encrypted: bool) {
    let scene = Scene::new().await;
    let running = scene.run().await;
    let (ben, room) = chat(&scene, encrypted).await;
    let bot = &*scene.bot.user_id;
    let location = json!({"msgtype": "m.location", "geo_uri": "geo:1,2", "body": "Home"});
    for (kind, content, told) in [
        (
            "m.room.message",
            json!({"msgtype": "m.emote", "body": "waves"}),
            "* waves",
        ),
        ("m.room.message", location, "[location: geo:1,2 - Home]"),
        (POLL, poll(), "[poll: Lunch?]\n1. Pizza\n2. Salad"),
    ] {
        let asked = ben.send(&room, kind, content).await;
        scene.puppet.wait_for(told).await;
        ben.wait_for_reply(&room, &asked, bot).await;
    }

    let file = tempfile::tempdir().unwrap();
    let path = file.path().join("a.ogg");
    fs::write(&path, "a voice").unwrap();
    let voice = json!({
        "msgtype": "m.audio", "body": "a.ogg", "org.matrix.msc3245.voice": {},
        "org.matrix.msc1767.audio": {"duration": 61_000, "waveform": []},
    });
    let spoken = ben.send_file(&room, &path, "audio/ogg", voice).await;
    let told = scene.puppet.wait_for("a.ogg").await;
    assert_eq!(told.attachments[0].voice_ms, Some(61_000));
    ben.wait_for_reply(&room, &spoken, bot).await;

    // A sticker is the same file in an event of a type of its own.
    let timeline = ben.timeline(&room).await;
    let content = timeline
        .iter()
        .find(|entry| entry.event_id == spoken)
        .unwrap();
    let mut sticker = json!({"body": "Happy cat", "info": {"mimetype": "image/png"}});
    for source in ["file", "url"] {
        if let Some(source_of_it) = content.content.get(source) {
            sticker[source] = source_of_it.clone();
        }
    }
    ben.send(&room, "m.sticker", sticker).await;
    let told = scene.puppet.wait_for("[sticker: Happy cat]").await;
    let Content::Kept { path, .. } = &told.attachments[0].content else {
        panic!("{:?}", told.attachments);
    };
    assert_eq!(fs::read(path).unwrap(), b"a voice");

    // What cannot be read is said once, without the agent, and what asks nothing is not answered.
    let unknown = ben
        .send(&room, "org.example.dance", json!({"steps": 5}))
        .await;
    let reply = ben.wait_for_reply(&room, &unknown, bot).await;
    assert!(
        reply.content["body"]
            .as_str()
            .unwrap()
            .contains(CANNOT_READ)
    );
    assert_eq!(reply.content["msgtype"], "m.notice");
    let mut silent = vec![
        ben.send(&room, "org.example.dance", json!({"steps": 6}))
            .await,
    ];
    for (kind, content) in [
        (
            "m.reaction",
            json!({"m.relates_to": {"rel_type": "m.annotation", "event_id": unknown, "key": "x"}}),
        ),
        (
            "org.matrix.msc3381.poll.response",
            json!({"m.relates_to": {"rel_type": "m.reference", "event_id": unknown}}),
        ),
        (
            "m.call.invite",
            json!({"call_id": "1", "version": 0, "lifetime": 1, "offer": {}}),
        ),
        (
            "org.example.vote",
            json!({"m.relates_to": {"rel_type": "m.reference", "event_id": unknown}}),
        ),
        (
            "m.room.message",
            json!({"msgtype": "m.notice", "body": "no question"}),
        ),
    ] {
        silent.push(ben.send(&room, kind, content).await);
    }
    silent.push(ben.redact(&room, &unknown).await);
    let last = ben
        .send(&room, "m.room.message", message::text("the last"))
        .await;
    ben.wait_for_reply(&room, &last, bot).await;
    let timeline = ben.timeline(&room).await;
    for entry in timeline.iter().filter(|entry| entry.sender == bot) {
        let to = entry.in_reply_to.as_ref();
        let is_to_silent = to.is_some_and(|to| silent.contains(to));
        assert!(!is_to_silent, "{entry:?}");
    }
    running.stop().await;
}

#[tokio::test]
async fn whatever_is_sent_in_clear_is_answered() {
    everything_is_answered(false).await;
}

#[tokio::test]
async fn whatever_is_sent_encrypted_is_answered() {
    everything_is_answered(true).await;
}
