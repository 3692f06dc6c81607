//! `nanobot access`: the verdict of the policy without a message, and what became of one.

use serde_json::{Value, json};

use crate::harness::account::{Bot, http_person};
use crate::harness::bot::Home;
use crate::harness::eventually::PATIENCE;
use crate::harness::message;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

const LISTED: &str = "!a:example.org";

fn home(more: &Value) -> Home {
    let home = Home::new();
    let mut config = json!({"channels": {"matrix": {
        "enabled": true, "userId": "@bot:example.org", "homeserver": "http://127.0.0.1:9",
        "allowFrom": ["@ann:example.org"],
    }}});
    for (key, value) in more.as_object().unwrap() {
        config["channels"]["matrix"][key] = value.clone();
    }
    home.write_config(&config.to_string());
    home
}

/// A configuration, arguments, and the rule with its key by which a message is not answered.
type Case<'a> = (&'a Value, &'a [&'a str], Option<(&'a str, &'a str)>);

#[tokio::test]
async fn the_verdict_is_told_with_its_rule_and_its_key() {
    let listed = json!({"groupPolicy": "allowlist", "groupAllowFrom": [LISTED, "#b:example.org"]});
    let mention = json!({"groupPolicy": "mention"});
    let cases: [Case<'_>; 11] = [
        (&json!({}), &["@ann:example.org"], None),
        (
            &json!({}),
            &["@eve:example.org", "--direct"],
            Some(("sender-not-allowed", "allowFrom")),
        ),
        (&json!({"allowFrom": ["*"]}), &["@eve:example.org"], None),
        (
            &mention,
            &["@ann:example.org"],
            Some(("not-mentioned", "groupPolicy")),
        ),
        (&mention, &["@ann:example.org", "--mention"], None),
        (&mention, &["@ann:example.org", "--direct"], None),
        (
            &listed,
            &["@ann:example.org"],
            Some(("room-not-allowed", "groupAllowFrom")),
        ),
        (&listed, &["@ann:example.org", "--room", LISTED], None),
        (
            &listed,
            &["@ann:example.org", "--room", "#b:example.org"],
            None,
        ),
        (
            &listed,
            &["@ann:example.org", "--room", "!c:example.org", "--mention"],
            Some(("room-not-allowed", "groupAllowFrom")),
        ),
        (
            &listed,
            &["@ann:example.org", "--room", "!c:example.org", "--direct"],
            None,
        ),
    ];
    for (config, arguments, refused) in cases {
        let home = home(config);
        let arguments = [&["access"], arguments, &["--json"]].concat();
        let told = home.run(&arguments, "").await;
        let told = told.expect_code(i32::from(refused.is_some())).json();
        assert_eq!(told["answered"], refused.is_none(), "{told:#}");
        let (rule, key) = match refused {
            Some((rule, key)) => (json!(rule), json!(format!("channels.matrix.{key}"))),
            None => (Value::Null, Value::Null),
        };
        assert_eq!((&told["rule"], &told["key"]), (&rule, &key), "{told:#}");
        let grounds = told["because"].as_array().unwrap();
        assert_eq!(grounds.is_empty(), refused.is_some(), "{told:#}");
    }
}

#[tokio::test]
async fn what_is_no_user_or_no_configuration_has_an_exit_code_of_its_own() {
    let home = home(&json!({}));
    for arguments in [
        &["access", "ann"][..],
        &["access", "@ann:example.org", "--room", "garden"],
        &["access"],
        &["access", "@ann:example.org", "--why", "$x"],
    ] {
        home.run(arguments, "").await.expect_code(2);
    }
    home.write_config("{\"channels\": {\"matrix\": {\"allowFrom\": 5}}}");
    home.run(&["access", "@ann:example.org"], "")
        .await
        .expect_code(78);
    let own = ["access", "@bot:example.org"];
    let home = crate::access::home(&json!({"allowFrom": ["*"]}));
    let told = home.run(&own, "").await.expect_code(1);
    assert!(told.stdout.contains("does not answer itself"), "{told}");
}

#[tokio::test]
async fn what_became_of_a_message_is_told_by_the_gateway_and_by_the_store() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let (ann, eve) = tokio::join!(http_person(synapse, "ann"), http_person(synapse, "eve"));
    bot.set("allowFrom", json!([ann.user_id()]));
    bot.set("groupPolicy", "mention");
    let gateway = bot.run().await;
    let spec = RoomSpec::group(&[&bot.user_id, eve.user_id()]);
    let room = ann.create_room(&spec).await;
    eve.join(&room).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let unmentioned = ann.send_text(&room, "hello everyone").await;
    let stranger = eve.send_text(&room, "canary of a stranger").await;
    let reaction = json!({"m.relates_to": {
        "rel_type": "m.annotation", "event_id": unmentioned, "key": "+1",
    }});
    let reaction = ann.send(&room, "m.reaction", &reaction).await;
    let notice = json!({"msgtype": "m.notice", "body": "I am a bot"});
    let notice = ann.send(&room, "m.room.message", &notice).await;
    let mention = message::mention("hello bot", &[&bot.user_id]);
    let mentioned = ann.send(&room, "m.room.message", &mention).await;
    ann.wait_for_reply(&room, &mentioned, &bot.user_id).await;

    let why = async |event: &str, code: i32| {
        let told = bot
            .home
            .run(&["access", "--why", event, "--json"], "")
            .await;
        told.expect_code(code).json()
    };
    for is_running in [true, false] {
        crate::harness::eventually::eventually("the answer's end", PATIENCE, || async {
            let told = bot
                .home
                .run(&["access", "--why", &mentioned, "--json"], "")
                .await;
            let told = told.json();
            (told["state"] == "answered")
                .then_some(())
                .ok_or(told.to_string())
        })
        .await;
        assert_eq!(why(&mentioned, 0).await["answered"], true);
        let told = why(&unmentioned, 1).await;
        assert_eq!(
            (&told["state"], &told["verdict"], &told["key"]),
            (
                &json!("refused"),
                &json!("not-mentioned"),
                &json!("channels.matrix.groupPolicy")
            ),
            "{told:#}"
        );
        assert_eq!(
            (&told["sender"], &told["room_id"]),
            (&json!(ann.user_id()), &json!(room))
        );
        let told = why(&notice, 1).await;
        assert_eq!(told["verdict"], "notice", "{told:#}");
        assert!(
            told["why"].as_str().unwrap().contains("a notice"),
            "{told:#}"
        );
        let told = why(&stranger, 1).await;
        let told_reaction = why(&reaction, 1).await;
        if is_running {
            assert_eq!(told["verdict"], "sender-not-allowed", "{told:#}");
            let words = told_reaction["why"].as_str().unwrap();
            assert!(words.contains("m.reaction"), "{told_reaction:#}");
        } else {
            assert_eq!(told["state"], "ignored", "{told:#}");
            let words = told["why"].as_str().unwrap();
            assert!(
                words.contains("a running gateway can tell more"),
                "{told:#}"
            );
        }
        let told = why("$nowhere", 1).await;
        assert_eq!(told["state"], "unknown", "{told:#}");
        if is_running {
            assert_eq!(gateway.terminate().await, 0);
        }
    }
    bot.home.assert_no_secret(&["canary of a stranger"]);
}
