//! Every rule of who is answered, on a real homeserver: direct chats and groups, encrypted and
//! not, each policy, each way of mentioning.

use serde_json::{Value, json};

use crate::harness::account::{Bot, person};
use crate::harness::bot::Gateway;
use crate::harness::eventually::PATIENCE;
use crate::harness::message;
use crate::harness::person::Person;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;
use crate::harness::synapse::Synapse;

/// A bot and two people: one it may answer, who also made the rooms, and one without power.
struct Scene {
    bot: Bot,
    ann: Person,
    ben: Person,
}

impl Scene {
    async fn new(synapse: &Synapse) -> Self {
        let (bot, ann, ben) = tokio::join!(
            Bot::new(synapse),
            person(synapse, "ann"),
            person(synapse, "ben")
        );
        Self { bot, ann, ben }
    }

    /// A group of the three, encrypted or not.
    async fn group(&self, encrypted: bool) -> String {
        let spec = RoomSpec::group(&[&self.bot.user_id, self.ben.user_id()]);
        let spec = if encrypted { spec.encrypted() } else { spec };
        let room = self.ann.create_room(&spec).await;
        self.ben.wait_for_invite(None, PATIENCE).await;
        self.ben.join(&room).await;
        self.ann.wait_for_member(&room, &self.bot.user_id).await;
        self.ann.wait_for_member(&room, self.ben.user_id()).await;
        room
    }

    /// A chat of ann and the bot, encrypted or not.
    async fn direct(&self, encrypted: bool) -> String {
        let spec = RoomSpec::direct(&self.bot.user_id);
        let spec = if encrypted { spec.encrypted() } else { spec };
        let room = self.ann.create_room(&spec).await;
        self.ann.wait_for_member(&room, &self.bot.user_id).await;
        room
    }

    /// Sends each content, then one that is answered for sure, and checks which were answered.
    async fn check(&self, sender: &Person, room: &str, cases: &[(&str, Value, bool)]) {
        let mut sent = Vec::new();
        for (_, content, _) in cases {
            sent.push(sender.send(room, "m.room.message", content.clone()).await);
        }
        let certain = message::mention("certain", &[&self.bot.user_id]);
        let certain = self.ann.send(room, "m.room.message", certain).await;
        self.ann
            .wait_for_reply(room, &certain, &self.bot.user_id)
            .await;
        // Answers of one conversation are in order, so all that will be answered there has been;
        // a thread is another conversation.
        for ((_, _, expected), event_id) in cases.iter().zip(&sent) {
            if *expected {
                let bot = &self.bot.user_id;
                self.ann.wait_for_reply(room, event_id, bot).await;
            }
        }
        let timeline = self.ann.timeline(room).await;
        for ((name, _, expected), event_id) in cases.iter().zip(&sent) {
            let answered = timeline.iter().any(|event| {
                event.sender == self.bot.user_id
                    && event.in_reply_to.as_deref() == Some(event_id.as_str())
            });
            assert_eq!(answered, *expected, "{name} in {room}");
        }
    }

    fn mention_cases(&self) -> Vec<(&'static str, Value, bool)> {
        let bot = self.bot.user_id.as_str();
        let pill_to = |address: &str| format!("<a href=\"{address}\">Bot</a>: hey");
        let pill = pill_to(&format!("https://matrix.to/#/{bot}"));
        let id = bot.trim_start_matches('@').replace(':', "%3a");
        let encoded = format!("https://matrix.to/#/%40{id}?via=localhost");
        let scheme = format!("matrix:u/{id}?action=chat");
        let mut declared_elsewhere = message::mention(&format!("{bot} hey"), &["@x:localhost"]);
        declared_elsewhere["formatted_body"] = json!(pill);
        vec![
            ("a declared mention", message::mention("hey", &[bot]), true),
            (
                "a pill",
                undeclared(message::formatted("Bot: hey", &pill)),
                true,
            ),
            (
                "a pill, encoded in part and with a way",
                undeclared(message::formatted("Bot: hey", &pill_to(&encoded))),
                true,
            ),
            (
                "a pill of the matrix scheme",
                undeclared(message::formatted("Bot: hey", &pill_to(&scheme))),
                true,
            ),
            (
                "a pill of the matrix scheme to another",
                undeclared(message::formatted(
                    "Bot: hey",
                    &pill_to("matrix:u/x:localhost"),
                )),
                false,
            ),
            (
                "the plain id",
                undeclared(message::text(&format!("{bot}: hey"))),
                true,
            ),
            (
                "a longer id",
                undeclared(message::text(&format!("{bot}.uk hey"))),
                false,
            ),
            ("no mention", message::text("hey"), false),
            ("someone else, declared", declared_elsewhere, false),
        ]
    }
}

/// As a client that does not know of `m.mentions` sends it.
fn undeclared(mut content: Value) -> Value {
    if let Some(fields) = content.as_object_mut() {
        fields.remove("m.mentions");
    }
    content
}

fn with_answers(
    cases: Vec<(&'static str, Value, bool)>,
    answer: bool,
) -> Vec<(&'static str, Value, bool)> {
    let same = |(name, content, _)| (name, content, answer);
    cases.into_iter().map(same).collect()
}

#[tokio::test]
async fn mention_mode_asks_for_a_mention_in_groups_only() {
    let scene = Scene::new(shared_synapse().await).await;
    scene.bot.set("groupPolicy", "mention");
    let _gateway = scene.bot.run().await;
    for encrypted in [false, true] {
        let group = scene.group(encrypted).await;
        scene
            .check(&scene.ben, &group, &scene.mention_cases())
            .await;
        let direct = scene.direct(encrypted).await;
        let cases = with_answers(scene.mention_cases(), true);
        scene.check(&scene.ann, &direct, &cases).await;
    }
}

#[tokio::test]
async fn a_room_mention_counts_where_it_is_allowed_and_from_those_with_the_power() {
    let scene = Scene::new(shared_synapse().await).await;
    scene.bot.set("groupPolicy", "mention");
    let room_mention = |answered| [("@room", message::mention_room("@room hey"), answered)];
    let gateway = scene.bot.run().await;
    let group = scene.group(true).await;
    scene.check(&scene.ann, &group, &room_mention(false)).await;
    gateway.terminate().await;

    scene.bot.set("allowRoomMentions", true);
    let _gateway = scene.bot.run().await;
    scene.check(&scene.ann, &group, &room_mention(true)).await;
    scene.check(&scene.ben, &group, &room_mention(false)).await;
}

#[tokio::test]
async fn allowlist_mode_answers_in_listed_groups_and_all_direct_chats() {
    let scene = Scene::new(shared_synapse().await).await;
    let gateway = scene.bot.run().await;
    let (listed, unlisted) = (scene.group(true).await, scene.group(false).await);
    gateway.terminate().await;
    scene.bot.set("groupPolicy", "allowlist");
    scene.bot.set("groupAllowFrom", json!([listed]));
    // What is not answered is logged with -v.
    let gateway = Gateway::connected(&scene.bot.home, &["-v"]).await;
    gateway.expect_line("E2EE enabled", PATIENCE).await;

    let cases = with_answers(scene.mention_cases(), true);
    scene.check(&scene.ben, &listed, &cases).await;
    let direct = scene.direct(true).await;
    scene.check(&scene.ann, &direct, &cases).await;
    scene
        .ann
        .send_text(&unlisted, "canary of the unlisted room")
        .await;
    gateway.expect_line("groupAllowFrom", PATIENCE).await;
    let from_bot = |timeline: Vec<crate::harness::entry::Entry>| {
        timeline
            .iter()
            .any(|event| event.sender == scene.bot.user_id && event.msgtype.is_some())
    };
    assert!(!from_bot(scene.ann.timeline(&unlisted).await));
    scene
        .bot
        .home
        .assert_no_secret(&["canary of the unlisted room"]);
}

#[tokio::test]
async fn edits_notices_and_own_words_are_never_answered() {
    let scene = Scene::new(shared_synapse().await).await;
    let _gateway = scene.bot.run().await;
    for encrypted in [false, true] {
        let room = scene.group(encrypted).await;
        let original = scene.ben.send_text(&room, "original").await;
        scene
            .ben
            .wait_for_reply(&room, &original, &scene.bot.user_id)
            .await;
        let cases = [
            ("an edit", message::edit(&original, "changed"), false),
            (
                "a notice",
                json!({"msgtype": "m.notice", "body": "from a bot"}),
                false,
            ),
            ("a string", message::text("a string"), true),
            (
                "a thread",
                message::in_thread(&original, &original, "in a thread"),
                true,
            ),
        ];
        scene.check(&scene.ben, &room, &cases).await;
        let timeline = scene.ann.timeline(&room).await;
        let own: Vec<_> = timeline
            .iter()
            .filter(|event| event.sender == scene.bot.user_id && event.msgtype.is_some())
            .map(|event| event.event_id.clone())
            .collect();
        let answers_itself = timeline.iter().any(|event| {
            event
                .in_reply_to
                .as_ref()
                .is_some_and(|to| own.contains(to))
        });
        assert!(!answers_itself);
    }
}

#[tokio::test]
async fn a_third_member_makes_a_group_of_a_direct_chat() {
    let scene = Scene::new(shared_synapse().await).await;
    scene.bot.set("groupPolicy", "mention");
    let _gateway = scene.bot.run().await;
    let room = scene.direct(true).await;
    let text = |answered| [("a string", message::text("hey"), answered)];
    scene.check(&scene.ann, &room, &text(true)).await;
    // Invited is enough.
    scene.ann.invite(&room, scene.ben.user_id()).await;
    scene.check(&scene.ann, &room, &text(false)).await;
    scene.ben.wait_for_invite(None, PATIENCE).await;
    scene.ben.leave(&room).await;
    scene.check(&scene.ann, &room, &text(true)).await;
}

#[tokio::test]
async fn without_encryption_encrypted_rooms_are_left_alone() {
    let scene = Scene::new(shared_synapse().await).await;
    scene.bot.set("e2eeEnabled", false);
    let gateway = crate::harness::bot::Gateway::connected(&scene.bot.home, &[]).await;
    gateway.expect_line("E2EE disabled", PATIENCE).await;
    let (encrypted, plain) = (scene.direct(true).await, scene.direct(false).await);
    for text in ["one", "two"] {
        scene.ann.send_text(&encrypted, text).await;
    }
    gateway.expect_line("e2eeEnabled is false", PATIENCE).await;
    let question = scene.ann.send_text(&plain, "plain").await;
    scene
        .ann
        .wait_for_reply(&plain, &question, &scene.bot.user_id)
        .await;
    let said = gateway.stderr().matches("e2eeEnabled is false").count();
    assert_eq!(said, 1);
    let timeline = scene.ann.timeline(&encrypted).await;
    assert!(
        !timeline
            .iter()
            .any(|event| event.sender == scene.bot.user_id && event.msgtype.is_some())
    );
    assert!(!gateway.stdout().contains("E2EE enabled"));
}

/// What is malformed is not there, also where the SDK cannot read the encrypted event for it.
#[tokio::test]
async fn a_message_is_answered_whatever_it_says_to_relate_to() {
    let scene = Scene::new(shared_synapse().await).await;
    let _gateway = scene.bot.run().await;
    for encrypted in [false, true] {
        let room = scene.direct(encrypted).await;
        let related = |relation: Value| {
            let mut content = message::text("hey");
            content["m.relates_to"] = relation;
            content
        };
        let mut cases = vec![
            (
                "an empty reply",
                related(json!({"m.in_reply_to": {}})),
                true,
            ),
            (
                "a reply to no event",
                related(json!({"m.in_reply_to": {"event_id": "x"}})),
                true,
            ),
            ("a number", related(json!({"m.in_reply_to": 5})), true),
            ("a string", related(json!("x")), true),
            ("a list", related(json!([])), true),
            (
                "a thread of nothing",
                related(json!({"rel_type": "m.thread"})),
                true,
            ),
            (
                "an edit of nothing",
                related(json!({"rel_type": "m.replace"})),
                true,
            ),
            ("blanks", message::text(" \u{200b}\n "), false),
        ];
        if encrypted {
            // In the clear, Synapse takes no such thing.
            for mentions in [json!("x"), json!({"user_ids": ["x", 5]}), json!([])] {
                let content = json!({"msgtype": "m.text", "body": "hey", "m.mentions": mentions});
                cases.push(("mentions", content, true));
            }
        }
        scene.check(&scene.ann, &room, &cases).await;
    }
}
