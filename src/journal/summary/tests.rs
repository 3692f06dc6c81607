use std::{collections::BTreeMap, path::PathBuf};

use super::*;
use crate::{
    ipc::now,
    journal::{
        Arrival, Entry,
        tests::{batch, message, open, thread},
    },
};

/// The tables of version 1, with a message that waits and two whose keys have not come.
const VERSION_1: &str = r#"
CREATE TABLE account (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    owner TEXT NOT NULL,
    position TEXT
) STRICT;
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('seen', 'undecryptable', 'waiting', 'closed')),
    conversation TEXT,
    session_id TEXT,
    payload TEXT,
    UNIQUE (room_id, event_id)
) STRICT;
CREATE INDEX event_of_room ON event (room_id, seq);
CREATE INDEX event_waiting ON event (conversation, seq) WHERE state = 'waiting';
CREATE INDEX event_undecryptable ON event (session_id) WHERE state = 'undecryptable';
CREATE TABLE reply (
    seq INTEGER NOT NULL REFERENCES event (seq) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    content TEXT NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (seq, part)
) STRICT;
CREATE TABLE invitation (
    room_id TEXT PRIMARY KEY,
    inviter TEXT NOT NULL
) STRICT;
INSERT INTO account VALUES (1, '@bot:example.org BOT', 's1');
INSERT INTO event (room_id, event_id, state, conversation, session_id, payload) VALUES
    ('!room', '$1', 'waiting', '!room a', NULL, 'payload of $1'),
    ('!room', '$2', 'undecryptable', NULL, 'megolm',
     '{"sender": "@ann:example.org", "origin_server_ts": 1700000000000}'),
    ('!room', '$3', 'undecryptable', NULL, NULL, '{}');
PRAGMA user_version = 1;
"#;

fn write_version_1(directory: &Path) {
    let db = Connection::open(directory.join("inbox.sqlite3")).unwrap();
    db.execute_batch(VERSION_1).unwrap();
}

/// Every file here with its bytes.
fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = std::fs::read_dir(directory).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect()
}

fn secret(event_id: &str, reason: &str) -> Entry {
    Entry {
        arrival: Arrival::Undecryptable {
            sender: "@ann:example.org".into(),
            session_id: Some("megolm".into()),
            reason: reason.into(),
            payload: r#"{"sender": "@ann:example.org", "origin_server_ts": 1}"#.into(),
        },
        ..message(event_id, "a")
    }
}

#[tokio::test]
async fn a_journal_of_version_1_is_brought_up_to_date_and_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    write_version_1(directory.path());
    let journal = open(directory.path()).await;
    assert_eq!(journal.position().await.unwrap().as_deref(), Some("s1"));
    assert_eq!(
        journal.next(&thread("a")).await.unwrap().unwrap().event_id,
        "$1"
    );
    let backlog = journal.summary().await.unwrap().backlog;
    assert_eq!((backlog.waiting, backlog.oldest_waiting_at), (1, None));
    assert_eq!(backlog.undecryptable.count, 2);
    let newer = batch("s2", vec![secret("$4", "no key")]);
    journal.commit(newer).await.unwrap();
    drop(journal);

    let journal = open(directory.path()).await;
    let found = journal.summary().await.unwrap().backlog.undecryptable;
    let reasons: Vec<_> = found.recent.iter().map(|event| &event.reason).collect();
    assert_eq!(reasons, [&Some("no key".to_owned()), &None, &None]);
}

#[tokio::test]
async fn a_summary_names_what_waits_and_the_newest_without_their_keys() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let before = now();
    let mut entries = vec![message("$waiting", "a"), message("$other", "b")];
    entries.extend((0..7).map(|number| secret(&format!("${number}"), "no\u{202e} key\n")));
    journal.commit(batch("s1", entries)).await.unwrap();

    let Summary { owner, backlog, .. } = journal.summary().await.unwrap();
    assert_eq!(owner.as_deref(), Some("@bot:example.org BOT"));
    assert_eq!(backlog.waiting, 2);
    let oldest = backlog.oldest_waiting_at.unwrap();
    assert!((before..=now()).contains(&oldest), "{oldest}");
    assert_eq!(backlog.undecryptable.count, 7);
    let ids = ["$6", "$5", "$4", "$3", "$2"];
    assert_eq!(
        backlog.undecryptable.recent,
        ids.map(|event_id| UndecryptableEvent {
            room_id: "!room".into(),
            event_id: event_id.into(),
            sender: "@ann:example.org".into(),
            session_id: Some("megolm".into()),
            at: Some(oldest),
            reason: Some("no key".into()),
        })
    );

    let newest = journal.undecryptable(None, 8).await.unwrap().remove(0);
    let other = secret("$6", "withheld").arrival;
    journal.looked_at_again(newest, other).await.unwrap();
    let backlog = journal.summary().await.unwrap().backlog;
    assert_eq!(backlog.undecryptable.count, 7);
    let newest = &backlog.undecryptable.recent[0];
    assert_eq!(newest.reason.as_deref(), Some("withheld"));
    assert_eq!(newest.at, Some(oldest));
}

#[tokio::test]
async fn a_closed_journal_is_read_without_touching_anything() {
    // What an address would mean otherwise.
    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join("50% ?a=b#c");
    std::fs::create_dir(&directory).unwrap();
    assert_eq!(Summary::read(&directory).await.unwrap(), None);
    let journal = open(&directory).await;
    let entries = vec![message("$1", "a"), secret("$2", "no key")];
    journal.commit(batch("s1", entries)).await.unwrap();
    let expected = journal.summary().await.unwrap();
    drop(journal);

    let before = files(&directory);
    let Some(Stored::Sound { version, summary }) = Summary::read(&directory).await.unwrap() else {
        panic!("not sound");
    };
    assert_eq!((version, summary), (VERSION, expected));
    assert_eq!(files(&directory), before);
}

#[tokio::test]
async fn a_journal_whose_gateway_was_killed_is_read_with_its_log_of_writes() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    journal
        .commit(batch("s1", vec![message("$1", "a")]))
        .await
        .unwrap();
    let killed = tempfile::tempdir().unwrap();
    for name in ["inbox.sqlite3", "inbox.sqlite3-wal"] {
        std::fs::copy(directory.path().join(name), killed.path().join(name)).unwrap();
    }
    let file = killed.path().join("inbox.sqlite3");
    let before = std::fs::read(&file).unwrap();
    let Some(Stored::Sound { summary, .. }) = Summary::read(killed.path()).await.unwrap() else {
        panic!("not sound");
    };
    assert_eq!(summary, journal.summary().await.unwrap());
    assert_eq!(std::fs::read(&file).unwrap(), before);
    assert_eq!(open(killed.path()).await.summary().await.unwrap(), summary);
}

#[tokio::test]
async fn an_older_journal_is_read_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    write_version_1(directory.path());
    let before = files(directory.path());
    let Some(Stored::Sound { version, summary }) = Summary::read(directory.path()).await.unwrap()
    else {
        panic!("not sound");
    };
    assert_eq!(version, 1);
    assert_eq!(summary.owner.as_deref(), Some("@bot:example.org BOT"));
    assert_eq!(summary.backlog.waiting, 1);
    let [nothing, from_ann] = &summary.backlog.undecryptable.recent[..] else {
        panic!("{summary:?}");
    };
    assert_eq!((&*nothing.sender, nothing.at), ("", None));
    assert_eq!(from_ann.sender, "@ann:example.org");
    assert_eq!(from_ann.at, Some(1_700_000_000_000));
    assert_eq!(from_ann.reason, None);
    assert_eq!(files(directory.path()), before);
}

#[tokio::test]
async fn a_newer_and_a_damaged_journal_are_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("inbox.sqlite3");
    let db = Connection::open(&path).unwrap();
    assert_eq!(Summary::read(directory.path()).await.unwrap(), None);
    db.pragma_update(None, "user_version", 99).unwrap();
    let newer = Some(Stored::Newer { version: 99 });
    assert_eq!(Summary::read(directory.path()).await.unwrap(), newer);
    drop(db);

    std::fs::remove_file(&path).unwrap();
    let journal = open(directory.path()).await;
    let entries = (0..500).map(|number| message(&format!("${number}"), "a"));
    journal
        .commit(batch("s1", entries.collect()))
        .await
        .unwrap();
    drop(journal);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[8192..].fill(b'x');
    std::fs::write(&path, bytes).unwrap();
    for _ in 0..2 {
        let found = Summary::read(directory.path()).await.unwrap();
        assert!(matches!(found, Some(Stored::Damaged { .. })), "{found:?}");
        std::fs::write(&path, "x".repeat(4096)).unwrap();
    }
}
