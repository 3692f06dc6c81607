//! Whatever people send beside text, encrypted and not.

use std::fs;

use nanobot::testing::agent::Content;
use serde_json::{Value, json};

use super::scene::Scene;
use crate::harness::account::person;
use crate::harness::http_person::HttpPerson;
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

/// What is sent in a room and asks nothing, of all types of the specification and of today's clients.
fn of_no_answer(event_id: &str) -> Vec<(&'static str, Value)> {
    let relation = |kind: &str| json!({"rel_type": kind, "event_id": event_id, "key": "x"});
    let of = |kind: &str| json!({"m.relates_to": relation(kind)});
    let message = |kind: &str| json!({"msgtype": kind, "body": "no question"});
    let mut all = vec![
        ("m.reaction", of("m.annotation")),
        ("m.poll.response", of("m.reference")),
        ("m.poll.end", of("m.reference")),
        ("org.matrix.msc3381.poll.response", of("m.reference")),
        ("org.matrix.msc3381.poll.end", of("m.reference")),
        ("org.example.vote", of("m.reference")),
        ("m.beacon", of("m.reference")),
        ("org.matrix.msc3672.beacon", of("m.reference")),
        ("m.room.message", message("m.notice")),
        ("m.room.message", message("m.server_notice")),
        ("m.room.message", message("m.key.verification.request")),
    ];
    let types = [
        "m.call.invite",
        "m.call.candidates",
        "m.call.answer",
        "m.call.hangup",
        "m.call.reject",
        "m.call.select_answer",
        "m.call.negotiate",
        "m.call.sdp_stream_metadata_changed",
        "m.call.notify",
        "org.matrix.msc4075.call.notify",
        "m.rtc.notification",
        "m.rtc.decline",
        "io.element.call.encryption_keys",
        "m.key.verification.ready",
        "m.key.verification.start",
        "m.key.verification.accept",
        "m.key.verification.key",
        "m.key.verification.mac",
        "m.key.verification.done",
        "m.key.verification.cancel",
    ];
    all.extend(types.map(|kind| (kind, json!({"call_id": "1", "m.relates_to": {}}))));
    all
}

/// The state of rooms that this person sets.
fn state(user_id: &str) -> Vec<(&'static str, String, Value)> {
    let of_room = |kind, content| (kind, String::new(), content);
    vec![
        of_room("m.room.name", json!({"name": "A name"})),
        of_room("m.room.topic", json!({"topic": "What are you doing?"})),
        of_room("m.room.avatar", json!({"url": "mxc://h/x"})),
        of_room("m.room.pinned_events", json!({"pinned": []})),
        of_room("m.room.join_rules", json!({"join_rule": "invite"})),
        of_room(
            "m.room.history_visibility",
            json!({"history_visibility": "shared"}),
        ),
        of_room("m.room.guest_access", json!({"guest_access": "forbidden"})),
        of_room("m.room.server_acl", json!({"allow": ["*"]})),
        of_room("m.space.child", json!({})),
        of_room("org.example.state", json!({"body": "Who are you?"})),
        (
            "m.room.member",
            user_id.to_owned(),
            json!({"membership": "join", "displayname": "Ben"}),
        ),
        (
            "im.vector.modular.widgets",
            "w".to_owned(),
            json!({"type": "x", "url": "https://h"}),
        ),
        (
            "org.matrix.msc3672.beacon_info",
            user_id.to_owned(),
            json!({"live": true}),
        ),
        (
            "org.matrix.msc3401.call.member",
            user_id.to_owned(),
            json!({}),
        ),
    ]
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
    for (kind, content) in of_no_answer(&unknown) {
        silent.push(ben.send(&room, kind, content).await);
    }
    let account = HttpPerson::with_token(&scene.homeserver, ben.access_token()).await;
    for (kind, key, content) in state(ben.user_id()) {
        account.put_state(&room, kind, &key, &content).await;
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

#[tokio::test]
async fn a_poll_that_waits_is_told_in_its_newest_words_and_what_was_said_once_stays_said() {
    let scene = Scene::new().await;
    let running = scene.run().await;
    let (ben, room) = chat(&scene, true).await;
    let bot = &*scene.bot.user_id;
    ben.send_text(&room, "wait for it").await;
    scene.puppet.wait_for("wait for it").await;
    let waiting = ben.send(&room, POLL, poll()).await;
    let mut edited = poll();
    edited[POLL]["question"]["org.matrix.msc1767.text"] = json!("Dinner?");
    let relation = json!({"rel_type": "m.replace", "event_id": waiting});
    let edited = json!({"m.new_content": edited, "m.relates_to": relation});
    ben.send(&room, POLL, edited).await;
    // What came in after it is in the journal when it is.
    ben.send_text(&room, "and the last").await;
    scene.wait_for_backlog(3).await;
    scene.puppet.let_go(1);
    scene
        .puppet
        .wait_for("[poll: Dinner?]\n1. Pizza\n2. Salad")
        .await;

    let unknown = async || {
        ben.send(&room, "org.example.dance", json!({"steps": 5}))
            .await
    };
    let first = unknown().await;
    ben.wait_for_reply(&room, &first, bot).await;
    running.stop().await;
    let running = scene.run().await;
    let second = unknown().await;
    let last = ben.send_text(&room, "the very last").await;
    ben.wait_for_reply(&room, &last, bot).await;
    let timeline = ben.timeline(&room).await;
    let answers = |to: &str| {
        let mut replies = timeline
            .iter()
            .filter_map(|entry| entry.in_reply_to.as_deref());
        replies.any(|replied| replied == to)
    };
    assert!(answers(&first) && !answers(&second));
    running.stop().await;
}
