//! Files to homeservers that misbehave.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::{
    config::Secret,
    homeserver::{
        Homeserver, Options,
        fake::{Fake, Seen, error, ok, text},
    },
    session::FileKey,
};

const CONFIG: &str = "/_matrix/client/v1/media/config";
const UPLOAD: &str = "/_matrix/media/v3/upload";
const URI: &str = "mxc://example.org/abc";

struct Bench {
    media: Media,
    directory: TempDir,
}

impl Bench {
    fn new(fake: &Fake, max_bytes: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let server = Homeserver::new(&fake.url, &Options::default()).unwrap();
        let settings = MediaSettings {
            directory: directory.path().join("media"),
            max_bytes,
            at_once: NonZeroUsize::new(2).unwrap(),
            retention: Retention::default(),
        };
        let media = Media::new(
            server.with_token(&Secret::new("token")),
            &settings,
            Pauses::default(),
        );
        Self { media, directory }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.directory.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// The content of its event, or what is said instead.
    async fn upload(&self, path: &Path, encrypted: bool) -> Result<Value, String> {
        let directories = [self.directory.path().to_owned()];
        let file = path.to_owned().into();
        let uploaded = self.media.upload(&file, &directories, encrypted).await;
        uploaded.expect("a token")
    }
}

/// A homeserver with this limit that takes files.
async fn server(limit: u64) -> Fake {
    Fake::homeserver(move |seen: &Seen| match seen.path.as_str() {
        CONFIG => Some(ok(&json!({ "m.upload.size": limit }))),
        UPLOAD => Some(ok(&json!({ "content_uri": URI }))),
        _ => None,
    })
    .await
}

fn uploads(fake: &Fake) -> Vec<Seen> {
    let mut seen = fake.seen();
    seen.retain(|seen| seen.path == UPLOAD);
    seen
}

/// As much of a picture as tells its size.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend(width.to_be_bytes());
    png.extend(height.to_be_bytes());
    png
}

#[tokio::test]
async fn a_file_in_the_clear_is_told_as_what_it_is() {
    let fake = server(1000).await;
    let bench = Bench::new(&fake, 1000);
    let path = bench.file("a\u{202e}b.png", &picture(640, 480));
    let content = bench.upload(&path, false).await.unwrap();
    assert_eq!(
        content,
        json!({
            "msgtype": "m.image", "body": "a_b.png", "filename": "a_b.png", "url": URI,
            "info": {"mimetype": "image/png", "size": 24, "w": 640, "h": 480},
        })
    );
    let words = bench.file("notes.txt", b"the notes");
    let content = bench.upload(&words, false).await.unwrap();
    assert_eq!(content["msgtype"], "m.file");
    assert_eq!(
        content["info"],
        json!({"mimetype": "text/plain", "size": 9})
    );
    assert_eq!(uploads(&fake)[1].body, "the notes");
    for (name, msgtype) in [("a.mp4", "m.video"), ("a.ogg", "m.audio"), ("a", "m.file")] {
        let path = bench.file(name, b"");
        let content = bench.upload(&path, false).await.unwrap();
        assert_eq!(content["msgtype"], msgtype);
        assert_eq!(content["info"]["size"], 0);
    }
    let broken = bench.file("broken.png", b"\x89PNG\r\n\x1a\n");
    let content = bench.upload(&broken, false).await.unwrap();
    assert_eq!(content["info"].get("w"), None);
}

#[tokio::test]
async fn an_encrypted_file_is_sent_as_nobody_can_read_it() {
    let fake = server(1000).await;
    let bench = Bench::new(&fake, 1000);
    let path = bench.file("notes.txt", b"canary notes of ours");
    let content = bench.upload(&path, true).await.unwrap();
    assert_eq!(content.get("url"), None);
    assert_eq!(content["file"]["url"], URI);
    assert_eq!(content["info"]["mimetype"], "text/plain");
    let sent = uploads(&fake).remove(0).body;
    assert!(!sent.contains("canary"));
    let key = FileKey::read(&content["file"]).expect("a key");
    let mut nothing = Vec::new();
    let wrong = key
        .decrypt(&mut &b"other bytes"[..])
        .unwrap()
        .read_to_end(&mut nothing);
    assert!(wrong.is_err(), "its hash is not that of any bytes");
}

#[tokio::test]
async fn the_smaller_limit_counts_and_zero_blocks_all() {
    for (limit, own, is_sent) in [
        (10, 10, true),
        (9, 10, false),
        (10, 9, false),
        (10, 0, false),
    ] {
        let fake = server(limit).await;
        let bench = Bench::new(&fake, own);
        let path = bench.file("a.txt", b"0123456789");
        for encrypted in [false, true] {
            let said = bench.upload(&path, encrypted).await;
            assert_eq!(said.is_ok(), is_sent, "{limit} {own}");
            if !is_sent {
                let why = if own == 0 {
                    "files are disabled"
                } else {
                    "too large"
                };
                assert_eq!(said.unwrap_err(), format!("[attachment: a.txt - {why}]"));
            }
        }
        assert_eq!(uploads(&fake).is_empty(), !is_sent);
    }
}

#[tokio::test]
async fn what_may_not_be_sent_is_never_offered() {
    let fake = server(1000).await;
    let bench = Bench::new(&fake, 1000);
    for path in ["/etc/passwd", "/no/such/file", "/"] {
        let said = bench.upload(Path::new(path), false).await.unwrap_err();
        assert!(said.ends_with(" - upload failed]"), "{said}");
    }
    assert_eq!(fake.seen().len(), 0);
}

#[tokio::test]
async fn trouble_is_waited_for_and_a_refusal_is_said() {
    for (answers, tries) in [(2, 3), (usize::MAX, 3)] {
        let fake = Fake::homeserver(move |seen: &Seen| {
            (seen.path == UPLOAD).then(|| {
                if seen.before < answers {
                    text(502, "")
                } else {
                    ok(&json!({ "content_uri": URI }))
                }
            })
        })
        .await;
        let bench = Bench::new(&fake, 1000);
        let path = bench.file("a.txt", b"the file");
        let said = bench.upload(&path, false).await;
        assert_eq!(said.is_ok(), answers == 2, "{said:?}");
        let uploads = uploads(&fake);
        assert_eq!(uploads.len(), tries);
        assert!(uploads.iter().all(|upload| upload.body == "the file"));
    }
    let fake = Fake::homeserver(|seen: &Seen| {
        (seen.path == UPLOAD).then(|| error(413, "M_TOO_LARGE", "no"))
    })
    .await;
    let bench = Bench::new(&fake, 1000);
    let path = bench.file("a.txt", b"the file");
    let said = bench.upload(&path, false).await.unwrap_err();
    assert_eq!(said, "[attachment: a.txt - upload failed]");
    assert_eq!(uploads(&fake).len(), 1);
}

#[tokio::test]
async fn a_rejected_token_is_more_than_a_lost_file() {
    let fake = Fake::homeserver(|seen: &Seen| {
        (seen.path == UPLOAD).then(|| error(401, "M_UNKNOWN_TOKEN", "no"))
    })
    .await;
    let bench = Bench::new(&fake, 1000);
    let path = bench.file("a.txt", b"the file");
    let directories = [bench.directory.path().to_owned()];
    let error = bench.media.upload(&path.into(), &directories, false).await;
    assert_eq!(error.unwrap_err().kind(), Kind::NotLoggedIn);
}
