//! `token.*`: tokens that are damaged, ended, or somebody else's.

use reqwest::Method;
use serde_json::json;

use super::{
    examined::examine,
    front::{Deed, Front, json},
    patient::Patient,
};
use crate::{
    harness::account::{Bot, PASSWORD, http_person},
    harness::{
        eventually::{PATIENCE, eventually},
        http_person::{HttpPerson, string},
        shared::{own_synapse, shared_synapse},
        synapse::Config,
    },
};

/// A token of the kind that the Matrix Authentication Service gives for five minutes.
const SHORT_LIVED: &str = "mat_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0_6M73j2";
const WHOAMI: &str = "/_matrix/client/v3/account/whoami";

#[tokio::test]
async fn a_revoked_token_is_one_failure() {
    let bot = Bot::new(shared_synapse().await).await;
    bot.account().await.logout().await;
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("token.valid", "fail", "it was revoked, has expired")
        .expect_failed(&["token.valid"])
        .expect_skipped("token.user", &["token.valid"])
        .expect_skipped("e2ee.published", &["token.valid"])
        .expect_remedy("token.valid", "", &["nanobot login"]);
    assert_eq!(examined.exit_code(), 4);
    bot.assert_no_secret();
}

#[tokio::test]
async fn a_session_that_the_homeserver_ended_goes_on_with_the_same_device() {
    // Only logins that ask for a refresh token get one that ends so soon.
    let synapse = own_synapse(Config {
        extra: json!({ "refreshable_access_token_lifetime": "1s" }),
        ..Config::default()
    })
    .await;
    let bot = Bot::new(&synapse).await;
    let (account, device) = (bot.account().await, bot.device_id());
    let login = json!({
        "type": "m.login.password",
        "identifier": { "type": "m.id.user", "user": bot.user_id },
        "password": PASSWORD,
        "device_id": device,
        "refresh_token": true,
    });
    let login = account.call(Method::POST, &["v3", "login"], Some(&login));
    let token = string(&login.await["access_token"]);
    bot.set("accessToken", token.clone());
    let examined = eventually("the end of the session", PATIENCE, || async {
        let examined = examine(&bot.home, &[]).await;
        let has_ended = examined.row("token.soft-logout")["status"] == "fail";
        has_ended.then_some(examined).ok_or("it goes on")
    })
    .await;
    examined
        .expect("token.soft-logout", "fail", "logging in again continues it")
        .expect_failed(&["token.soft-logout"])
        .expect_skipped("token.valid", &["token.soft-logout"])
        .expect_remedy("token.soft-logout", "", &["nanobot login"]);
    assert_eq!(examined.exit_code(), 4);

    bot.log_in(&[]).await.expect_code(0);
    assert_eq!(bot.device_id(), device);
    assert_ne!(bot.token(), token);
}

#[tokio::test]
async fn a_token_that_was_copied_badly_is_known_before_it_is_sent() {
    let patient = Patient::new().await;
    let token = patient.setting("accessToken");
    let (cut, middle) = (token.len() - 3, token.len() / 2);
    for (copy, words) in [
        (token[..cut].to_owned(), "damaged"),
        (token[3..].to_owned(), "damaged"),
        (
            format!("{}{}", &token[..middle], &token[middle + 1..]),
            "damaged",
        ),
        (format!("Bearer {token}"), "the word Bearer before it"),
        (format!("\"{token}\","), "quotes or a comma around it"),
        (format!(" {token}"), "spaces around it"),
        ("öffne-dich".to_owned(), "characters that no token has"),
    ] {
        patient.set("accessToken", copy);
        for options in [&[][..], &["--offline"]] {
            let examined = patient.examine(options).await;
            examined
                .expect("token.shape", "fail", words)
                .expect_failed(&["token.shape"])
                .expect_skipped("token.valid", &["token.shape"])
                .expect_remedy("token.shape", "copy the whole token", &["nanobot login"]);
            assert_eq!(examined.exit_code(), 4);
        }
    }
    patient.home.assert_no_secret(&[&token[4..cut]]);
}

#[tokio::test]
async fn a_refresh_token_is_told_from_an_access_token() {
    let synapse = shared_synapse().await;
    let person = http_person(synapse, "refresher").await;
    let login = json!({
        "type": "m.login.password",
        "identifier": { "type": "m.id.user", "user": person.user_id() },
        "password": "a password",
        "refresh_token": true,
    });
    let login = person.call(Method::POST, &["v3", "login"], Some(&login));
    let patient = Patient::new().await;
    patient.set("accessToken", string(&login.await["refresh_token"]));
    for options in [&[][..], &["--offline"]] {
        let examined = patient.examine(options).await;
        examined
            .expect("token.refresh", "fail", "this is a refresh token")
            .expect_failed(&["token.refresh"])
            .expect_skipped("token.valid", &["token.refresh"]);
        assert_eq!(examined.exit_code(), 4);
    }
}

#[tokio::test]
async fn a_token_that_lives_for_minutes_is_a_warning_while_it_is_accepted() {
    let patient = Patient::new().await;
    let real = patient.setting("accessToken");
    let front = Front::new(move |_| Deed::As(real.clone())).await;
    patient.set("accessToken", SHORT_LIVED);
    patient.set("homeserver", front.http());
    let examined = patient.examine(&[]).await;
    examined
        .expect("token.short-lived", "warn", "expires within minutes")
        .expect_failed(&[]);
    assert_eq!(examined.exit_code(), 0);

    patient.set("homeserver", shared_synapse().await.base_url());
    let examined = patient.examine(&[]).await;
    examined
        .expect("token.short-lived", "warn", "expires within minutes")
        .expect_failed(&["token.valid"]);
    assert_eq!(examined.exit_code(), 4);
}

#[tokio::test]
async fn a_token_of_another_user_is_seen_offline_and_named_online() {
    let patient = Patient::new().await;
    let (ours, stranger) = (
        patient.setting("userId"),
        http_person(shared_synapse().await, "stranger").await,
    );
    let localpart = stranger.user_id().trim_start_matches('@');
    let localpart = localpart.split(':').next().unwrap();
    patient.set("accessToken", stranger.access_token());

    let examined = patient.examine(&["--offline"]).await;
    examined
        .expect("token.localpart", "fail", localpart)
        .expect_failed(&["token.localpart"])
        .expect_remedy(
            "token.localpart",
            "log in as the right user",
            &["nanobot login"],
        );
    assert_eq!(examined.exit_code(), 4);

    let examined = patient.examine(&[]).await;
    examined
        .expect("token.user", "fail", &format!("but userId is {ours}"))
        .expect("token.user", "fail", stranger.user_id())
        .expect_failed(&["token.user"])
        .expect_skipped("token.device", &["token.user"]);
    assert_eq!(examined.exit_code(), 1);

    stranger.logout().await;
    let examined = patient.examine(&[]).await;
    examined
        .expect("token.localpart", "fail", localpart)
        .expect_failed(&["token.localpart"])
        .expect_skipped("token.valid", &["token.localpart"]);
    assert_eq!(examined.exit_code(), 4);
}

#[tokio::test]
async fn a_token_of_another_device_is_named() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let other = HttpPerson::login(&synapse.base_url(), &bot.user_id, PASSWORD).await;
    bot.set("accessToken", other.access_token());
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("token.device", "fail", other.device_id())
        .expect_failed(&["token.device"])
        .expect_skipped("e2ee.keys-elsewhere", &["token.device"])
        .expect_remedy(
            "token.device",
            "access token and device together",
            &["nanobot login"],
        );
    assert_eq!(examined.exit_code(), 1);
}

#[tokio::test]
async fn a_token_without_a_device_cannot_encrypt() {
    let patient = Patient::new().await;
    let user_id = patient.setting("userId");
    let front = Front::at(WHOAMI, move || json(200, &json!({ "user_id": user_id }))).await;
    patient.set("homeserver", front.http());
    let examined = patient.examine(&[]).await;
    examined
        .expect("token.device", "fail", "belongs to no device")
        .expect_failed(&["token.device"]);
    assert_eq!(examined.exit_code(), 1);
}

#[tokio::test]
async fn a_guest_is_named_as_such() {
    let patient = Patient::new().await;
    let guest = json!({
        "user_id": patient.setting("userId"), "device_id": patient.setting("deviceId"),
        "is_guest": true,
    });
    let front = Front::at(WHOAMI, move || json(200, &guest)).await;
    patient.set("homeserver", front.http());
    let examined = patient.examine(&[]).await;
    examined
        .expect("token.guest", "fail", "is a guest's")
        .expect_failed(&["token.guest"])
        .expect_remedy(
            "token.guest",
            "register a user for the bot",
            &["nanobot login"],
        );
}

#[tokio::test]
async fn a_token_is_asked_for_where_there_are_no_passwords() {
    let front = Front::new(|asked| match asked.path {
        WHOAMI => json(401, &json!({ "errcode": "M_UNKNOWN_TOKEN", "error": "?" })),
        "/_matrix/client/v3/login" => json(200, &json!({ "flows": [{ "type": "m.login.sso" }] })),
        _ => Deed::PassOn,
    })
    .await;
    let examined = Patient::at(&front.http()).await.examine(&[]).await;
    examined
        .expect("homeserver.login-flows", "warn", "no password login")
        .expect_failed(&["token.valid"])
        .expect_remedy(
            "token.valid",
            "has no password login",
            &["nanobot login --token-stdin"],
        );
}

#[tokio::test]
async fn a_locked_account_is_the_administrators_to_fix() {
    let locked = || {
        let error = json!({ "errcode": "M_USER_LOCKED", "error": "?", "soft_logout": true });
        json(401, &error)
    };
    let front = Front::at(WHOAMI, locked).await;
    let examined = Patient::at(&front.http()).await.examine(&[]).await;
    examined
        .expect("token.valid", "fail", "M_USER_LOCKED")
        .expect_failed(&["token.valid"])
        .expect_remedy("token.valid", "administrator", &[]);
    assert_eq!(examined.exit_code(), 4);
}
