//! A bot whose answers come from a program, on a real homeserver.

use std::path::Path;

use serde_json::{Value, json};

use super::marked::Mark;
use crate::harness::account::{Bot, http_person, person};
use crate::harness::bot::Gateway;
use crate::harness::eventually::PATIENCE;
use crate::harness::http_person::HttpPerson;
use crate::harness::message;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

const SECRET: &str = "canary-of-the-program";

/// Somebody in a room in the clear with a bot that runs a program.
struct Scene {
    bot: Bot,
    gateway: Gateway,
    ann: HttpPerson,
    room: String,
}

impl Scene {
    async fn new(agent: Value) -> Self {
        let synapse = shared_synapse().await;
        let bot = Bot::new(synapse).await;
        bot.set("agent", agent);
        let gateway = bot.run().await;
        let ann = http_person(synapse, "ann").await;
        let room = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
        ann.wait_for_member(&room, &bot.user_id).await;
        Self {
            bot,
            gateway,
            ann,
            room,
        }
    }

    async fn ask(&self, text: &str) -> String {
        let question = self.ann.send_text(&self.room, text).await;
        let bot = &self.bot.user_id;
        let reply = self.ann.wait_for_reply(&self.room, &question, bot).await;
        reply["content"]["body"].as_str().unwrap().to_owned()
    }
}

/// A script that does these things when it is told these words.
fn script(doings: &[(&str, &str)]) -> String {
    let cases = doings
        .iter()
        .map(|(words, doing)| format!("*'\"text\":\"{words}\"'*) {doing} ;;\n"));
    format!("case $(cat) in\n{}esac", cases.collect::<String>())
}

#[tokio::test]
async fn the_shell_bot_of_the_examples_answers_encrypted() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shell-bot.sh");
    bot.set("agent", json!({"type": "command", "command": [file]}));
    let gateway = bot.run().await;
    let says = format!("Agent: command (the program `{}`)", file.display());
    gateway.expect_line(&says, PATIENCE).await;
    let ann = person(synapse, "ann").await;
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let hello = format!("Hello {}!", ann.user_id());
    for (text, answer) in [
        ("who's there? \"$(id)\"", hello.as_str()),
        ("load", "load average"),
    ] {
        let question = ann.send_text(&room, text).await;
        let reply = ann.wait_for_reply(&room, &question, &bot.user_id).await;
        assert!(reply.decrypted);
        let body = reply.body.unwrap();
        assert!(body.contains(answer), "{body}");
    }
    assert_eq!(gateway.terminate().await, 0);
}

#[tokio::test]
async fn whatever_a_program_does_the_bot_goes_on() {
    let doings = [
        ("fail", "echo the reason is $WORD >&2; exit 3"),
        ("flood", "head -c 2000000 /dev/zero | tr '\\0' x"),
        ("garbage", "printf 'a\\377\\376\\000b\\033[31m'"),
        ("silence", "printf '\\n'"),
        (
            "noise",
            "head -c 300000 /dev/zero | tr '\\0' '\\n' >&2; echo quiet",
        ),
        ("where", "echo \"$(pwd) ${#WORD} ${NANOBOT_HOME-nothing}\""),
        ("die", "kill -9 $$"),
        ("object", "printf '{\"text\": \"of an object\"}'"),
    ];
    let scene = Scene::new(json!({
        "type": "command", "shell": script(&doings), "workingDirectory": "work",
        "environment": {"WORD": SECRET},
    }))
    .await;
    assert!(scene.ask("where").await.contains("does not start"));
    let log = "there is no directory";
    scene.gateway.expect_line(log, PATIENCE).await;
    let work = scene.bot.home.path().join("work");
    std::fs::create_dir(&work).unwrap();
    let here = format!("{} {} nothing", work.display(), SECRET.len());
    assert_eq!(scene.ask("where").await, here);

    assert!(scene.ask("fail").await.contains("my program failed"));
    let log = "failed with exit code 3: the reason is [redacted]";
    scene.gateway.expect_line(log, PATIENCE).await;
    assert!(scene.ask("flood").await.contains("too long"));
    assert_eq!(scene.ask("garbage").await, "a\u{fffd}\u{fffd}b");
    let silence = scene.ann.send_text(&scene.room, "silence").await;
    assert_eq!(scene.ask("noise").await, "quiet");
    assert!(scene.ask("die").await.contains("my program failed"));
    scene.gateway.expect_line("signal 9", PATIENCE).await;
    assert_eq!(scene.ask("object").await, "of an object");
    let events = scene.ann.events(&scene.room).await;
    let answers_it = |event: &Value| message::answers(&event["content"]) == Some(&*silence);
    assert!(!events.iter().any(answers_it));
    scene.bot.home.assert_no_secret(&[SECRET]);
    assert_eq!(scene.gateway.terminate().await, 0);
}

#[tokio::test]
async fn a_program_is_told_who_asks_where_and_what_was_said() {
    let program = "import json, sys\n\
        asked = json.load(sys.stdin)\n\
        room = asked['room']\n\
        speakers = [said.get('sender', 'bot') for said in asked['history']]\n\
        print(asked['schema'], asked['sender']['user_id'], room['direct'], room['encrypted'],\n\
              asked['conversation'], asked['thread'], *speakers)";
    let command = json!(["python3", "-c", program]);
    let scene = Scene::new(json!({"type": "command", "command": command, "history": 3})).await;
    let (ann, room) = (scene.ann.user_id(), &scene.room);
    let told = format!("nanobot.question/1 {ann} True False matrix:{room} None");
    assert_eq!(scene.ask("one").await, told);
    assert_eq!(scene.ask("two").await, format!("{told} {ann} bot"));
    assert_eq!(scene.ask("three").await, format!("{told} bot {ann} bot"));
    scene.ask("!new").await;
    assert_eq!(scene.ask("four").await, told);
}

#[tokio::test]
async fn a_program_that_is_not_there_is_a_sentence_for_the_room_and_a_path_for_the_log() {
    let scene = Scene::new(json!({"type": "command", "command": ["./bot.sh"]})).await;
    let answer = scene.ask("anybody?").await;
    assert!(answer.contains("does not start"), "{answer}");
    let line = scene.gateway.expect_line("no program", PATIENCE).await;
    assert!(line.text.contains("bot.sh"), "{line:?}");
}

#[tokio::test]
async fn past_its_time_a_program_is_ended_with_all_it_began() {
    let mark = Mark::new();
    let doings = [
        ("stay", mark.stubborn(&mark.busy())),
        ("go", "echo gone".to_owned()),
    ];
    let doings = doings
        .each_ref()
        .map(|(words, doing)| (*words, doing.as_str()));
    let scene = Scene::new(json!({
        "type": "command", "shell": script(&doings), "timeoutSeconds": 8,
    }))
    .await;
    let question = scene.ann.send_text(&scene.room, "stay").await;
    mark.expect_stubborn().await;
    let bot = &scene.bot.user_id;
    let reply = scene.ann.wait_for_reply(&scene.room, &question, bot).await;
    let said = reply["content"]["body"].as_str().unwrap();
    assert!(said.contains("longer than 8 s"), "{said}");
    mark.expect_nobody().await;
    assert_eq!(scene.ask("go").await, "gone");
}

#[tokio::test]
async fn a_program_that_is_told_to_stop_ends_with_all_it_began() {
    let mark = Mark::new();
    let script = mark.stubborn(&mark.busy());
    let scene = Scene::new(json!({"type": "command", "shell": script})).await;
    scene.ann.send_text(&scene.room, "stay").await;
    mark.expect_stubborn().await;
    scene.ask("!stop").await;
    mark.expect_nobody().await;
    assert_eq!(scene.gateway.terminate().await, 0);
}

#[tokio::test]
async fn nothing_outlives_the_gateway_however_it_ends() {
    let mark = Mark::new();
    let script = mark.stubborn(&mark.busy());
    let scene = Scene::new(json!({"type": "command", "shell": script})).await;
    let question = scene.ann.send_text(&scene.room, "stay").await;
    mark.expect_stubborn().await;
    assert_eq!(scene.gateway.terminate().await, 0);
    mark.expect_nobody().await;
    let gateway = scene.bot.run().await;
    mark.expect_stubborn().await;
    gateway.kill().await;
    mark.expect_nobody().await;
    // The question is still there for a program that answers.
    scene.bot.set(
        "agent",
        json!({"type": "command", "command": ["echo", "here"]}),
    );
    let _gateway = scene.bot.run().await;
    let bot = &scene.bot.user_id;
    let reply = scene.ann.wait_for_reply(&scene.room, &question, bot).await;
    assert_eq!(reply["content"]["body"], "here");
}

#[test]
fn the_shell_bot_of_the_documentation_is_the_one_of_the_examples() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name| std::fs::read_to_string(root.join(name)).unwrap();
    let block = format!("```sh\n{}```\n", read("examples/shell-bot.sh"));
    assert!(read("docs/agents.md").contains(&block));
}
