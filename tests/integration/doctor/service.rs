//! `homeserver.*`: a homeserver that works, and is not all that it should be.

use std::time::Duration;

use serde_json::json;

use super::{
    examined::Examined,
    front::{Deed, Front, json},
    patient::Patient,
};

async fn at(path: &'static str, deed: impl Fn() -> Deed + Send + Sync + 'static) -> Examined {
    let front = Front::at(path, deed).await;
    let examined = Patient::at(&front.http()).await.examine(&[]).await;
    let is_failure = examined.exit_code() != 0;
    assert_eq!(is_failure, !examined.ids("fail").is_empty());
    examined
}

fn versions(list: &'static [&'static str]) -> impl Fn() -> Deed {
    move || json(200, &json!({ "versions": list }))
}

#[tokio::test]
async fn a_homeserver_of_the_old_days_is_one_failure() {
    let examined = at("/_matrix/client/versions", versions(&["r0.5.0", "r0.6.1"])).await;
    examined
        .expect("homeserver.versions", "fail", "a version before 1.1")
        .expect_failed(&["homeserver.versions"])
        .expect_skipped("homeserver.media", &["homeserver.versions"])
        .expect_remedy("homeserver.versions", "update", &[]);
    assert_eq!(examined.exit_code(), 1);
}

#[tokio::test]
async fn files_that_everyone_can_fetch_are_a_warning() {
    let examined = at("/_matrix/client/versions", versions(&["v1.1", "v1.10"])).await;
    examined
        .expect(
            "homeserver.media",
            "warn",
            "everyone who knows their address",
        )
        .expect_failed(&[]);
}

#[tokio::test]
async fn answers_that_take_more_than_a_second_are_a_warning() {
    let late = || Deed::Late(Duration::from_millis(1_100));
    let examined = at("/_matrix/client/v3/login", late).await;
    examined
        .expect("homeserver.latency", "warn", "a small request takes 1")
        .expect_failed(&[]);
    assert_eq!(examined.ids("warn"), ["homeserver.latency"]);
}

#[tokio::test]
async fn software_with_a_known_fault_is_named() {
    let server = |name: &'static str| {
        move || {
            json(
                200,
                &json!({ "server": { "name": name, "version": "0.9.0" } }),
            )
        }
    };
    let path = "/_matrix/federation/v1/version";
    let examined = at(path, server("Conduit")).await;
    examined
        .expect("homeserver.software", "warn", "it is Conduit 0.9.0")
        .expect_failed(&[]);
    let examined = at(path, server("Synapse")).await;
    assert_eq!(
        examined.row("homeserver.software")["detail"],
        "it is Synapse 0.9.0"
    );
    assert_eq!(examined.ids("warn"), [""; 0]);
}

#[tokio::test]
async fn a_homeserver_that_takes_no_passwords_is_a_warning() {
    let front = Front::new(|asked| match asked.path {
        "/_matrix/client/v3/login" => {
            json(404, &json!({ "errcode": "M_UNRECOGNIZED", "error": "?" }))
        }
        "/_matrix/client/v1/auth_metadata" => {
            json(200, &json!({ "issuer": "https://auth.example.org/" }))
        }
        _ => Deed::PassOn,
    })
    .await;
    let examined = Patient::at(&front.http()).await.examine(&[]).await;
    examined
        .expect(
            "homeserver.login-flows",
            "warn",
            "it offers OAuth 2.0 at https://auth.example.org/",
        )
        .expect_failed(&[])
        .expect_remedy(
            "homeserver.login-flows",
            "token",
            &["nanobot login --token-stdin"],
        );
}

#[tokio::test]
async fn files_that_are_too_large_for_the_homeserver_are_a_warning() {
    let patient = Patient::new().await;
    patient.set("maxMediaBytes", 100 << 20);
    let examined = patient.examine(&[]).await;
    examined
        .expect(
            "homeserver.upload-limit",
            "warn",
            "maxMediaBytes is 104857600",
        )
        .expect_failed(&[]);
    let limit = "nanobot config set maxMediaBytes 52428800";
    examined.expect_remedy("homeserver.upload-limit", "lower maxMediaBytes", &[limit]);
    let words: Vec<_> = limit.split(' ').skip(1).collect();
    patient.home.run(&words, "").await.expect_code(0);
    let examined = patient.examine(&[]).await;
    assert_eq!(examined.ids("warn"), [""; 0], "{:#}", examined.report);
}
