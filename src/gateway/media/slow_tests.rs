//! Homeservers that give and take files more slowly than anybody can wait.

use std::{
    fs,
    future::{pending, ready},
    num::NonZeroUsize,
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use futures_util::{FutureExt, StreamExt, future::join_all, stream};
use serde_json::json;
use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};

use super::*;
use crate::{
    agent::Content,
    config::Secret,
    homeserver::{
        Homeserver, Options,
        fake::{Fake, Seen, closed, ok, text},
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
            retention: Retention::default(),
        };
        let account = server.with_token(&Secret::new("token"));
        let mut media = Media::new(account, &settings, Pauses::default());
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
        let announced = Announced::read(&content).unwrap().0;
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
        let upload = bench.media.upload(&path.into(), &directories, false).await;
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

/// How long a download may take before it is slow.
const SHORT: Duration = Duration::from_millis(20);

/// Takes one download at a time, apart from slow ones.
async fn one_at_a_time() -> Media {
    let server = Homeserver::new(&closed().await, &Options::default()).unwrap();
    let settings = MediaSettings {
        directory: "not-there".into(),
        max_bytes: 1,
        at_once: NonZeroUsize::MIN,
        retention: Retention::default(),
    };
    let account = server.with_token(&Secret::new("token"));
    let mut media = Media::new(account, &settings, Pauses::default());
    media.quick = SHORT;
    media
}

#[tokio::test]
async fn a_slow_download_lets_others_begin() {
    let media = one_at_a_time().await;
    let mut slow = Box::pin(media.in_turn(pending::<()>()));
    assert!((&mut slow).now_or_never().is_none());
    assert_eq!(media.in_turn(ready(())).now_or_never(), None);
    let five = tokio::select! {
        () = slow => panic!("it never ends"),
        five = timeout(LIMIT, media.in_turn(ready(5))) => five,
    };
    assert_eq!(five.unwrap(), 5);
}

#[tokio::test]
async fn when_too_many_are_slow_the_next_waits_for_one_to_end() {
    let media = one_at_a_time().await;
    let (end, _) = tokio::sync::broadcast::channel::<()>(1);
    let slow = (0..=SLOW).map(|_| {
        let mut end = end.subscribe();
        let media = &media;
        let slow = async move { end.recv().await.unwrap() };
        async move { media.in_turn(slow).await }
    });
    let mut slow = Box::pin(join_all(slow));
    let mut waits = Box::pin(media.in_turn(ready(5)));
    tokio::select! {
        biased;
        _ = &mut slow => panic!("nobody has ended them"),
        _ = &mut waits => panic!("it did not wait"),
        // Long enough for all to turn out to be slow.
        () = sleep(SHORT * 3 * u32::try_from(SLOW).unwrap()) => {}
    }
    end.send(()).unwrap();
    let (ended, five) = timeout(LIMIT, async { tokio::join!(slow, waits) })
        .await
        .unwrap();
    assert_eq!((ended.len(), five), (SLOW + 1, 5));
}

#[tokio::test]
async fn a_file_has_its_time_by_its_size_and_none_has_more_than_the_longest() {
    let pace = one_at_a_time().await.pace;
    for (bytes, seconds) in [
        (0, 30),
        (1, 30),
        (16 * 1024, 31),
        (1 << 20, 30 + 64),
        (20 << 20, 600),
        (u64::MAX, 600),
    ] {
        let time = pace.time_for(bytes);
        assert_eq!(time, Duration::from_secs(seconds), "{bytes}");
    }
}
