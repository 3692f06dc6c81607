//! What a service manager is told: the datagrams that the gateway sends it.

use std::os::unix::net::UnixDatagram;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;

use crate::harness::account::{Bot, http_person};
use crate::harness::bot::{AS_A_SERVICE, Gateway};
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::room::RoomSpec;
use crate::harness::shared::{own_synapse, shared_synapse};
use crate::harness::synapse::Config;

/// A socket that the gateway takes for its service manager's.
struct Manager {
    told: Arc<Mutex<Vec<String>>>,
    environment: Vec<(&'static str, String)>,
}

impl Manager {
    fn new(bot: &Bot) -> Self {
        let path = bot.home.user_dir().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        let told = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&told);
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(length) = socket.recv(&mut bytes) {
                let text = String::from_utf8(bytes[..length].to_vec()).unwrap();
                heard.lock().unwrap().push(text);
            }
        });
        let environment = vec![
            ("NOTIFY_SOCKET", path.to_str().unwrap().to_owned()),
            ("WATCHDOG_USEC", "2000000".to_owned()),
            ("LISTEN_FDS", "0".to_owned()),
        ];
        Self { told, environment }
    }

    /// The gateway as a service, until it says that it is ready.
    async fn start(&self, bot: &Bot) -> Gateway {
        let words = AS_A_SERVICE.map(str::to_owned).into_iter();
        let pairs = self.environment.iter();
        let words: Vec<_> = words
            .chain(pairs.map(|(name, value)| format!("{name}={value}")))
            .collect();
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        Gateway::behind(&bot.home, &words, &[]).await
    }

    fn all(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }

    /// Waits until a datagram with this was sent behind so many; returns its place.
    async fn expect(&self, behind: usize, what: &str) -> usize {
        eventually(what, PATIENCE, || async {
            let all = self.all();
            let mut found = all.iter().skip(behind);
            let found = found.position(|told| told.contains(what));
            found
                .map(|place| behind + place)
                .ok_or_else(|| format!("{all:?}"))
        })
        .await
    }
}

#[tokio::test]
async fn a_service_manager_is_told_how_the_bot_is() {
    let mut synapse = own_synapse(Config::default()).await;
    let bot = Bot::new(&synapse).await;
    let manager = Manager::new(&bot);
    let gateway = manager.start(&bot).await;
    let ready = manager.expect(0, "READY=1\n").await;
    assert!(gateway.stdout().contains("E2EE enabled"));
    let all = manager.all();
    let before = all[..ready].concat();
    assert!(before.contains("STATUS=connecting"), "{all:?}");
    assert!(before.contains("EXTEND_TIMEOUT_USEC="), "{all:?}");
    assert!(!before.contains("WATCHDOG=1"), "{all:?}");
    manager
        .expect(ready, "STATUS=connected, 0 answered, 0 waiting, 0 failed\n")
        .await;
    let fed = manager.expect(ready, "WATCHDOG=1\n").await;
    manager.expect(fed + 1, "WATCHDOG=1\n").await;

    let behind = manager.all().len();
    gateway.signal(Signal::HUP);
    let reloading = manager.expect(behind, "RELOADING=1\n").await;
    let told = &manager.all()[reloading];
    assert!(told.contains("MONOTONIC_USEC="), "in one datagram: {told}");
    manager.expect(reloading + 1, "READY=1\n").await;
    bot.home.write_config("{ broken");
    let behind = manager.all().len();
    gateway.signal(Signal::HUP);
    let reloading = manager.expect(behind, "RELOADING=1\n").await;
    manager.expect(reloading + 1, "READY=1\n").await;

    let behind = manager.all().len();
    synapse.stop().await.unwrap();
    let away = "STATUS=homeserver unreachable, 0 answered, 0 waiting, 0 failed, 1 problem: \
                the homeserver has been unreachable for ";
    let away = manager.expect(behind, away).await;
    // It lives all the same.
    manager.expect(away + 1, "WATCHDOG=1\n").await;
    gateway.signal(Signal::TERM);
    let stopping = manager.expect(away, "STOPPING=1\n").await;
    assert!(manager.all()[stopping].contains("EXTEND_TIMEOUT_USEC="));
    gateway.wait(Duration::from_secs(20)).await.expect_code(0);
}

#[tokio::test]
async fn what_a_service_manager_tells_the_bot_is_for_no_agent() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let shell =
        "cat >question; env | grep -E '^(NOTIFY|WATCHDOG|LISTEN|CREDENTIALS)_' || echo none";
    bot.set(
        "agent",
        json!({"type": "command", "shell": shell, "inheritEnvironment": true}),
    );
    let manager = Manager::new(&bot);
    let gateway = manager.start(&bot).await;
    let ann = http_person(synapse, "ann").await;
    let room = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let question = ann.send_text(&room, "hello").await;
    let reply = ann.wait_for_reply(&room, &question, &bot.user_id).await;
    assert_eq!(reply["content"]["body"], "none");
    let ask = ["agent", "ask", "hello"];
    let mut command = bot.home.command(&ask);
    for (name, value) in &manager.environment {
        command.env(name, value);
    }
    let output = bot.home.run_command(command, "").await.expect_code(0);
    assert_eq!(output.stdout, "none\n");
    manager.expect(0, "STATUS=connected, 1 answered").await;
    assert_eq!(gateway.terminate().await, 0);
}
