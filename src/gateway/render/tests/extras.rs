//! Reactions and polls, and how each manner of answering refers to the question.

use super::*;
use crate::{
    agent::Poll,
    gateway::render::{poll, reaction},
};

fn address(message: &Message, manner: Manner) -> Address<'_> {
    Address { message, manner }
}

fn referring(message: &Message, manner: Manner, is_first: bool) -> Value {
    let mut content = json!({});
    address(message, manner).refer(&mut content, is_first);
    content
}

#[test]
fn each_manner_refers_to_the_question_in_its_way() {
    let asked = question();
    let reply = json!({"event_id": "$1"});
    for (manner, is_first, mentions, relation) in [
        (
            Manner::Mention,
            true,
            json!({"user_ids": ["@ann:example.org"]}),
            json!({"m.in_reply_to": reply}),
        ),
        (
            Manner::Mention,
            false,
            json!({}),
            json!({"m.in_reply_to": reply}),
        ),
        (
            Manner::Reply,
            true,
            json!({}),
            json!({"m.in_reply_to": reply}),
        ),
        (
            Manner::Plain { encrypted: false },
            true,
            json!({}),
            Value::Null,
        ),
        (
            Manner::Plain { encrypted: true },
            true,
            json!({}),
            json!({"nanobot.answer": "$1"}),
        ),
    ] {
        let content = referring(&asked, manner, is_first);
        assert_eq!(content["m.mentions"], mentions, "{manner:?}");
        assert_eq!(content["m.relates_to"], relation, "{manner:?}");
    }
    let in_thread = question_with(&json!({
        "msgtype": "m.text", "body": "well?",
        "m.relates_to": {"rel_type": "m.thread", "event_id": "$root"},
    }));
    let plain = referring(&in_thread, Manner::Plain { encrypted: false }, true);
    let expected = json!({
        "rel_type": "m.thread", "event_id": "$root", "is_falling_back": true,
        "m.in_reply_to": {"event_id": "$1"},
    });
    assert_eq!(plain["m.relates_to"], expected);
}

#[test]
fn a_reaction_is_an_emoji_or_a_short_word() {
    let asked = question();
    let react = |emoji| {
        let part = reaction(address(&asked, Manner::Mention), emoji)?;
        let content: Value = serde_json::from_str(&part.content).unwrap();
        content["m.relates_to"]["key"].as_str().map(str::to_owned)
    };
    assert_eq!(
        react("👨\u{200d}👩\u{200d}👧\u{fe0f}").as_deref(),
        Some("👨\u{200d}👩\u{200d}👧\u{fe0f}")
    );
    assert_eq!(react(" thank\n you\u{202e}").as_deref(), Some("thank you"));
    for nothing in ["", " \n", "\u{200b}", &"x".repeat(65)] {
        assert_eq!(react(nothing), None, "{nothing:?}");
    }
}

#[test]
fn a_poll_has_a_text_and_a_choice_for_each_answer() {
    let asked = question();
    let make = |choices: Vec<String>, selections| {
        let question = "Lunch?".to_owned();
        let asks = Poll {
            question,
            choices,
            selections,
        };
        let part = poll(address(&asked, Manner::Mention), &asks)?;
        Some(serde_json::from_str::<Value>(&part.content).unwrap())
    };
    let content = make(vec!["Pizza".into(), "Sal\nad".into()], 9).unwrap();
    assert_eq!(
        content["org.matrix.msc1767.text"],
        "Lunch?\n1. Pizza\n2. Sal ad"
    );
    let start = &content["org.matrix.msc3381.poll.start"];
    assert_eq!(start["max_selections"], 2);
    assert_eq!(start["question"]["org.matrix.msc1767.text"], "Lunch?");
    let second = json!({"id": "2", "org.matrix.msc1767.text": "Sal ad"});
    assert_eq!(start["answers"][1], second);
    assert_eq!(content["m.relates_to"]["m.in_reply_to"]["event_id"], "$1");
    let many = |count: usize| (0..count).map(|number| number.to_string()).collect();
    assert!(make(many(20), 1).is_some());
    for choices in [many(0), many(21), vec![" ".into()], vec!["x".repeat(600)]] {
        assert_eq!(make(choices, 1), None);
    }
}
