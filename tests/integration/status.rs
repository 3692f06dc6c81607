//! Asking the running gateway: what it says is true, whatever state it and its homeserver are in.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use nanobot::testing::ipc::{Holder, Lock};
use nanobot::testing::journal::{Stored, Summary};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use crate::harness::account::{Bot, http_person};
use crate::harness::bot::{Gateway, Home};
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::process::Process;
use crate::harness::room::RoomSpec;
use crate::harness::shared::{own_synapse, shared_synapse};
use crate::harness::synapse::Config;
use crate::mishap::{Unreadable, put_back_from_a_copy, send_unreadable};

/// However busy the gateway is: it answers at once.
const AT_ONCE: Duration = Duration::from_secs(5);

fn socket(home: &Home) -> PathBuf {
    home.path().join("nanobot.sock")
}

/// What the gateway of this home says of itself.
pub async fn status(home: &Home) -> Value {
    let answer = async {
        let mut stream = UnixStream::connect(socket(home)).await.unwrap();
        stream.write_all(b"{\"ask\":\"status\"}\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let answer = tokio::time::timeout(AT_ONCE, answer).await.unwrap();
    assert!(answer.ends_with("}\n"), "{answer}");
    let mut answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["answer"].take(), "status");
    answer
}

/// Its status as soon as it is like this.
pub async fn status_when(home: &Home, is_so: impl Fn(&Value) -> bool) -> Value {
    eventually("a status", PATIENCE, || async {
        let status = status(home).await;
        if is_so(&status) {
            return Ok(status);
        }
        Err(status.to_string())
    })
    .await
}

#[tokio::test]
async fn a_healthy_gateway_says_who_it_is_and_that_all_is_well() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let gateway = bot.run().await;
    let mut first = status(&bot.home).await;
    // The gateway looks at it when there is nothing else to do.
    first.as_object_mut().unwrap().remove("storage");
    let published = bot.account().await;
    let published = published.device_keys(&bot.user_id, &bot.device_id()).await;
    let key = |name: &str| {
        published.as_ref().unwrap()["keys"][format!("{name}:{}", bot.device_id())].clone()
    };
    let (started_at, last_sync_at) = (&first["started_at"], &first["last_sync_at"]);
    let configured_at = &first["configured_at"];
    assert!(configured_at.as_u64() <= started_at.as_u64(), "{first}");
    assert_eq!(
        first,
        json!({
            "answer": null,
            "version": env!("CARGO_PKG_VERSION"),
            "pid": gateway.pid(),
            "started_at": started_at,
            "configured_at": configured_at,
            "user_id": bot.user_id,
            "device_id": bot.device_id(),
            "homeserver": format!("{}/", synapse.base_url()),
            "access": "Everyone may talk to this bot, in any room.",
            "agent": {"kind": "echo", "description": "echo (repeats each message)"},
            "last_received_at": null,
            "last_answered_at": null,
            "answered": 0,
            "keys": {"ed25519": key("ed25519"), "curve25519": key("curve25519")},
            "connected": true,
            "last_sync_at": last_sync_at,
            "last_error": null,
            "away_since": null,
            "sync_fault": null,
            "token_fault": null,
            "journal_fault": null,
            "journal_silent_since": null,
            "agent_fault": null,
            "disk_free": first["disk_free"],
            "disk_full_since": null,
            "one_time_keys": first["one_time_keys"],
            "backup_enabled": false,
            "encryption": {"state": "ready"},
            "key_conflict": false,
            "verified": true,
            "pauses": [],
            "backlog": {
                "waiting": 0,
                "oldest_waiting_at": null,
                "undecryptable": {"count": 0, "recent": []},
                "parked": {"count": 0, "recent": []},
            },
            "refused": {},
            "not_joined": {},
            "readiness": {"alive": true, "ready": true, "reasons": []},
        })
    );
    assert!(started_at.as_u64() <= last_sync_at.as_u64(), "{first}");
    let mode = socket(&bot.home).metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let ann = http_person(synapse, "ann").await;
    ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    status_when(&bot.home, |now| {
        now["last_sync_at"].as_u64() > last_sync_at.as_u64()
    })
    .await;
    assert_eq!(gateway.terminate().await, 0);
    assert!(!socket(&bot.home).exists());
}

#[tokio::test]
async fn a_killed_gateway_leaves_a_socket_that_stops_nobody() {
    let bot = Bot::new(shared_synapse().await).await;
    let home = bot.home.path();
    assert_eq!(Lock::holder(&home).unwrap(), None);
    let gateway = bot.run().await;
    let pid = Some(gateway.pid());
    assert_eq!(Lock::holder(&home).unwrap(), Some(Holder { pid }));
    gateway.kill().await;
    assert!(socket(&bot.home).exists());
    let error = UnixStream::connect(socket(&bot.home)).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
    assert_eq!(Lock::holder(&home).unwrap(), None);

    let gateway = bot.run().await;
    assert_eq!(status(&bot.home).await["pid"], gateway.pid());
    assert_eq!(gateway.terminate().await, 0);
    assert!(!socket(&bot.home).exists());
}

#[tokio::test]
async fn a_socket_that_cannot_be_made_is_warned_about() {
    let bot = Bot::new(shared_synapse().await).await;
    fs::write(socket(&bot.home), "not a socket").unwrap();
    let gateway = bot.run().await;
    assert!(gateway.stderr().contains("nanobot.sock"));
    assert_eq!(gateway.terminate().await, 0);
    assert_eq!(fs::read(socket(&bot.home)).unwrap(), b"not a socket");
}

#[tokio::test]
async fn a_homeserver_that_hangs_or_is_away_is_told_while_it_is() {
    let mut synapse = own_synapse(Config::default()).await;
    let bot = Bot::new(&synapse).await;
    let gateway = bot.run().await;
    // The sync hangs, and so does what is sent.
    synapse.pause();
    let hanging = status(&bot.home).await;
    assert_eq!(hanging["connected"], true);
    synapse.resume();

    synapse.stop().await.unwrap();
    let away = status_when(&bot.home, |status| !status["away_since"].is_null()).await;
    assert_eq!(away["connected"], true);
    assert_eq!(away["last_error"]["kind"], "unreachable");
    let message = away["last_error"]["message"].as_str().unwrap();
    assert!(message.contains("sync with the homeserver"), "{message}");
    assert!(
        away["away_since"].as_u64() >= away["last_sync_at"].as_u64(),
        "{away}"
    );
    // It goes on trying, and counts from the first time. Why it failed is not lost behind the
    // long address that was asked.
    let later = status_when(&bot.home, |later| {
        later["last_error"]["message"]
            .as_str()
            .is_some_and(|message| message.contains("connection refused"))
    })
    .await;
    assert_eq!(later["away_since"], away["away_since"]);
    assert_eq!(later["last_sync_at"], away["last_sync_at"]);

    synapse.restart().await.unwrap();
    let back = status_when(&bot.home, |status| status["away_since"].is_null()).await;
    assert!(
        back["last_sync_at"].as_u64() > away["away_since"].as_u64(),
        "{back}"
    );
    assert_eq!(back["last_error"]["kind"], "unreachable");
    assert_eq!(gateway.terminate().await, 0);
    bot.assert_no_secret();
}

#[tokio::test]
async fn messages_without_their_keys_are_named_with_the_reason_also_after_a_restart() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let gateway = bot.run().await;
    let Unreadable {
        ann,
        room,
        event_id,
        content: secret,
    } = send_unreadable(synapse, &bot).await;

    let missing = status_when(&bot.home, |status| {
        status["backlog"]["undecryptable"]["count"] == 1
    })
    .await;
    let event = &missing["backlog"]["undecryptable"]["recent"][0];
    let expected = |reason: &str| {
        json!({
            "room_id": room,
            "event_id": event_id,
            "sender": ann.user_id(),
            "session_id": secret["session_id"],
            "at": event["at"],
            "reason": reason,
        })
    };
    assert_eq!(*event, expected("its key has not come"));
    assert!(event["at"].as_u64() >= missing["started_at"].as_u64());

    // The sender says that it keeps the key for itself.
    let withheld = json!({
        "algorithm": "m.megolm.v1.aes-sha2", "room_id": room, "session_id": secret["session_id"],
        "sender_key": secret["sender_key"], "code": "m.unverified",
    });
    let body = json!({"messages": {&bot.user_id: {bot.device_id(): withheld}}});
    let path = ["v3", "sendToDevice", "m.room_key.withheld", "1"];
    ann.call(Method::PUT, &path, Some(&body)).await;
    assert_eq!(gateway.terminate().await, 0);
    let gateway = bot.run().await;
    let kept = expected("its sender keeps the key from the bot (m.unverified)");
    let status = status(&bot.home).await;
    assert_eq!(status["backlog"]["undecryptable"]["recent"], json!([kept]));

    assert_eq!(gateway.terminate().await, 0);
    let stored = Summary::read(&bot.home.path().join("matrix-store")).await;
    let Some(Stored::Sound { summary, .. }) = stored.unwrap() else {
        panic!("no journal");
    };
    let owner = format!("{} {}", bot.user_id, bot.device_id());
    assert_eq!(summary.owner, Some(owner));
    let found = serde_json::to_value(&summary.backlog.undecryptable.recent).unwrap();
    assert_eq!(found, json!([kept]));
}

#[tokio::test]
async fn a_key_conflict_is_seen_when_it_happens_and_ever_after() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    put_back_from_a_copy(synapse, &bot).await;
    for _ in 0..2 {
        let gateway = Gateway::connected(&bot.home, &[]).await;
        status_when(&bot.home, |status| status["key_conflict"] == true).await;
        gateway.expect_line("encryption is broken", PATIENCE).await;
        assert_eq!(gateway.terminate().await, 0);
    }
}

/// The document of `nanobot status --json`.
async fn document(home: &Home) -> Value {
    let output = home.run(&["status", "--json"], "").await;
    output.expect_code(0).json()
}

fn problems(document: &Value) -> Vec<&str> {
    let problems = document["problems"].as_array().unwrap().iter();
    problems
        .map(|problem| problem["id"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn the_status_is_told_whether_a_gateway_runs_or_not() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let never = document(&bot.home).await;
    assert_eq!(never["state"], "stopped");
    assert_eq!(never["user_id"], bot.user_id);
    assert_eq!(never["agent"]["kind"], "echo");
    assert_eq!(problems(&never), ["gateway.running"]);
    let store = bot.home.path().join("matrix-store");
    let aside = bot.home.path().join("aside");
    std::fs::rename(&store, &aside).unwrap();
    let without = document(&bot.home).await;
    assert_eq!(problems(&without), ["store.present", "gateway.running"]);
    std::fs::rename(&aside, &store).unwrap();
    let rename = |from: &str, to: &str| {
        bot.home.edit_config(|config| {
            let section = config["channels"]["matrix"].as_object_mut().unwrap();
            let list = section.remove(from).unwrap();
            section.insert(to.to_owned(), list);
        });
    };
    rename("allowFrom", "allowForm");
    let open = document(&bot.home).await;
    assert_eq!(problems(&open), ["config.unknown-keys", "gateway.running"]);
    rename("allowForm", "allowFrom");

    let gateway = bot.run().await;
    let ann = http_person(synapse, "ann").await;
    let room = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let question = ann.send_text(&room, "hello").await;
    ann.wait_for_reply(&room, &question, &bot.user_id).await;
    status_when(&bot.home, |status| status["answered"] == 1).await;
    let running = document(&bot.home).await;
    assert_eq!(running["ok"], true);
    assert_eq!(running["state"], "running");
    assert_eq!(running["pid"], gateway.pid());
    assert_eq!(running["last_seen_at"], Value::Null);
    assert_eq!(problems(&running), [""; 0]);
    assert!(running["last_answered_at"].as_u64() >= running["last_received_at"].as_u64());
    // It is one struct, whoever asks.
    for (key, told) in status(&bot.home).await.as_object().unwrap() {
        if key != "answer" && key != "last_sync_at" {
            assert_eq!(*told, running[key], "{key}");
        }
    }
    for words in [&["status"][..], &["whoami"]] {
        let shown = bot.home.run(words, "").await.expect_code(0).stdout;
        assert!(shown.contains("Problems    none"), "{shown}");
    }

    assert_eq!(gateway.terminate().await, 0);
    let stopped = document(&bot.home).await;
    assert_eq!(stopped["state"], "stopped");
    assert_eq!(stopped["last_received_at"], running["last_received_at"]);
    assert!(stopped["last_seen_at"].as_u64() >= running["last_received_at"].as_u64());
    assert_eq!(stopped["pid"], Value::Null);
    bot.assert_no_secret();
}

#[tokio::test]
async fn a_status_that_cannot_be_told_says_why() {
    let home = Home::new();
    home.run(&["status"], "").await.expect_code(4);
    home.write_config("{ broken");
    let output = home.run(&["status", "--json"], "").await.expect_code(78);
    assert_eq!(output.json()["error"]["kind"], "config");

    // A gateway that runs knows more than a file that was broken since.
    let bot = Bot::new(shared_synapse().await).await;
    let gateway = bot.run().await;
    bot.home.write_config("{ broken");
    let told = document(&bot.home).await;
    assert_eq!(told["state"], "running");
    assert_eq!(problems(&told), ["gateway.configuration"]);
    assert_eq!(gateway.terminate().await, 0);
}

#[tokio::test]
async fn a_watched_status_has_a_line_for_each_change() {
    let bot = Bot::new(shared_synapse().await).await;
    let watch = |arguments: &[&str]| {
        let command = bot
            .home
            .command(&[&["status", "--watch"], arguments].concat());
        let process = Process::spawn(command, bot.home.record());
        process.give(b"");
        process
    };
    let (text, json) = (watch(&[]), watch(&["--json"]));
    text.expect_line(" not running, 0 answered", PATIENCE).await;
    json.expect_line("\"state\":\"stopped\"", PATIENCE).await;
    let gateway = bot.run().await;
    text.expect_line(" connected, 0 answered", PATIENCE).await;
    json.expect_line("\"state\":\"running\"", PATIENCE).await;
    assert_eq!(gateway.terminate().await, 0);
    text.expect_lines(" not running, ", 2, PATIENCE).await;
    for process in [text, json] {
        let output = process.terminate().await.expect_code(0);
        assert_eq!(output.stderr, "", "{output}");
        assert!(output.stdout.lines().count() < 20, "{output}");
    }
}
