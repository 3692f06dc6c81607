//! `homeserver.*`: a homeserver that is away, in trouble, or none at all.

use serde_json::json;

use super::{
    front::{Deed, Front, json, labelled, text},
    patient::Patient,
};

const VERSIONS: &str = "/_matrix/client/versions";
const WHOAMI: &str = "/_matrix/client/v3/account/whoami";
const PAGE: &str = "<!doctype html><html><body>Welcome to our network</body></html>";

/// The URL of a port where nothing listens.
async fn closed() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn nothing_between_the_bot_and_its_homeserver_is_nothing_to_say() {
    let front = Front::always(|| Deed::PassOn).await;
    let examined = Patient::at(&front.http()).await.examine(&[]).await;
    examined.expect_failed(&[]);
    assert_eq!(examined.ids("warn"), [""; 0], "{:#}", examined.report);
    assert_eq!(examined.exit_code(), 0);
}

#[tokio::test]
async fn plain_http_to_another_machine_is_a_warning_that_asks_nobody() {
    let patient = Patient::at("http://matrix.invalid").await;
    let examined = patient.examine(&["--offline"]).await;
    examined
        .expect(
            "homeserver.plain-http",
            "warn",
            "http://matrix.invalid is plain HTTP to another machine",
        )
        .expect_failed(&[]);
    assert_eq!(examined.exit_code(), 0);
    let examined = patient.examine(&["--offline", "--strict"]).await;
    assert_eq!(examined.exit_code(), 3);
}

#[tokio::test]
async fn offline_nobody_is_asked_and_everything_else_is_judged() {
    let front = Front::always(|| Deed::PassOn).await;
    let patient = Patient::at(&front.http()).await;
    patient.set("proxy", front.http());
    let examined = patient.examine(&["--offline"]).await;
    assert_eq!(front.connections(), 0);
    assert_eq!(examined.exit_code(), 0, "{:#}", examined.report);
    for id in ["token.shape", "token.localpart"] {
        assert_eq!(examined.row(id)["status"], "pass");
    }
    for id in [
        "homeserver.proxy",
        "homeserver.dns",
        "homeserver.tls",
        "homeserver.answers",
        "homeserver.account",
        "homeserver.certificate",
        "homeserver.well-known",
        "homeserver.upload-limit",
        "clock.skew",
        "token.valid",
        "device.exists",
        "e2ee.published",
        "access.rooms",
    ] {
        let row = examined.row(id);
        assert_eq!(row["status"], "skip", "{row:#}");
        assert_eq!(row["detail"], "skipped because of --offline", "{row:#}");
    }
    // The same questions are asked otherwise: the count does count.
    patient.examine(&["--only", "homeserver.answers"]).await;
    assert!(front.connections() > 0);
}

#[tokio::test]
async fn a_name_without_an_address_is_one_failure() {
    // A label of 64 letters is refused by the resolver before anybody is asked.
    let url = format!("https://{}.invalid", "a".repeat(64));
    let examined = Patient::at(&url).await.examine(&[]).await;
    examined
        .expect("homeserver.dns", "fail", "its host name does not resolve")
        .expect_failed(&["homeserver.dns"])
        .expect_skipped("homeserver.answers", &["homeserver.dns"])
        .expect_skipped("token.valid", &["homeserver.dns"])
        .expect_skipped("clock.skew", &["homeserver.dns"])
        .expect_remedy(
            "homeserver.dns",
            "spelling",
            &["nanobot config get homeserver"],
        );
    assert_eq!(examined.exit_code(), 69);
}

#[tokio::test]
async fn a_homeserver_that_is_down_is_one_failure() {
    let url = closed().await;
    let examined = Patient::at(&url).await.examine(&[]).await;
    examined
        .expect("homeserver.connect", "fail", "connection refused")
        .expect("homeserver.connect", "fail", &url)
        .expect_failed(&["homeserver.connect"])
        .expect_skipped("homeserver.tls", &["homeserver.connect"])
        .expect_skipped("token.valid", &["homeserver.connect"])
        .expect_skipped("access.rooms", &["homeserver.connect"]);
    let remedy = examined.row("homeserver.connect")["remedy"].to_string();
    for command in [&format!("curl -v {url}/"), "nanobot config get homeserver"] {
        assert!(remedy.contains(command), "{remedy}");
    }
    assert_eq!(examined.exit_code(), 69);
}

#[tokio::test]
async fn a_homeserver_that_takes_connections_and_never_answers_is_one_failure() {
    let front = Front::always(|| Deed::Silence).await;
    let patient = Patient::at(&front.http()).await;
    let examined = patient.examine(&["--timeout", "2"]).await;
    examined
        .expect("homeserver.connect", "fail", "no answer within 1.8 s")
        .expect_failed(&["homeserver.connect"])
        .expect_skipped("token.valid", &["homeserver.connect"]);
    assert_eq!(examined.exit_code(), 69);
}

#[tokio::test]
async fn a_service_of_another_kind_on_the_port_is_named() {
    let front = Front::raw(b"SSH-2.0-OpenSSH_9.6\r\n").await;
    let examined = Patient::at(&front.http()).await.examine(&[]).await;
    examined
        .expect("homeserver.answers", "fail", "does not speak HTTP")
        .expect_failed(&["homeserver.answers"]);
    assert_eq!(examined.exit_code(), 1);
}

#[tokio::test]
async fn a_sign_in_page_is_told_from_a_homeserver() {
    let portal = Front::always(|| text(200, PAGE)).await;
    let to = format!("{}/login?next=canary", portal.http());
    let front = Front::always(move || labelled(302, "location", &to)).await;
    for (url, words) in [
        (
            portal.http(),
            "it sent a web page (HTTP status 200)".to_owned(),
        ),
        (
            front.http(),
            format!(
                "it redirects to {}/login, which sent a web page",
                portal.http()
            ),
        ),
    ] {
        let examined = Patient::at(&url).await.examine(&[]).await;
        let curl = format!("curl -v {url}/_matrix/client/versions");
        examined
            .expect("homeserver.answers", "fail", &words)
            .expect_failed(&["homeserver.answers"])
            .expect_skipped("token.valid", &["homeserver.answers"])
            .expect_remedy(
                "homeserver.answers",
                "sign-in page",
                &[&curl, "nanobot config get homeserver"],
            );
        assert_eq!(examined.exit_code(), 1);
    }
}

#[tokio::test]
async fn a_homeserver_that_has_moved_is_named_with_its_new_address() {
    let new = Front::always(|| Deed::PassOn).await;
    let url = new.http();
    let front =
        Front::new(move |asked| labelled(307, "location", &format!("{url}{}", asked.path))).await;
    let patient = Patient::at(&front.http()).await;
    let examined = patient.examine(&[]).await;
    let command = format!("nanobot config set homeserver {}", new.http());
    examined
        .expect(
            "homeserver.account",
            "fail",
            "not handed on to another server",
        )
        .expect_failed(&["homeserver.account"])
        .expect_skipped("token.valid", &["homeserver.account"])
        .expect_skipped("homeserver.latency", &["homeserver.account"])
        .expect_remedy("homeserver.account", &new.http(), &[&command]);
    assert_eq!(examined.exit_code(), 1);

    let words: Vec<_> = command.split(' ').skip(1).collect();
    patient.home.run(&words, "").await.expect_code(0);
    let examined = patient.examine(&[]).await;
    assert_eq!(examined.exit_code(), 0, "{:#}", examined.report);
}

/// The answer of a homeserver in trouble, the words for it, and those of its remedy.
type Trouble = (fn() -> Deed, &'static str, &'static str);

const TROUBLES: [Trouble; 4] = [
    (
        || {
            json(
                503,
                &json!({ "errcode": "M_UNKNOWN", "error": "no database" }),
            )
        },
        "HTTP status 503",
        "try again later",
    ),
    (|| text(502, PAGE), "HTTP status 502", "reverse proxy"),
    (
        || labelled(429, "retry-after", "3600"),
        "it asks to wait 1 h",
        "try again in 1 h",
    ),
    (
        || {
            json(
                429,
                &json!({ "errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 3_600_000 }),
            )
        },
        "it asks to wait 1 h",
        "try again in 1 h",
    ),
];

/// The command that shows what a front answers.
fn closer(front: &Front) -> String {
    format!("curl -v {}/_matrix/client/versions", front.http())
}

#[tokio::test]
async fn a_homeserver_in_trouble_is_worth_waiting_for() {
    for (trouble, words, remedy) in TROUBLES {
        let front = Front::at(VERSIONS, trouble).await;
        let examined = Patient::at(&front.http()).await.examine(&[]).await;
        examined
            .expect("homeserver.answers", "fail", words)
            .expect_failed(&["homeserver.answers"])
            .expect_skipped("token.valid", &["homeserver.answers"])
            .expect_remedy("homeserver.answers", remedy, &[&closer(&front)]);
        assert_eq!(examined.exit_code(), 69);
    }
}

#[tokio::test]
async fn a_homeserver_that_only_tells_its_versions_says_nothing_of_the_token() {
    for (trouble, words, remedy) in TROUBLES {
        let front = Front::new(move |asked| {
            if asked.path == VERSIONS {
                Deed::PassOn
            } else {
                trouble()
            }
        })
        .await;
        let examined = Patient::at(&front.http()).await.examine(&[]).await;
        examined
            .expect("homeserver.account", "fail", words)
            .expect_failed(&["homeserver.account"])
            .expect_skipped("token.valid", &["homeserver.account"])
            .expect_skipped("homeserver.login-flows", &["homeserver.account"])
            .expect_skipped("e2ee.published", &["homeserver.account"])
            .expect_remedy("homeserver.account", remedy, &[&closer(&front)]);
        assert_eq!(examined.ids("warn"), [""; 0], "{:#}", examined.report);
        assert_eq!(examined.exit_code(), 69);
    }
}

#[tokio::test]
async fn a_reverse_proxy_that_passes_too_little_on_is_named() {
    let front = Front::at(WHOAMI, || text(404, PAGE)).await;
    let examined = Patient::at(&front.http()).await.examine(&[]).await;
    examined
        .expect("homeserver.account", "fail", "a web page (HTTP status 404)")
        .expect_failed(&["homeserver.account"]);
    assert_eq!(examined.exit_code(), 1);
}
