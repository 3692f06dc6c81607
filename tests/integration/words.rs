//! What answers look like to others, and answers that are shown while they are being written.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::harness::account::{Bot, LONG, http_person, person};
use crate::harness::bot::Gateway;
use crate::harness::entry::{Entry, Wanted};
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::message::in_thread;
use crate::harness::person::Person;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;
use crate::stress::die_at;

/// The program writes these words first, and the rest when it is told to.
const FIRST: &str = "First **words**";

/// A bot that shows the answers of a program while it writes them, and ann in an encrypted room
/// with it.
struct Scene {
    bot: Bot,
    work: PathBuf,
    ann: Person,
    room: String,
}

impl Scene {
    /// With a program that does this, and may wait by `wait`.
    async fn new(program: &str) -> (Self, Gateway) {
        let synapse = shared_synapse().await;
        let bot = Bot::new(synapse).await;
        let work = bot.home.path().join("work");
        fs::create_dir(&work).unwrap();
        let wait = "wait() { until [ -e go ]; do sleep 0.05; done; }";
        bot.set(
            "agent",
            json!({
                "type": "command", "workingDirectory": "work",
                "shell": format!("cat > question; {wait}; {program}"),
            }),
        );
        bot.set("streaming", true);
        let gateway = bot.run().await;
        let ann = person(synapse, "ann").await;
        let room = RoomSpec::direct(&bot.user_id).encrypted();
        let room = ann.create_room(&room).await;
        ann.wait_for_member(&room, &bot.user_id).await;
        let scene = Self {
            bot,
            work,
            ann,
            room,
        };
        (scene, gateway)
    }

    /// Lets the program go on that waits.
    fn go(&self) {
        fs::write(self.work.join("go"), "").unwrap();
    }

    /// Waits for the first event of the answer, which is a draft, and the words that it has then.
    async fn draft(&self, question: &str) -> Entry {
        let bot = &self.bot.user_id;
        self.ann.wait_for_reply(&self.room, question, bot).await
    }

    /// Waits for an edit of this event that shows this.
    async fn edited(&self, event_id: &str, body: &str) -> Entry {
        let edit = json!({
            "m.relates_to": {"rel_type": "m.replace", "event_id": event_id},
            "m.new_content": {"body": body},
        });
        let wanted = Wanted {
            sender: Some(&self.bot.user_id),
            decrypted: Some(true),
            content: Some(edit),
            ..Wanted::default()
        };
        self.ann.wait_for(&self.room, &wanted, LONG).await
    }

    /// What ann's client shows of the bot: each event with its last edit, without those that were
    /// taken back.
    async fn shown(&self) -> Vec<String> {
        let mut shown: Vec<(String, String)> = Vec::new();
        for event in self.ann.timeline(&self.room).await {
            if event.kind == "m.room.redaction" {
                shown.retain(|(id, _)| event.content["redacts"] != id.as_str());
            }
            if event.sender != self.bot.user_id || event.msgtype.is_none() {
                continue;
            }
            assert!(event.decrypted, "{event:?}");
            let relation = &event.content["m.relates_to"];
            if relation["rel_type"] == "m.replace" {
                let (_, body) = shown
                    .iter_mut()
                    .find(|(id, _)| relation["event_id"] == id.as_str())
                    .expect("what is edited is there");
                let new = event.content["m.new_content"]["body"].as_str().unwrap();
                new.clone_into(body);
            } else {
                shown.push((event.event_id, event.body.unwrap()));
            }
        }
        shown.into_iter().map(|(_, body)| body).collect()
    }

    async fn until_shown(&self, what: &str, is_it: impl Fn(&[String]) -> bool) {
        eventually(what, LONG, || async {
            let shown = self.shown().await;
            is_it(&shown).then_some(()).ok_or(format!("{shown:.500?}"))
        })
        .await;
    }
}

#[tokio::test]
async fn whatever_an_answer_says_it_is_harmless() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let _gateway = bot.run().await;
    let ann = http_person(synapse, "ann").await;
    let room = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    // An echo says what it is told.
    let question = "@room **see** [this](javascript:alert(1)) or [that](https://example.org) \
                    \u{202e}evil\u{2066} ![x](https://example.org/x.png) <script>alert(1)</script>";
    let question = ann.send_text(&room, question).await;
    let reply = ann.wait_for_reply(&room, &question, &bot.user_id).await;
    let content = &reply["content"];
    assert_eq!(content["format"], "org.matrix.custom.html");
    assert_eq!(
        content["formatted_body"],
        "<p>@room <strong>see</strong> this or \
         <a href=\"https://example.org\">that</a> evil \
         <a href=\"https://example.org/x.png\">x</a> \
         &lt;script&gt;alert(1)&lt;/script&gt;</p>"
    );
    assert_eq!(content["m.mentions"], json!({}));
    let body = content["body"].as_str().unwrap();
    assert!(!body.contains(['\u{202e}', '\u{2066}']), "{body}");

    let plain = ann.send_text(&room, "nothing special\nhere").await;
    let reply = ann.wait_for_reply(&room, &plain, &bot.user_id).await;
    assert_eq!(reply["content"]["body"], "nothing special\nhere");
    assert_eq!(reply["content"]["formatted_body"], Value::Null);
}

#[tokio::test]
async fn a_long_answer_arrives_whole_and_in_order() {
    let (scene, _gateway) = Scene::new("head -c 50000 long; wait; tail -c +50001 long").await;
    let mut long = String::new();
    for number in 0.. {
        if long.len() > 300_000 {
            break;
        }
        let _ = write!(
            long,
            "## Number {number}\n\nSome *words* of <{number}> & \"others\", {}.\n\n\
             ```python\nprint(\"{number}\" and '<\\n>' & {number})\n```\n\n",
            "word ".repeat(50)
        );
    }
    fs::write(scene.work.join("long"), &long).unwrap();
    let question = scene.ann.send_text(&scene.room, "well?").await;
    scene.draft(&question).await;
    scene.go();
    let numbers = |shown: &[String]| {
        let headings = shown.iter().flat_map(|body| body.lines());
        let headings = headings.filter_map(|line| line.strip_prefix("## Number "));
        headings
            .map(|number| number.parse().unwrap())
            .collect::<Vec<usize>>()
    };
    let count = long.matches("## Number").count();
    scene
        .until_shown("all of the answer", |shown| {
            numbers(shown) == (0..count).collect::<Vec<_>>()
                && shown.concat().trim_end().ends_with("```")
        })
        .await;
    let shown = scene.shown().await;
    assert!(shown.len() < 24, "{} events", shown.len());
    // The largest come near the limit of 65,536 bytes, and leave room for the ids of earlier
    // events, which the homeserver adds.
    let sent = scene.bot.account().await.events(&scene.room).await;
    let sizes = sent.into_iter().map(|mut event| {
        // What is told of it besides: its last edit.
        event["unsigned"] = Value::Null;
        event.to_string().len()
    });
    let largest = sizes.max().unwrap();
    assert!((57_000..62_500).contains(&largest), "{largest}");
}

#[tokio::test]
async fn an_answer_is_seen_while_it_is_written() {
    let program = format!("printf '{FIRST}'; wait; printf ', and _others_'; wait");
    let (scene, _gateway) = Scene::new(&program).await;
    let root = scene.ann.send_text(&scene.room, "root").await;
    // The root is answered as well.
    let draft = scene.draft(&root).await;
    scene.go();
    scene
        .edited(&draft.event_id, "First **words**, and _others_")
        .await;
    fs::remove_file(scene.work.join("go")).unwrap();
    let question = in_thread(&root, &root, "well?");
    let question = scene
        .ann
        .send(&scene.room, "m.room.message", question)
        .await;
    let draft = scene.draft(&question).await;
    assert_eq!(draft.body.as_deref(), Some(FIRST));
    assert_eq!(draft.content["m.relates_to"]["event_id"], root.as_str());
    // In a direct chat nobody is mentioned.
    assert_eq!(draft.content["m.mentions"], json!({}));
    assert_eq!(draft.content["org.matrix.msc4357.live"], json!({}));
    scene.go();
    let edit = scene
        .edited(&draft.event_id, "First **words**, and _others_")
        .await;
    let html = "<p>First <strong>words</strong>, and <em>others</em></p>";
    assert_eq!(edit.content["body"], "* First **words**, and _others_");
    assert_eq!(edit.content["m.mentions"], json!({}));
    let new = &edit.content["m.new_content"];
    assert_eq!(new["formatted_body"], html);
    assert_eq!(new["m.mentions"], json!({}));
    assert_eq!(new["m.relates_to"]["rel_type"], "m.thread");
    assert_eq!(new["m.relates_to"]["event_id"], root.as_str());
}

#[tokio::test]
async fn a_bot_that_is_killed_while_it_writes_ends_the_answer_once() {
    let program = format!("printf '{FIRST}'; wait; printf ' and the rest'");
    let (scene, gateway) = Scene::new(&program).await;
    let question = scene.ann.send_text(&scene.room, "well?").await;
    let draft = scene.draft(&question).await;
    gateway.signal(rustix::process::Signal::KILL);
    gateway.wait(PATIENCE).await;
    let second = scene.ann.send_text(&scene.room, "and?").await;
    scene.go();
    let gateway = scene.bot.run().await;
    scene
        .edited(&draft.event_id, "First **words** and the rest")
        .await;
    scene.draft(&second).await;
    assert_eq!(gateway.terminate().await, 0);
    fs::remove_file(scene.work.join("go")).unwrap();
    let third = scene.ann.send_text(&scene.room, "once more?").await;
    // This time before it is written down that the draft is there: it comes back by itself.
    die_at(&scene.bot, "draft").await;
    scene.go();
    let _gateway = scene.bot.run().await;
    let draft = scene.draft(&third).await;
    scene
        .edited(&draft.event_id, "First **words** and the rest")
        .await;
    let whole = vec!["First **words** and the rest".to_owned(); 3];
    assert_eq!(scene.shown().await, whole);
}

/// Dies while it sends one answer to two messages, the first of which has a draft.
#[tokio::test]
async fn an_answer_to_more_messages_leaves_no_earlier_draft_behind() {
    let program = format!("printf '{FIRST}'; wait; printf ' and the rest'");
    let (scene, gateway) = Scene::new(&program).await;
    let mut agent = scene.bot.setting("agent");
    agent["whileBusy"] = "together".into();
    scene.bot.set("agent", agent);
    let question = scene.ann.send_text(&scene.room, "well?").await;
    scene.draft(&question).await;
    gateway.kill().await;
    let second = scene.ann.send_text(&scene.room, "and?").await;
    scene.go();
    die_at(&scene.bot, "close").await;
    let _gateway = scene.bot.run().await;
    scene.draft(&second).await;
    let third = scene.ann.send_text(&scene.room, "once more?").await;
    scene.draft(&third).await;
    let whole = vec!["First **words** and the rest".to_owned(); 2];
    scene
        .until_shown("one answer to both", |shown| shown == whole)
        .await;
}

#[tokio::test]
async fn an_answer_that_ends_too_early_says_so_in_its_draft() {
    let program = format!("printf '{FIRST}'; wait; exit 3");
    let (scene, gateway) = Scene::new(&program).await;
    let question = scene.ann.send_text(&scene.room, "well?").await;
    scene.draft(&question).await;
    scene.ann.send_text(&scene.room, "!stop").await;
    let stopped = format!("{FIRST}\n\n[Stopped here.]");
    scene
        .until_shown("that it was stopped", |shown| shown[0] == stopped)
        .await;

    let question = scene.ann.send_text(&scene.room, "again?").await;
    let draft = scene.draft(&question).await;
    scene.go();
    let failed = format!("{FIRST}\n\nI cannot answer: my program failed.");
    scene
        .until_shown("that it failed", |shown| {
            shown.last().is_some_and(|last| last.starts_with(&failed))
        })
        .await;
    assert_eq!(draft.body.as_deref(), Some(FIRST));
    gateway.expect_line("exit code 3", PATIENCE).await;
}
