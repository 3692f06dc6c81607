//! Every way in which a model fails: one short sentence for the chat, the whole story for the log.

use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::*;
use crate::{agent::Failure, error::Kind};

const KEY: &str = "canary-key-0123456789";

/// Asks a model that behaves so, and returns the failure, whose words are fit for a chat.
async fn failure(manners: Vec<Manner>, more: &Value) -> (Failure, usize) {
    let model = Model::start().await;
    for manner in manners {
        model.next(manner);
    }
    let mut settings = json!({"apiKey": KEY, "extraQuery": {"k": "canary-query"}});
    for (key, value) in more.as_object().unwrap() {
        settings[key] = value.clone();
    }
    let bot = Bot::asking(&model, &settings);
    let failure = bot.ask(&question("$1", "Hi")).await.unwrap_err();
    check_words(&failure);
    (failure, model.asked().len())
}

fn check_words(Failure { words, error }: &Failure) {
    assert!(words.len() < 100 && words.ends_with('.'), "{words}");
    for hidden in ["127.0.0.1", "http", "HTTP", "canary"] {
        assert!(!words.contains(hidden), "{words}");
    }
    let story = format!("{error} {:?}", error.hint_text());
    assert!(story.starts_with("the API at http://127.0.0.1:"), "{story}");
    assert!(
        !story.contains("canary") && error.hint_text().is_some(),
        "{story}"
    );
}

/// Each of these is told in these words in the chat, and in this story of this kind in the log.
async fn assert_told<const N: usize>(faults: [(Manner, &str, &str, Kind); N]) {
    for (manner, words, story, kind) in faults {
        let told = format!("{manner:?}");
        let (failure, times) = failure(vec![manner], &json!({})).await;
        assert!(failure.words.contains(words), "{told}: {}", failure.words);
        assert!(
            failure.error.to_string().contains(story),
            "{told}: {}",
            failure.error
        );
        assert_eq!((failure.error.kind(), times), (kind, 1), "{told}");
    }
}

#[tokio::test]
async fn refusals_are_told_apart() {
    assert_told([
        (
            Manner::error(401, "invalid_api_key", &format!("Wrong key: {KEY}")),
            "does not accept my key",
            "does not accept the key (HTTP status 401): Wrong key: [redacted]",
            Kind::Failure,
        ),
        (
            Manner::error(404, "model_not_found", "no tiny"),
            "is not there",
            "does not have this model or address (HTTP status 404): no tiny",
            Kind::Failure,
        ),
        (
            Manner::error(429, "insufficient_quota", "pay"),
            "used up",
            "no credit left",
            Kind::Failure,
        ),
        (
            Manner::error(400, "bad", "no pictures here"),
            "refuses this message",
            "refuses the question (HTTP status 400): no pictures here",
            Kind::Failure,
        ),
        (
            Manner::error(400, "context_length_exceeded", "too long"),
            "too long for my model",
            "too long (HTTP status 400)",
            Kind::Failure,
        ),
        (
            Manner::Refuse(429, Some(("retry-after", "600")), String::new()),
            "try again in 10 minutes",
            "refuses more questions for now (HTTP status 429)",
            Kind::Unreachable,
        ),
        (
            Manner::Refuse(302, None, String::new()),
            "refuses",
            "302",
            Kind::Failure,
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_is_no_answer_is_told_apart() {
    assert_told([
        (
            Manner::Raw("<html></html>".to_owned()),
            "cannot read",
            "no answer of",
            Kind::Failure,
        ),
        (
            Manner::Raw("{\"a\": 1}".to_owned()),
            "cannot read",
            "no answer of",
            Kind::Failure,
        ),
        (
            Manner::Raw("{".to_owned()),
            "cannot read",
            "not JSON",
            Kind::Failure,
        ),
        (
            Manner::Raw("data: {canary\n\n".to_owned()),
            "cannot read",
            "not JSON",
            Kind::Failure,
        ),
        (
            Manner::Raw(format!("data: {}", "x".repeat(1024 * 1024))),
            "cannot read",
            "sent more than 1024 KiB",
            Kind::Failure,
        ),
        (
            Manner::Raw("data: x\n".repeat(1024 * 1024 / 8 + 1)),
            "cannot read",
            "sent more than 1024 KiB",
            Kind::Failure,
        ),
        (
            Manner::Whole(" \n".to_owned()),
            "nothing to say",
            "without words",
            Kind::Failure,
        ),
        (
            Manner::Break(vec![]),
            "broke",
            "broke the connection",
            Kind::Unreachable,
        ),
    ])
    .await;
}

#[tokio::test]
async fn an_error_in_the_middle_of_an_answer_is_understood() {
    let raw = "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n\
               data: {\"error\":{\"message\":\"the prompt is too long\",\"code\":400}}\n\n";
    let (failure, _) = failure(vec![Manner::Raw(raw.to_owned())], &json!({})).await;
    assert!(failure.words.contains("too long"), "{}", failure.words);
    assert!(
        failure
            .error
            .to_string()
            .contains("broke the answer off: the prompt is too long")
    );
}

#[tokio::test]
async fn an_answer_ends_where_the_stream_ends() {
    let model = Model::start().await;
    let bot = Bot::asking(&model, &json!({}));
    let piece = json!({"choices": [{"delta": {"content": "né"}}]});
    for end in ["data: [DONE]", "data: [DONE]\r\n\r\n", "data:[DONE]\n"] {
        let raw = format!("\n\n: hello\n\nevent: x\nid: 1\n\ndata:\n\ndata:{piece}\r\n\r\n\n{end}");
        model.next(Manner::Raw(raw));
        let asked = question("", "Hi");
        assert_eq!(bot.ask(&asked).await.unwrap(), "né", "{end}");
    }
}

#[tokio::test]
async fn what_stalls_is_left_after_a_while() {
    let patience = json!({"idleSeconds": 1});
    for manner in [Manner::Hang, Manner::Stall(vec!["Hel", "lo"])] {
        let (failure, times) = failure(vec![manner], &patience).await;
        assert!(
            failure.words.contains("stopped answering"),
            "{}",
            failure.words
        );
        assert!(failure.error.to_string().contains("sent nothing for 1 s"));
        assert_eq!(times, 1);
    }
    let slow = Manner::Slowly(Duration::from_millis(200), vec!["x"; 100]);
    let (failure, _) = failure(vec![slow], &json!({"timeoutSeconds": 1})).await;
    assert!(failure.words.contains("took too long"), "{}", failure.words);
    assert!(
        failure
            .error
            .to_string()
            .contains("no whole answer within 1 s")
    );
}

#[tokio::test]
async fn slowness_is_no_failure() {
    let model = Model::start().await;
    model.next(Manner::Slowly(
        Duration::from_millis(400),
        vec!["a", "b", "c", "d"],
    ));
    let bot = Bot::asking(&model, &json!({"idleSeconds": 1}));
    assert_eq!(bot.ask(&question("$1", "Hi")).await.unwrap(), "abcd");
}

#[tokio::test]
async fn a_wait_that_is_asked_for_is_kept_and_bounded() {
    let model = Model::start().await;
    model.next(Manner::Refuse(
        429,
        Some(("retry-after", "1")),
        String::new(),
    ));
    let bot = Bot::asking(&model, &json!({}));
    let start = Instant::now();
    assert!(
        bot.ask(&question("$1", "Hi"))
            .await
            .unwrap()
            .starts_with("You said")
    );
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(model.asked().len(), 2);
    let trouble = || Manner::Refuse(503, None, "<html>".to_owned());
    let (failure, times) = failure(vec![trouble(), trouble(), trouble()], &json!({})).await;
    assert!(failure.words.contains("in trouble"), "{}", failure.words);
    assert_eq!((times, failure.error.kind()), (3, Kind::Unreachable));
}

#[tokio::test]
async fn nobody_there_is_said() {
    let settings = json!({"type": "openai", "model": "x", "apiBase": "http://127.0.0.1:9/v1"});
    let bot = Bot::with_agent(&settings);
    let failure = bot.ask(&question("$1", "Hi")).await.unwrap_err();
    check_words(&failure);
    assert!(failure.words.contains("cannot reach"), "{}", failure.words);
    assert_eq!(failure.error.kind(), Kind::Unreachable);
    let words = failure.error.to_string();
    assert!(
        words.ends_with(" cannot be reached: connection refused"),
        "{words}"
    );
    let commands = &failure.error.remedy().commands;
    assert_eq!(commands[..], ["curl -v http://127.0.0.1:9/v1/models"]);
}

#[tokio::test]
async fn whoever_stops_waiting_ends_the_answer() {
    let model = Model::start().await;
    model.next(Manner::Stall(vec!["Hel"]));
    let bot = Bot::asking(&model, &json!({}));
    let agent = bot.configured().unwrap().agent;
    let (draft, mut seen) = Draft::new();
    let asked = question("$1", "Hi");
    let patience = Duration::from_secs(20);
    tokio::select! {
        _ = agent.answer(&asked, &draft) => panic!("it stalls"),
        begun = timeout(patience, seen.wait_for(|text| text == "Hel")) => {
            begun.unwrap().unwrap();
        }
    }
    let gone = async {
        while model.open() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(patience, gone).await.expect("the connection ends");
    bot.ask(&question("$2", "Hi")).await.unwrap();
    assert_eq!(
        model.asked().pop().unwrap().count(),
        2,
        "nothing is remembered of it"
    );
}
