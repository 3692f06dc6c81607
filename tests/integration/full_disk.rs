//! A disk that is full, or fills up.

use nanobot::testing::ipc::{Answer, Condition, Request, Status, ask};

use crate::harness::account::{Bot, http_person};
use crate::harness::bot::Gateway;
use crate::harness::disk::SmallDisk;
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::http_person::HttpPerson;
use crate::harness::output::Output;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

/// A bot whose store is on a small disk, and someone who is in a room with it.
struct OnSmallDisk {
    disk: SmallDisk,
    bot: Bot,
    ann: HttpPerson,
}

impl OnSmallDisk {
    async fn new(megabytes: usize) -> Option<Self> {
        let disk = SmallDisk::mount(megabytes)?;
        let synapse = shared_synapse().await;
        let bot = Bot::registered(synapse).await;
        let config = disk.path().join("config.json");
        bot.log_in(&["--config", config.to_str().unwrap(), "--allow-from", "*"])
            .await
            .expect_code(0);
        let ann = http_person(synapse, "ann").await;
        Some(Self { disk, bot, ann })
    }

    async fn command(&self, words: &[&str], stdin: &str) -> Output {
        let config = self.disk.path().join("config.json");
        let line = [words, &["--config", config.to_str().unwrap()]].concat();
        self.bot.home.run(&line, stdin).await.expect_code(0)
    }

    async fn run(&self) -> Gateway {
        let config = self.disk.path().join("config.json");
        Gateway::connected(&self.bot.home, &["--config", config.to_str().unwrap()]).await
    }

    async fn direct(&self) -> String {
        let room = RoomSpec::direct(&self.bot.user_id);
        let room = self.ann.create_room(&room).await;
        self.ann.wait_for_member(&room, &self.bot.user_id).await;
        room
    }

    /// Sends messages that take this many bytes, and returns them.
    async fn send(&self, room: &str, bytes: usize) -> Vec<String> {
        let mut questions = Vec::new();
        for number in 0..bytes / 20_000 {
            let text = format!("{number} {}", "x".repeat(20_000));
            questions.push(self.ann.send_text(room, &text).await);
        }
        questions
    }

    async fn status(&self) -> Status {
        match ask(self.disk.path(), Request::Status, PATIENCE).await {
            Ok(Some(Answer::Status(status))) => *status,
            other => panic!("no status: {other:?}"),
        }
    }

    async fn wait_for_replies(&self, room: &str, questions: &[String]) {
        for question in questions {
            let bot = &self.bot.user_id;
            self.ann.wait_for_reply(room, question, bot).await;
        }
    }
}

#[tokio::test]
async fn a_full_disk_is_said_once_and_stops_the_intake_until_there_is_room() {
    let Some(scene) = OnSmallDisk::new(8).await else {
        return;
    };
    let gateway = scene.run().await;
    let room = scene.direct().await;
    let filler = scene.disk.fill();
    let questions = scene.send(&room, 400_000).await;
    gateway
        .expect_line("no messages are taken in", PATIENCE)
        .await;
    let status = scene.status().await;
    assert!(status.disk_full_since.is_some());
    let reasons = status.readiness.clone().unwrap().reasons;
    let reason = reasons.first().unwrap();
    assert_eq!(reason.condition, Condition::Disk, "{reasons:?}");
    assert_eq!(status.problems()[0].id, "store.disk-space");
    assert_eq!(status.backlog.unwrap().waiting, 0);

    std::fs::remove_file(filler).unwrap();
    scene.wait_for_replies(&room, &questions).await;
    assert_eq!(scene.status().await.disk_full_since, None);
    let log = gateway.stderr();
    assert_eq!(log.matches("no messages are taken in").count(), 1, "{log}");
    assert!(log.contains("there is room on the disk again"), "{log}");
    assert_eq!(gateway.terminate().await, 0);
}

#[tokio::test]
async fn what_waits_for_room_says_so() {
    let Some(scene) = OnSmallDisk::new(8).await else {
        return;
    };
    let end = scene.bot.home.user_dir().join("end");
    let shell = format!(
        "until [ -e {} ]; do sleep 0.05; done; echo x",
        end.display()
    );
    let agent = serde_json::json!({"type": "command", "shell": shell});
    let set = ["config", "set", "agent", "--stdin"];
    scene.command(&set, &agent.to_string()).await;
    let _gateway = scene.run().await;
    let room = scene.direct().await;
    let mut questions = scene.send(&room, 40_000).await;
    let waits = async |expected: [&str; 2]| {
        eventually("what they wait for", PATIENCE, || async {
            let list = scene.command(&["queue", "list", "--json"], "").await.json();
            let messages = list["messages"].as_array().unwrap();
            let waits: Vec<_> = messages.iter().map(|it| it["waits_for"].clone()).collect();
            (waits == expected).then_some(()).ok_or(list.to_string())
        })
        .await;
    };
    waits(["agent", "earlier_message"]).await;
    let filler = scene.disk.fill();
    questions.extend(scene.send(&room, 20_000).await);
    waits(["agent", "disk"]).await;
    std::fs::write(end, "").unwrap();
    std::fs::remove_file(filler).unwrap();
    scene.wait_for_replies(&room, &questions).await;
}

/// The disk has room for nothing in the middle of a sync.
#[tokio::test]
async fn a_write_that_finds_no_room_ends_nothing_and_loses_nothing() {
    let Some(scene) = OnSmallDisk::new(8).await else {
        return;
    };
    let gateway = scene.run().await;
    let room = scene.direct().await;
    assert_eq!(gateway.terminate().await, 0);
    let questions = scene.send(&room, 2_000_000).await;
    let filler = scene.disk.fill();
    // Not full, and less than what was missed.
    let file = std::fs::File::options().write(true).open(&filler).unwrap();
    let size = file.metadata().unwrap().len();
    file.set_len(size - (700 << 10)).unwrap();
    drop(file);
    let config = scene.disk.path().join("config.json");
    let config = ["--config", config.to_str().unwrap()];
    let gateway = Gateway::start(&scene.bot.home, &config);
    gateway
        .expect_line("no messages are taken in", PATIENCE)
        .await;
    assert!(scene.status().await.disk_full_since.is_some());

    std::fs::remove_file(filler).unwrap();
    scene.wait_for_replies(&room, &questions).await;
    let events = scene.ann.events(&room).await;
    let own = |event: &&serde_json::Value| event["sender"] == scene.bot.user_id.as_str();
    let said = events.iter().filter(own);
    let said = said.filter(|event| event["type"] == "m.room.message");
    assert_eq!(said.count(), questions.len(), "each once");
    assert_eq!(gateway.terminate().await, 0);
}

/// Received files give way before there is no room for messages: the oldest go first, each message is
/// answered with its own.
#[tokio::test]
async fn received_files_never_fill_the_disk() {
    const FILE: usize = 512 << 10;
    let Some(scene) = OnSmallDisk::new(24).await else {
        return;
    };
    let gateway = scene.run().await;
    let room = scene.direct().await;
    let address = scene.ann.upload(vec![7; FILE]).await;
    let mut questions = Vec::new();
    for number in 0..80 {
        let content = serde_json::json!({
            "msgtype": "m.file", "body": format!("{number}.bin"), "url": address,
            "info": {"mimetype": "application/octet-stream", "size": FILE},
        });
        questions.push(scene.ann.send(&room, "m.room.message", &content).await);
    }
    for question in &questions {
        let bot = &scene.bot.user_id;
        let reply = scene.ann.wait_for_reply(&room, question, bot).await;
        let said = reply["content"]["body"].as_str().unwrap();
        assert!(said.contains("524288 bytes"), "{said}");
    }
    let kept = std::fs::read_dir(scene.disk.path().join("media/matrix")).unwrap();
    let kept = kept.count();
    assert!((5..45).contains(&kept), "{kept} files");
    let log = gateway.stderr();
    assert!(!log.contains("no messages are taken in"), "{log}");
    assert_eq!(gateway.terminate().await, 0);
}

/// What the smaller one above stands for.
#[tokio::test]
#[ignore = "it takes many minutes: run it by hand with `-- --ignored five_thousand`"]
async fn five_thousand_messages_with_files_go_through_a_disk_of_200_megabytes() {
    const FILE: usize = 100_000;
    const ROOMS: usize = 10;
    const EACH: usize = 500;
    let scene = OnSmallDisk::new(200).await.expect("a small disk");
    let gateway = scene.run().await;
    let address = scene.ann.upload(vec![7; FILE]).await;
    let begun = std::time::Instant::now();
    let talk = async || {
        let room = scene.direct().await;
        for number in 0..EACH {
            let content = serde_json::json!({
                "msgtype": "m.file", "body": format!("{number}.bin"), "url": address,
                "info": {"mimetype": "application/octet-stream", "size": FILE},
            });
            scene.ann.send(&room, "m.room.message", &content).await;
        }
        room
    };
    let rooms = futures_util::future::join_all((0..ROOMS).map(|_| talk())).await;
    println!("sent after {:?}", begun.elapsed());
    for room in &rooms {
        let limit = std::time::Duration::from_mins(15);
        eventually("all answers", limit, || async {
            let events = scene.ann.events(room).await;
            let bot = scene.bot.user_id.as_str();
            let answers = events.iter().filter(|event| event["sender"] == bot);
            let whole = answers.filter(|event| {
                let said = event["content"]["body"].as_str();
                said.is_some_and(|said| said.contains("100000 bytes"))
            });
            let count = whole.count();
            (count == EACH)
                .then_some(())
                .ok_or_else(|| format!("{count} answers"))
        })
        .await;
    }
    let kept = std::fs::read_dir(scene.disk.path().join("media/matrix")).unwrap();
    println!(
        "answered after {:?}; {} files kept",
        begun.elapsed(),
        kept.count()
    );
    println!("memory {:?}", gateway.memory());
    let used = std::process::Command::new("df")
        .arg("-m")
        .arg(scene.disk.path())
        .output();
    println!("{}", String::from_utf8_lossy(&used.unwrap().stdout));
    println!("log: {}", gateway.stderr());
    assert_eq!(scene.status().await.disk_full_since, None);
    assert_eq!(gateway.terminate().await, 0);
}
