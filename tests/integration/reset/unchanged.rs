//! Where a reset fails, everything is as it was.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rustix::process::Signal;

use super::scene::{assert_devices, assert_talk, room_with, witness};
use crate::harness::account::{Bot, person};
use crate::harness::bot::Gateway;
use crate::harness::disk::SmallDisk;
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::relay::{Meddler, relay};
use crate::harness::shared::shared_synapse;

/// Every file below a directory but the lock, with its bytes.
fn snapshot(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.to_str().unwrap().to_owned();
        if path.is_dir() {
            files.extend(snapshot(&path));
            files.insert(name, Vec::new());
        } else if name.rsplit('.').next() != Some("lock") {
            files.insert(name, fs::read(&path).unwrap());
        }
    }
    files
}

fn assert_same(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) {
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(before), names(after));
    for (name, bytes) in before {
        assert!(after[name] == *bytes, "{name} has changed");
    }
}

/// Refuses what the middle of a reset needs.
#[derive(Clone)]
pub struct Refuse(pub &'static str);

impl Meddler for Refuse {
    fn refuse(&self, path: &str, _body: &[u8]) -> Option<&'static str> {
        path.contains(self.0)
            .then_some("{\"errcode\": \"M_FORBIDDEN\", \"error\": \"not today\"}")
    }
}

#[tokio::test]
async fn what_fails_leaves_everything_as_it_was() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let gateway = bot.run().await;
    let ann = person(synapse, "ann").await;
    let room = room_with(&bot, &ann).await;
    assert_talk(&bot, &ann, &room, "hello").await;
    let in_use = bot.reset(&["--force"]).await.expect_code(5);
    assert!(in_use.stderr.contains("in use"), "{in_use}");
    assert_eq!(gateway.terminate().await, 0);
    let witness = witness(synapse, &bot).await;
    let before = snapshot(&bot.home.path());

    // A sound device.
    let refused = bot.reset(&[]).await.expect_code(1);
    assert!(refused.stderr.contains("--force"), "{refused}");
    // Nobody to ask, and no password.
    let refused = bot.home.run(&["store", "reset", "--yes", "--force"], "");
    let refused = refused.await.expect_code(2);
    assert!(refused.stderr.contains("--password-stdin"), "{refused}");
    let refused = bot.home.run(&["store", "reset", "--force"], "");
    let refused = refused.await.expect_code(2);
    assert!(refused.stderr.contains("--yes"), "{refused}");
    // A token that a reset cannot change.
    let mut shadowed = bot.home.command(&["store", "reset", "--yes", "--force"]);
    shadowed.env("NANOBOT_MATRIX_ACCESS_TOKEN", bot.token());
    let refused = bot.home.run_command(shadowed, "").await.expect_code(78);
    assert!(refused.stderr.contains("ACCESS_TOKEN"), "{refused}");
    // A wrong password, and a plan.
    let arguments = ["store", "reset", "--yes", "--force", "--password-stdin"];
    bot.home
        .run(&arguments, "canary-wrong")
        .await
        .expect_code(4);
    let key = bot.home.user_dir().join("key.txt");
    fs::write(&key, "canary-no-recovery-key").unwrap();
    let key = ["--force", "--recovery-key-file", key.to_str().unwrap()];
    bot.reset(&["--force", "--dry-run"]).await.expect_code(0);
    assert_same(&before, &snapshot(&bot.home.path()));
    assert_devices(&bot, &witness).await;

    // With the store gone the key is needed, and is wrong.
    let aside = bot.home.user_dir().join("aside");
    fs::rename(bot.home.path().join("matrix-store"), &aside).unwrap();
    let without_store = snapshot(&bot.home.path());
    let refused = bot.reset(&key).await.expect_code(1);
    assert!(refused.stderr.contains("recovery key"), "{refused}");
    assert_same(&without_store, &snapshot(&bot.home.path()));
    fs::rename(&aside, bot.home.path().join("matrix-store")).unwrap();
    assert_devices(&bot, &witness).await;

    // A homeserver that is away, or fails in the middle.
    for broken in [
        "http://127.0.0.1:9".to_owned(),
        relay(synapse.base_url(), Refuse("/createRoom")).await,
    ] {
        bot.set("homeserver", broken);
        let before = snapshot(&bot.home.path());
        let output = bot.reset(&["--force"]).await;
        assert!([1, 69].contains(&output.code), "{output:?}");
        assert_same(&before, &snapshot(&bot.home.path()));
        assert_devices(&bot, &witness).await;
    }
    bot.set("homeserver", synapse.base_url());
    // A person who changes their mind.
    let before = snapshot(&bot.home.path());
    let process = bot.begin_reset(&["--force"], None);
    eventually("a new device", PATIENCE, || async {
        match witness.device_ids().await.len() {
            2 => Err("not yet".to_owned()),
            _ => Ok(()),
        }
    })
    .await;
    process.signal(Signal::INT);
    process.wait(PATIENCE).await.expect_code(130);
    assert_same(&before, &snapshot(&bot.home.path()));
    assert_devices(&bot, &witness).await;
    let _gateway = bot.run().await;
    assert_talk(&bot, &ann, &room, "still here").await;
    bot.home.assert_no_secret(&["canary-"]);
}

#[tokio::test]
async fn a_full_disk_leaves_everything_as_it_was() {
    let Some(disk) = SmallDisk::mount(16) else {
        return;
    };
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let config = disk.path().join("config.json");
    let config = ["--config", config.to_str().unwrap()];
    bot.log_in(&[&config[..], &["--allow-from", "*"]].concat())
        .await
        .expect_code(0);
    let witness = witness(synapse, &bot).await;
    let devices = witness.device_ids().await;
    let filler = disk.fill();
    // Full at once, and full after the first files of the new store.
    for room in [0, 700, 1400] {
        let size = fs::metadata(&filler).unwrap().len();
        let file = fs::OpenOptions::new().write(true).open(&filler).unwrap();
        file.set_len(size - room * 1024).unwrap();
        let before = snapshot(disk.path());
        let output = bot.reset(&[&config[..], &["--force"]].concat()).await;
        assert_eq!(output.code, 1, "{room}: {output:?}");
        assert_same(&before, &snapshot(disk.path()));
        assert_eq!(witness.device_ids().await.len(), devices.len());
    }
    fs::remove_file(filler).unwrap();
    bot.reset(&[&config[..], &["--force"]].concat())
        .await
        .expect_code(0);
    let gateway = Gateway::connected(&bot.home, &config).await;
    gateway.expect_line("E2EE enabled", PATIENCE).await;
}
