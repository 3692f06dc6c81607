//! Homeservers that give and take files more slowly than anybody can wait.

use std::{fs, num::NonZeroUsize, time::Duration};

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use futures_util::{StreamExt, future::join_all, stream};
use serde_json::json;
use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};

use super::*;
use crate::{
    config::Secret,
    homeserver::{
        Homeserver, Options,
        fake::{Fake, Seen, ok, text},
    },
};

const DOWNLOAD: &str = "/_matrix/client/v1/media/download/example.org/";
const UPLOAD: &str = "/_matrix/media/v3/upload";
/// How long these tests may take, which is less than a file may stand still.
const LIMIT: Duration = Duration::from_secs(20);

struct Bench {
    media: Media,
    directory: TempDir,
}

impl Bench {
    /// Files have half a second, and then have to come at 100 bytes a second.
    fn new(fake: &Fake) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let server = Homeserver::new(&fake.url, &Options::default()).unwrap();
        let settings = MediaSettings {
            directory: directory.path().to_owned(),
            max_bytes: 1_000_000,
            at_once: NonZeroUsize::new(2).unwrap(),
        };
        let account = server.with_token(&Secret::new("token"));
        let mut media = Media::new(account, &settings);
        media.pace = Pace {
            start: Duration::from_millis(500),
            bytes_per_second: 100,
            longest: Duration::from_mins(1),
        };
        Self { media, directory }
    }

    async fn fetch(&self, id: &str) -> Content {
        let content = json!({
            "msgtype": "m.file", "body": id, "url": format!("mxc://example.org/{id}"),
            "info": {"size": 1_000_000},
        });
        let announced = Announced::take(&mut content.as_object().unwrap().clone()).unwrap();
        let event_id = format!("${id}");
        let fetched = self.media.fetch(&event_id, &announced).await;
        fetched.unwrap().content
    }
}

/// A homeserver that gives the file `drip` byte by byte and the file `quick` at once.
async fn server(drops: usize) -> Fake {
    Fake::homeserver(move |seen: &Seen| {
        if seen.path == UPLOAD {
            return Some(ok(&json!({ "content_uri": "mxc://example.org/up" })));
        }
        let file = seen.path.strip_prefix(DOWNLOAD)?;
        Some(match file {
            "quick" => text(200, "12345"),
            _ => dripping(drops),
        })
    })
    .await
}

/// An answer that sends a byte every 200 ms and never stands still.
fn dripping(drops: usize) -> Response {
    let drops = stream::iter(0..drops).then(|_| async {
        sleep(Duration::from_millis(200)).await;
        Ok::<_, std::io::Error>(Bytes::from_static(b"x"))
    });
    Response::new(Body::from_stream(drops))
}

#[tokio::test]
async fn a_file_that_never_comes_is_given_up_however_often_a_byte_comes() {
    let fake = server(usize::MAX).await;
    let bench = Bench::new(&fake);
    let fetched = timeout(LIMIT, bench.fetch("drip")).await;
    assert_eq!(fetched.unwrap(), Content::Failed);
    assert_eq!(fs::read_dir(bench.directory.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_slow_file_that_keeps_the_pace_is_taken() {
    let fake = server(10).await;
    let mut bench = Bench::new(&fake);
    bench.media.pace.bytes_per_second = 1;
    let fetched = timeout(LIMIT, bench.fetch("drip")).await;
    assert!(matches!(fetched.unwrap(), Content::Kept { size: 10, .. }));
    bench.media.pace.longest = Duration::from_millis(700);
    let fetched = timeout(LIMIT, bench.fetch("drip")).await;
    assert_eq!(
        fetched.unwrap(),
        Content::Failed,
        "it takes too long in all"
    );
}

#[tokio::test]
async fn slow_files_hold_up_neither_other_files_nor_what_is_sent() {
    let fake = server(usize::MAX).await;
    let mut bench = Bench::new(&fake);
    bench.media.pace.start = LIMIT * 2;
    let path = bench.directory.path().join("sent.txt");
    fs::write(&path, "sent").unwrap();
    let slow = join_all((0..6).map(|_| bench.fetch("drip")));
    let directories = [bench.directory.path().to_owned()];
    let others = async {
        let begun = Instant::now();
        let upload = bench.media.upload(&path, &directories, false).await;
        upload.unwrap().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(4), "it waited");
        bench.fetch("quick").await
    };
    let fetched = tokio::select! {
        biased;
        _ = slow => panic!("they never come"),
        fetched = timeout(LIMIT, others) => fetched,
    };
    assert!(matches!(fetched.unwrap(), Content::Kept { size: 5, .. }));
}
