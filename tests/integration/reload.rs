//! A configuration that changes while the gateway runs, and the signals that say so.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::harness::account::{Bot, http_person};
use crate::harness::bot::{Gateway, Home};
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::http_person::HttpPerson;
use crate::harness::message;
use crate::harness::output::Output;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

async fn reload(bot: &Bot, more: &[&str]) -> Output {
    let arguments = [&["gateway", "reload"], more].concat();
    bot.home.run(&arguments, "").await
}

async fn direct(person: &HttpPerson, bot: &Bot) -> String {
    person.create_room(&RoomSpec::direct(&bot.user_id)).await
}

/// What the bot says to this.
async fn ask(person: &HttpPerson, bot: &Bot, room: &str, text: &str) -> String {
    let question = person.send_text(room, text).await;
    reply(person, bot, room, &question).await
}

async fn reply(person: &HttpPerson, bot: &Bot, room: &str, question: &str) -> String {
    let reply = person.wait_for_reply(room, question, &bot.user_id).await;
    reply["content"]["body"].as_str().unwrap().to_owned()
}

/// An agent that answers this, and to `wait` only when there is a file.
fn agent(bot: &Bot, answer: &str) -> Value {
    let path = |name: &str| bot.home.user_dir().join(name).display().to_string();
    let shell = format!(
        "case $(cat) in *'\"text\":\"wait\"'*) echo $$ >{}; \
         until [ -e {} ]; do sleep 0.05; done;; esac; echo {answer}",
        path("asked"),
        path("go")
    );
    json!({"type": "command", "shell": shell})
}

async fn wait_until_asked(bot: &Bot) -> String {
    eventually("a question to the agent", PATIENCE, || async {
        match fs::read_to_string(bot.home.user_dir().join("asked")) {
            Ok(pid) if pid.ends_with('\n') => Ok(pid.trim().to_owned()),
            other => Err(format!("{other:?}")),
        }
    })
    .await
}

#[tokio::test]
async fn who_is_allowed_and_who_answers_changes_and_an_answer_under_way_stays() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let (ann, ben) = tokio::join!(http_person(synapse, "ann"), http_person(synapse, "ben"));
    bot.set("allowFrom", json!([ann.user_id()]));
    bot.set("agent", agent(&bot, "old"));
    let gateway = Gateway::service(&bot.home, &[]).await;
    let of_ben = direct(&ben, &bot).await;
    gateway.expect_line("not joined", PATIENCE).await;
    let of_ann = direct(&ann, &bot).await;
    ann.wait_for_member(&of_ann, &bot.user_id).await;
    let begun = ann.send_text(&of_ann, "wait").await;
    wait_until_asked(&bot).await;
    let waiting = ann.send_text(&of_ann, "next").await;

    bot.set("allowFrom", json!([ann.user_id(), ben.user_id()]));
    bot.set("agent", agent(&bot, "new"));
    gateway.signal(Signal::HUP);
    let told = gateway
        .expect_line("configuration reloaded", PATIENCE)
        .await;
    assert!(told.text.contains("(allowFrom, agent)"), "{}", told.text);
    assert!(told.text.contains(ben.user_id()), "{}", told.text);
    // Who was let in only now had invited the bot before.
    ben.wait_for_member(&of_ben, &bot.user_id).await;
    assert_eq!(ask(&ben, &bot, &of_ben, "hello").await, "new");
    fs::write(bot.home.user_dir().join("go"), "").unwrap();
    assert_eq!(reply(&ann, &bot, &of_ann, &begun).await, "old");
    assert_eq!(reply(&ann, &bot, &of_ann, &waiting).await, "new");

    bot.set("allowFrom", json!([ann.user_id()]));
    let output = reload(&bot, &[]).await.expect_code(0);
    assert_eq!(output.stdout, "Reloaded: allowFrom.\n");
    let refused = ben.send_text(&of_ben, "still there?").await;
    assert_eq!(ask(&ann, &bot, &of_ann, "certain").await, "new");
    let events = ben.events(&of_ben).await;
    let answered = events
        .iter()
        .any(|event| message::answers(&event["content"]) == Some(&*refused));
    assert!(!answered);
    assert_eq!(gateway.terminate().await, 0);
}

#[tokio::test]
async fn a_program_keeps_what_it_remembers_where_it_stays_the_same() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let shell = "grep -c '\"role\":\"user\"' || true";
    let agent = |history: usize, conversations: usize| {
        json!({
            "type": "command", "shell": shell, "history": history,
            "conversations": conversations,
        })
    };
    bot.set("agent", agent(4, 2));
    let gateway = bot.run().await;
    let ann = http_person(synapse, "ann").await;
    let room = direct(&ann, &bot).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    assert_eq!(ask(&ann, &bot, &room, "one").await, "0");
    bot.set("agent", agent(4, 1));
    let output = reload(&bot, &[]).await.expect_code(0);
    assert_eq!(output.stdout, "Reloaded: agent.\n");
    assert_eq!(ask(&ann, &bot, &room, "two").await, "1");
    bot.set("agent", agent(6, 1));
    reload(&bot, &[]).await.expect_code(0);
    assert_eq!(
        ask(&ann, &bot, &room, "three").await,
        "0",
        "it is another one"
    );
    assert_eq!(gateway.terminate().await, 0);
}

#[tokio::test]
async fn a_broken_file_changes_nothing_and_is_said() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let gateway = Gateway::service(&bot.home, &[]).await;
    let ann = http_person(synapse, "ann").await;
    let room = direct(&ann, &bot).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let good = bot.home.config();
    let mut broken = good.clone();
    broken["channels"]["matrix"]["allowFrom"] = json!(["@nobody:localhost"]);
    broken["channels"]["matrix"]["groupPolicy"] = json!("canary-nonsense");
    for text in ["{ broken", &broken.to_string()] {
        bot.home.write_config(text);
        let output = reload(&bot, &[]).await.expect_code(78);
        assert!(output.stderr.starts_with("error: "), "{output}");
        let output = reload(&bot, &["--json"]).await.expect_code(78).json();
        assert_eq!(output["error"]["kind"], "config");
        assert_eq!(ask(&ann, &bot, &room, "hello").await, "hello");
    }
    let before = gateway.stderr().matches("cannot reload").count();
    gateway.signal(Signal::HUP);
    let told = gateway
        .expect_lines("cannot reload", before + 1, PATIENCE)
        .await;
    let told = &told[before].text;
    assert!(
        told.contains("groupPolicy") && told.contains("nothing changes"),
        "{told}"
    );

    let told = bot.home.run(&["status", "--json"], "").await.json();
    let problems = told["problems"].as_array().unwrap();
    let problem = problems
        .iter()
        .find(|it| it["id"] == "gateway.configuration");
    assert_eq!(problem.unwrap()["command"], "nanobot gateway reload");
    bot.home.write_config(&good.to_string());
    assert_eq!(
        reload(&bot, &[]).await.expect_code(0).stdout,
        "Nothing to reload.\n"
    );
    let told = bot.home.run(&["status", "--json"], "").await.json();
    assert_eq!(told["problems"], json!([]));
    assert_eq!(gateway.terminate().await, 0);
    bot.assert_no_secret();
}

#[tokio::test]
async fn what_cannot_change_is_named_until_the_file_is_as_it_was() {
    let bot = Bot::new(shared_synapse().await).await;
    let gateway = bot.run().await;
    let (token, user) = (bot.token(), bot.user_id.clone());
    bot.set("accessToken", "canary-other-token");
    bot.set("userId", "@other:localhost");
    bot.set("streaming", true);
    bot.set("password", "canary-password");
    let output = reload(&bot, &["--json"]).await.expect_code(0).json();
    let expected = json!({
        "ok": true, "exit_code": 0, "changed": ["streaming"],
        "needs_restart": ["userId", "accessToken"],
    });
    assert_eq!(output, expected);
    gateway
        .expect_line("needs a restart: userId, accessToken", PATIENCE)
        .await;
    let told = bot.home.run(&["status"], "").await.expect_code(0).stdout;
    assert!(
        told.contains("restart the gateway to apply the changed userId, accessToken"),
        "{told}"
    );
    assert!(told.contains(&user), "{told}");
    bot.set("accessToken", token);
    bot.set("userId", user);
    assert_eq!(
        reload(&bot, &[]).await.expect_code(0).stdout,
        "Nothing to reload.\n"
    );
    let told = bot.home.run(&["status"], "").await.expect_code(0).stdout;
    assert!(told.contains("Problems    none"), "{told}");
    assert_eq!(gateway.terminate().await, 0);
}

#[tokio::test]
async fn where_no_gateway_runs_there_is_nothing_to_reload() {
    let home = Home::new();
    let output = home.run(&["gateway", "reload"], "").await.expect_code(1);
    assert!(
        output.stderr.contains("the gateway is not running"),
        "{output}"
    );
    assert!(output.stderr.contains("`nanobot gateway`"), "{output}");
}

#[tokio::test]
async fn with_a_terminal_a_hangup_ends_the_gateway_unless_it_is_to_outlive_it() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let terminal = bot.home.terminal(&["gateway"]);
    terminal.expect("E2EE enabled", PATIENCE).await;
    terminal.signal(Signal::HUP).await;
    assert_eq!(terminal.wait(PATIENCE).await, 0);

    let words = ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh"];
    let gateway = Gateway::behind(&bot.home, &words, &[]).await;
    gateway.signal(Signal::HUP);
    let ann = http_person(synapse, "ann").await;
    let room = direct(&ann, &bot).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    assert_eq!(ask(&ann, &bot, &room, "still there").await, "still there");
    assert!(
        !gateway.stderr().contains("reloaded"),
        "{}",
        gateway.stderr()
    );
    assert_eq!(gateway.terminate().await, 0);
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once_and_nothing_is_lost() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    bot.set("agent", agent(&bot, "done"));
    bot.set("syncStopGraceSeconds", 120);
    let gateway = Gateway::service(&bot.home, &["-v"]).await;
    let ann = http_person(synapse, "ann").await;
    let room = direct(&ann, &bot).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let question = ann.send_text(&room, "wait").await;
    let program = wait_until_asked(&bot).await;

    gateway.signal(Signal::TERM);
    gateway.expect_line("stopping", PATIENCE).await;
    // One more reload is no reason to hurry.
    gateway.signal(Signal::HUP);
    gateway.expect_line("nothing to change", PATIENCE).await;
    assert!(gateway.exit_status().is_none());
    let again = Instant::now();
    gateway.signal(Signal::INT);
    let output = gateway.wait(PATIENCE).await.expect_code(0);
    assert!(
        again.elapsed() < Duration::from_secs(20),
        "{:?}",
        again.elapsed()
    );
    assert!(
        output.stderr.contains("answered after the next start"),
        "{output}"
    );
    eventually("the end of the program", PATIENCE, || async {
        let place = format!("/proc/{program}");
        (!fs::exists(&place).unwrap()).then_some(()).ok_or(place)
    })
    .await;

    fs::write(bot.home.user_dir().join("go"), "").unwrap();
    let gateway = bot.run().await;
    assert_eq!(reply(&ann, &bot, &room, &question).await, "done");
    assert_eq!(gateway.terminate().await, 0);
}
