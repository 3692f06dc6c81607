//! Files on their way here.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use futures_util::{StreamExt, stream};
use serde_json::json;

use super::{
    super::{
        Account, Failure, Homeserver, MediaUri, Options, Reach, Upload,
        fake::{Fake, Seen, answer, error, ok, redirect, text},
    },
    TOKEN, account, failure,
};
use crate::{config::Secret, error::Kind};

const NEW: &str = "/_matrix/client/v1/media/download/example.org/abc";
const OLD: &str = "/_matrix/media/v3/download/example.org/abc";

async fn download(account: &Account) -> super::super::Result<Vec<u8>> {
    let uri = MediaUri::parse("mxc://example.org/abc").unwrap();
    let mut download = account.download(&uri).await?;
    let mut bytes = Vec::new();
    while let Some(chunk) = download.chunk().await? {
        bytes.extend(chunk);
    }
    Ok(bytes)
}

fn impatient(url: &str) -> Account {
    let options = Options {
        timeout: Duration::from_millis(300),
        ..Options::default()
    };
    let server = Homeserver::new(url, &options).unwrap();
    server.with_token(&Secret::new(TOKEN.to_owned()))
}

#[tokio::test]
async fn a_file_is_asked_for_with_the_token() {
    let fake = Fake::homeserver(|seen| (seen.path == NEW).then(|| text(200, "the file"))).await;
    assert_eq!(download(&account(&fake.url)).await.unwrap(), b"the file");
    let seen = fake.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].authorization, Some(format!("Bearer {TOKEN}")));
}

fn file(bytes: &[u8]) -> Upload {
    Upload::of_bytes(bytes).unwrap()
}

#[tokio::test]
async fn a_file_is_uploaded_as_it_is_and_once() {
    let uri = "mxc://example.org/abc";
    let fake = Fake::new(move |_| Some(ok(&json!({ "content_uri": uri })))).await;
    let uploaded = account(&fake.url).upload(file(b"the file")).await;
    assert_eq!(uploaded.unwrap().to_string(), uri);
    let seen = &fake.seen()[0];
    assert_eq!(seen.path, "/_matrix/media/v3/upload");
    assert_eq!(seen.body, "the file");
    assert_eq!(seen.authorization, Some(format!("Bearer {TOKEN}")));
    let fake = Fake::new(|_| Some(text(502, ""))).await;
    failure(account(&fake.url).upload(file(b"the file")).await);
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn an_upload_that_leads_nowhere_is_no_upload() {
    let fake = Fake::new(|_| Some(ok(&json!({ "content_uri": "mxc://h/../x" })))).await;
    let found = failure(account(&fake.url).upload(file(b"")).await);
    assert!(matches!(found, Failure::NotMatrix { .. }), "{found}");
    let fake = Fake::new(|_| Some(error(413, "M_TOO_LARGE", "Too large"))).await;
    let found = failure(account(&fake.url).upload(file(b"")).await);
    assert!(matches!(found, Failure::Refused { status: 413, .. }));
}

#[tokio::test]
async fn an_old_server_is_asked_the_old_way() {
    let fake = Fake::homeserver(|seen| (seen.path == OLD).then(|| text(200, "the file"))).await;
    assert_eq!(download(&account(&fake.url)).await.unwrap(), b"the file");
    assert_eq!(fake.seen().len(), 2);
}

#[tokio::test]
async fn a_file_that_is_not_there_is_not_asked_for_twice() {
    let fake = Fake::new(|_| Some(error(404, "M_NOT_FOUND", "Not found"))).await;
    let found = failure(download(&account(&fake.url)).await);
    assert!(matches!(found, Failure::Refused { status: 404, .. }));
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn another_origin_never_sees_the_token_and_cannot_send_it_home() {
    let home_url = Arc::new(OnceLock::<String>::new());
    let back = Arc::clone(&home_url);
    let store = Fake::new(move |_| Some(redirect(307, &format!("{}/back", back.get()?)))).await;
    let away = format!("{}/x?signature=1", store.url);
    let home = Fake::new(move |seen: &Seen| {
        Some(match seen.path.as_str() {
            NEW => redirect(307, &away),
            _ => text(200, "the file"),
        })
    })
    .await;
    home_url.set(home.url.clone()).unwrap();
    assert_eq!(download(&account(&home.url)).await.unwrap(), b"the file");
    assert!(home.seen()[0].authorization.is_some());
    assert_eq!(store.seen()[0].authorization, None);
    assert_eq!(
        (home.seen().len(), &home.seen()[1].authorization),
        (2, &None)
    );
}

#[tokio::test]
async fn a_file_is_not_fetched_over_plain_http_from_elsewhere() {
    let fake = Fake::new(|_| Some(redirect(302, "http://cdn.example.org/x"))).await;
    let found = failure(download(&account(&fake.url)).await);
    assert!(matches!(found, Failure::Redirect { .. }), "{found}");
}

#[tokio::test]
async fn what_another_origin_says_of_the_token_does_not_count() {
    let rude = Fake::new(|_| Some(error(401, "M_UNKNOWN_TOKEN", "canary"))).await;
    let target = rude.url.clone();
    let fake = Fake::new(move |_| Some(redirect(302, &target))).await;
    let found = failure(download(&account(&fake.url)).await);
    assert_eq!(found.kind(), Kind::Failure, "{found}");
}

#[tokio::test]
async fn a_rejected_token_and_a_server_in_trouble_are_told_apart() {
    let fake = Fake::new(|_| Some(error(401, "M_UNKNOWN_TOKEN", ""))).await;
    let found = failure(download(&account(&fake.url)).await);
    assert_eq!(found.kind(), Kind::NotLoggedIn);
    let fake = Fake::new(|_| Some(answer(502, &serde_json::json!({})))).await;
    let found = failure(download(&account(&fake.url)).await);
    assert_eq!(found.kind(), Kind::Unreachable);
    assert_eq!(fake.seen().len(), 3);
}

#[tokio::test]
async fn a_slow_file_may_take_its_time_but_not_stand_still() {
    let fake = Fake::new(|_| Some(dripping(5, false))).await;
    let bytes = download(&impatient(&fake.url)).await.unwrap();
    assert_eq!(bytes.len(), 5);
    let fake = Fake::new(|_| Some(dripping(2, true))).await;
    let found = failure(download(&impatient(&fake.url)).await);
    let Failure::Unreachable { reach, .. } = found else {
        panic!("{found}");
    };
    assert_eq!(reach, Reach::Timeout(Duration::from_millis(300)));
}

#[tokio::test]
async fn a_file_that_breaks_off_is_no_file() {
    let fake = Fake::raw(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").await;
    let found = failure(download(&account(&fake.url)).await);
    assert_eq!(found.kind(), Kind::Unreachable, "{found}");
}

/// An answer that sends a byte every 100 ms, and then perhaps nothing any more.
fn dripping(bytes: usize, then_stalls: bool) -> Response {
    let drops = stream::iter(0..bytes).then(|_| async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Ok::<_, std::io::Error>(Bytes::from_static(b"x"))
    });
    let body = if then_stalls {
        Body::from_stream(drops.chain(stream::pending()))
    } else {
        Body::from_stream(drops)
    };
    Response::new(body)
}
