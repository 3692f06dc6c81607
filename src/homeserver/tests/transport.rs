//! What holds for every call: deadlines, retries, redirects, limits, and what is no homeserver.

use std::time::Duration;

use axum::{body::Body, response::Response};
use futures_util::stream;
use serde_json::json;

use super::{
    super::{
        Failure, Homeserver, Options, Reach, TlsFault, discover,
        fake::{Fake, answer, closed, error, ok, redirect, text},
        transport::ProxyFault,
    },
    account,
    alone::{ask, is_told},
    failure, options, server,
};
use crate::{config::Secret, error::Kind};

#[tokio::test]
async fn a_closed_port_is_refused() {
    let found = failure(server(&closed().await).versions().await);
    assert!(
        matches!(
            found,
            Failure::Unreachable {
                reach: Reach::Refused,
                ..
            }
        ),
        "{found}"
    );
    assert_eq!(found.kind(), Kind::Unreachable);
}

#[tokio::test]
async fn a_name_without_address_is_dns() {
    // A label of 64 letters is refused by the resolver before anybody is asked, and a name below
    // localhost is never asked of a proxy.
    let name = format!("{}.localhost", "a".repeat(64));
    for url in [format!("http://{name}"), format!("https://{name}")] {
        let found = failure(server(&url).versions().await);
        assert!(
            matches!(
                found,
                Failure::Unreachable {
                    reach: Reach::Dns,
                    ..
                }
            ),
            "{found}"
        );
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_left_in_time() {
    let fake = Fake::new(|_| None).await;
    let options = Options {
        timeout: Duration::from_millis(200),
        ..options()
    };
    let server = Homeserver::new(&fake.url, &options).unwrap();
    let found = failure(server.versions().await);
    assert!(
        found.to_string().ends_with("no answer within 200 ms"),
        "{found}"
    );
    assert_eq!(found.kind(), Kind::Unreachable);
}

#[tokio::test]
async fn plain_http_where_tls_is_expected() {
    let fake = Fake::homeserver(|_| None).await;
    let url = fake.url.replace("http:", "https:");
    let found = failure(server(&url).versions().await);
    assert!(
        matches!(
            found,
            Failure::Unreachable {
                reach: Reach::Tls(TlsFault::NotTls),
                ..
            }
        ),
        "{found}"
    );
}

#[tokio::test]
async fn another_protocol_is_no_homeserver() {
    let fake = Fake::raw(b"SSH-2.0-OpenSSH_9.6\r\n").await;
    let found = failure(server(&fake.url).versions().await);
    assert!(found.to_string().contains("does not speak HTTP"), "{found}");
}

#[tokio::test]
async fn a_connection_that_breaks_is_unreachable() {
    let fake = Fake::raw(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"vers").await;
    let found = failure(server(&fake.url).versions().await);
    assert!(
        matches!(
            found,
            Failure::Unreachable {
                reach: Reach::Broken(_),
                ..
            }
        ),
        "{found}"
    );
}

#[tokio::test]
async fn what_is_no_homeserver_is_told_apart() {
    type Make = fn() -> Response;
    let cases: [(Make, &str); 6] = [
        (
            || text(200, "\n<!doctype html><html>"),
            "a web page (HTTP status 200)",
        ),
        (|| text(404, "<html>"), "a web page (HTTP status 404)"),
        (|| text(200, "hello"), "something that is not JSON"),
        (|| text(204, ""), "nothing"),
        (|| ok(&json!({ "status": "ok" })), "JSON of another kind"),
        (
            || error(404, "M_UNRECOGNIZED", "?"),
            "JSON of another kind (HTTP status 404)",
        ),
    ];
    for (make, words) in cases {
        let fake = Fake::new(move |_| Some(make())).await;
        let found = failure(server(&fake.url).versions().await);
        assert!(matches!(found, Failure::NotMatrix { .. }), "{found}");
        assert!(found.to_string().contains(words), "{found}");
        assert!(
            found
                .remedy()
                .to_string()
                .contains("/_matrix/client/versions")
        );
        assert_eq!(found.kind(), Kind::Failure);
    }
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let fake = Fake::new(|_| {
        let chunks = stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 65536]));
        Some(Response::new(Body::from_stream(chunks)))
    })
    .await;
    let found = failure(server(&fake.url).versions().await);
    assert!(found.to_string().contains("more than 1 MiB"), "{found}");
    let found = failure(account(&fake.url).whoami().await);
    assert!(found.to_string().contains("more than 16 MiB"), "{found}");
    assert!(!found.to_string().contains("homeserver"), "{found}");
    assert_eq!(found.kind(), Kind::Failure);
}

#[tokio::test]
async fn trouble_passes_with_a_little_patience() {
    let fake = Fake::homeserver(|seen| (seen.before < 2).then(|| text(503, "busy"))).await;
    assert!(server(&fake.url).versions().await.is_ok());
    assert_eq!(fake.seen().len(), 3);
}

#[tokio::test]
async fn trouble_that_stays_is_told_with_its_status() {
    let fake = Fake::new(|_| Some(error(503, "M_UNKNOWN", "no database"))).await;
    let found = failure(server(&fake.url).versions().await);
    assert!(found.to_string().contains("503"), "{found}");
    assert_eq!(found.kind(), Kind::Unreachable);
    assert_eq!(fake.seen().len(), 3);
}

#[tokio::test]
async fn a_rate_limit_is_waited_out() {
    let fake = Fake::homeserver(|seen| {
        (seen.before < 2).then(|| {
            answer(
                429,
                &json!({ "errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 10 }),
            )
        })
    })
    .await;
    assert!(server(&fake.url).versions().await.is_ok());
    assert_eq!(fake.seen().len(), 3);
}

#[tokio::test]
async fn a_rate_limit_beyond_the_deadline_is_not_waited_out() {
    let fake = Fake::new(|_| {
        let mut response = text(429, "slow down");
        response
            .headers_mut()
            .insert("retry-after", "3600".parse().unwrap());
        Some(response)
    })
    .await;
    let found = failure(server(&fake.url).versions().await);
    assert!(found.to_string().contains("asks to wait 1 h"), "{found}");
    assert_eq!(found.kind(), Kind::Unreachable);
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn discovery_settles_where_a_redirect_leads() {
    let target = Fake::homeserver(|_| None).await;
    let to = format!("{}/_matrix/client/versions", target.url);
    let fake = Fake::new(move |_| Some(redirect(301, &to))).await;
    let found = discover(&fake.url, &options()).await.unwrap();
    assert_eq!(found.homeserver.name(), target.url);
}

#[tokio::test]
async fn redirects_to_plain_http_elsewhere_are_refused() {
    let fake = Fake::new(|_| Some(redirect(302, "http://matrix.example.org/"))).await;
    let found = failure(server(&fake.url).versions().await);
    assert!(matches!(found, Failure::Redirect { .. }), "{found}");
    assert!(found.to_string().contains("plain HTTP"), "{found}");
}

#[tokio::test]
async fn redirects_in_a_circle_end() {
    let fake = Fake::new(|_| Some(redirect(302, "/round"))).await;
    let found = failure(server(&fake.url).versions().await);
    assert!(found.to_string().contains("too many"), "{found}");
}

#[tokio::test]
async fn a_token_never_reaches_another_server() {
    let other = Fake::new(|_| Some(ok(&json!({ "user_id": "@eve:example.org" })))).await;
    let to = format!("{}/_matrix/client/v3/account/whoami", other.url);
    let fake = Fake::new(move |_| Some(redirect(307, &to))).await;
    let found = failure(account(&fake.url).whoami().await);
    assert!(matches!(found, Failure::Redirect { .. }), "{found}");
    assert!(found.remedy().text.contains(&other.url));
    assert_eq!(other.seen().len(), 0);
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn a_proxy_is_used_and_named_when_it_is_down() {
    let proxy = Fake::homeserver(|_| None).await;
    let through = |proxy: &str| Options {
        proxy: Some(Secret::new(proxy.replace("://", "://me:canary@"))),
        allow_http: true,
        ..options()
    };
    let server = Homeserver::new("http://matrix.example.org", &through(&proxy.url)).unwrap();
    assert!(server.versions().await.is_ok());
    assert!(proxy.seen()[0].agent.starts_with("nanobot/"));

    let options = through(&closed().await);
    let server = Homeserver::new("http://matrix.example.org", &options).unwrap();
    let found = failure(server.versions().await);
    assert!(
        matches!(
            found,
            Failure::Unreachable {
                reach: Reach::Proxy(ProxyFault::Refused),
                ..
            }
        ),
        "{found}"
    );
}

#[test]
fn addresses_that_must_not_be_used_are_refused_before_anything_is_sent() {
    for url in [
        "http://matrix.example.org",
        "https://me:canary@example.org",
        "example.org",
    ] {
        let found = failure(Homeserver::new(url, &options()));
        assert_eq!(found.kind(), Kind::Usage, "{found}");
    }
    for proxy in ["not a proxy canary", "socks5://canary@localhost:9050"] {
        let options = Options {
            proxy: Some(Secret::new(proxy)),
            ..options()
        };
        let found = failure(Homeserver::new("https://matrix.example.org", &options));
        assert_eq!(found, Failure::ProxySetting);
    }
}

/// A proxy that answers every request, `CONNECT` too, with these bytes.
async fn through_proxy(answer: &'static [u8], url: &str) -> Failure {
    let proxy = Fake::raw(answer).await;
    let options = Options {
        proxy: Some(Secret::new(proxy.url.replace("://", "://me:canary@"))),
        allow_http: true,
        ..options()
    };
    failure(Homeserver::new(url, &options).unwrap().versions().await)
}

fn proxy_fault(failure: &Failure) -> Option<ProxyFault> {
    match failure {
        Failure::Unreachable {
            reach: Reach::Proxy(fault),
            ..
        } => Some(*fault),
        _ => None,
    }
}

#[tokio::test]
async fn a_proxy_that_answers_is_told_from_one_that_is_not_there() {
    const LOGIN: &[u8] = b"HTTP/1.1 407 Proxy Authentication Required\r\n\
        proxy-authenticate: Basic\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    for url in ["http://matrix.example.org", "https://matrix.example.org"] {
        let found = through_proxy(LOGIN, url).await;
        assert_eq!(proxy_fault(&found), Some(ProxyFault::WantsLogin), "{found}");
    }
    let denied = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let found = through_proxy(denied, "https://matrix.example.org").await;
    assert_eq!(proxy_fault(&found), Some(ProxyFault::Denied), "{found}");

    let options = Options {
        proxy: Some(Secret::new(format!(
            "http://{}.localhost:3128",
            "a".repeat(64)
        ))),
        ..options()
    };
    let server = Homeserver::new("https://matrix.example.org", &options).unwrap();
    let found = failure(server.versions().await);
    assert_eq!(proxy_fault(&found), Some(ProxyFault::Dns), "{found}");
}

#[tokio::test]
async fn a_sign_in_page_elsewhere_is_named_with_the_way_to_it() {
    let portal = Fake::new(|_| Some(text(200, "<html>Welcome to our network"))).await;
    let to = format!("{}/login?next=canary", portal.url);
    let fake = Fake::new(move |_| Some(redirect(302, &to))).await;
    let found = failure(server(&fake.url).versions().await);
    let words = format!(
        "it redirects to {}/login, which sent a web page",
        portal.url
    );
    assert!(found.to_string().contains(&fake.url), "{found}");
    assert!(found.to_string().contains(&words), "{found}");
    assert!(found.remedy().text.contains("sign-in page"));
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_named_too() {
    const THIS: &str = "homeserver::tests::transport::a_proxy_of_the_environment_is_named_too";
    if is_told().await {
        return;
    }
    let down = closed().await;
    for (url, expected) in [
        (
            "https://matrix.example.org",
            Reach::Proxy(ProxyFault::Refused),
        ),
        (&down.replace("http:", "https:"), Reach::Refused),
    ] {
        let said = ask(THIS, url, "HTTPS_PROXY", down.as_ref()).await;
        assert_eq!(said, format!("{expected:?}"), "{url}");
    }
}
