//! Files that people send to the bot.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::bot::Gateway;
use crate::harness::entry::{Entry, Wanted};
use crate::harness::person::Person;
use crate::harness::room::RoomSpec;
use crate::harness::shared::{own_synapse, shared_synapse};
use crate::harness::synapse::{Config, Synapse};
use crate::setup::{Bot, person};

const LIMIT: u64 = 1000;

/// A bot with a limit on files, and a person in a room with it.
struct Scene {
    bot: Bot,
    gateway: Gateway,
    ann: Person,
    room: String,
    files: tempfile::TempDir,
}

impl Scene {
    async fn new(synapse: &Synapse, limit: u64, spec: impl Fn(&str) -> RoomSpec) -> Self {
        let bot = Bot::new(synapse).await;
        bot.set("maxMediaBytes", limit);
        let gateway = Gateway::connected(&bot.home, &["-vv"]).await;
        let ann = person(synapse, "ann").await;
        let room = ann.create_room(&spec(&bot.user_id)).await;
        ann.wait_for_member(&room, &bot.user_id).await;
        Self {
            bot,
            gateway,
            ann,
            room,
            files: tempfile::tempdir().unwrap(),
        }
    }

    async fn encrypted(limit: u64) -> Self {
        let synapse = shared_synapse().await;
        Self::new(synapse, limit, |bot| RoomSpec::direct(bot).encrypted()).await
    }

    /// Sends a file of so many bytes; `content` is laid over what describes it truthfully.
    async fn send(&self, size: u64, content: Value) -> String {
        let path = self.files.path().join("photo.png");
        fs::write(&path, bytes(size)).unwrap();
        let mut whole = json!({"msgtype": "m.image"});
        for (key, value) in content.as_object().unwrap() {
            whole[key] = value.clone();
        }
        self.ann
            .send_file(&self.room, &path, "image/png", whole)
            .await
    }

    /// What the bot says to a file.
    async fn answer(&self, size: u64, content: Value) -> String {
        let question = self.send(size, content).await;
        self.reply(&question).await.body.unwrap()
    }

    async fn reply(&self, question: &str) -> Entry {
        let bot = &self.bot.user_id;
        self.ann.wait_for_reply(&self.room, question, bot).await
    }

    /// The event as its sender sees it.
    async fn event(&self, event_id: &str) -> Entry {
        let timeline = self.ann.timeline(&self.room).await;
        let mut events = timeline.into_iter();
        events.find(|entry| entry.event_id == event_id).unwrap()
    }

    fn directory(&self) -> PathBuf {
        self.bot.home.path().join("media").join("matrix")
    }

    /// The names of all files kept, whole or not.
    fn kept(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.directory()) else {
            return Vec::new();
        };
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    fn assert_nothing_kept(&self) {
        assert_eq!(self.kept(), [""; 0]);
    }
}

fn bytes(size: u64) -> Vec<u8> {
    (0..size).map(|index| index.to_le_bytes()[0]).collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn taken(name: &str, size: u64) -> String {
    format!("{name}\n[attachment: {name} - image, image/png, {size} bytes]")
}

const TOO_LARGE: &str = "photo.png\n[attachment: photo.png - too large]";
const FAILED: &str = "photo.png\n[attachment: photo.png - download failed]";

#[tokio::test]
async fn an_encrypted_picture_is_kept_up_to_the_limit() {
    let scene = Scene::encrypted(LIMIT).await;
    for size in [0, LIMIT - 1, LIMIT] {
        let question = scene.send(size, json!({})).await;
        let reply = scene.reply(&question).await;
        assert!(reply.decrypted);
        assert_eq!(reply.body.unwrap(), taken("photo.png", size));
        let name = format!("{}_photo.png", &question[1..25]);
        let path = scene.directory().join(name);
        assert_eq!(fs::read(&path).unwrap(), bytes(size));
        assert_eq!(mode(&path), 0o600);
        let key = scene.event(&question).await.content["file"]["key"]["k"].clone();
        let secrets = [key.as_str().unwrap(), "photo.png"];
        scene.bot.home.assert_no_secret(&secrets);
    }
    assert_eq!(mode(&scene.directory()), 0o700);
    assert_eq!(mode(scene.directory().parent().unwrap()), 0o700);
    assert_eq!(scene.answer(LIMIT + 1, json!({})).await, TOO_LARGE);
    assert_eq!(scene.kept().len(), 3);
    assert_eq!(scene.gateway.terminate().await, 0);
    scene.bot.assert_no_secret();
}

#[tokio::test]
async fn a_file_in_the_clear_is_kept_under_a_harmless_name_with_its_caption() {
    let synapse = shared_synapse().await;
    let scene = Scene::new(synapse, LIMIT, RoomSpec::direct).await;
    let more = json!({"msgtype": "m.file", "filename": "../../x", "body": "look at this"});
    let question = scene.send(5, more).await;
    assert_eq!(
        scene.reply(&question).await.body.unwrap(),
        "look at this\n[attachment: x - file, image/png, 5 bytes]"
    );
    assert_eq!(
        scene.kept(),
        [format!("{}_x.png", harmless(&question[1..25]))]
    );
    for (name, shown) in [
        ("/etc/passwd", "passwd"),
        ("..", "image"),
        ("a\u{202e}gnp.exe", "a_gnp.exe"),
        (&"ü".repeat(500), &"ü".repeat(72)),
    ] {
        assert_eq!(
            scene.answer(5, json!({"body": name})).await,
            taken(shown, 5)
        );
    }
    let parent = scene.directory();
    let parent = parent.parent().unwrap();
    assert_eq!(fs::read_dir(parent).unwrap().count(), 1);
}

fn harmless(id: &str) -> String {
    id.replace('/', "_")
}

#[tokio::test]
async fn a_size_that_is_a_lie_changes_nothing() {
    let scene = Scene::encrypted(LIMIT).await;
    let info = |size: Value| json!({"info": {"mimetype": "image/png", "size": size}});
    for size in [
        json!(1),
        json!(0),
        json!(-1),
        json!(true),
        json!("5"),
        Value::Null,
    ] {
        let answer = scene.answer(LIMIT + 1, info(size.clone())).await;
        assert_eq!(answer, TOO_LARGE, "{size}");
        let answer = scene.answer(2_000_000, info(size.clone())).await;
        assert_eq!(answer, TOO_LARGE, "{size}");
    }
    for size in [json!(4_294_967_296_u64), json!(LIMIT + 1)] {
        assert_eq!(scene.answer(5, info(size)).await, TOO_LARGE);
    }
    scene.assert_nothing_kept();
    for size in [json!(1), json!(-1), json!(true), Value::Null] {
        let answer = scene.answer(LIMIT, info(size.clone())).await;
        assert_eq!(answer, taken("photo.png", LIMIT), "{size}");
    }
    let answer = scene.answer(5, json!({"info": null})).await;
    assert_eq!(answer, taken("photo.png", 5));
    assert_eq!(scene.kept().len(), 5);
}

#[tokio::test]
async fn a_corrupted_file_leaves_nothing_and_is_said() {
    let scene = Scene::encrypted(LIMIT).await;
    let good = scene.send(100, json!({})).await;
    scene.reply(&good).await;
    let mut content = scene.event(&good).await.content;
    let mut events = Vec::new();
    content["file"]["hashes"]["sha256"] = json!("A".repeat(43));
    events.push(content.clone());
    content["file"]["hashes"] = json!({});
    events.push(content.clone());
    content["file"]["url"] = json!("mxc://localhost/../../../client/v3/logout");
    events.push(content.clone());
    let mut missing = scene.event(&good).await.content;
    missing["file"]["url"] = json!("mxc://localhost/NoSuchFile");
    events.push(missing);
    for content in events {
        let question = scene.ann.send(&scene.room, "m.room.message", content).await;
        let reply = scene.reply(&question).await;
        assert_eq!(reply.body.as_deref(), Some(FAILED));
    }
    assert_eq!(scene.kept().len(), 1);
}

#[tokio::test]
async fn a_limit_of_zero_blocks_all_files_and_no_words() {
    let scene = Scene::encrypted(0).await;
    for size in [0, 5] {
        assert_eq!(scene.answer(size, json!({})).await, TOO_LARGE);
    }
    let more = json!({"filename": "photo.png", "body": "words"});
    let answer = scene.answer(5, more).await;
    assert_eq!(answer, "words\n[attachment: photo.png - too large]");
    scene.assert_nothing_kept();
    assert!(!scene.gateway.stderr().contains("/media/"));
}

#[tokio::test]
async fn the_homeservers_smaller_limit_counts() {
    let config = Config {
        max_upload_size: Some(LIMIT),
        ..Config::default()
    };
    let synapse = own_synapse(config).await;
    let spec = |bot: &str| RoomSpec::direct(bot).encrypted();
    let scene = Scene::new(&synapse, 10 * LIMIT, spec).await;
    let info = json!({"info": {"mimetype": "image/png", "size": LIMIT + 1}});
    assert_eq!(scene.answer(5, info).await, TOO_LARGE);
    let answer = scene.answer(LIMIT, json!({})).await;
    assert_eq!(answer, taken("photo.png", LIMIT));
    let log = scene.gateway.stderr();
    assert_eq!(log.matches("/media/config").count(), 1);
}

#[tokio::test]
async fn a_file_obeys_the_rules_of_mentions() {
    let synapse = shared_synapse().await;
    let spec = |bot: &str| RoomSpec::group(&[bot, "@nobody:localhost"]);
    let scene = Scene::new(synapse, LIMIT, spec).await;
    assert_eq!(scene.gateway.terminate().await, 0);
    scene.bot.set("groupPolicy", "mention");
    let gateway = Gateway::connected(&scene.bot.home, &[]).await;
    scene.send(5, json!({})).await;
    gateway
        .expect_line("not mentioned", Duration::from_secs(30))
        .await;
    scene.assert_nothing_kept();
    let mentions = json!({"m.mentions": {"user_ids": [scene.bot.user_id]}});
    assert_eq!(scene.answer(5, mentions).await, taken("photo.png", 5));
    let caption = json!({"filename": "photo.png", "body": format!("{}: look", scene.bot.user_id)});
    scene.answer(5, caption).await;
    assert_eq!(scene.kept().len(), 2);
}

#[tokio::test]
async fn a_file_is_answered_once_though_the_bot_is_killed() {
    let scene = Scene::encrypted(50_000_000).await;
    let questions = [
        scene.send(20_000_000, json!({})).await,
        scene.send(10, json!({})).await,
    ];
    scene.gateway.kill().await;
    let partial = scene.directory().join(".nanobot-left.part");
    fs::create_dir_all(scene.directory()).unwrap();
    fs::write(partial, "half").unwrap();
    let _gateway = scene.bot.run().await;
    for (question, size) in questions.iter().zip([20_000_000, 10]) {
        let reply = scene.reply(question).await;
        assert_eq!(reply.body.unwrap(), taken("photo.png", size));
    }
    assert_eq!(scene.kept().len(), 2);
    let last = scene.answer(11, json!({})).await;
    assert_eq!(last, taken("photo.png", 11));
    let wanted = Wanted {
        sender: Some(&scene.bot.user_id),
        kind: Some("m.room.message"),
        ..Wanted::default()
    };
    let all = Duration::from_secs(30);
    scene.ann.wait_for_many(&scene.room, &wanted, 3, all).await;
    let timeline = scene.ann.timeline(&scene.room).await;
    let answers = timeline
        .iter()
        .filter(|entry| entry.sender == scene.bot.user_id && entry.kind == "m.room.message");
    assert_eq!(answers.count(), 3);
}
