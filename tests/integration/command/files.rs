//! Files that a program sends, on a real homeserver.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::harness::account::{Bot, person};
use crate::harness::bot::Gateway;
use crate::harness::entry::{Entry, Wanted};
use crate::harness::eventually::PATIENCE;
use crate::harness::person::Person;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;
use crate::stress::die_at;

const LIMIT: u64 = 200_000;

/// A person in a room with a bot whose program answers with a file that was put there.
pub struct Scene {
    pub bot: Bot,
    pub gateway: Gateway,
    pub ann: Person,
    pub room: String,
}

impl Scene {
    pub async fn new(agent: Value, spec: impl Fn(&str) -> RoomSpec) -> Self {
        let synapse = shared_synapse().await;
        let bot = Bot::new(synapse).await;
        bot.set("agent", agent);
        bot.set("maxMediaBytes", LIMIT);
        fs::create_dir(bot.home.path().join("files")).unwrap();
        let gateway = bot.run().await;
        let ann = person(synapse, "ann").await;
        let room = ann.create_room(&spec(&bot.user_id)).await;
        ann.wait_for_member(&room, &bot.user_id).await;
        Self {
            bot,
            gateway,
            ann,
            room,
        }
    }

    /// With a program that answers each message with its words and the files named there.
    async fn with_names(spec: impl Fn(&str) -> RoomSpec) -> Self {
        let program = "import json, sys\n\
            text = json.load(sys.stdin)['text']\n\
            files = ['files/' + name for name in text.split()]\n\
            print(json.dumps({'text': 'so ' + text, 'attachments': files}))";
        let agent = json!({
            "type": "command", "command": ["python3", "-c", program], "attachmentsFrom": ["files"],
        });
        Self::new(agent, spec).await
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.bot.home.path().join("files").join(name)
    }

    /// What the bot says to this message: the replies up to its words.
    pub async fn ask(&self, content: Value) -> Vec<Entry> {
        let question = self.ann.send(&self.room, "m.room.message", content).await;
        let wanted = Wanted {
            sender: Some(&self.bot.user_id),
            msgtype: Some("m.text"),
            in_reply_to: Some(&question),
            ..Wanted::default()
        };
        self.ann.wait_for(&self.room, &wanted, PATIENCE).await;
        self.replies(&question).await
    }

    async fn replies(&self, question: &str) -> Vec<Entry> {
        let mut timeline = self.ann.timeline(&self.room).await;
        timeline.retain(|entry| entry.in_reply_to.as_deref() == Some(question));
        timeline
    }
}

pub fn text(body: &str) -> Value {
    json!({"msgtype": "m.text", "body": body})
}

fn bytes(size: u64) -> Vec<u8> {
    (0..size).map(|index| index.to_le_bytes()[0]).collect()
}

#[tokio::test]
async fn an_encrypted_file_of_the_example_reaches_another_client_before_the_words() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/shell-bot.sh");
    let agent = json!({"type": "command", "command": [file], "attachmentsFrom": ["files"]});
    let spec = |bot: &str| RoomSpec::direct(bot).encrypted();
    let scene = Scene::new(agent, spec).await;
    let replies = scene.ask(text("report")).await;
    let [file, words] = &replies[..] else {
        panic!("{replies:?}");
    };
    assert!(file.decrypted && words.decrypted);
    assert_eq!(words.body.as_deref(), Some("Here it is."));
    assert_eq!(file.msgtype.as_deref(), Some("m.file"));
    assert_eq!(file.body.as_deref(), Some("report.txt"));
    assert_eq!(file.content.get("url"), None);
    assert_eq!(file.content["m.mentions"], json!({}));
    let report = fs::read(scene.path("report.txt")).unwrap();
    assert_eq!(file.content["info"]["size"], report.len());
    assert_eq!(scene.ann.fetch_file(&file.event_id).await, report);
    let key = file.content["file"]["key"]["k"].as_str().unwrap();
    scene.bot.home.assert_no_secret(&[key]);
}

#[tokio::test]
async fn files_up_to_the_limit_are_sent_and_no_others() {
    let scene = Scene::with_names(|bot| RoomSpec::direct(bot).encrypted()).await;
    fs::write(scene.path("most.bin"), bytes(LIMIT)).unwrap();
    fs::write(scene.path("more.bin"), bytes(LIMIT + 1)).unwrap();
    std::os::unix::fs::symlink("../config.json", scene.path("link.json")).unwrap();
    let asked = "more.bin link.json ../matrix-store/inbox.sqlite3 most.bin absent most.bin";
    let replies = scene.ask(text(asked)).await;
    let [file, words] = &replies[..] else {
        panic!("{replies:?}");
    };
    assert_eq!(file.body.as_deref(), Some("most.bin"));
    assert_eq!(scene.ann.fetch_file(&file.event_id).await, bytes(LIMIT));
    let body = words.body.as_deref().unwrap();
    for line in [
        "[attachment: more.bin - too large]",
        "[attachment: link.json - upload failed]",
        "[attachment: inbox.sqlite3 - upload failed]",
        "[attachment: absent - upload failed]",
    ] {
        assert!(body.contains(line), "{body}");
    }
    assert_eq!(scene.gateway.terminate().await, 0);
    scene.bot.assert_no_secret();
}

#[tokio::test]
async fn a_file_in_the_clear_stays_in_the_thread() {
    let scene = Scene::with_names(RoomSpec::direct).await;
    fs::write(scene.path("a.txt"), "in the clear").unwrap();
    let root = scene.ann.send_text(&scene.room, "").await;
    let mut content = text("a.txt");
    content["m.relates_to"] = json!({"rel_type": "m.thread", "event_id": root});
    let replies = scene.ask(content).await;
    assert_eq!(replies.len(), 2, "{replies:?}");
    for reply in &replies {
        let relation = &reply.content["m.relates_to"];
        assert_eq!(relation["rel_type"], "m.thread");
        assert_eq!(relation["event_id"], root.as_str());
    }
    assert_eq!(replies[0].content["info"]["mimetype"], "text/plain");
    assert_eq!(replies[0].content.get("file"), None);
    let file = scene.ann.fetch_file(&replies[0].event_id).await;
    assert_eq!(file, b"in the clear");
}

#[tokio::test]
async fn a_file_is_there_once_however_often_the_bot_dies_over_it() {
    let scene = Scene::with_names(|bot| RoomSpec::direct(bot).encrypted()).await;
    fs::write(scene.path("a.txt"), "once").unwrap();
    fs::write(scene.path("b.txt"), "twice").unwrap();
    scene.gateway.kill().await;
    let question = scene.ann.send_text(&scene.room, "a.txt b.txt").await;
    // Uploaded and not recorded, recorded and not sent, sent and not recorded; then the next.
    for point in ["upload", "upload", "send", "close", "close", "send"] {
        die_at(&scene.bot, point).await;
    }
    let _gateway = scene.bot.run().await;
    scene.ask(text("b.txt")).await;
    let replies = scene.replies(&question).await;
    let bodies: Vec<_> = replies
        .iter()
        .filter_map(|reply| reply.body.as_deref())
        .collect();
    assert_eq!(bodies, ["a.txt", "b.txt", "so a.txt b.txt"]);
    for (reply, content) in replies.iter().zip(["once", "twice"]) {
        let file = scene.ann.fetch_file(&reply.event_id).await;
        assert_eq!(file, content.as_bytes());
    }
}
