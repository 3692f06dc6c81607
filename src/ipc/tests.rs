//! Both ends of the socket.

use std::{
    future::{pending, ready},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
};

use super::*;
use crate::error::Kind;

const LIMIT: Duration = Duration::from_secs(10);

fn status() -> Answer {
    let backlog = Backlog {
        waiting: 3,
        ..Backlog::default()
    };
    Answer::Status(Box::new(Status {
        user_id: "@bot:example.org".into(),
        encryption: Encryption::Broken {
            message: "no keys".into(),
            at: 7,
        },
        backlog: Some(backlog),
        ..Status::default()
    }))
}

fn start(directory: &Path) -> Server {
    Server::start(directory, |request| {
        ready(match request {
            Request::Status => status(),
            _ => Answer::refused("cannot test itself"),
        })
    })
    .unwrap()
}

fn served() -> (TempDir, Server) {
    let directory = tempfile::tempdir().unwrap();
    let server = start(directory.path());
    (directory, server)
}

async fn ask_status(directory: &Path) -> Option<Answer> {
    ask(directory, Request::Status, LIMIT).await.unwrap()
}

/// What comes back for these bytes, and whether the gateway still answers behind it.
async fn say(directory: &Path, bytes: &[u8]) -> String {
    let mut stream = UnixStream::connect(directory.join("nanobot.sock"))
        .await
        .unwrap();
    // The gateway stops listening to what is too long.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut heard = Vec::new();
    // Behind the answer there is an error where not all was listened to.
    let _ = stream.read_to_end(&mut heard).await;
    assert_eq!(ask_status(directory).await, Some(status()));
    String::from_utf8(heard).unwrap()
}

#[tokio::test]
async fn what_is_asked_is_answered() {
    let (directory, _server) = served();
    assert_eq!(ask_status(directory.path()).await, Some(status()));
    let refused = ask(directory.path(), Request::SelfTest, LIMIT).await;
    let Some(Answer::Refused { version, why }) = refused.unwrap() else {
        panic!("not refused");
    };
    assert_eq!(version, env!("CARGO_PKG_VERSION"));
    assert!(why.ends_with("cannot test itself"), "{why}");
}

#[tokio::test]
async fn only_this_user_may_use_the_socket_and_it_goes_with_its_server() {
    let (directory, server) = served();
    let socket = directory.path().join("nanobot.sock");
    let mode = socket.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    drop(server);
    assert!(!socket.exists());
    assert_eq!(ask_status(directory.path()).await, None);
}

#[tokio::test]
async fn nobody_answers_where_nobody_listens() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(ask_status(&directory.path().join("none")).await, None);
    assert_eq!(ask_status(directory.path()).await, None);
    // A closed listener leaves its file, as a killed gateway does.
    drop(UnixListener::bind(directory.path().join("nanobot.sock")).unwrap());
    assert_eq!(ask_status(directory.path()).await, None);
    let _server = start(directory.path());
    assert_eq!(ask_status(directory.path()).await, Some(status()));
}

#[tokio::test]
async fn a_file_that_is_no_socket_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("nanobot.sock");
    std::fs::write(&file, "precious").unwrap();
    let error = Server::start(directory.path(), |_| ready(status())).unwrap_err();
    assert!(error.to_string().contains("not a socket"), "{error}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
}

#[tokio::test]
async fn a_path_too_long_for_an_address_works_too() {
    let root = tempfile::tempdir().unwrap();
    let directory: PathBuf = root.path().join("a".repeat(100)).join("b".repeat(100));
    std::fs::create_dir_all(&directory).unwrap();
    let server = start(&directory);
    let mode = directory.join("nanobot.sock").metadata().unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    assert_eq!(ask_status(&directory).await, Some(status()));
    drop(server);
    assert!(!directory.join("nanobot.sock").exists());
    assert_eq!(ask_status(&directory).await, None);
    assert_eq!(ask_status(&directory.join("none")).await, None);
}

#[tokio::test]
async fn an_unknown_request_is_told_so_and_by_which_version() {
    let (directory, _server) = served();
    let version = format!("this gateway is version {}", env!("CARGO_PKG_VERSION"));
    for (said, expected) in [
        (&b"{\"ask\":\"queue\",\"limit\":3}\n"[..], "\"queue\""),
        (b"{\"ask\":7}\n", "asked nothing"),
        (b"[]\n", "asked nothing"),
        (b"status\n", "not JSON"),
        (b"\xff\xfe\n", "invalid utf-8"),
        (b"\n", "not JSON"),
    ] {
        let heard = say(directory.path(), said).await;
        let Answer::Refused { why, .. } = serde_json::from_str(&heard).unwrap() else {
            panic!("not refused: {heard}");
        };
        assert!(why.starts_with(&version) && why.contains(expected), "{why}");
    }
}

#[tokio::test]
async fn a_line_that_is_too_long_or_unended_does_no_harm() {
    let (directory, _server) = served();
    let heard = say(directory.path(), &vec![b' '; 1 << 20]).await;
    assert!(heard.contains("too long"), "{heard}");
    assert_eq!(say(directory.path(), b"{\"ask\":").await, "");
    assert_eq!(say(directory.path(), b"").await, "");
}

#[tokio::test]
async fn those_who_say_nothing_are_sent_away() {
    let (directory, _server) = served();
    let mut silent = Vec::new();
    // More than are talked to at once.
    for _ in 0..20 {
        let socket = directory.path().join("nanobot.sock");
        silent.push(UnixStream::connect(socket).await.unwrap());
    }
    assert_eq!(ask_status(directory.path()).await, Some(status()));
    let mut heard = Vec::new();
    silent[0].read_to_end(&mut heard).await.unwrap();
    assert!(heard.is_empty());
}

#[tokio::test]
async fn one_that_never_answers_holds_up_nobody_else() {
    let directory = tempfile::tempdir().unwrap();
    let _server = Server::start(directory.path(), |request| async move {
        match request {
            Request::Status => status(),
            _ => pending().await,
        }
    })
    .unwrap();
    let error = ask(
        directory.path(),
        Request::SelfTest,
        Duration::from_millis(100),
    )
    .await
    .unwrap_err();
    assert!(error.to_string().contains("not in time"), "{error}");
    assert_eq!(ask_status(directory.path()).await, Some(status()));
}

#[tokio::test]
async fn a_panic_ends_with_its_connection() {
    let directory = tempfile::tempdir().unwrap();
    let _server = Server::start(directory.path(), |request| async move {
        assert_eq!(request, Request::Status, "this one panics on purpose");
        status()
    })
    .unwrap();
    let error = ask(directory.path(), Request::SelfTest, LIMIT).await;
    assert!(error.unwrap_err().hint_text().is_some());
    assert_eq!(ask_status(directory.path()).await, Some(status()));
}

#[tokio::test]
async fn an_answer_that_is_none_is_an_error() {
    for words in [&b"garbage\n"[..], b"", &vec![b'x'; 2 << 20]] {
        let directory = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(directory.path().join("nanobot.sock")).unwrap();
        let answering = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.read_u8().await.unwrap();
            // The asker stops listening to what is too long.
            let _ = stream.write_all(words).await;
        };
        let (answer, ()) = tokio::join!(ask(directory.path(), Request::Status, LIMIT), answering);
        let error = answer.unwrap_err();
        assert!(error.to_string().contains("does not answer"), "{error}");
    }
}

#[test]
fn a_status_of_another_version_is_read() {
    let more = r#"{"answer":"status","version":"9","moods":["good"],
        "last_error":{"at":7,"message":"no","kind":"solar_flare"},
        "encryption":{"state":"quantum","qubits":3},
        "keys":"none","agent":"echo","pauses":{"of":1},"not_joined":null,
        "refused":{"not-mentioned":{"count":3,"mood":"bad"}}}"#;
    let Answer::Status(status) = serde_json::from_str(more).unwrap() else {
        panic!("no status");
    };
    assert_eq!(status.version, "9");
    assert_eq!(status.backlog, None);
    assert_eq!(status.last_error.unwrap().kind, Kind::Failure);
    assert_eq!(status.encryption, Encryption::Unknown);
    assert_eq!(status.keys, None);
    assert_eq!(status.agent, AgentInUse::default());
    assert_eq!(status.refused["not-mentioned"].count, 3);
}
