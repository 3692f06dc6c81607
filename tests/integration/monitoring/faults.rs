//! Each fault is seen within half a minute, and that it is over, too.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::SystemTime;

use matrix_sdk_base::crypto::vodozemac::Ed25519SecretKey;
use reqwest::Method;
use serde_json::{Value, json};

use super::scene::{Endpoint, SEEN};
use crate::harness::account::{Bot, PASSWORD};
use crate::harness::disk::SmallDisk;
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::http_person::HttpPerson;
use crate::harness::shared::{own_synapse, shared_synapse};
use crate::harness::synapse::Config;

/// A program that answers.
fn program(bot: &Bot) -> std::path::PathBuf {
    let path = bot.home.user_dir().join("agent.sh");
    fs::write(&path, "#!/bin/sh\ncat >/dev/null; echo hello\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    path
}

#[tokio::test]
async fn a_homeserver_that_hangs_or_stops_and_an_agent_that_is_gone_are_seen() {
    let mut synapse = own_synapse(Config::default()).await;
    let bot = Bot::new(&synapse).await;
    let agent = program(&bot);
    bot.set("agent", json!({"type": "command", "command": [agent]}));
    let endpoint = Endpoint::start(&bot, &[]).await;

    // Both at once, so that it takes half the time.
    let away = agent.with_extension("away");
    fs::rename(&agent, &away).unwrap();
    synapse.pause();
    let reply = endpoint.unready(&["sync", "agent"]).await;
    assert!(reply.text.contains("has answered no sync for"), "{reply:?}");
    assert!(reply.text.contains("there is no program"), "{reply:?}");
    // The doctor and the status say the same; neither is a reason to restart it.
    assert_eq!(endpoint.get("/livez").await.status, 200);
    let status = bot.home.run(&["status"], "").await.stdout;
    assert!(status.contains("Ready       no (sync, agent)"), "{status}");
    let metrics = endpoint.get("/metrics").await.text;
    assert!(metrics.contains("nanobot_ready 0\n"), "{metrics}");
    assert!(metrics.contains("nanobot_condition{condition=\"agent\"} 0\n"));
    let verbose = endpoint.get("/readyz?verbose&exclude=sync").await;
    assert_eq!(verbose.status, 503);
    assert!(
        verbose.text.contains("[+]sync excluded: ok\n"),
        "{verbose:?}"
    );
    assert!(verbose.text.contains("[-]agent failed: "), "{verbose:?}");
    let excluded = "/readyz?exclude=sync&exclude=agent";
    assert_eq!(endpoint.get(excluded).await.status, 200);

    fs::rename(&away, &agent).unwrap();
    synapse.resume();
    endpoint.ready(SEEN).await;

    synapse.stop().await.unwrap();
    let reply = endpoint.unready(&["sync"]).await;
    assert!(reply.text.contains("unreachable"), "{reply:?}");
    synapse.restart().await.unwrap();
    endpoint.ready(SEEN).await;
    assert_eq!(endpoint.gateway.terminate().await, 0);
    bot.assert_no_secret();
}

#[tokio::test]
async fn replaced_keys_and_a_full_disk_are_seen() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let disk = SmallDisk::mount(64);
    let directory = disk
        .as_ref()
        .map_or(bot.home.path(), |disk| disk.path().to_owned());
    let config = directory.join("config.json");
    let config = ["--config", config.to_str().unwrap()];
    bot.log_in(&[&config[..], &["--allow-from", "*"]].concat())
        .await
        .expect_code(0);
    let text = fs::read(directory.join("config.json")).unwrap();
    let settings: Value = serde_json::from_slice(&text).unwrap();
    let setting = |key: &str| {
        settings["channels"]["matrix"][key]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let endpoint = Endpoint::start(&bot, &config).await;

    let (token, device) = (setting("accessToken"), setting("deviceId"));
    let account = HttpPerson::with_token(&synapse.base_url(), &token).await;
    let ours = account.device_keys(&bot.user_id, &device).await.unwrap();
    let mut theirs = ours.clone();
    for name in [format!("ed25519:{device}"), format!("curve25519:{device}")] {
        theirs["keys"][name] = Ed25519SecretKey::new().public_key().to_base64().into();
    }
    let path = ["v3", "keys", "upload"];
    let upload = async |keys: &Value| {
        let body = json!({"device_keys": keys});
        account.call(Method::POST, &path, Some(&body)).await;
    };
    upload(&theirs).await;
    let reply = endpoint.unready(&["keys"]).await;
    assert!(reply.text.contains("another program"), "{reply:?}");
    upload(&ours).await;
    endpoint.ready(SEEN).await;

    let Some(disk) = disk else {
        return;
    };
    // What a sync brings could not be written, which ends the gateway: the next is far away.
    eventually("a sync just now", PATIENCE, async || {
        let metrics = endpoint.get("/metrics").await.text;
        let mut lines = metrics.lines();
        let last = lines.find_map(|line| line.strip_prefix("nanobot_last_sync_timestamp_seconds "));
        let last: f64 = last.unwrap().parse().unwrap();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let age = now.unwrap().as_secs_f64() - last;
        if age < 5.0 { Ok(()) } else { Err(age) }
    })
    .await;
    let filler = disk.fill();
    let reply = endpoint.unready(&["disk"]).await;
    assert!(reply.text.contains("the disk is full"), "{reply:?}");
    fs::remove_file(filler).unwrap();
    endpoint.ready(SEEN).await;
    assert_eq!(endpoint.gateway.terminate().await, 0);
}

#[tokio::test]
async fn a_device_that_was_deleted_ends_it_and_a_new_one_is_ready_again() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let endpoint = Endpoint::start(&bot, &[]).await;
    let other = HttpPerson::login(&synapse.base_url(), &bot.user_id, PASSWORD).await;
    let path = ["v3", "devices", &bot.device_id()];
    let auth = json!({"type": "m.login.password", "password": PASSWORD,
        "identifier": {"type": "m.id.user", "user": bot.user_id}});
    other
        .call(Method::DELETE, &path, Some(&json!({"auth": auth})))
        .await;
    gone(&endpoint).await;
    endpoint.gateway.wait(PATIENCE).await.expect_code(4);
    bot.log_in(&["--allow-from", "*"]).await.expect_code(0);
    drop(endpoint);
    Endpoint::start(&bot, &[]).await;
}

#[tokio::test]
async fn a_token_that_was_revoked_ends_it() {
    let bot = Bot::new(shared_synapse().await).await;
    let endpoint = Endpoint::start(&bot, &[]).await;
    bot.account().await.logout().await;
    gone(&endpoint).await;
    endpoint.gateway.wait(PATIENCE).await.expect_code(4);
}

/// Waits until nobody would take it for ready.
async fn gone(endpoint: &Endpoint) {
    eventually("not to be ready", SEEN, async || {
        match endpoint.try_get("/readyz", "*/*").await {
            Err(_) => Ok(()),
            Ok(reply) if reply.status == 503 => {
                assert!(reply.text.contains("token"), "{reply:?}");
                Ok(())
            }
            Ok(reply) => Err(reply.text),
        }
    })
    .await;
}
