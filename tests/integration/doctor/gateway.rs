//! `gateway.*`: a gateway that runs, one that cannot reach its homeserver, and ones that do not
//! say how they are.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use nanobot::testing::error::Kind;
use nanobot::testing::ipc::{
    Answer, Backlog, Encryption, IdentityKeys, LastError, Lock, Refused, Request, Server, Status,
    now,
};
use nanobot::testing::policy::Rule;

use super::examined::{Examined, examine};
use crate::harness::account::{Bot, http_person};
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::room::RoomSpec;
use crate::harness::shared::{own_synapse, shared_synapse};
use crate::harness::synapse::Config;

pub const MINUTE: u64 = 60_000;

pub async fn bot() -> Bot {
    Bot::new(shared_synapse().await).await
}

/// What a healthy gateway of this bot says, changed; the real keys, so that only that is wrong.
pub async fn gateway_that_says(bot: &Bot, change: impl FnOnce(&mut Status)) -> (Lock, Server) {
    let keys = bot.account().await;
    let keys = keys.device_keys(&bot.user_id, &bot.device_id()).await;
    let key = |name: &str| {
        let name = format!("{name}:{}", bot.device_id());
        let key = &keys.as_ref().unwrap()["keys"][name];
        key.as_str().unwrap().to_owned()
    };
    let mut status = Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        started_at: now(),
        user_id: bot.user_id.clone(),
        device_id: bot.device_id(),
        keys: Some(IdentityKeys {
            ed25519: key("ed25519"),
            curve25519: key("curve25519"),
        }),
        connected: true,
        last_sync_at: Some(now()),
        backlog: Some(Backlog::default()),
        ..Status::default()
    };
    change(&mut status);
    let lock = Lock::acquire(&bot.home.path()).unwrap();
    let answer = move |request| {
        assert_eq!(request, Request::Status);
        let answer = Answer::Status(Box::new(status.clone()));
        async move { answer }
    };
    (lock, Server::start(&bot.home.path(), answer).unwrap())
}

/// The one thing that is wrong is this warning.
fn expect_only(examined: &Examined, id: &str) {
    assert_eq!(examined.ids("warn"), [id], "{:#}", examined.report);
    examined.expect_failed(&[]);
    assert_eq!(examined.exit_code(), 0);
}

#[tokio::test]
async fn nobody_runs() {
    let bot = bot().await;
    let examined = examine(&bot.home, &[]).await;
    examined.expect(
        "gateway.running",
        "warn",
        "the gateway is not running, so the bot answers no one",
    );
    expect_only(&examined, "gateway.running");
    assert_eq!(examined.commands("gateway.running"), ["nanobot gateway"]);
    // Its socket is still there.
    bot.run().await.kill().await;
    assert!(bot.home.path().join("nanobot.sock").exists());
    let examined = examine(&bot.home, &[]).await;
    expect_only(&examined, "gateway.running");
}

/// Every file of the store, and beside it.
fn files(directory: &PathBuf) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[tokio::test]
async fn the_store_of_a_running_gateway_is_never_opened() {
    const GARBAGE: &[u8] = b"whoever opens this instead of asking the gateway will notice";
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let gateway = bot.run().await;
    let (store, aside) = (
        bot.home.path().join("matrix-store"),
        bot.home.user_dir().join("aside"),
    );
    // The gateway goes on with the files that it has open; nobody else can find them.
    let exchange = |store: &PathBuf| {
        fs::rename(store, &aside).unwrap();
        fs::create_dir(store).unwrap();
        for file in files(&aside) {
            let file = store.join(file.file_name().unwrap());
            fs::write(&file, GARBAGE).unwrap();
            let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            fs::set_permissions(&file, private).unwrap();
        }
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(store, private).unwrap();
    };
    let restore = |store: &PathBuf| {
        fs::remove_dir_all(store).unwrap();
        fs::rename(&aside, store).unwrap();
    };
    exchange(&store);
    let before = files(&store);
    let examined = examine(&bot.home, &[]).await;
    let after = files(&store);
    let touched = after.iter().any(|file| fs::read(file).unwrap() != GARBAGE);
    restore(&store);
    assert_eq!(examined.ids("warn"), [""; 0], "{:#}", examined.report);
    examined
        .expect_failed(&[])
        .expect("store.readable", "pass", "the running gateway is using it")
        .expect("store.account", "pass", &bot.device_id())
        .expect("store.integrity", "pass", "the running gateway is using it");
    assert!(before == after && !touched, "{before:?} {after:?}");

    let ann = http_person(synapse, "ann").await;
    let room = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let question = ann.send_text(&room, "hello").await;
    ann.wait_for_reply(&room, &question, &bot.user_id).await;
    assert_eq!(gateway.terminate().await, 0);
    // Without the gateway it does look, so it could have noticed.
    exchange(&store);
    let examined = examine(&bot.home, &[]).await;
    restore(&store);
    examined.expect("store.databases", "fail", "is damaged");
}

#[tokio::test]
async fn a_gateway_of_another_version_is_to_be_started_again() {
    let bot = bot().await;
    let old = |status: &mut Status| "0.0.1".clone_into(&mut status.version);
    let _gateway = gateway_that_says(&bot, old).await;
    let examined = examine(&bot.home, &[]).await;
    examined.expect("gateway.version", "warn", "the gateway runs version 0.0.1");
    expect_only(&examined, "gateway.version");
}

#[tokio::test]
async fn what_was_refused_for_how_it_came_is_told_with_what_would_change_it() {
    let bot = bot().await;
    let refusing = |hours: u64| {
        move |status: &mut Status| {
            let refused = |count| Refused {
                count,
                last_at: now() - hours * 60 * MINUTE,
                last_hour: 0,
            };
            for (rule, count) in [
                (Rule::Plaintext, 14),
                (Rule::DeviceNotSigned, 1),
                (Rule::SenderNotAllowed, 100),
            ] {
                status
                    .refused
                    .insert(rule.name().to_owned(), refused(count));
            }
        }
    };
    let gateway = gateway_that_says(&bot, refusing(1)).await;
    let examined = examine(&bot.home, &[]).await;
    for words in ["14 messages rejected: ", "1 message rejected: "] {
        examined.expect("gateway.refusals", "warn", words);
    }
    assert_eq!(
        examined.commands("gateway.refusals"),
        [
            "nanobot config set senderTrust any",
            "nanobot config set allowPlaintextInEncryptedRooms true",
        ]
    );
    expect_only(&examined, "gateway.refusals");
    drop(gateway);

    let _gateway = gateway_that_says(&bot, refusing(25)).await;
    let words = "15 messages rejected since the gateway started, none in the last 24 hours";
    let examined = examine(&bot.home, &[]).await;
    examined.expect("gateway.refusals", "pass", words);
}

#[tokio::test]
async fn a_bot_that_nobody_mentions_is_explained_and_nothing_is_wrong_with_it() {
    let bot = bot().await;
    let ignoring = |status: &mut Status| {
        let refused = Refused {
            count: 40,
            last_at: now(),
            last_hour: 14,
        };
        let rule = Rule::NotMentioned.name().to_owned();
        status.refused.insert(rule, refused);
    };
    let _gateway = gateway_that_says(&bot, ignoring).await;
    let words = "14 messages ignored in the last hour: not mentioned";
    examine(&bot.home, &[])
        .await
        .expect("gateway.refusals", "pass", words)
        .expect_failed(&[]);
    let shown = bot.home.run(&["doctor"], "").await.expect_code(0);
    let shown = shown.stdout.replace("\n  ", " ");
    assert!(shown.contains(words), "{shown}");
}

#[tokio::test]
async fn two_gateways_of_one_account_are_found() {
    let bot = bot().await;
    let other = bot.elsewhere();
    other.log_in(&["--allow-from", "*"]).await.expect_code(0);
    // It started an hour ago, and the other is active now.
    let long_ago = |status: &mut Status| status.started_at = now() - 60 * MINUTE;
    let gateway = gateway_that_says(&bot, long_ago).await;
    other.account().await.whoami().await;
    let examined = examine(&bot.home, &[]).await;
    let words = format!(
        "another bot is running with this account: device {}",
        other.device_id()
    );
    examined
        .expect("device.siblings", "warn", &words)
        .expect_failed(&[]);
    drop(gateway);
    // A login that happened before it started is none.
    let _gateway = gateway_that_says(&bot, |_| {}).await;
    examine(&bot.home, &[])
        .await
        .expect("device.siblings", "pass", "with the same name");
}

#[tokio::test]
async fn what_waits_for_long_and_what_failed_lately_is_told() {
    let bot = bot().await;
    let busy = |status: &mut Status| {
        status.backlog = Some(Backlog {
            waiting: 3,
            oldest_waiting_at: Some(now() - 12 * MINUTE),
            ..Backlog::default()
        });
    };
    let gateway = gateway_that_says(&bot, busy).await;
    let examined = examine(&bot.home, &[]).await;
    let words = "3 messages are waiting for an answer, the oldest for 12 min";
    examined.expect("gateway.backlog", "warn", words);
    expect_only(&examined, "gateway.backlog");
    drop(gateway);

    // What failed long ago, and a message of a moment ago, are nothing.
    let fine = |status: &mut Status| {
        status.backlog = Some(Backlog {
            waiting: 1,
            oldest_waiting_at: Some(now() - 1_000),
            ..Backlog::default()
        });
        status.last_error = Some(LastError {
            at: now() - 16 * MINUTE,
            message: "cannot do it".to_owned(),
            kind: Kind::Failure,
        });
    };
    let gateway = gateway_that_says(&bot, fine).await;
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("gateway.backlog", "pass", "1 message is waiting")
        .expect_failed(&[]);
    assert_eq!(examined.ids("warn"), [""; 0], "{:#}", examined.report);
    drop(gateway);

    let deaf = |status: &mut Status| status.last_sync_at = Some(now() - 5 * MINUTE);
    let gateway = gateway_that_says(&bot, deaf).await;
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("gateway.sync", "fail", "it has received nothing for 5 min")
        .expect_failed(&["gateway.sync"])
        .expect_skipped("gateway.errors", &["gateway.sync"]);
    assert_eq!(examined.exit_code(), 1);
    assert_eq!(examined.commands("gateway.sync"), ["nanobot gateway"]);
    drop(gateway);

    let unready = |status: &mut Status| {
        status.agent_fault = Some("connection refused".to_owned());
        status.encryption = Encryption::Ready;
        *status = std::mem::take(status).judged();
    };
    let gateway = gateway_that_says(&bot, unready).await;
    examine(&bot.home, &[])
        .await
        .expect(
            "gateway.ready",
            "warn",
            "not ready: agent: connection refused",
        )
        .expect_failed(&[]);
    drop(gateway);

    let starting = |status: &mut Status| {
        status.connected = false;
        status.last_sync_at = None;
    };
    let _gateway = gateway_that_says(&bot, starting).await;
    examine(&bot.home, &[])
        .await
        .expect("gateway.sync", "warn", "waiting for the first sync")
        .expect_failed(&[]);
}

#[tokio::test]
async fn a_change_of_the_configuration_counts_from_the_next_reload() {
    let bot = bot().await;
    let gateway = bot.run().await;
    let set = ["config", "set", "groupPolicy", "mention"];
    bot.home.run(&set, "").await.expect_code(0);
    let examined = examine(&bot.home, &[]).await;
    examined.expect("gateway.configuration", "warn", "after the gateway read it");
    expect_only(&examined, "gateway.configuration");
    let reload = || async {
        let output = bot.home.run(&["gateway", "reload"], "").await;
        output.expect_code(0).stdout
    };
    assert_eq!(reload().await, "Reloaded: groupPolicy.\n");
    let examined = examine(&bot.home, &[]).await;
    examined.expect(
        "gateway.configuration",
        "pass",
        "it uses the configured device",
    );
    let set = ["config", "set", "e2eeEnabled", "false"];
    bot.home.run(&set, "").await.expect_code(0);
    let expected = "Nothing to reload.\nNeeds a restart: e2eeEnabled.\n";
    assert_eq!(reload().await, expected);
    let examined = examine(&bot.home, &[]).await;
    examined.expect(
        "gateway.configuration",
        "warn",
        "needs a restart: e2eeEnabled",
    );
    bot.set("e2eeEnabled", true);
    assert_eq!(reload().await, "Nothing to reload.\n");
    assert_eq!(gateway.terminate().await, 0);

    // Another device, which is the greater change.
    let other = |status: &mut Status| "OTHER".clone_into(&mut status.device_id);
    let _gateway = gateway_that_says(&bot, other).await;
    examine(&bot.home, &[]).await.expect(
        "gateway.configuration",
        "warn",
        &format!("device OTHER of {}, but device", bot.user_id),
    );
}

#[tokio::test]
async fn a_homeserver_that_is_away_is_one_failure_and_remembered_when_it_is_back() {
    let mut synapse = own_synapse(Config::default()).await;
    let bot = Bot::new(&synapse).await;
    let gateway = bot.run().await;
    synapse.stop().await.unwrap();
    // Only the gateway is asked.
    let examined = eventually("a gateway that has noticed", PATIENCE, || async {
        let examined = examine(&bot.home, &["--offline"]).await;
        if examined.row("gateway.sync")["status"] == "fail" {
            return Ok(examined);
        }
        Err(examined.row("gateway.sync").to_string())
    })
    .await;
    examined
        .expect(
            "gateway.sync",
            "fail",
            "it has not reached the homeserver for",
        )
        .expect_failed(&["gateway.sync"])
        .expect_skipped("gateway.errors", &["gateway.sync"]);
    assert_eq!(examined.exit_code(), 69);
    let examined = examine(&bot.home, &[]).await;
    let [root] = examined.ids("fail")[..] else {
        panic!("{:#}", examined.report);
    };
    assert!(root.starts_with("homeserver."), "{root}");
    examined
        .expect_skipped("gateway.sync", &[root])
        .expect_skipped("gateway.errors", &[root])
        .expect("gateway.running", "pass", "running for");
    assert_eq!(examined.exit_code(), 69);

    // It hangs.
    synapse.restart().await.unwrap();
    let examined = eventually("a gateway that is back", PATIENCE, || async {
        let examined = examine(&bot.home, &[]).await;
        if examined.row("gateway.sync")["status"] == "pass" {
            return Ok(examined);
        }
        Err(examined.row("gateway.sync").to_string())
    })
    .await;
    examined.expect(
        "gateway.errors",
        "warn",
        "ago: cannot sync with the homeserver",
    );
    expect_only(&examined, "gateway.errors");
    synapse.pause();
    let examined = examine(&bot.home, &["--timeout", "3"]).await;
    synapse.resume();
    let [root] = examined.ids("fail")[..] else {
        panic!("{:#}", examined.report);
    };
    assert!(root.starts_with("homeserver."), "{root}");
    examined.expect_skipped("gateway.sync", &[root]);
    assert_eq!(examined.exit_code(), 69);
    assert_eq!(gateway.terminate().await, 0);
}

#[tokio::test]
async fn a_lock_without_a_gateway_is_waited_for() {
    let bot = bot().await;
    let _lock = Lock::acquire(&bot.home.path()).unwrap();
    let examined = examine(&bot.home, &[]).await;
    let words = format!("another nanobot (pid {})", std::process::id());
    examined.expect("gateway.running", "warn", &words).expect(
        "store.readable",
        "skip",
        "another nanobot is using it",
    );
    expect_only(&examined, "gateway.running");
    // Another gateway could not start.
    assert!(examined.commands("gateway.running").is_empty());
}

/// Who has the lock and listens, and does this with everyone who asks.
fn listen(bot: &Bot, talk: fn(std::os::unix::net::UnixStream)) -> Lock {
    let lock = Lock::acquire(&bot.home.path()).unwrap();
    let listener = UnixListener::bind(bot.home.path().join("nanobot.sock")).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            talk(stream.unwrap());
        }
    });
    lock
}

#[tokio::test]
async fn a_gateway_that_listens_and_does_not_answer_hangs() {
    let (silent, talks_nonsense) = (bot().await, bot().await);
    // The connection stays open, and nothing comes.
    let _hanging = listen(&silent, |mut stream| {
        drop(stream.read_to_end(&mut Vec::new()));
    });
    let _confused = listen(&talks_nonsense, |mut stream| {
        let _ = stream.read(&mut [0; 100]);
        let _ = stream.write_all(b"\x1b[2Jwhat?\n");
    });
    for (bot, words) in [(silent, "not in time"), (talks_nonsense, "expected value")] {
        let start = SystemTime::now();
        let examined = examine(&bot.home, &["--timeout", "4"]).await;
        assert!(start.elapsed().unwrap() < Duration::from_secs(8));
        examined
            .expect("gateway.running", "fail", words)
            .expect("gateway.running", "fail", "nanobot.sock")
            .expect("store.readable", "skip", "another nanobot is using it")
            .expect("doctor.complete", "pass", "were answered")
            .expect_failed(&["gateway.running"]);
        assert_eq!(examined.exit_code(), 1);
        assert_eq!(examined.commands("gateway.running"), ["nanobot gateway"]);
        assert!(!examined.report.to_string().contains("\\u001b"));
    }
}
