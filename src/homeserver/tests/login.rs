//! Login and what a server says instead.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    super::{
        Failure, Login, Result,
        fake::{Fake, answer, closed, error, ok, text},
    },
    PASSWORD, failure, server,
};
use crate::{config::Secret, error::Kind};

async fn login(url: &str, device_id: Option<&str>) -> Result<Login> {
    let password = Secret::new(PASSWORD.to_owned());
    server(url)
        .login_password("bot", &password, device_id, "nanobot")
        .await
}

/// A homeserver that answers the login itself, not the question for its flows, with this.
async fn refusing(status: u16, body: Value) -> Fake {
    Fake::homeserver(move |seen| {
        (seen.path.ends_with("/login") && !seen.body.is_empty()).then(|| answer(status, &body))
    })
    .await
}

fn attempts(fake: &Fake) -> usize {
    fake.seen()
        .iter()
        .filter(|seen| !seen.body.is_empty())
        .count()
}

#[tokio::test]
async fn a_login_gives_a_device_and_a_token() {
    let answer = json!({
        "user_id": "@bot:example.org", "device_id": "DEV", "access_token": "syt_canary",
        "well_known": { "m.homeserver": { "base_url": "https://elsewhere.example.org" } },
    });
    let fake = refusing(200, answer).await;
    let login = login(&fake.url, Some("DEV")).await.unwrap();
    assert_eq!(login.user_id, "@bot:example.org");
    assert_eq!(login.device_id, "DEV");
    assert_eq!(login.access_token.expose(), "syt_canary");
    assert_eq!(login.expires_in, None);
    assert!(!format!("{login:?}").contains("canary"));

    let sent: Value = serde_json::from_str(&fake.seen()[0].body).unwrap();
    assert_eq!(sent["identifier"]["user"], "bot");
    assert_eq!(sent["device_id"], "DEV");
    assert_eq!(sent["initial_device_display_name"], "nanobot");
    assert!(sent.get("refresh_token").is_none());
}

#[tokio::test]
async fn a_token_that_expires_is_known_as_one() {
    let answer = json!({
        "user_id": "@bot:example.org", "device_id": "DEV", "access_token": "syt_canary",
        "expires_in_ms": 300_000, "refresh_token": "syr_canary",
    });
    let fake = refusing(200, answer).await;
    let login = login(&fake.url, None).await.unwrap();
    assert_eq!(login.expires_in, Some(Duration::from_mins(5)));
}

#[tokio::test]
async fn a_wrong_password_is_that_and_nothing_else() {
    let fake = refusing(403, json!({ "errcode": "M_FORBIDDEN", "error": "Invalid" })).await;
    let found = failure(login(&fake.url, None).await);
    assert!(matches!(found, Failure::WrongPassword { .. }), "{found}");
    assert_eq!(found.kind(), Kind::NotLoggedIn);
    assert_eq!(attempts(&fake), 1);
}

#[tokio::test]
async fn a_server_without_passwords_names_what_it_offers() {
    for (status, errcode) in [
        (403, "M_FORBIDDEN"),
        (400, "M_UNKNOWN"),
        (404, "M_UNRECOGNIZED"),
    ] {
        let fake = Fake::homeserver(move |seen| {
            if seen.path.ends_with("/auth_metadata") {
                return Some(ok(&json!({ "issuer": "https://auth.example.org/" })));
            }
            let login = seen.path.ends_with("/login");
            match (login, seen.body.is_empty()) {
                (true, true) => Some(ok(&json!({ "flows": [{ "type": "m.login.sso" }] }))),
                (true, false) => Some(error(status, errcode, "no")),
                _ => None,
            }
        })
        .await;
        let found = failure(login(&fake.url, None).await);
        assert!(matches!(found, Failure::NoPasswordLogin { .. }), "{found}");
        let words = "single sign-on and OAuth 2.0 at https://auth.example.org/";
        assert!(found.to_string().contains(words), "{found}");
    }
}

#[tokio::test]
async fn a_deactivated_account_is_named() {
    let fake = refusing(
        403,
        json!({ "errcode": "M_USER_DEACTIVATED", "error": "x" }),
    )
    .await;
    assert_eq!(failure(login(&fake.url, None).await), Failure::Deactivated);
}

#[tokio::test]
async fn foreign_words_are_shown_without_the_password_and_cut() {
    let words = format!("no\u{1b}[2J {PASSWORD}\n{}", "x".repeat(999));
    let fake = refusing(400, json!({ "errcode": "M_ODD", "error": words })).await;
    let found = failure(login(&fake.url, None).await);
    assert!(found.to_string().contains("M_ODD"), "{found}");
    assert!(found.to_string().contains("[redacted]"), "{found}");
    assert!(found.to_string().len() < 350, "{found}");
}

#[tokio::test]
async fn an_answer_of_another_kind_shows_nothing_of_itself() {
    for answer in [
        json!({ "access_token": "canary" }),
        json!({ "user_id": "bot", "device_id": "D", "access_token": "canary" }),
        json!({ "user_id": "@bot:example.org", "device_id": "\u{1b}", "access_token": "canary" }),
    ] {
        let fake = refusing(200, answer).await;
        let found = failure(login(&fake.url, None).await);
        assert!(matches!(found, Failure::NotMatrix { .. }), "{found}");
    }
}

#[tokio::test]
async fn a_login_is_never_sent_twice_after_trouble() {
    let fake = Fake::homeserver(|seen| (!seen.body.is_empty()).then(|| text(502, ""))).await;
    let found = failure(login(&fake.url, None).await);
    assert!(
        matches!(found, Failure::ServerTrouble { status: 502, .. }),
        "{found}"
    );
    assert_eq!(attempts(&fake), 1);
    assert_eq!(
        failure(login(&closed().await, None).await).kind(),
        Kind::Unreachable
    );
}

#[tokio::test]
async fn a_rate_limited_login_waits_its_turn() {
    let fake = Fake::homeserver(|seen| {
        if seen.body.is_empty() {
            return None;
        }
        Some(match seen.before {
            0 => answer(
                429,
                &json!({ "errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 5 }),
            ),
            _ => ok(&json!({ "user_id": "@b:h", "device_id": "D", "access_token": "t" })),
        })
    })
    .await;
    assert!(login(&fake.url, None).await.is_ok());
    assert_eq!(attempts(&fake), 2);
}

#[tokio::test]
async fn a_password_never_follows_a_redirect_to_another_server() {
    let other = Fake::homeserver(|_| None).await;
    let to = format!("{}/_matrix/client/v3/login", other.url);
    let fake = Fake::new(move |_| Some(super::super::fake::redirect(307, &to))).await;
    let found = failure(login(&fake.url, None).await);
    assert!(matches!(found, Failure::Redirect { .. }), "{found}");
    assert_eq!(other.seen().len(), 0);
}
