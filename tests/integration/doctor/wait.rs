//! `nanobot doctor --wait` and its time limits.

use std::future::ready;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nanobot::testing::ipc::{Answer, Lock, Server, Status, now};
use serde_json::json;

use super::examined::examine;
use crate::harness::account::Bot;
use crate::harness::bot::{Gateway, Home};
use crate::harness::eventually::PATIENCE;
use crate::harness::shared::{own_synapse, shared_synapse};
use crate::harness::synapse::Config;

/// A bot that is logged in at this port, with a made-up token.
fn home_at(port: u16) -> Home {
    home_with(&format!("http://127.0.0.1:{port}"))
}

/// The same at this homeserver.
fn home_with(homeserver: &str) -> Home {
    let home = Home::new();
    let matrix = json!({
        "enabled": true,
        "homeserver": homeserver,
        "userId": "@bot:localhost",
        "accessToken": "a-token-of-no-known-shape",
        "deviceId": "DEVICE",
    });
    home.write_config(&json!({"channels": {"matrix": matrix}}).to_string());
    home
}

fn dead_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[tokio::test]
async fn a_homeserver_that_comes_up_is_waited_for() {
    let mut synapse = own_synapse(Config::default()).await;
    let bot = Bot::new(&synapse).await;
    synapse.stop().await.unwrap();

    // One failure, and what hangs on it; asked for or not, it decides.
    for only in [&[][..], &["--only", "e2ee"]] {
        let examined = examine(&bot.home, only).await;
        assert_eq!(examined.exit_code(), 69);
        examined
            .expect_failed(&["homeserver.connect"])
            .expect_skipped("e2ee.published", &["homeserver.connect"]);
    }

    let terminal = bot.home.terminal(&["doctor", "--wait", "--timeout", "120"]);
    terminal.expect("Waiting for homeserver.", PATIENCE).await;
    synapse.restart().await.unwrap();
    assert_eq!(terminal.wait(PATIENCE).await, 0, "{}", terminal.screen());
    assert!(terminal.cursor_visible());
    bot.assert_no_secret();
}

/// What a gateway that has just started tells of itself; the tests change it.
fn starting() -> Arc<Mutex<Status>> {
    Arc::new(Mutex::new(Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        user_id: "@bot:localhost".to_owned(),
        device_id: "DEVICE".to_owned(),
        started_at: now(),
        ..Status::default()
    }))
}

/// Holds the directory and answers as a gateway does.
fn gateway(home: &Home, status: &Arc<Mutex<Status>>) -> (Server, Lock) {
    let lock = Lock::acquire(&home.path()).unwrap();
    let status = Arc::clone(status);
    let answer = move |_| {
        let status = status.lock().unwrap().clone();
        ready(Answer::Status(Box::new(status)))
    };
    (Server::start(&home.path(), answer).unwrap(), lock)
}

#[tokio::test]
async fn a_gateway_that_starts_is_waited_for() {
    let home = home_with(&shared_synapse().await.base_url());
    let arguments = ["doctor", "--only", "gateway", "--wait", "--timeout"];
    let limited = |limit| [&arguments[..], &[limit]].concat();
    let status = starting();
    let running = gateway(&home, &status);
    let options = limited("1")[1..].to_vec();
    let examined = examine(&home, &options).await;
    assert_eq!(examined.exit_code(), 69);
    examined.expect_failed(&["gateway.sync"]).expect(
        "gateway.sync",
        "fail",
        "waiting for the first sync (after 1 s)",
    );
    // Without waiting, a start is nothing to fail for.
    home.run(&["doctor", "--only", "gateway"], "")
        .await
        .expect_code(0);

    let terminal = home.terminal(&limited("120"));
    terminal
        .expect("Waiting for gateway.sync: ", PATIENCE)
        .await;
    status.lock().unwrap().last_sync_at = Some(now());
    assert_eq!(terminal.wait(PATIENCE).await, 0, "{}", terminal.screen());
    drop(running);
}

#[tokio::test]
async fn a_gateway_that_does_not_run_is_waited_for_only_strictly() {
    let home = home_with(&shared_synapse().await.base_url());
    let arguments = ["doctor", "--only", "gateway", "--wait", "--timeout"];
    // Whoever waits for the homeserver before starting the gateway has none.
    let lenient = [&arguments[..], &["3600"]].concat();
    let output = home.run(&lenient, "").await.expect_code(0);
    assert!(output.stderr.is_empty(), "{output}");

    let limited = [&arguments[..], &["1", "--strict"]].concat();
    home.run(&limited, "").await.expect_code(3);
    let terminal = home.terminal(&[&lenient[..], &["--strict"]].concat());
    terminal
        .expect("Waiting for gateway.running: ", PATIENCE)
        .await;
    let status = starting();
    let running = gateway(&home, &status);
    terminal
        .expect("Waiting for gateway.sync: ", PATIENCE)
        .await;
    status.lock().unwrap().last_sync_at = Some(now());
    assert_eq!(terminal.wait(PATIENCE).await, 0, "{}", terminal.screen());
    drop(running);
}

#[tokio::test]
async fn a_deploy_script_waits_for_the_gateway_it_has_started() {
    let bot = Bot::new(shared_synapse().await).await;
    let arguments = ["doctor", "--only", "gateway", "--wait", "--strict"];
    let terminal = bot.home.terminal(&arguments);
    terminal
        .expect("Waiting for gateway.running: ", PATIENCE)
        .await;
    let gateway = Gateway::start(&bot.home, &[]);
    assert_eq!(terminal.wait(PATIENCE).await, 0, "{}", terminal.screen());
    // The doctor was not content before the gateway was.
    gateway
        .expect_line("Matrix channel connected", PATIENCE)
        .await;
    gateway.terminate().await;
}

#[tokio::test]
async fn what_somebody_has_to_fix_ends_the_wait_at_once() {
    let bot = Bot::new(shared_synapse().await).await;
    bot.account().await.logout().await;
    let wait = ["doctor", "--wait", "--timeout", "3600"];
    bot.home.run(&wait, "").await.expect_code(4);
    bot.home.write_config("{\"channels\": ");
    bot.home.run(&wait, "").await.expect_code(78);

    // Also when the homeserver is away besides.
    let home = home_at(dead_port());
    home.edit_config(|config| config["channels"]["matrix"]["maxMediaBytes"] = json!(-1));
    home.run(&wait, "").await.expect_code(78);
}

#[tokio::test]
async fn the_last_state_is_the_result_when_the_time_is_over() {
    let home = home_at(dead_port());
    let start = Instant::now();
    let arguments = ["doctor", "--wait", "--timeout", "3", "--only", "homeserver"];
    let output = home.run(&arguments, "").await.expect_code(69);
    let took = start.elapsed();
    // The last second is for the last look.
    assert!(took > Duration::from_millis(1_500), "{took:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert!(output.stderr.is_empty(), "{output}");
    assert!(output.stdout.contains("homeserver.connect"), "{output}");
}

#[tokio::test]
async fn ctrl_c_ends_the_wait() {
    let home = home_at(dead_port());
    let arguments = [
        "doctor",
        "--wait",
        "--timeout",
        "3600",
        "--only",
        "homeserver",
    ];
    let terminal = home.terminal(&arguments);
    terminal.expect("Waiting for homeserver.", PATIENCE).await;
    terminal.send(b"\x03").await;
    assert_eq!(terminal.wait(PATIENCE).await, 130);
    assert!(terminal.cursor_visible());
    assert!(
        terminal.screen().contains("interrupted"),
        "{}",
        terminal.screen()
    );
}

#[tokio::test]
async fn a_server_that_accepts_and_says_nothing_does_not_hold_the_doctor_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let home = home_at(listener.local_addr().unwrap().port());
    let start = Instant::now();
    let arguments = ["doctor", "--timeout", "1", "--only", "homeserver,token"];
    let output = home.run(&arguments, "").await.expect_code(69);
    // The limit, and what a busy machine takes to start a program.
    let took = start.elapsed();
    assert!(took < Duration::from_millis(2_500), "{took:?}");
    assert!(output.stdout.contains("homeserver."), "{output}");
    assert!(output.stdout.contains("within"), "{output}");
    // The default is longer: it was the option that counted.
    assert!(took > Duration::from_millis(500), "{took:?}");
}
