//! `nanobot agent`: asking and checking from the terminal.

use std::time::Duration;

use serde_json::json;

use super::home_asking;
use crate::harness::bot::Home;
use crate::harness::eventually::PATIENCE;
use crate::harness::model::{Manner, Model};

#[tokio::test]
async fn a_question_is_answered_and_remembered() {
    let model = Model::start().await;
    let home = home_asking(&model, &json!({"apiKey": "canary-key"}));
    model.next(Manner::Say("Hello \u{1b}[31mthere".to_owned()));
    let output = home
        .run(&["agent", "ask", "Who are you?"], "")
        .await
        .expect_code(0);
    assert_eq!(output.stdout, "Hello  [31mthere\n");
    let output = home
        .run(&["agent", "ask", "-"], "And\nI?\n")
        .await
        .expect_code(0);
    assert_eq!(output.stdout, "You said: somebody: And\nI?\n");
    let asked = model.asked().pop().unwrap();
    assert_eq!(asked.count(), 4);
    assert!(asked.text_from_end(3).contains("at a terminal"));
    let again = ["agent", "ask", "--new", "--json", "x"];
    let answer = home.run(&again, "").await.expect_code(0).json();
    assert_eq!(
        (&answer["ok"], &answer["conversation"]),
        (&json!(true), &json!("cli:direct"))
    );
    assert_eq!(answer["answer"], "You said: somebody: x");
    assert_eq!(model.asked().pop().unwrap().count(), 2);
    home.run(&["agent", "ask", "--conversation", "other", "x"], "")
        .await
        .expect_code(0);
    assert_eq!(model.asked().pop().unwrap().count(), 2);
    home.assert_no_secret(&["canary"]);
}

#[tokio::test]
async fn without_a_configuration_the_echo_answers() {
    let home = Home::new();
    let output = home
        .run(&["agent", "ask", "hello"], "")
        .await
        .expect_code(0);
    assert_eq!(output.stdout, "hello\n");
    let output = home.run(&["agent", "check"], "").await.expect_code(0);
    assert_eq!(output.stdout, "Agent: echo (repeats each message)\n");
}

#[tokio::test]
async fn no_question_is_a_wrong_command_line() {
    let home = Home::new();
    for (arguments, input) in [(&["agent", "ask", ""][..], ""), (&["agent", "ask"], " \n")] {
        let output = home.run(arguments, input).await.expect_code(2);
        assert!(
            output.stderr.contains("the question is empty"),
            "{output:?}"
        );
    }
}

#[tokio::test]
async fn on_a_terminal_the_answer_is_shown_while_it_is_written() {
    let model = Model::start().await;
    let home = home_asking(&model, &json!({}));
    model.next(Manner::Stall(vec!["Once ", "upon"]));
    let terminal = home.terminal(&["agent", "ask", "Tell me"]);
    terminal.expect("Once upon", PATIENCE).await;
    terminal.send(b"\x03").await;
    assert_eq!(terminal.wait(PATIENCE).await, 130);
    model.next(Manner::Slowly(
        Duration::from_millis(10),
        vec!["The ", "end."],
    ));
    let terminal = home.terminal(&["agent", "ask", "Go on"]);
    terminal.expect("The end.", PATIENCE).await;
    assert_eq!(terminal.wait(PATIENCE).await, 0);
}

#[tokio::test]
async fn a_check_tells_what_is_wrong_and_ends_with_its_code() {
    let model = Model::start().await;
    let home = home_asking(&model, &json!({"apiKey": "canary-key"}));
    let check = async |home: &Home, code: i32| {
        home.run(&["agent", "check", "--json"], "")
            .await
            .expect_code(code)
            .json()
    };
    let found = check(&home, 0).await;
    assert_eq!(found["kind"], "openai");
    let ids: Vec<_> = found["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| &check["id"])
        .collect();
    assert_eq!(ids, ["reachable", "authorised", "model"]);
    model.set_models(Some(vec!["other"]));
    let found = check(&home, 1).await;
    assert_eq!(
        (&found["ok"], &found["checks"][2]["ok"]),
        (&json!(false), &json!(false))
    );
    assert!(
        found["error"]["message"]
            .as_str()
            .unwrap()
            .contains("\"tiny\"")
    );
    model.require_key("another");
    let text = home
        .run(&["agent", "check"], "")
        .await
        .expect_code(1)
        .stdout;
    assert!(
        text.contains("failed authorised:") && text.contains("agent.apiKey --stdin"),
        "{text}"
    );
    let dead = json!({"type": "nanobot", "apiBase": "http://127.0.0.1:9/v1"});
    home.edit_config(|config| config["channels"]["matrix"]["agent"] = dead);
    let found = check(&home, 69).await;
    assert!(
        found["error"]["hint"]
            .as_str()
            .unwrap()
            .contains("nanobot serve")
    );
    home.edit_config(|config| config["channels"]["matrix"]["agent"] = json!({"type": "opnai"}));
    check(&home, 78).await;
    home.assert_no_secret(&["canary"]);
}

#[tokio::test]
async fn a_question_is_asked_only_with_consent_where_nothing_else_can_tell() {
    let model = Model::start().await;
    let home = home_asking(&model, &json!({}));
    model.set_models(None);
    let check = ["agent", "check"];
    let output = home.run(&check, "").await.expect_code(0);
    assert!(output.stdout.contains("open model: "), "{output}");
    assert!(output.stdout.contains("nanobot agent check --ask"));
    let json = home.run(&["agent", "check", "--json"], "").await;
    let json = json.expect_code(0).json();
    assert_eq!(json["checks"][2]["open"], true, "{json}");
    let questions = || {
        let asked = model.asked().into_iter();
        asked
            .filter(|asked| asked.body["messages"].is_array())
            .count()
    };
    assert_eq!(questions(), 0);

    let asked = home.run(&["agent", "check", "--ask"], "").await;
    let asked = asked.expect_code(0).stdout;
    assert!(asked.contains("ok model: "), "{asked}");
    assert_eq!(questions(), 1);

    for (answer, mark) in [(&b"no\r"[..], "open model: "), (b"yes\r", "ok model: ")] {
        let terminal = home.terminal(&check);
        terminal
            .expect("Ask it a question of one token?", PATIENCE)
            .await;
        terminal.send(answer).await;
        terminal.expect(mark, PATIENCE).await;
        assert_eq!(terminal.wait(PATIENCE).await, 0);
    }
    assert_eq!(questions(), 2);
}

#[tokio::test]
async fn a_failure_ends_with_its_code_and_its_story() {
    let model = Model::start().await;
    let home = home_asking(&model, &json!({"apiKey": "canary-key"}));
    model.require_key("another");
    let error = home
        .run(&["agent", "ask", "x", "--json"], "")
        .await
        .expect_code(1)
        .json();
    assert!(
        error["error"]["message"]
            .as_str()
            .unwrap()
            .contains("does not accept the key")
    );
    home.assert_no_secret(&["canary"]);
}
