//! A model that answers in Matrix rooms.

use std::time::Duration;

use serde_json::{Value, json};

use super::section;
use crate::harness::account::{Bot, person};
use crate::harness::bot::Gateway;
use crate::harness::eventually::PATIENCE;
use crate::harness::model::{Manner, Model};
use crate::harness::person::Person;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

struct Scene {
    model: Model,
    bot: Bot,
    gateway: Gateway,
    ann: Person,
    room: String,
}

impl Scene {
    /// A bot that asks a model, and somebody in an encrypted chat with it.
    async fn new(more: &Value) -> Self {
        let model = Model::start().await;
        let synapse = shared_synapse().await;
        let bot = Bot::new(synapse).await;
        bot.set("agent", section(&model, more));
        let gateway = bot.run().await;
        let ann = person(synapse, "ann").await;
        let room = RoomSpec::direct(&bot.user_id).encrypted();
        let room = ann.create_room(&room).await;
        ann.wait_for_member(&room, &bot.user_id).await;
        Self {
            model,
            bot,
            gateway,
            ann,
            room,
        }
    }

    /// Says something, and returns the answer.
    async fn say(&self, text: &str) -> String {
        let question = self.ann.send_text(&self.room, text).await;
        let reply = self
            .ann
            .wait_for_reply(&self.room, &question, &self.bot.user_id)
            .await;
        assert!(reply.decrypted);
        reply.body.unwrap()
    }
}

#[tokio::test]
async fn a_model_answers_and_knows_who_speaks_after_a_restart_too() {
    let scene = Scene::new(&json!({"apiKey": "canary-key"})).await;
    let printed = scene.gateway.stdout();
    assert!(
        printed.contains("Agent: openai (model tiny, the API at http://127.0.0.1"),
        "{printed}"
    );
    scene.model.next(Manner::Say("Nice to meet you".to_owned()));
    assert_eq!(scene.say("I am Ann").await, "Nice to meet you");
    scene.gateway.terminate().await;
    let _gateway = scene.bot.run().await;
    scene.say("Who am I?").await;
    let asked = scene.model.asked().pop().unwrap();
    assert_eq!(
        (asked.count(), asked.text_from_end(1).as_str()),
        (4, "Nice to meet you")
    );
    assert!(
        asked
            .text_from_end(2)
            .contains(&format!("{}): I am Ann", scene.ann.user_id()))
            || asked
                .text_from_end(2)
                .contains(&format!("{}: I am Ann", scene.ann.user_id())),
        "{asked:?}"
    );
    assert!(asked.text_from_end(3).contains(&scene.room), "{asked:?}");
    scene.bot.home.assert_no_secret(&["canary"]);
}

#[tokio::test]
async fn whatever_goes_wrong_somebody_is_told_and_the_next_question_is_answered() {
    let scene = Scene::new(&json!({"apiKey": "canary-key", "idleSeconds": 2})).await;
    for (manner, words) in [
        (
            Manner::error(401, "invalid_api_key", "no"),
            "does not accept my key",
        ),
        (
            Manner::Refuse(429, Some(("retry-after", "3600")), String::new()),
            "60 minutes",
        ),
        (Manner::Stall(vec!["Hel"]), "stopped answering"),
        (Manner::Break(vec!["Hel"]), "connection to my model broke"),
        (Manner::Raw("<html>".to_owned()), "cannot read"),
    ] {
        scene.model.next(manner);
        let told = scene.say("Hello?").await;
        assert!(told.contains(words), "{told}");
    }
    let log = "does not accept the key (HTTP status 401)";
    scene.gateway.expect_line(log, PATIENCE).await;
    scene.model.next(Manner::Slowly(
        Duration::from_secs(1),
        vec!["It ", "took ", "a ", "while"],
    ));
    assert_eq!(scene.say("And now?").await, "It took a while");
    scene.bot.home.assert_no_secret(&["canary"]);
}
