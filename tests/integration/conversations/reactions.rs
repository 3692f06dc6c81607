//! Reactions to what the bot said, and votes in its polls, which the agent is told where that is
//! wanted.

use serde_json::{Value, json};

use crate::harness::account::{Bot, http_person, person};
use crate::harness::entry::{Entry, Wanted};
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::http_person::HttpPerson;
use crate::harness::message;
use crate::harness::person::Person;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;
use crate::stress::die_at;

const POLL: &str = "org.matrix.msc3381.poll.start";
const VOTE: &str = "org.matrix.msc3381.poll.response";
/// Says again what it is told, and asks where it is told to.
const PROGRAM: &str = "import json, sys
text = json.load(sys.stdin)['text']
poll = {'question': 'Lunch?', 'choices': ['Pizza', 'Salad']}
print(json.dumps({'poll': poll} if text == 'ask' else {'text': text}))";

/// A group of ann, whom the bot answers, and of eve, whom it does not.
struct Scene {
    bot: Bot,
    ann: Person,
    eve: HttpPerson,
    room: String,
}

impl Scene {
    async fn new(encrypted: bool) -> Self {
        let synapse = shared_synapse().await;
        let bot = Bot::new(synapse).await;
        let ann = person(synapse, "ann").await;
        let eve = http_person(synapse, "eve").await;
        bot.set("allowFrom", json!([ann.user_id()]));
        bot.set("groupPolicy", "mention");
        bot.set("answerReactions", true);
        bot.set(
            "agent",
            json!({"type": "command", "command": ["python3", "-c", PROGRAM]}),
        );
        let gateway = bot.run().await;
        let spec = RoomSpec::group(&[&bot.user_id, eve.user_id()]);
        let spec = if encrypted { spec.encrypted() } else { spec };
        let room = ann.create_room(&spec).await;
        ann.wait_for_member(&room, &bot.user_id).await;
        eve.join(&room).await;
        gateway.terminate().await;
        Self {
            bot,
            ann,
            eve,
            room,
        }
    }

    /// Says this to the bot, and gives its answer.
    async fn ask(&self, text: &str) -> Entry {
        let said = message::mention(text, &[&self.bot.user_id]);
        let asked = self.ann.send(&self.room, "m.room.message", said).await;
        self.answer(&asked).await
    }

    /// The bot's answer to an event.
    async fn answer(&self, to: &str) -> Entry {
        let (ann, bot) = (&self.ann, &self.bot.user_id);
        ann.wait_for_reply(&self.room, to, bot).await
    }

    async fn react(&self, to: &str, key: &str) -> String {
        self.ann
            .send(&self.room, "m.reaction", reaction(to, key))
            .await
    }

    /// What the bot has said, without its edits.
    async fn said(&self) -> Vec<String> {
        let timeline = self.ann.timeline(&self.room).await.into_iter();
        let own = timeline.filter(|it| it.sender == self.bot.user_id && it.msgtype.is_some());
        own.filter_map(|entry| entry.body).collect()
    }

    async fn why(&self, event: &str) -> Value {
        let arguments = ["access", "--why", event, "--json"];
        self.bot.home.run(&arguments, "").await.json()
    }

    /// Waits until this is what became of an event.
    async fn became(&self, event: &str, state: &str, why: &str) {
        eventually(why, PATIENCE, || async {
            let told = self.why(event).await;
            let words = told["why"].as_str().unwrap_or_default();
            let is_so = told["state"] == state && words.contains(why);
            is_so.then_some(()).ok_or(format!("{told:#}"))
        })
        .await;
    }
}

fn reaction(to: &str, key: &str) -> Value {
    json!({"m.relates_to": {"rel_type": "m.annotation", "event_id": to, "key": key}})
}

fn vote(poll: &str, answers: &[&str]) -> Value {
    json!({
        "m.relates_to": {"rel_type": "m.reference", "event_id": poll}, VOTE: {"answers": answers},
    })
}

async fn reactions_are_answered(encrypted: bool) {
    let scene = Scene::new(encrypted).await;
    let gateway = scene.bot.run().await;
    let asked = scene.ask("Shall I?").await;
    let proof = if encrypted {
        "reactions are not encrypted, so anybody may have made this one: it is"
    } else {
        "a reaction is"
    };
    let told = |key: &str, to: &str| {
        format!(
            "[reaction \"{key}\" to your message \"{to}\"; {proof} no answer, command or consent]"
        )
    };

    // The answer is a message like any other: no reply, no mention.
    let thumb = scene.react(&asked.event_id, "👍\u{fe0f}").await;
    let answer = scene.answer(&thumb).await;
    assert_eq!(answer.body, Some(told("👍", "Shall I?")));
    assert_eq!(
        (answer.decrypted, answer.msgtype.as_deref()),
        (encrypted, Some("m.text"))
    );
    let relation = &answer.content["m.relates_to"];
    assert!(relation.get("m.in_reply_to").is_none(), "{relation}");
    assert_eq!(answer.content["m.mentions"], json!({}));
    scene.became(&thumb, "answered", "it was answered").await;

    // In a thread it stays there.
    let threaded = message::in_thread(&asked.event_id, &asked.event_id, "and here?");
    let threaded = scene.ann.send(
        &scene.room,
        "m.room.message",
        with_mention(threaded, &scene.bot),
    );
    let in_thread = scene.answer(&threaded.await).await;
    let heart = scene.react(&in_thread.event_id, "❤").await;
    let answer = eventually_said(&scene, &told("❤", "and here?")).await;
    let relation = &answer.content["m.relates_to"];
    assert_eq!(relation["rel_type"], "m.thread");
    assert_eq!(relation["event_id"], asked.event_id.as_str());
    let fallback = &relation["m.in_reply_to"]["event_id"];
    assert_eq!(
        (fallback, &relation["is_falling_back"]),
        (&json!(in_thread.event_id), &json!(true))
    );
    scene.became(&heart, "answered", "it was answered").await;

    // A burst is one question; what is taken back is not told.
    let mut burst = Vec::new();
    for key in ["1", "2", "gone", "3"] {
        burst.push(scene.react(&asked.event_id, key).await);
    }
    scene.ann.redact(&scene.room, &burst[2]).await;
    let lines = ["1", "2", "3"].map(|key| told(key, "Shall I?")).join("\n");
    eventually_said(&scene, &lines).await;
    scene
        .became(&burst[0], "refused", "together with a later reaction")
        .await;
    scene.became(&burst[2], "withdrawn", "it was deleted").await;

    ignored(&scene, &asked).await;
    let expected = [
        "Shall I?".to_owned(),
        told("👍", "Shall I?"),
        "and here?".to_owned(),
        told("❤", "and here?"),
        lines,
        "the last".to_owned(),
    ];
    assert_eq!(scene.said().await, expected);
    assert_eq!(gateway.terminate().await, 0);
}

/// Reactions of others and to others, and what is no reaction.
async fn ignored(scene: &Scene, asked: &Entry) {
    let (ann, room) = (&scene.ann, &scene.room);
    let of_stranger = reaction(&asked.event_id, "👎");
    let of_stranger = scene.eve.send(room, "m.reaction", &of_stranger).await;
    let of_ann = ann.send_text(room, "not for the bot").await;
    let to_ann = scene.react(&of_ann, "👍").await;
    scene
        .became(&to_ann, "refused", "nothing that the bot said")
        .await;
    scene
        .became(&of_stranger, "refused", "not in allowFrom")
        .await;
    // What is said in clear is still refused where messages are encrypted.
    if asked.decrypted {
        let ann =
            HttpPerson::with_token(&shared_synapse().await.base_url(), ann.access_token()).await;
        let clear = message::mention("in clear", &[&scene.bot.user_id]);
        let clear = ann.send(room, "m.room.message", &clear).await;
        scene.became(&clear, "refused", "the message was not").await;
    }
    scene.ask("the last").await;
}

fn with_mention(mut content: Value, bot: &Bot) -> Value {
    content["m.mentions"] = json!({"user_ids": [bot.user_id]});
    content
}

async fn eventually_said(scene: &Scene, body: &str) -> Entry {
    let wanted = Wanted {
        sender: Some(&scene.bot.user_id),
        body: Some(body),
        ..Wanted::default()
    };
    scene.ann.wait_for(&scene.room, &wanted, PATIENCE).await
}

#[tokio::test]
async fn reactions_to_its_messages_are_answered_in_clear() {
    reactions_are_answered(false).await;
}

#[tokio::test]
async fn reactions_to_its_messages_are_answered_encrypted() {
    reactions_are_answered(true).await;
}

async fn votes_are_answered(encrypted: bool) {
    let scene = Scene::new(encrypted).await;
    let gateway = scene.bot.run().await;
    let said = message::mention("ask", &[&scene.bot.user_id]);
    scene.ann.send(&scene.room, "m.room.message", said).await;
    let wanted = Wanted {
        sender: Some(&scene.bot.user_id),
        kind: Some(POLL),
        ..Wanted::default()
    };
    let poll = scene.ann.wait_for(&scene.room, &wanted, PATIENCE).await;
    let poll = &*poll.event_id;
    for answers in [&["1"][..], &["2"]] {
        scene.ann.send(&scene.room, VOTE, vote(poll, answers)).await;
    }
    // The last one counts.
    let answer = eventually_said(&scene, "[vote in your poll \"Lunch?\": \"Salad\"]").await;
    assert_eq!(answer.decrypted, encrypted);
    scene.ann.send(&scene.room, VOTE, vote(poll, &[])).await;
    eventually_said(&scene, "[vote in your poll \"Lunch?\" taken back]").await;
    // Votes are encrypted, so what is not is none.
    if encrypted {
        let base = shared_synapse().await.base_url();
        let ann = HttpPerson::with_token(&base, scene.ann.access_token()).await;
        let clear = ann.send(&scene.room, VOTE, &vote(poll, &["1"])).await;
        scene.became(&clear, "refused", "the message was not").await;
    }
    scene.ask("the last").await;
    assert_eq!(scene.said().await.len(), 3);
    assert_eq!(gateway.terminate().await, 0);
}

#[tokio::test]
async fn votes_in_its_polls_are_answered_in_clear() {
    votes_are_answered(false).await;
}

#[tokio::test]
async fn votes_in_its_polls_are_answered_encrypted() {
    votes_are_answered(true).await;
}

#[tokio::test]
async fn a_reaction_is_answered_once_however_often_the_bot_dies_over_it() {
    let scene = Scene::new(true).await;
    let gateway = scene.bot.run().await;
    let asked = scene.ask("Shall I?").await;
    gateway.kill().await;
    let thumb = scene.react(&asked.event_id, "👍").await;
    for point in ["journal", "dispatch", "gather", "render", "send", "close"] {
        die_at(&scene.bot, point).await;
    }
    let gateway = scene.bot.run().await;
    scene.answer(&thumb).await;
    scene.ask("the last").await;
    assert_eq!(scene.said().await.len(), 3);
    assert_eq!(gateway.terminate().await, 0);
}
