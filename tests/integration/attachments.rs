//! Files that people send to the bot.

mod scene;

use std::fs;

use serde_json::{Value, json};

use self::scene::{Scene, bytes, mode};
use crate::harness::bot::Gateway;
use crate::harness::eventually::PATIENCE;
use crate::harness::room::RoomSpec;
use crate::harness::shared::{own_synapse, shared_synapse};
use crate::harness::synapse::Config;
use crate::stress::die_at;

const LIMIT: u64 = 1000;

fn taken(name: &str, size: u64) -> String {
    format!("{name}\n[attachment: {name} - image, image/png, {size} bytes]")
}

const DISABLED: &str = "photo.png\n[attachment: photo.png - files are disabled]";
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
        assert_eq!(scene.answer(size, json!({})).await, DISABLED);
    }
    let more = json!({"filename": "photo.png", "body": "words"});
    let answer = scene.answer(5, more).await;
    assert_eq!(
        answer,
        "words\n[attachment: photo.png - files are disabled]"
    );
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
    let gateway = Gateway::connected(&scene.bot.home, &["-v"]).await;
    scene.send(5, json!({})).await;
    gateway.expect_line("not mentioned", PATIENCE).await;
    scene.assert_nothing_kept();
    let mentions = json!({"m.mentions": {"user_ids": [scene.bot.user_id]}});
    assert_eq!(scene.answer(5, mentions).await, taken("photo.png", 5));
    let caption = json!({"filename": "photo.png", "body": format!("{}: look", scene.bot.user_id)});
    scene.answer(5, caption).await;
    assert_eq!(scene.kept().len(), 2);
}

#[tokio::test]
async fn a_file_is_answered_once_however_often_the_bot_dies_over_it() {
    let scene = Scene::encrypted(LIMIT).await;
    scene.gateway.kill().await;
    let question = scene.send(LIMIT, json!({})).await;
    // A partial file, then a kept one whose answer is not sent, then one whose answer is.
    for (point, whole) in [
        ("file", false),
        ("file", false),
        ("send", true),
        ("close", true),
    ] {
        die_at(&scene.bot, point).await;
        let kept = scene.kept();
        assert_eq!(
            (kept.len(), kept[0].ends_with("_photo.png")),
            (1, whole),
            "{point}: {kept:?}"
        );
    }
    let _gateway = scene.bot.run().await;
    assert_eq!(
        scene.reply(&question).await.body.unwrap(),
        taken("photo.png", LIMIT)
    );
    assert_eq!(scene.answer(1, json!({})).await, taken("photo.png", 1));
    let timeline = scene.ann.timeline(&scene.room).await;
    let answers = timeline
        .iter()
        .filter(|entry| entry.sender == scene.bot.user_id && entry.msgtype.is_some());
    assert_eq!(answers.count(), 2);
    assert_eq!(scene.kept().len(), 2);
}

#[tokio::test]
async fn a_large_file_does_not_pass_through_memory() {
    const LARGE: u64 = 45_000_000;
    let scene = Scene::encrypted(LARGE).await;
    let peak = || -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", scene.gateway.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok())
            .unwrap()
    };
    scene.answer(10, json!({})).await;
    let before = peak();
    assert_eq!(
        scene.answer(LARGE, json!({})).await,
        taken("photo.png", LARGE)
    );
    let more = peak() - before;
    assert!(more < 10_000, "{more} KiB");
}
