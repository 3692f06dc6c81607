//! What is kept beside the store has limits: received files, conversations, archived stores.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nanobot::testing::ipc::{Answer, KeptArchive, Request, Status, ask};

use crate::harness::account::Bot;
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::shared::shared_synapse;

const DAY: u64 = 86_400;

fn days_ago(days: u64) -> SystemTime {
    SystemTime::now() - Duration::from_secs(days * DAY)
}

/// A file that was changed so many days ago.
fn file(path: &Path, days: u64) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, [0; 1000]).unwrap();
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(days_ago(days)).unwrap();
}

/// Gives an archive a name that says that it is so many days old.
fn archived(bot: &Bot, path: &str, days: u64) -> String {
    let seconds = days_ago(days).duration_since(UNIX_EPOCH).unwrap().as_secs();
    let name = format!("matrix-store.old-{seconds}");
    fs::rename(path, bot.home.path().join(&name)).unwrap();
    name
}

async fn swept(bot: &Bot) -> Status {
    eventually("that it has looked", PATIENCE, || async {
        match ask(&bot.home.path(), Request::Status, PATIENCE).await {
            Ok(Some(Answer::Status(status))) if status.storage.is_some() => Ok(*status),
            other => Err(format!("{other:?}")),
        }
    })
    .await
}

#[tokio::test]
async fn what_is_old_goes_when_the_gateway_starts() {
    let bot = Bot::new(shared_synapse().await).await;
    let home = bot.home.path();
    for (name, days) in [("old.png", 31), ("new.png", 29)] {
        file(&home.join("media/matrix").join(name), days);
        file(
            &home.join("conversations").join(format!("{name}.json")),
            days * 12,
        );
    }
    let mut archives = Vec::new();
    for days in [300, 200, 100] {
        let reset = bot
            .reset(&["--force", "--json"])
            .await
            .expect_code(0)
            .json();
        let path = reset["archived_store"]
            .as_str()
            .unwrap_or_else(|| panic!("{reset:#}"));
        archives.push(archived(&bot, path, days));
    }
    // The room keys of this one are nowhere else.
    let keys = home.join(&archives[1]).join("matrix-sdk-crypto.sqlite3");
    let keys = rusqlite::Connection::open(keys).unwrap();
    let key = "INSERT INTO inbound_group_session (session_id, room_id, backed_up, data)
               VALUES (x'01', x'02', 0, x'03')";
    keys.execute(key, []).unwrap();
    drop(keys);

    let gateway = bot.run().await;
    let status = swept(&bot).await;
    let storage = status.storage.clone().unwrap();
    assert_eq!((storage.media.files, storage.conversations.files), (1, 1));
    assert!(home.join("media/matrix/new.png").exists());
    assert!(home.join("conversations/new.png.json").exists());
    let exists = |name: &String| home.join(name).exists();
    let left: Vec<_> = archives.iter().map(exists).collect();
    assert_eq!(left, [false, true, true], "the newest, and one with a key");
    assert_eq!(storage.archives.files, 2);
    let [kept] = &storage.kept_archives[..] else {
        panic!("{storage:?}");
    };
    let expected = KeptArchive {
        name: archives[1].clone(),
        room_keys: 1,
        ..KeptArchive::default()
    };
    assert_eq!(*kept, expected);
    let shown = bot.home.run(&["store", "status"], "").await;
    assert!(
        shown.stdout.contains("kept 30 days, up to 1.00 GiB"),
        "{shown}"
    );
    assert_eq!(gateway.terminate().await, 0);
}
