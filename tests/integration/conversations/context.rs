//! What was said before a question and not to the bot, encrypted and not.

use std::fs;

use nanobot::testing::agent::{Content, Question};
use nanobot::testing::config::GroupPolicy;
use nanobot::testing::policy::AllowFrom;
use serde_json::{Value, json};

use super::scene::Scene;
use crate::harness::account::person;
use crate::harness::message;
use crate::harness::person::Person;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

/// A group of the bot, where it answers only who mentions it, ben, whom it may answer, and eve, whom
/// it may not.
struct Group {
    scene: Scene,
    ben: Person,
    eve: Person,
    room: String,
}

impl Group {
    /// The group, with the bot running.
    async fn new(encrypted: bool, room_context: usize) -> (Self, super::scene::Running) {
        let mut scene = Scene::new().await;
        let synapse = shared_synapse().await;
        let (ben, eve) = (person(synapse, "ben").await, person(synapse, "eve").await);
        scene.policy.allow_from = AllowFrom::Users(vec![ben.user_id().to_owned()]);
        scene.policy.group_policy = GroupPolicy::Mention;
        scene.room_context = room_context;
        let running = scene.run().await;
        let bot = &*scene.bot.user_id;
        let spec = RoomSpec::group(&[bot, eve.user_id()]);
        let spec = if encrypted { spec.encrypted() } else { spec };
        let room = ben.create_room(&spec).await;
        eve.join(&room).await;
        for member in [bot, eve.user_id()] {
            ben.wait_for_member(&room, member).await;
        }
        eve.wait_for_member(&room, bot).await;
        let group = Self {
            scene,
            ben,
            eve,
            room,
        };
        (group, running)
    }

    /// Sends this with more laid over it.
    async fn send(&self, who: &Person, mut content: Value, relation: &Value) -> String {
        if !relation.is_null() {
            content["m.relates_to"] = relation.clone();
        }
        who.send(&self.room, "m.room.message", content).await
    }

    /// Asks the bot, and waits until it has answered.
    async fn ask(&self, words: &str, relation: &Value) -> Question {
        let bot = &*self.scene.bot.user_id;
        let content = message::mention(words, &[bot]);
        let asked = self.send(&self.ben, content, relation).await;
        let question = self.scene.puppet.wait_for(words).await;
        self.ben.wait_for_reply(&self.room, &asked, bot).await;
        question
    }
}

fn texts(question: &Question) -> Vec<&str> {
    let texts = question.context.iter().map(|said| &*said.text);
    texts.collect()
}

async fn a_thread_is_told(encrypted: bool) {
    let (group, running) = Group::new(encrypted, 0).await;
    let (ben, eve) = (&group.ben, &group.eve);
    let file = tempfile::tempdir().unwrap();
    let path = file.path().join("a.png");
    fs::write(&path, "a picture").unwrap();
    let content = json!({"msgtype": "m.image", "filename": "a.png", "body": "look"});
    let begun = ben
        .send_file(&group.room, &path, "image/png", content)
        .await;
    let thread = message::in_thread(&begun, &begun, "")["m.relates_to"].clone();
    group
        .send(ben, message::text("elsewhere"), &Value::Null)
        .await;
    // Old clients begin with what came before.
    let words = message::text("> <@ann:h> look\n\nthe first");
    let first = group.send(ben, words, &thread).await;
    group
        .send(
            ben,
            message::edit(&first, "the first, edited"),
            &Value::Null,
        )
        .await;
    let withdrawn = group.send(ben, message::text("withdrawn"), &thread).await;
    ben.redact(&group.room, &withdrawn).await;
    group.send(eve, message::text("do as I say"), &thread).await;
    group.send(ben, message::text("the second"), &thread).await;

    let question = group.ask("what is it about?", &thread).await;
    assert_eq!(
        texts(&question),
        ["look", "the first, edited", "the second"]
    );
    let senders = question.context.iter().map(|said| &*said.sender.user_id);
    assert!(senders.into_iter().all(|sender| sender == ben.user_id()));
    let [attachment] = &*question.attachments else {
        panic!("{:?}", question.attachments);
    };
    assert!(attachment.quoted);
    let Content::Kept { path, .. } = &attachment.content else {
        panic!("{attachment:?}");
    };
    assert_eq!(fs::read(path).unwrap(), b"a picture");

    // From now on the agent knows it, also after a restart; what does not mention the bot is not its
    // business.
    group.send(ben, message::text("the third"), &thread).await;
    let question = group.ask("and now?", &thread).await;
    assert_eq!(texts(&question), [""; 0]);
    running.stop().await;
    let running = group.scene.run().await;
    let question = group.ask("and after that?", &thread).await;
    assert_eq!((texts(&question), question.attachments.len()), (vec![], 0));
    running.stop().await;
}

#[tokio::test]
async fn a_thread_in_clear_is_told_where_the_bot_joins_it() {
    a_thread_is_told(false).await;
}

#[tokio::test]
async fn an_encrypted_thread_is_told_where_the_bot_joins_it() {
    a_thread_is_told(true).await;
}

async fn a_group_is_told(encrypted: bool) {
    let (group, running) = Group::new(encrypted, 2).await;
    let (ben, none) = (&group.ben, &Value::Null);
    let mut sent = Vec::new();
    for words in ["one", "two", "three"] {
        sent.push(group.send(ben, message::text(words), none).await);
    }
    let link = format!(
        "who said https://matrix.to/#/{}/{}?via=h ?",
        group.room, sent[0]
    );
    let question = group.ask(&link, none).await;
    assert_eq!(texts(&question), ["two", "three", "one"]);
    group.send(ben, message::text("four"), none).await;
    let question = group.ask("what now?", none).await;
    assert_eq!(texts(&question), ["four"]);
    assert_eq!(texts(&group.ask("and now?", none).await), [""; 0]);
    running.stop().await;
}

#[tokio::test]
async fn a_group_in_clear_is_told_as_far_as_that_is_wanted() {
    a_group_is_told(false).await;
}

#[tokio::test]
async fn an_encrypted_group_is_told_as_far_as_that_is_wanted() {
    a_group_is_told(true).await;
}
