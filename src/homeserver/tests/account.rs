//! What a token gets to know.

use serde_json::{json, value::RawValue};

use super::{
    super::{
        Failure,
        fake::{Fake, Seen, answer, error, ok, text},
    },
    TOKEN, account, failure, server,
};
use crate::{config::Secret, error::Kind, ipc::Refusal};

#[tokio::test]
async fn whoami_sends_the_token_and_reads_the_owner() {
    let fake = Fake::new(|_| Some(ok(&json!({ "user_id": "@b:h", "device_id": "D" })))).await;
    let me = account(&fake.url).whoami().await.unwrap();
    assert_eq!(
        (me.user_id.as_str(), me.device_id.as_deref()),
        ("@b:h", Some("D"))
    );
    let seen = &fake.seen()[0];
    assert_eq!(seen.authorization, Some(format!("Bearer {TOKEN}")));
    assert_eq!(seen.path, "/_matrix/client/v3/account/whoami");
}

#[tokio::test]
async fn a_token_without_a_device_is_an_application_services_or_not() {
    let kind = async |named: fn() -> axum::response::Response| {
        let fake = Fake::new(move |seen| match seen.query.as_str() {
            "" => Some(ok(&json!({ "user_id": "@b:h" }))),
            query => query.starts_with("user_id=%40nobody").then(named),
        });
        let fake = fake.await;
        account(&fake.url).whoami().await.unwrap()
    };
    let user = || ok(&json!({ "user_id": "@b:h" }));
    assert!(!kind(user).await.is_application_service);
    let other = || ok(&json!({ "user_id": "@nobody:h" }));
    assert!(kind(other).await.is_application_service);
    let refused = || error(403, "M_FORBIDDEN", "not registered");
    assert!(kind(refused).await.is_application_service);
}

#[tokio::test]
async fn rejected_tokens_are_told_apart() {
    let cases = [
        (
            json!({ "errcode": "M_UNKNOWN_TOKEN" }),
            Failure::TokenRejected { soft_logout: false },
        ),
        (
            json!({ "errcode": "M_UNKNOWN_TOKEN", "soft_logout": true }),
            Failure::TokenRejected { soft_logout: true },
        ),
        (
            json!({ "errcode": "M_MISSING_TOKEN" }),
            Failure::TokenMissing,
        ),
        (
            json!({ "errcode": "M_USER_LOCKED", "soft_logout": true }),
            Failure::Blocked(Refusal {
                errcode: "M_USER_LOCKED".to_owned(),
                ..Refusal::default()
            }),
        ),
    ];
    for (body, expected) in cases {
        let fake = Fake::new(move |_| Some(answer(401, &body))).await;
        let found = failure(account(&fake.url).whoami().await);
        assert_eq!(found, expected);
        assert_eq!(found.kind(), Kind::NotLoggedIn);
    }
}

#[tokio::test]
async fn a_401_of_something_in_between_is_no_rejected_token() {
    let fake = Fake::new(|_| Some(text(401, "<html>Authorization required"))).await;
    let found = failure(account(&fake.url).whoami().await);
    assert!(matches!(found, Failure::NotMatrix { .. }), "{found}");
}

#[tokio::test]
async fn a_server_that_repeats_the_token_is_not_quoted() {
    let fake = Fake::new(|seen: &Seen| {
        let token = seen.authorization.clone().unwrap_or_default();
        Some(error(400, &token, &format!("bad token: {token}")))
    })
    .await;
    let found = failure(account(&fake.url).whoami().await);
    assert!(found.to_string().contains("[redacted]"), "{found}");
}

#[tokio::test]
async fn damaged_and_empty_tokens_are_never_sent() {
    let fake = Fake::homeserver(|_| None).await;
    for (token, expected) in [
        ("", Failure::TokenMissing),
        ("canary\n", Failure::TokenDamaged),
        ("canary\u{7f}", Failure::TokenDamaged),
        ("canary\u{e9}", Failure::TokenDamaged),
        ("Bearer canary", Failure::TokenDamaged),
    ] {
        let account = server(&fake.url).with_token(&Secret::new(token.to_owned()));
        assert_eq!(failure(account.whoami().await), expected);
    }
    assert_eq!(fake.seen().len(), 0);
}

#[tokio::test]
async fn a_deleted_device_is_none_and_a_strange_404_is_an_error() {
    let fake = Fake::new(|_| Some(error(404, "M_NOT_FOUND", "No device found"))).await;
    assert_eq!(account(&fake.url).device("A/B").await, Ok(None));
    assert_eq!(fake.seen()[0].path, "/_matrix/client/v3/devices/A%2FB");
    let fake = Fake::new(|_| Some(text(404, "<html>"))).await;
    failure(account(&fake.url).device("D").await);
    failure(account(&fake.url).device("..").await);
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn a_device_tells_its_name_and_when_it_was_seen() {
    let fake = Fake::new(|_| {
        Some(ok(
            &json!({ "device_id": "D", "display_name": "nanobot", "last_seen_ts": 5 }),
        ))
    })
    .await;
    let device = account(&fake.url).device("D").await.unwrap().unwrap();
    assert_eq!(device.display_name.as_deref(), Some("nanobot"));
    assert_eq!(device.last_seen_ts, Some(5));
}

#[tokio::test]
async fn one_time_keys_are_counted_without_uploading_any() {
    let fake = Fake::new(|_| {
        Some(ok(
            &json!({ "one_time_key_counts": { "signed_curve25519": 49 } }),
        ))
    })
    .await;
    assert_eq!(account(&fake.url).one_time_key_count().await, Ok(49));
    assert_eq!(fake.seen()[0].body, "{}");
    let fake = Fake::new(|_| Some(ok(&json!({ "one_time_key_counts": {} })))).await;
    assert_eq!(account(&fake.url).one_time_key_count().await, Ok(0));
}

#[tokio::test]
async fn keys_are_asked_for_by_user_and_device() {
    let fake = Fake::new(|_| Some(ok(&json!({ "device_keys": {} })))).await;
    let keys = account(&fake.url)
        .published_keys("@b:h", "D")
        .await
        .unwrap();
    assert!(keys.device.is_none());
    assert_eq!(fake.seen()[0].body, r#"{"device_keys":{"@b:h":["D"]}}"#);
}

#[tokio::test]
async fn a_one_time_key_is_claimed_once_for_one_device() {
    let answer = |device: &str, id: &str| {
        let keys = json!({ device: { id: { "key": "public" } } });
        json!({ "one_time_keys": { "@b:h": keys }, "failures": {} })
    };
    let id = "signed_curve25519:AAAAHQ";
    for (body, expected) in [
        (answer("D", id), Some(r#"{"key":"public"}"#)),
        (answer("OTHER", id), None),
        (answer("D", "curve25519:AAAAHQ"), None),
        (json!({ "one_time_keys": {} }), None),
    ] {
        let fake = Fake::new(move |_| Some(ok(&body))).await;
        let key = account(&fake.url).claim_one_time_key("@b:h", "D").await;
        assert_eq!(key.unwrap().as_deref().map(RawValue::get), expected);
        let seen = &fake.seen()[0];
        assert_eq!(seen.path, "/_matrix/client/v3/keys/claim");
        let asked = r#"{"one_time_keys":{"@b:h":{"D":"signed_curve25519"}}}"#;
        assert_eq!(seen.body, asked);
    }
    // Each answer costs a key, so a server in trouble is not asked again.
    let fake = Fake::new(|_| Some(text(500, ""))).await;
    failure(account(&fake.url).claim_one_time_key("@b:h", "D").await);
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn an_event_is_asked_for_by_room_and_id() {
    let fake = Fake::new(|_| Some(ok(&json!({ "type": "m.room.encrypted" })))).await;
    let event = account(&fake.url).event("!r:h", "$a/b").await.unwrap();
    assert_eq!(event["type"], "m.room.encrypted");
    let path = "/_matrix/client/v3/rooms/%21r%3Ah/event/%24a%2Fb";
    assert_eq!(fake.seen()[0].path, path);
}

#[tokio::test]
async fn the_upload_limit_is_asked_the_old_way_too() {
    let legacy = "/_matrix/media/v3/config";
    let fake = Fake::homeserver(move |seen| {
        (seen.path == legacy).then(|| ok(&json!({ "m.upload.size": 7 })))
    })
    .await;
    assert_eq!(account(&fake.url).upload_limit().await, Ok(Some(7)));
    let fake = Fake::new(|_| Some(ok(&json!({})))).await;
    assert_eq!(account(&fake.url).upload_limit().await, Ok(None));
    let fake = Fake::homeserver(|_| None).await;
    assert_eq!(account(&fake.url).upload_limit().await, Ok(None));
}

#[tokio::test]
async fn logout_is_sent_once() {
    let fake = Fake::new(|_| Some(ok(&json!({})))).await;
    assert_eq!(account(&fake.url).logout().await, Ok(()));
    assert_eq!(fake.seen().len(), 1);
    let fake = Fake::new(|_| Some(text(500, ""))).await;
    failure(account(&fake.url).logout().await);
    assert_eq!(fake.seen().len(), 1);
}
