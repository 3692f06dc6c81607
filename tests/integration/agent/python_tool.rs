//! The Python tool's own server, as anybody installs it, which asks a stand-in for a model.

use serde_json::json;

use crate::harness::account::{Bot, person};
use crate::harness::bot::Home;
use crate::harness::model::Model;
use crate::harness::python_tool::PythonTool;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

#[tokio::test]
async fn it_is_checked_asked_and_told_to_forget() {
    let model = Model::start().await;
    let Some(tool) = PythonTool::start(&model).await else {
        return;
    };
    for stream in [false, true] {
        let home = Home::new();
        let agent = json!({"type": "nanobot", "apiBase": tool.url(), "stream": stream});
        home.write_config(&json!({"channels": {"matrix": {"agent": agent}}}).to_string());
        let checked = home
            .run(&["agent", "check"], "")
            .await
            .expect_code(0)
            .stdout;
        assert!(checked.contains("ok model: tiny"), "{checked}");
        let ask = async |arguments: &[&str]| {
            let arguments = [&["agent", "ask"], arguments].concat();
            home.run(&arguments, "").await.expect_code(0).stdout
        };
        let answer = ask(&["--new", "first words"]).await;
        assert!(
            answer.starts_with("You said: ") && answer.contains("first words"),
            "{answer}"
        );
        ask(&["second words"]).await;
        let asked = model.asked().pop().unwrap();
        assert!(
            asked.body["messages"].to_string().contains("first words"),
            "{asked:?}"
        );
        ask(&["--new", "third words"]).await;
        let asked = model.asked().pop().unwrap();
        // What it was told before is no part of the conversation any more.
        let users = asked.body["messages"].as_array().unwrap().iter();
        let users: Vec<_> = users.filter(|message| message["role"] == "user").collect();
        assert_eq!(users.len(), 1, "{users:?}");
    }
}

#[tokio::test]
async fn it_answers_in_a_room_and_a_failure_of_its_model_is_said() {
    let model = Model::start().await;
    let Some(tool) = PythonTool::start(&model).await else {
        return;
    };
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    bot.set("agent", json!({"type": "nanobot", "apiBase": tool.url()}));
    let _gateway = bot.run().await;
    let ann = person(synapse, "ann").await;
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    let say = async |text: &str| {
        let question = ann.send_text(&room, text).await;
        let reply = ann.wait_for_reply(&room, &question, &bot.user_id).await;
        reply.body.unwrap()
    };
    let answer = say("Hello, Python").await;
    assert!(
        answer.contains("You said: ") && answer.contains("Hello, Python"),
        "{answer}"
    );
    assert!(
        answer.contains(ann.user_id()),
        "it knows who speaks: {answer}"
    );
    // Its own commands are not the bot's, and nothing stands before them.
    for command in ["!history", "/model"] {
        let asked = model.asked().len();
        let told = say(command).await;
        assert!(!told.contains("Unknown command"), "{told}");
        assert!(!told.starts_with("You said"), "{told}");
        assert_eq!(model.asked().len(), asked, "its model was asked: {told}");
    }
    model.require_key("another");
    let told = say("Are you well?").await;
    assert!(told.contains("My model is in trouble"), "{told}");
}
