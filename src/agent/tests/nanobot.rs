//! The Python tool, as far as a stand-in can play it. The real one is in the integration tests.

use super::*;

fn bot(model: &Model, more: &Value) -> Bot {
    let mut agent = json!({"type": "nanobot", "apiBase": model.url()});
    for (key, value) in more.as_object().unwrap() {
        agent[key] = value.clone();
    }
    Bot::with_agent(&agent)
}

#[tokio::test]
async fn it_is_asked_one_message_in_its_session() {
    let model = Model::start().await;
    let bot = bot(&model, &json!({"apiKey": "k"}));
    let said = "Alice (@alice:h), in the group room \"Garden\" (!garden:h):\nHi";
    for event in ["$1", "$2"] {
        let answer = bot.ask(&question(event, "Hi")).await.unwrap();
        assert_eq!(answer, format!("You said: {said}"));
    }
    let asked = model.asked().pop().unwrap();
    assert_eq!(asked.count(), 1);
    assert_eq!(asked.body["session_id"], "matrix:!garden:h");
    assert_eq!(asked.body["stream"], false);
    assert_eq!(asked.body.get("model"), None);
    assert_eq!(asked.headers["authorization"], "Bearer k");
}

#[tokio::test]
async fn it_forgets_by_its_own_command() {
    let model = Model::start().await;
    let agent = bot(&model, &json!({})).configured().unwrap().agent;
    model.next(Manner::Say("New session started.".to_owned()));
    agent.forget("matrix:!garden:h").await.unwrap();
    let asked = model.asked().pop().unwrap();
    assert_eq!(
        (asked.text_from_end(0).as_str(), &asked.body["session_id"]),
        ("/new", &json!("matrix:!garden:h"))
    );
    assert!(agent.forget("x").await.is_err());
}

#[tokio::test]
async fn its_own_commands_reach_it_as_they_are() {
    let model = Model::start().await;
    let bot = bot(&model, &json!({}));
    let mut asked = question("$1", "@bot: !model fast");
    asked.command = Some("/model fast".to_owned());
    bot.ask(&asked).await.unwrap();
    assert_eq!(model.asked().pop().unwrap().text_from_end(0), "/model fast");
    assert!(
        bot.configured()
            .unwrap()
            .agent
            .commands()
            .contains(&"model")
    );
}

#[tokio::test]
async fn more_than_words_is_taken_where_that_is_wanted() {
    let model = Model::start().await;
    let said = "Yes.\n```nanobot\n{\"reaction\": \"👍\"}\n```";
    for actions in [false, true] {
        model.next(Manner::Say(said.to_owned()));
        let agent = bot(&model, &json!({ "actions": actions }));
        let agent = agent.configured().unwrap().agent;
        let (draft, _) = Draft::new();
        let answer = agent.answer(&question("$1", "Hi"), &draft).await.unwrap();
        let expected = if actions { "Yes." } else { said };
        assert_eq!(answer.text, expected);
        assert_eq!(answer.extras.reaction.is_some(), actions);
    }
}

#[tokio::test]
async fn half_done_work_is_not_done_again() {
    let model = Model::start().await;
    model.next(Manner::error(500, "500", "Internal server error"));
    let bot = bot(&model, &json!({"stream": true}));
    let failure = bot.ask(&question("$1", "Hi")).await.unwrap_err();
    assert!(failure.words.contains("in trouble"), "{}", failure.words);
    assert_eq!(model.asked().len(), 1);
    // So ends its answer in pieces where it fails.
    model.next(Manner::End(vec!["Let me"]));
    let failure = bot.ask(&question("$1", "Hi")).await.unwrap_err();
    assert!(failure.error.hint_text().unwrap().contains("api.timeout"));
}

#[tokio::test]
async fn what_it_tells_of_its_own_model_is_no_answer() {
    let model = Model::start().await;
    let bot = bot(&model, &json!({}));
    for said in [
        "Error calling LLM: Connection error.",
        "Error: {\"message\": \"bad key\"}",
    ] {
        model.next(Manner::Say(said.to_owned()));
        let failure = bot.ask(&question("$1", "Hi")).await.unwrap_err();
        assert!(failure.words.contains("in trouble"), "{}", failure.words);
        assert!(
            failure.error.to_string().contains(said),
            "{}",
            failure.error
        );
    }
}

#[tokio::test]
async fn what_may_be_an_error_of_its_own_is_never_shown() {
    let model = Model::start().await;
    for stream in [false, true] {
        let bot = bot(&model, &json!({"stream": stream}));
        let agent = bot.configured().unwrap().agent;
        let (draft, shown) = Draft::new();
        let key = "sk-proj-4f9cB2xQ7LmZ0aTyUe81NvKd";
        model.next(Manner::Say(format!("Error calling LLM: bad key {key}")));
        let asked = question("$1", "Hi");
        let failure = agent.answer(&asked, &draft).await.unwrap_err();
        assert_eq!(*shown.borrow(), "");
        let story = failure.error.to_string();
        assert!(story.contains("bad key [redacted]"), "{story}");
        model.next(Manner::Say("Errors happen.".to_owned()));
        agent.answer(&asked, &draft).await.unwrap();
        assert_eq!(*shown.borrow(), "Errors happen.");
    }
}
