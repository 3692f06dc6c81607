//! Whether a model could answer: what is checked, and what only a question can tell.

use super::*;
use crate::error::Kind;

const KEY: &str = "canary-key-0123456789";

/// The ids of the checks, and the words of the last.
async fn checked(bot: &Bot) -> (Vec<&'static str>, Result<String>) {
    let mut checks = bot.configured().unwrap().agent.check(false).await;
    let ids = checks.iter().map(|check| check.id).collect();
    (ids, checks.pop().unwrap().outcome)
}

#[tokio::test]
async fn lists_of_models_are_read_in_every_form() {
    let model = Model::start().await;
    let tiny = json!({"id": "tiny"});
    for list in [
        json!([tiny]),
        json!(["tiny"]),
        json!({"models": [{"name": "tiny"}]}),
        json!({"data": [{"odd": 1}, 5, tiny]}),
    ] {
        model.set_list(200, list.clone());
        let (_, last) = checked(&Bot::asking(&model, &json!({}))).await;
        assert_eq!(last.unwrap(), "tiny", "{list}");
    }
    let refused = json!({"error": {"message": "may not list", "code": "403"}});
    for (status, list, learnt) in [
        (200, json!({"data": null}), "its list of models is empty"),
        (200, json!([]), "its list of models is empty"),
        (404, Value::Null, "it has no list of models"),
        (405, Value::Null, "it has no list of models"),
        (
            403,
            refused,
            "its list of models may not be read with this key",
        ),
    ] {
        model.set_list(status, list);
        let bot = Bot::asking(&model, &json!({"maxTokens": 100}));
        let agent = bot.configured().unwrap().agent;
        let checks = agent.check(false).await;
        let open: Vec<_> = checks.iter().map(|check| check.is_open).collect();
        assert_eq!(open, [false, true, true], "{status}");
        for check in &checks[1..] {
            let found = check.outcome.as_ref().unwrap();
            assert!(found.starts_with(learnt), "{found}");
        }
        assert!(model.asked().is_empty());
    }
}

#[tokio::test]
async fn what_no_list_tells_is_asked() {
    let model = Model::start().await;
    model.set_models(None);
    // One token is no word for some models.
    let cut = json!({"message": {"content": ""}, "finish_reason": "length"});
    let cut = Manner::Raw(json!({"choices": [cut]}).to_string());
    for manner in [Manner::Say("Hi".to_owned()), cut] {
        model.next(manner);
        let bot = Bot::asking(&model, &json!({"maxTokens": 100}));
        let checks = bot.configured().unwrap().agent.check(true).await;
        assert!(
            checks
                .iter()
                .all(|check| !check.is_open && check.outcome.is_ok())
        );
        let asked = model.asked().pop().unwrap();
        assert_eq!((&asked.body["max_tokens"], asked.count()), (&json!(1), 1));
    }
    for (code, ids) in [
        ("model_not_found", &["reachable", "authorised", "model"][..]),
        ("invalid_api_key", &["reachable", "authorised"]),
    ] {
        model.next(Manner::error(400, code, "no"));
        let agent = Bot::asking(&model, &json!({})).configured().unwrap().agent;
        let checks = agent.check(true).await;
        let told: Vec<_> = checks.iter().map(|check| check.id).collect();
        assert_eq!(told, ids);
        assert!(checks.last().unwrap().outcome.is_err());
    }
}

#[tokio::test]
async fn a_key_that_litellm_refuses_is_not_accepted() {
    let model = Model::start().await;
    for (status, kind, message) in [
        (
            401,
            "token_not_found_in_db",
            "Authentication Error, Invalid proxy server token passed.",
        ),
        (
            400,
            "auth_error",
            "Authentication Error, LiteLLM Virtual Key expected.",
        ),
        (400, "no_db_connection", "No connected db."),
        (
            500,
            "auth_error",
            "Authentication Error, No api key passed in.",
        ),
        (
            500,
            "None",
            "litellm.AuthenticationError: AuthenticationError: Incorrect API key",
        ),
    ] {
        let error =
            json!({"error": {"message": message, "type": kind, "code": status.to_string()}});
        model.set_list(status, error.clone());
        // What it refuses to list it refuses to answer.
        model.set_empty(status, &error);
        let (ids, last) = checked(&Bot::asking(&model, &json!({"apiKey": KEY}))).await;
        let error = last.unwrap_err();
        assert_eq!(
            (ids, error.kind()),
            (vec!["reachable", "authorised"], Kind::Failure)
        );
        assert!(
            error.to_string().contains("does not accept the key"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn checks_find_what_is_wrong() {
    let model = Model::start().await;
    model.set_models(Some(vec!["models/tiny", "big:latest"]));
    let all = ["reachable", "authorised", "model"];
    for name in ["tiny", "big"] {
        let bot = Bot::asking(&model, &json!({"model": name}));
        let (ids, last) = checked(&bot).await;
        assert_eq!((ids.as_slice(), last.unwrap().as_str()), (&all[..], name));
    }
    let (ids, last) = checked(&Bot::asking(&model, &json!({"model": "tinny"}))).await;
    let error = last.unwrap_err();
    assert_eq!(ids, all);
    assert!(
        error
            .to_string()
            .contains("does not have the model \"tinny\"; did you mean"),
        "{error}"
    );
    model.set_models(None);
    let (ids, last) = checked(&Bot::asking(&model, &json!({}))).await;
    assert_eq!(ids, all);
    assert!(last.unwrap().contains("no list of models"));
    let no_path = model.url().strip_suffix("/v1").unwrap();
    let (ids, last) = checked(&Bot::asking(&model, &json!({"apiBase": no_path}))).await;
    assert_eq!(ids, ["reachable"]);
    let error = last.unwrap_err().to_string();
    assert!(
        error.contains("does not have this model or address"),
        "{error}"
    );
    assert!(model.asked().is_empty());
    model.require_key("other");
    let (ids, last) = checked(&Bot::asking(&model, &json!({"apiKey": KEY}))).await;
    let error = last.unwrap_err();
    assert_eq!(ids, ["reachable", "authorised"]);
    assert!(
        error.to_string().contains("does not accept the key")
            && !error.to_string().contains("canary")
    );
    let command = "nanobot config set channels.matrix.agent.apiKey --stdin";
    assert_eq!(error.remedy().commands, [command]);
    let dead = json!({"type": "openai", "model": "x", "apiBase": "http://127.0.0.1:9"});
    let (ids, last) = checked(&Bot::with_agent(&dead)).await;
    assert_eq!(
        (ids.as_slice(), last.unwrap_err().kind()),
        (&["reachable"][..], Kind::Unreachable)
    );
}

#[tokio::test]
async fn a_service_that_answers_anything_is_there() {
    let model = Model::start().await;
    let agent = Bot::asking(&model, &json!({})).configured().unwrap().agent;
    for status in [200, 401, 403, 404, 405] {
        model.set_list(status, json!([]));
        assert!(agent.reach().await.is_ok(), "{status}");
    }
    for status in [500, 502, 503] {
        model.set_list(status, json!([]));
        let error = agent.reach().await.unwrap_err();
        assert!(error.to_string().contains("in trouble"), "{error}");
    }
    assert!(model.asked().is_empty());
}
