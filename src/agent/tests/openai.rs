//! A model that answers: what it is asked, and what is remembered.

use super::*;
use crate::agent::Attachment;

#[tokio::test]
async fn a_question_is_answered_in_pieces_and_remembered() {
    let model = Model::start().await;
    let bot = Bot::asking(&model, &json!({"systemPrompt": "Be brief."}));
    let agent = bot.configured().unwrap().agent;
    model.next(Manner::Say("Hello dear Alice".to_owned()));
    let (draft, seen) = Draft::new();
    let first = question("$1", "Hi");
    let answer = agent.answer(&first, &draft).await.unwrap();
    assert_eq!(
        (answer.text.as_str(), seen.borrow().as_str()),
        ("Hello dear Alice", "Hello dear Alice")
    );
    // The same bot after a restart.
    let again = bot.ask(&question("$2", "Again")).await.unwrap();
    assert_eq!(again, "You said: Alice (@alice:h): Again");
    let asked = model.asked().pop().unwrap();
    assert_eq!(asked.count(), 4);
    assert_eq!(asked.body["messages"][0]["role"], "system");
    assert!(
        asked
            .text_from_end(3)
            .starts_with("Be brief.\n\nThis conversation is in the group room \"Garden\"")
    );
    assert_eq!(asked.text_from_end(2), "Alice (@alice:h): Hi");
    assert_eq!(asked.text_from_end(1), "Hello dear Alice");
    assert_eq!(asked.body["model"], "tiny");
    assert_eq!(asked.body.get("temperature"), None);

    agent.forget("matrix:!garden:h").await.unwrap();
    bot.ask(&question("$3", "Who am I?")).await.unwrap();
    assert_eq!(model.asked().pop().unwrap().count(), 2);
}

#[tokio::test]
async fn another_room_and_a_thread_are_other_conversations() {
    let model = Model::start().await;
    let bot = Bot::asking(&model, &json!({}));
    bot.ask(&question("$1", "Hi")).await.unwrap();
    let mut thread = question("$2", "Hi");
    thread.thread = Some("$1".to_owned());
    let mut room = question("$3", "Hi");
    room.room.id = "!other:h".to_owned();
    for question in [thread, room] {
        bot.ask(&question).await.unwrap();
        assert_eq!(model.asked().pop().unwrap().count(), 2);
    }
}

#[tokio::test]
async fn the_same_event_is_asked_once_and_remembered_once() {
    let model = Model::start().await;
    let bot = Bot::asking(&model, &json!({}));
    let asked = question("$1", "Hi");
    let first = bot.ask(&asked).await.unwrap();
    // As after a crash before the answer went out.
    assert_eq!(bot.ask(&asked).await.unwrap(), first);
    assert_eq!(model.asked().len(), 1);
    // Together with a later message it is another question, in the place of the first.
    bot.ask(&question("$1", "Hi\nthere")).await.unwrap();
    bot.ask(&question("$2", "more")).await.unwrap();
    let asked = model.asked().pop().unwrap();
    assert_eq!(asked.count(), 4);
    assert_eq!(asked.text_from_end(2), "Alice (@alice:h): Hi\nthere");
}

#[tokio::test]
async fn a_failure_is_not_remembered() {
    let model = Model::start().await;
    let bot = Bot::asking(&model, &json!({}));
    model.next(Manner::Raw("<html>".to_owned()));
    bot.ask(&question("$1", "Hi")).await.unwrap_err();
    bot.ask(&question("$1", "Hi")).await.unwrap();
    assert_eq!(model.asked().pop().unwrap().count(), 2);
}

#[tokio::test]
async fn what_is_configured_is_sent() {
    let model = Model::start().await;
    let bot = Bot::asking(
        &model,
        &json!({
            "temperature": 0.5, "maxTokens": 100, "apiKey": "${SET}", "stream": false,
            "extraHeaders": {"X-App": "nano"}, "extraBody": {"top_k": 7}, "extraQuery": {"v": "1 2"}
        }),
    );
    assert_eq!(
        bot.ask(&question("$1", "Hi")).await.unwrap(),
        "You said: Alice (@alice:h): Hi"
    );
    let asked = model.asked().pop().unwrap();
    assert_eq!(asked.headers["authorization"], "Bearer canary-variable");
    assert_eq!(asked.headers["x-app"], "nano");
    assert_eq!(asked.uri, "/v1/chat/completions?v=1+2");
    let sent = |key: &str| asked.body[key].clone();
    assert_eq!(
        (sent("temperature"), sent("max_tokens")),
        (json!(0.5), json!(100))
    );
    assert_eq!((sent("top_k"), sent("stream")), (json!(7), json!(false)));
    let more = json!({"model": "gpt-5-mini", "temperature": 0.5, "maxTokens": 100});
    Bot::asking(&model, &more)
        .ask(&question("$1", "Hi"))
        .await
        .unwrap();
    let asked = model.asked().pop().unwrap();
    assert_eq!(asked.body["max_completion_tokens"], json!(100));
    assert_eq!(
        (asked.body.get("temperature"), asked.body.get("max_tokens")),
        (None, None)
    );
}

#[tokio::test]
async fn a_whole_answer_is_taken_for_one_in_pieces() {
    let model = Model::start().await;
    model.next(Manner::Whole("All at once".to_owned()));
    let bot = Bot::asking(&model, &json!({}));
    assert_eq!(bot.ask(&question("$1", "Hi")).await.unwrap(), "All at once");
}

#[tokio::test]
async fn pictures_and_text_stay_in_the_conversation_and_other_files_are_named() {
    let model = Model::start().await;
    let bot = Bot::asking(&model, &json!({"historyImages": 1}));
    let file = |name: &str, bytes: &[u8]| Attachment::in_directory(bot.home.path(), name, bytes);
    let mut asked = question("$1", "Look");
    asked.attachments = vec![
        file("a.png", b"\x89PNG\r\n\x1a\n0123"),
        file("b.pdf", b"%PDF\xff"),
        file("c.csv", b"a;b\n1;2\n"),
    ];
    bot.ask(&asked).await.unwrap();
    let sent = model.asked().pop().unwrap();
    let content = &sent.body["messages"][1]["content"];
    assert_eq!(
        content[1]["image_url"]["url"],
        "data:image/png;base64,iVBORw0KGgowMTIz"
    );
    let told = "[attachment: b.pdf - file, application/octet-stream, 5 bytes]\n\
                [attachment: c.csv - file, application/octet-stream, 8 bytes]\n\
                [content of the file c.csv]\n```\na;b\n1;2\n```";
    assert!(sent.text_from_end(0).ends_with(told), "{sent:?}");
    assert!(
        !sent
            .body
            .to_string()
            .contains(bot.home.path().to_str().unwrap())
    );
    bot.ask(&question("$2", "And its colours?")).await.unwrap();
    let again = model.asked().pop().unwrap();
    assert_eq!(&again.body["messages"][1]["content"], content);
}

#[tokio::test]
async fn of_earlier_pictures_only_so_many_are_sent_and_none_that_is_not_there_any_more() {
    let model = Model::start().await;
    let bot = Bot::asking(&model, &json!({"historyImages": 1}));
    let file = |name: &str, bytes: &[u8]| Attachment::in_directory(bot.home.path(), name, bytes);
    let mut asked = question("$1", "Look");
    asked.attachments = vec![file("a.png", b"\x89PNG\r\n\x1a\n0123")];
    bot.ask(&asked).await.unwrap();
    let pictures =
        |asked: &super::super::model::Asked| asked.body.to_string().matches("base64").count();
    let mut another = question("$3", "And this?");
    another.attachments = vec![file("d.png", b"\x89PNG\r\n\x1a\n4567")];
    bot.ask(&another).await.unwrap();
    assert_eq!(pictures(&model.asked().pop().unwrap()), 2);
    bot.ask(&question("$4", "And?")).await.unwrap();
    let last = model.asked().pop().unwrap();
    assert_eq!(pictures(&last), 1);
    assert!(last.body["messages"][3]["content"].is_array(), "the newest");
    std::fs::remove_file(bot.home.path().join("d.png")).unwrap();
    bot.ask(&question("$5", "And?")).await.unwrap();
    let last = model.asked().pop().unwrap();
    assert_eq!(pictures(&last), 1, "that before it");
    // Whoever sends a history along has the files elsewhere.
    let mut sent_along = question("$6", "And?");
    sent_along.history = Some(vec![crate::agent::memory::Turn {
        pictures: vec![bot.home.path().join("a.png")],
        ..Default::default()
    }]);
    bot.ask(&sent_along).await.unwrap();
    assert_eq!(pictures(&model.asked().pop().unwrap()), 0);
}

#[tokio::test]
async fn a_conversation_that_is_too_long_is_cut_and_asked_again_once() {
    let model = Model::start().await;
    let bot = Bot::asking(&model, &json!({}));
    for number in 1..=8 {
        let event = format!("${number}");
        bot.ask(&question(&event, &event)).await.unwrap();
    }
    let too_long = || Manner::error(400, "context_length_exceeded", "too long");
    model.next(too_long());
    bot.ask(&question("$9", "$9")).await.unwrap();
    let counts: Vec<_> = model
        .asked()
        .iter()
        .rev()
        .take(2)
        .map(super::super::model::Asked::count)
        .collect();
    assert_eq!(counts, [6, 18], "two turns of eight are a quarter");
    bot.ask(&question("$10", "$10")).await.unwrap();
    assert_eq!(
        model.asked().pop().unwrap().count(),
        8,
        "the rest is forgotten"
    );
    model.next(too_long());
    model.next(too_long());
    let failure = bot.ask(&question("$11", "$11")).await.unwrap_err();
    assert!(failure.words.contains("!new"), "{}", failure.words);
}

#[tokio::test]
async fn the_budget_is_kept() {
    let model = Model::start().await;
    let bot = Bot::asking(&model, &json!({"historyMessages": 4}));
    for number in 1..=5 {
        bot.ask(&question(&format!("${number}"), "Hi"))
            .await
            .unwrap();
    }
    assert_eq!(model.asked().pop().unwrap().count(), 6);
    let bot = Bot::asking(&model, &json!({"historyTokens": 1}));
    for number in 1..=3 {
        bot.ask(&question(&format!("${number}"), "Hi"))
            .await
            .unwrap();
    }
    assert_eq!(model.asked().pop().unwrap().count(), 2);
}

#[tokio::test]
async fn a_cut_off_answer_says_so() {
    let model = Model::start().await;
    let choice = json!({"message": {"content": "Once upon"}, "finish_reason": "length"});
    model.next(Manner::Raw(json!({"choices": [choice]}).to_string()));
    let bot = Bot::asking(&model, &json!({}));
    let answer = bot.ask(&question("$1", "Tell")).await.unwrap();
    assert!(
        answer.starts_with("Once upon\n\n*(The answer is cut off"),
        "{answer}"
    );
}
