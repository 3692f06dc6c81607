//! `store.*`: stores that are gone, damaged, another bot's, or on a disk that takes nothing more.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nanobot::testing::ipc::{KeptArchive, Status, Stored};
use rusqlite::Connection;
use serde_json::json;

use super::examined::{Examined, examine};
use super::gateway::gateway_that_says;
use super::scene::carry_out;
use crate::harness::account::{Bot, LONG};
use crate::harness::bot::Gateway;
use crate::harness::disk::SmallDisk;
use crate::harness::shared::shared_synapse;
use crate::mishap::{copy_files, copy_store};

const CRYPTO: &str = "matrix-sdk-crypto.sqlite3";
const STATE: &str = "matrix-sdk-state.sqlite3";
const JOURNAL: &str = "inbox.sqlite3";

async fn bot() -> Bot {
    Bot::new(shared_synapse().await).await
}

/// A bot that has a journal too.
async fn bot_that_ran() -> Bot {
    let bot = bot().await;
    assert_eq!(bot.run().await.terminate().await, 0);
    bot
}

fn store(bot: &Bot) -> PathBuf {
    bot.home.path().join("matrix-store")
}

/// A database of the store, all of it in its one file.
fn database(bot: &Bot, name: &str) -> PathBuf {
    let path = store(bot).join(name);
    let db = Connection::open(&path).unwrap();
    let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
    db.query_row(checkpoint, [], |_| Ok(())).unwrap();
    path
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// The gateway refuses to start where the doctor finds a failure, and says so in these words.
async fn expect_gateway_refuses(bot: &Bot, words: &str) {
    let gateway = Gateway::start(&bot.home, &[]);
    let output = gateway.wait(crate::harness::eventually::PATIENCE).await;
    let output = output.expect_code(1);
    assert!(output.stderr.contains(words), "{output}");
}

fn expect_new_device(examined: &Examined, id: &str) {
    assert_eq!(examined.commands(id), ["nanobot store reset"]);
    assert_eq!(examined.exit_code(), 1);
}

#[tokio::test]
async fn an_older_copy_of_the_store_is_found_and_a_reset_heals_it() {
    let bot = bot_that_ran().await;
    let backup = bot.home.user_dir().join("backup");
    copy_store(&store(&bot), &backup);
    assert_eq!(bot.run().await.terminate().await, 0);
    copy_store(&backup, &store(&bot));
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("store.copy", "fail", "matrix-store is an older copy")
        .expect_failed(&["store.copy"]);
    expect_new_device(&examined, "store.copy");
    expect_gateway_refuses(&bot, "matrix-store is an older copy").await;
    carry_out(&bot, &examined, "store.copy").await;
    examine(&bot.home, &[]).await.expect_failed(&[]);
}

#[tokio::test]
async fn a_copy_made_while_the_gateway_ran_is_found_before_the_start() {
    let bot = bot().await;
    let gateway = bot.run().await;
    let backup = bot.home.user_dir().join("backup");
    copy_store(&store(&bot), &backup);
    assert_eq!(gateway.terminate().await, 0);
    examine(&bot.home, &[]).await.expect_failed(&[]);
    copy_store(&backup, &store(&bot));
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("store.copy", "fail", "matrix-store is an older copy")
        .expect_failed(&["store.copy"]);
    expect_new_device(&examined, "store.copy");
}

#[tokio::test]
async fn a_wiped_store_is_found_and_a_reset_heals_it() {
    let bot = bot_that_ran().await;
    fs::remove_dir_all(store(&bot)).unwrap();
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("store.present", "fail", "the device has published keys")
        .expect_failed(&["store.present"])
        .expect_skipped("store.account", &["store.present"])
        .expect_skipped("e2ee.keys-elsewhere", &["store.present"]);
    expect_new_device(&examined, "store.present");
    expect_gateway_refuses(&bot, "the store was deleted").await;
    // Nobody can tell whether there were keys.
    let offline = examine(&bot.home, &["--offline"]).await;
    offline
        .expect(
            "store.present",
            "fail",
            "unless the device is new, its keys are gone",
        )
        .expect_failed(&["store.present"]);
    carry_out(&bot, &examined, "store.present").await;
    examine(&bot.home, &[]).await.expect_failed(&[]);
}

#[tokio::test]
async fn a_device_that_was_never_used_needs_no_store_yet() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let url = synapse.base_url();
    let account = crate::harness::http_person::HttpPerson::login(
        &url,
        &bot.user_id,
        crate::harness::account::PASSWORD,
    )
    .await;
    let config = json!({"channels": {"matrix": {
        "enabled": true, "homeserver": url, "userId": bot.user_id, "allowFrom": ["*"],
        "accessToken": account.access_token(), "deviceId": account.device_id(),
    }}});
    bot.home.write_config(&config.to_string());
    chmod(&bot.home.config_path(), 0o600);
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect(
            "store.present",
            "pass",
            "the gateway creates the store when it starts",
        )
        .expect_failed(&[]);
    assert_eq!(bot.run().await.terminate().await, 0);
}

#[tokio::test]
async fn a_store_that_was_emptied_is_one_failure() {
    let bot = bot_that_ran().await;
    for file in fs::read_dir(store(&bot)).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("store.readable", "warn", "there are no keys in")
        .expect_failed(&["e2ee.keys-elsewhere"]);
    expect_new_device(&examined, "store.readable");
}

#[tokio::test]
async fn the_store_of_another_bot_is_named() {
    let (bot, other) = (bot().await, bot().await);
    fs::remove_dir_all(store(&bot)).unwrap();
    fs::create_dir(store(&bot)).unwrap();
    copy_files(&store(&other), &store(&bot));
    let examined = examine(&bot.home, &[]).await;
    let words = format!(
        "the keys of {}'s device {}",
        other.user_id,
        other.device_id()
    );
    examined
        .expect("store.account", "fail", &words)
        .expect("store.account", "fail", &bot.device_id())
        .expect_failed(&["store.account"])
        .expect_skipped("e2ee.keys-elsewhere", &["store.account"]);
    expect_new_device(&examined, "store.account");
    expect_gateway_refuses(&bot, &words).await;
}

#[tokio::test]
async fn damage_in_a_database_is_found_before_the_gateway_meets_it() {
    // Page by page: a header that is none, and a page in the middle that is noise.
    for (file, damage_at) in [(CRYPTO, 0), (STATE, 0), (STATE, 4096)] {
        let bot = bot_that_ran().await;
        let path = database(&bot, file);
        let database = File::options().write(true).open(&path).unwrap();
        database.write_all_at(&[0x5a; 4096], damage_at).unwrap();
        let examined = examine(&bot.home, &[]).await;
        examined
            .expect("store.databases", "fail", &format!("{file} is damaged"))
            .expect_failed(&["store.databases"])
            .expect_skipped("store.readable", &["store.databases"])
            .expect_skipped("e2ee.keys-elsewhere", &["store.databases"]);
        expect_new_device(&examined, "store.databases");
        carry_out(&bot, &examined, "store.databases").await;
        examine(&bot.home, &[]).await.expect_failed(&[]);
    }
}

#[tokio::test]
async fn keys_that_cannot_be_read_are_told_where_the_file_itself_is_sound() {
    let bot = bot_that_ran().await;
    let db = Connection::open(database(&bot, CRYPTO)).unwrap();
    let changed = db.execute("UPDATE kv SET value = x'00' WHERE key = 'account'", []);
    assert_eq!(changed, Ok(1));
    drop(db);
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("store.readable", "fail", "cannot read the encryption store")
        .expect_failed(&["store.readable"])
        .expect_skipped("store.account", &["store.readable"]);
    expect_new_device(&examined, "store.readable");
    carry_out(&bot, &examined, "store.readable").await;
    examine(&bot.home, &[]).await.expect_failed(&[]);
}

#[tokio::test]
async fn a_reset_that_was_killed_is_one_failure_which_the_same_command_fixes() {
    // Before the stores change places, and when the configuration is still the old device's.
    for step in ["reset-log-in", "reset-place"] {
        let bot = bot_that_ran().await;
        let killed = bot.begin_reset(&["--force"], Some(step)).wait(LONG).await;
        assert_eq!(killed.code, 128 + 9, "{killed}");
        let examined = examine(&bot.home, &["--live"]).await;
        examined
            .expect("store.reset", "fail", "started and not finished")
            .expect_failed(&["store.reset"])
            .expect_skipped("store.account", &["store.reset"])
            .expect_skipped("e2ee.keys-elsewhere", &["store.reset"])
            .expect_skipped("live.run", &["store.reset"]);
        expect_new_device(&examined, "store.reset");
        expect_gateway_refuses(&bot, "not finished").await;
        carry_out(&bot, &examined, "store.reset").await;
        examine(&bot.home, &[]).await.expect_failed(&[]);
    }
}

#[tokio::test]
async fn a_damaged_journal_is_told_apart_from_damaged_keys() {
    let bot = bot_that_ran().await;
    fs::write(
        database(&bot, JOURNAL),
        "not a database, and long enough to be seen",
    )
    .unwrap();
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect(
            "store.integrity",
            "fail",
            "the message queue is damaged: file is not a database",
        )
        .expect_failed(&["store.integrity"]);
    assert_eq!(examined.row("store.version")["status"], "skip");
    assert_eq!(examined.exit_code(), 1);
    expect_gateway_refuses(&bot, "inbox.sqlite3 failed").await;
    // As it says: the journal alone is moved away, and the device stays.
    let device = bot.device_id();
    fs::remove_file(store(&bot).join(JOURNAL)).unwrap();
    assert_eq!(bot.run().await.terminate().await, 0);
    examine(&bot.home, &[]).await.expect_failed(&[]);
    assert_eq!(bot.device_id(), device);
}

#[tokio::test]
async fn a_journal_of_a_newer_version_is_left_alone() {
    let bot = bot_that_ran().await;
    let path = database(&bot, JOURNAL);
    let db = Connection::open(&path).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    let before = fs::read(&path).unwrap();
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect(
            "store.version",
            "fail",
            "version 99, which this nanobot does not support",
        )
        .expect_failed(&["store.version"])
        .expect_skipped("store.integrity", &["store.version"]);
    assert_eq!(examined.exit_code(), 1);
    assert_eq!(fs::read(&path).unwrap(), before);
    expect_gateway_refuses(&bot, "was written by a newer nanobot").await;
}

#[tokio::test]
async fn modes_that_let_others_in_are_told_and_a_home_to_look_into_is_not() {
    let bot = bot_that_ran().await;
    chmod(&bot.home.path(), 0o755);
    let examined = examine(&bot.home, &[]).await;
    examined.expect("store.permissions", "pass", "private");
    for (path, mode) in [
        (bot.home.path(), 0o777),
        (store(&bot), 0o755),
        (store(&bot).join(CRYPTO), 0o644),
    ] {
        chmod(&path, mode);
        let examined = examine(&bot.home, &["--only", "store.permissions"]).await;
        let words = format!("{} has mode {mode:04o}", path.display());
        examined
            .expect("store.permissions", "warn", &words)
            .expect_failed(&[]);
        let only = json!([path]);
        assert_eq!(examined.row("store.permissions")["evidence"]["paths"], only);
        chmod(&path, if path.is_dir() { 0o700 } else { 0o600 });
    }
    chmod(&store(&bot), 0o711);
    chmod(&store(&bot).join(STATE), 0o640);
    examine(&bot.home, &["--only", "store.permissions"])
        .await
        .expect("store.permissions", "warn", "mode 0711")
        .expect("store.permissions", "warn", "more");
}

#[tokio::test]
async fn a_file_in_the_way_of_the_store_is_what_cannot_be_written() {
    let bot = bot_that_ran().await;
    fs::remove_dir_all(store(&bot)).unwrap();
    fs::write(store(&bot), "").unwrap();
    let examined = examine(&bot.home, &[]).await;
    let words = format!("cannot write {}: not a directory", store(&bot).display());
    examined
        .expect("store.writable", "fail", &words)
        .expect_failed(&["store.writable"])
        .expect_skipped("store.present", &["store.writable"])
        .expect_skipped("e2ee.keys-elsewhere", &["store.writable"]);
    assert_eq!(examined.exit_code(), 1);
}

#[tokio::test]
async fn a_full_disk_is_one_failure_and_a_filling_one_a_warning() {
    let Some(disk) = SmallDisk::mount(64) else {
        return;
    };
    let bot = bot_that_ran().await;
    copy_files(&store(&bot), disk.path());
    fs::remove_dir_all(store(&bot)).unwrap();
    std::os::unix::fs::symlink(disk.path(), store(&bot)).unwrap();
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("store.disk-space", "warn", "MiB free")
        .expect_failed(&[]);
    let filler = disk.fill();
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("store.disk-space", "fail", "0 MiB free")
        .expect_failed(&["store.disk-space"])
        .expect_skipped("store.writable", &["store.disk-space"])
        .expect_skipped("store.readable", &["store.disk-space"]);
    assert_eq!(examined.exit_code(), 1);
    fs::remove_file(filler).unwrap();
    examine(&bot.home, &[]).await.expect_failed(&[]);
}

#[tokio::test]
async fn a_store_that_has_grown_without_end_is_worth_a_word() {
    let bot = bot().await;
    let file = File::create(store(&bot).join("matrix-sdk-media.sqlite3-old")).unwrap();
    file.set_len(3 << 30).unwrap();
    chmod(&store(&bot).join("matrix-sdk-media.sqlite3-old"), 0o600);
    examine(&bot.home, &["--only", "store"])
        .await
        .expect("store.size", "warn", "MiB")
        .expect_failed(&[]);
}

#[tokio::test]
async fn an_archive_that_has_something_of_its_own_is_told() {
    let bot = bot().await;
    let kept = |status: &mut Status| {
        let archive = |name: &str| KeptArchive {
            name: name.to_owned(),
            ..KeptArchive::default()
        };
        status.storage = Some(Stored {
            kept_archives: vec![
                KeptArchive {
                    room_keys: 3,
                    ..archive("matrix-store.old-1")
                },
                KeptArchive {
                    room_keys: 1,
                    identity: true,
                    ..archive("matrix-store.old-2")
                },
                KeptArchive {
                    error: Some("it is damaged".to_owned()),
                    ..archive("matrix-store.old-3")
                },
            ],
            ..Stored::default()
        });
    };
    let _gateway = gateway_that_says(&bot, kept).await;
    let examined = examine(&bot.home, &[]).await;
    for words in [
        "matrix-store.old-1 has 3 room keys that the store in use lacks",
        "matrix-store.old-2 has 1 room key and the cross-signing identity that the store",
        "matrix-store.old-3 cannot be read: it is damaged",
    ] {
        examined.expect("store.archives", "warn", words);
    }
    let home = bot.home.path();
    let import = |name: &str| {
        let path = home.join(name);
        format!("nanobot store import-keys --from {}", path.display())
    };
    let [first, second] = ["matrix-store.old-1", "matrix-store.old-2"].map(import);
    let commands = [&*first, &*second, "nanobot login"];
    examined.expect_remedy("store.archives", "stop the gateway and import", &commands);
    examined.expect_failed(&[]);
}
