//! Files from homeservers that misbehave.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use futures_util::{StreamExt, future::join_all, stream};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::{
    agent::Content,
    config::Secret,
    error::Result,
    homeserver::{
        Homeserver, Options,
        fake::{Fake, Seen, closed, error, ok, text},
    },
};

const CONFIG: &str = "/_matrix/client/v1/media/config";
const FILE: &str = "/_matrix/client/v1/media/download/example.org/abc";

struct Bench {
    media: Media,
    directory: TempDir,
}

impl Bench {
    fn new(url: &str, max_bytes: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let server = Homeserver::new(url, &Options::default()).unwrap();
        let settings = MediaSettings {
            directory: directory.path().to_owned(),
            max_bytes,
            at_once: NonZeroUsize::new(2).unwrap(),
            retention: Retention::default(),
        };
        let media = Media::new(
            server.with_token(&Secret::new("token".to_owned())),
            &settings,
            Pauses::default(),
        );
        Self { media, directory }
    }

    async fn fetch(&self, size: Value) -> Result<Content> {
        Ok(self.media.fetch("$event", &announced(&size)).await?.content)
    }

    fn files(&self) -> usize {
        fs::read_dir(self.directory.path()).unwrap().count()
    }

    fn kept(&self, size: u64) -> Content {
        let path = self.directory.path().join("event_a.txt");
        Content::Kept { path, size }
    }
}

/// A file that is said to have this size.
fn announced(size: &Value) -> Announced {
    let content = json!({
        "msgtype": "m.file", "body": "a.txt", "url": "mxc://example.org/abc",
        "info": {"size": size},
    });
    Announced::read(&content).unwrap().0
}

/// A homeserver with this limit and this file.
async fn server(limit: u64, file: impl Fn() -> Response + Send + Sync + 'static) -> Fake {
    Fake::homeserver(move |seen: &Seen| match seen.path.as_str() {
        CONFIG => Some(ok(&json!({ "m.upload.size": limit }))),
        FILE => Some(file()),
        _ => None,
    })
    .await
}

/// An answer that does not say how long it is.
fn streamed(body: &'static str) -> Response {
    let bytes = stream::iter(body.bytes());
    let pieces = bytes.map(|byte| Ok::<_, std::io::Error>(Bytes::from(vec![byte])));
    Response::new(Body::from_stream(pieces))
}

#[tokio::test]
async fn a_file_is_kept_up_to_the_limit_whatever_is_said_of_its_size() {
    for (limit, file) in [(10, 5), (5, 10), (5, 5)] {
        for size in [
            json!(5),
            json!(0),
            json!(1),
            json!(-5),
            json!(true),
            Value::Null,
        ] {
            let fake = server(limit, || streamed("12345")).await;
            let bench = Bench::new(&fake.url, file);
            assert_eq!(bench.fetch(size).await.unwrap(), bench.kept(5));
            assert_eq!(bench.files(), 1);
        }
    }
}

#[tokio::test]
async fn a_larger_file_is_not_kept_whatever_is_said_of_its_size() {
    for (server_limit, own) in [(4, 10), (10, 4)] {
        for size in [json!(4), json!(-5), Value::Null] {
            for file in [|| streamed("12345"), || text(200, "12345")] {
                let fake = server(server_limit, file).await;
                let bench = Bench::new(&fake.url, own);
                assert_eq!(bench.fetch(size.clone()).await.unwrap(), Content::TooLarge);
                assert_eq!(bench.files(), 0);
            }
        }
    }
}

#[tokio::test]
async fn what_is_said_to_be_too_large_is_not_even_asked_for() {
    let fake = server(4, || text(200, "12345")).await;
    let bench = Bench::new(&fake.url, 10);
    for size in [11_u64, 4_294_967_296, u64::MAX] {
        assert_eq!(bench.fetch(json!(size)).await.unwrap(), Content::TooLarge);
    }
    assert_eq!(fake.seen().len(), 0);
    for _ in 0..2 {
        assert_eq!(bench.fetch(json!(5)).await.unwrap(), Content::TooLarge);
    }
    let paths: Vec<_> = fake.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(paths, [CONFIG]);
}

#[tokio::test]
async fn a_limit_of_zero_blocks_all_without_a_question() {
    let fake = server(10, || text(200, "")).await;
    let bench = Bench::new(&fake.url, 0);
    for size in [json!(0), json!(5), Value::Null] {
        assert_eq!(bench.fetch(size).await.unwrap(), Content::Blocked);
    }
    assert_eq!(fake.seen().len(), 0);
}

#[tokio::test]
async fn a_homeserver_that_tells_no_limit_has_none() {
    let fake = Fake::homeserver(|seen| (seen.path == FILE).then(|| text(200, "12345"))).await;
    let bench = Bench::new(&fake.url, 5);
    assert_eq!(bench.fetch(json!(5)).await.unwrap(), bench.kept(5));
}

#[tokio::test]
async fn a_file_that_is_refused_is_given_up_at_once() {
    for status in [403, 404] {
        let refuse = move || error(status, "M_NOT_FOUND", "no");
        let fake = server(10, refuse).await;
        let bench = Bench::new(&fake.url, 10);
        assert_eq!(bench.fetch(json!(5)).await.unwrap(), Content::Failed);
        assert_eq!(fake.seen().len(), 2);
    }
}

#[tokio::test]
async fn a_file_that_a_homeserver_cannot_give_is_given_up_in_the_end() {
    let fake = server(10, || error(502, "M_UNKNOWN", "the other server is away")).await;
    let bench = Bench::new(&fake.url, 10);
    assert_eq!(bench.fetch(json!(5)).await.unwrap(), Content::Failed);
}

#[tokio::test]
async fn a_homeserver_that_is_away_or_rejects_the_token_is_no_reason_to_give_up() {
    let bench = Bench::new(&closed().await, 10);
    let error = bench.fetch(json!(5)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unreachable);
    for answer in [
        || crate::homeserver::fake::error(401, "M_UNKNOWN_TOKEN", ""),
        || crate::homeserver::fake::error(401, "M_MISSING_TOKEN", ""),
    ] {
        let fake = server(10, answer).await;
        let error = Bench::new(&fake.url, 10).fetch(json!(5)).await.unwrap_err();
        assert_eq!(error.kind(), Kind::NotLoggedIn);
    }
}

#[tokio::test]
async fn only_so_many_are_downloaded_at_once() {
    let running = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
    let counted = Arc::clone(&running);
    let fake = server(10, move || {
        let counted = Arc::clone(&counted);
        let now = counted.0.fetch_add(1, Ordering::SeqCst) + 1;
        counted.1.fetch_max(now, Ordering::SeqCst);
        let piece = stream::once(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            counted.0.fetch_sub(1, Ordering::SeqCst);
            Ok::<_, std::io::Error>(Bytes::from_static(b"x"))
        });
        Response::new(Body::from_stream(piece))
    })
    .await;
    let bench = Bench::new(&fake.url, 10);
    let contents = join_all((0..6).map(|_| bench.fetch(json!(1)))).await;
    assert!(
        contents
            .into_iter()
            .all(|content| content.unwrap() == bench.kept(1))
    );
    assert_eq!(running.1.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_disk_that_takes_nothing_is_told_and_does_not_end_the_conversation() {
    let fake = server(10, || text(200, "12345")).await;
    let mut bench = Bench::new(&fake.url, 10);
    let in_the_way = bench.directory.path().join("file");
    fs::write(&in_the_way, "").unwrap();
    bench.media.directory.clone_from(&in_the_way);
    assert_eq!(bench.fetch(json!(5)).await.unwrap(), Content::Failed);
    let announced = announced(&json!(5));
    let trouble = bench.media.download("$event", &announced).await;
    let said = trouble.unwrap_err().to_string();
    assert!(said.contains(in_the_way.to_str().unwrap()), "{said}");
}
