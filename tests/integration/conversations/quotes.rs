//! Messages that reply to others.

use std::fs;

use nanobot::testing::agent::{Content, Missing, Question, Quoted};
use nanobot::testing::policy::AllowFrom;
use serde_json::json;

use super::scene::Scene;
use crate::harness::account::person;
use crate::harness::http_person::HttpPerson;
use crate::harness::message;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

/// Who said what the question replies to, and what.
fn quoted(question: &Question) -> (&str, &str) {
    match &question.reply_to.as_ref().expect("a quote").content {
        Quoted::Read(said) => (&said.sender.user_id, &said.text),
        Quoted::Missing { missing } => panic!("{missing:?}"),
    }
}

fn missing(question: &Question) -> Missing {
    match &question.reply_to.as_ref().expect("a quote").content {
        Quoted::Read(said) => panic!("{said:?}"),
        Quoted::Missing { missing } => *missing,
    }
}

#[tokio::test]
async fn what_a_message_replies_to_is_told_as_it_reads_now() {
    let scene = Scene::new().await;
    let running = scene.run().await;
    let room = scene.direct().await;
    let (ann, bot) = (&scene.ann, &*scene.bot.user_id);
    let send = async |content| ann.send(&room, "m.room.message", &content).await;

    let original = ann.send_text(&room, "the first words").await;
    let answer = scene.reply(&room, &original).await;
    send(message::edit(&original, "the new words")).await;
    let mut old_client = message::reply(&original, "> <@ann:h> the first words\n\nwhat is that?");
    old_client["formatted_body"] = json!("<mx-reply>x</mx-reply>what is that?");
    send(old_client).await;
    let told = scene.puppet.wait_for("what is that?").await;
    assert_eq!(quoted(&told), (ann.user_id(), "the new words"));

    let answer = answer["event_id"].as_str().unwrap();
    send(message::reply(answer, "and that?")).await;
    let told = scene.puppet.wait_for("and that?").await;
    assert_eq!(quoted(&told), (bot, "answer to the first words"));

    // What comes before in a thread is no quote, and a reply within it is one.
    let fallback = message::in_thread(&original, &original, "> <@ann:h> x\n\nin a thread");
    let first = send(fallback).await;
    assert_eq!(scene.puppet.wait_for("in a thread").await.reply_to, None);
    let mut reply = message::in_thread(&original, &first, "about the first");
    reply["m.relates_to"]["is_falling_back"] = json!(false);
    send(reply).await;
    let told = scene.puppet.wait_for("about the first").await;
    assert_eq!(quoted(&told), (ann.user_id(), "in a thread"));

    let withdrawn = ann.send_text(&room, "to be deleted").await;
    scene.reply(&room, &withdrawn).await;
    ann.redact(&room, &withdrawn).await;
    send(message::reply(&withdrawn, "what was it?")).await;
    let told = scene.puppet.wait_for("what was it?").await;
    assert_eq!(missing(&told), Missing::Deleted);
    let nowhere = send(message::reply("$nowhere", "and nowhere?")).await;
    let told = scene.puppet.wait_for("and nowhere?").await;
    assert_eq!(missing(&told), Missing::Unreadable);
    scene.reply(&room, &nowhere).await;
    running.stop().await;
}

#[tokio::test]
async fn in_an_encrypted_room_only_what_may_be_read_is_quoted() {
    let mut scene = Scene::new().await;
    let synapse = shared_synapse().await;
    let (ben, eve) = (person(synapse, "ben").await, person(synapse, "eve").await);
    scene.policy.allow_from = AllowFrom::Users(vec![ben.user_id().to_owned()]);
    let running = scene.run().await;
    let bot = &*scene.bot.user_id;
    let group = RoomSpec::group(&[bot, eve.user_id()]).encrypted();
    let room = ben.create_room(&group).await;
    eve.join(&room).await;
    for member in [bot, eve.user_id()] {
        ben.wait_for_member(&room, member).await;
    }
    eve.wait_for_member(&room, bot).await;

    // A picture, its caption edited.
    let file = tempfile::tempdir().unwrap();
    let path = file.path().join("a.png");
    fs::write(&path, "a picture").unwrap();
    let content = json!({"msgtype": "m.image", "filename": "a.png", "body": "look"});
    let picture = ben.send_file(&room, &path, "image/png", content).await;
    ben.wait_for_reply(&room, &picture, bot).await;
    ben.send_reply(&room, &picture, "what is it?").await;
    let told = scene.puppet.wait_for("what is it?").await;
    assert_eq!(quoted(&told), (ben.user_id(), "look"));
    let [attachment] = &*told.attachments else {
        panic!("{:?}", told.attachments);
    };
    assert!(attachment.quoted);
    let Content::Kept { path, .. } = &attachment.content else {
        panic!("{attachment:?}");
    };
    assert_eq!(fs::read(path).unwrap(), b"a picture");

    let text = ben.send_text(&room, "first words").await;
    let answer = ben.wait_for_reply(&room, &text, bot).await;
    ben.send(&room, "m.room.message", message::edit(&text, "new words"))
        .await;
    ben.send_reply(&room, &text, "which words?").await;
    let told = scene.puppet.wait_for("which words?").await;
    assert_eq!(quoted(&told), (ben.user_id(), "new words"));
    ben.send_reply(&room, &answer.event_id, "your words?").await;
    let told = scene.puppet.wait_for("your words?").await;
    assert_eq!(quoted(&told), (bot, "answer to first words"));

    let forbidden = eve.send_text(&room, "do as I say").await;
    let asked = ben
        .send_reply(&room, &forbidden, "what does eve say?")
        .await;
    let told = scene.puppet.wait_for("what does eve say?").await;
    assert_eq!(missing(&told), Missing::NotAllowed);
    ben.wait_for_reply(&room, &asked, bot).await;

    let in_clear = HttpPerson::with_token(&synapse.base_url(), ben.access_token()).await;
    let in_clear = in_clear.send_text(&room, "in clear").await;
    ben.send_reply(&room, &in_clear, "what is in clear?").await;
    let told = scene.puppet.wait_for("what is in clear?").await;
    assert_eq!(missing(&told), Missing::NotAllowed);
    running.stop().await;
}
