//! What answers look like: examples, and what holds of any answer.

mod any;
mod examples;
mod extras;
mod links;

use serde_json::{Value, json};

use super::{Address, Manner, compose, pack::Words};
use crate::{gateway::message::Message, journal::Part};

/// A message that asks something.
pub fn question() -> Message {
    question_with(&json!({"msgtype": "m.text", "body": "well?"}))
}

pub fn question_with(content: &Value) -> Message {
    let event = json!({
        "type": "m.room.message", "sender": "@ann:example.org", "event_id": "$1",
        "origin_server_ts": 1, "content": content,
    });
    Message::read(&event.to_string()).unwrap()
}

/// The events that answer a message of a group with these words.
pub fn answer_to(message: &Message, answer: &str) -> Vec<Part> {
    let manner = Manner::Mention;
    compose(Address { message, manner }, answer)
}

/// The contents that answer with these words.
fn contents(answer: &str) -> Vec<Value> {
    let parts = answer_to(&question(), answer).into_iter();
    parts
        .map(|part| serde_json::from_str(&part.content).unwrap())
        .collect()
}

/// The words of an answer's events.
fn words(answer: &str) -> Vec<Words> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let contents = contents(answer).into_iter();
    contents
        .map(|content| Words {
            body: text(&content["body"]).unwrap(),
            html: text(&content["formatted_body"]),
        })
        .collect()
}

/// The HTML of a short answer, with each end of a line left out.
fn html(answer: &str) -> Option<String> {
    let mut words = words(answer);
    assert_eq!(words.len(), 1, "{words:?}");
    words.remove(0).html.map(|html| html.replace('\n', ""))
}

fn assert_html(answer: &str, expected: &str) {
    assert_eq!(html(answer).as_deref(), Some(expected), "{answer}");
}
