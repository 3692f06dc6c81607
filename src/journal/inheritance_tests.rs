//! What a journal hands over, and what it gives back.

use super::{
    effects_tests::secret,
    tests::{batch, message, open, thread},
    *,
};

#[tokio::test]
async fn a_new_device_goes_on_where_the_old_one_stopped() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let journal = open(old.path()).await;
    let entries = vec![message("$1", "a"), secret("$2"), message("$3", "a")];
    journal.commit(batch("s1", entries)).await.unwrap();
    let done = journal.next(&thread("a")).await.unwrap().unwrap();
    journal.close(vec![done.seq]).await.unwrap();
    drop(journal);

    let heir = Journal::open(new.path(), "@bot:example.org", "NEW")
        .await
        .unwrap();
    let mut first = batch("n1", vec![message("$1", "a"), message("$new", "a")]);
    first.entries[0].arrival = Arrival::Seen;
    heir.commit(first).await.unwrap();
    for _ in 0..2 {
        let inherited = inherit(old.path(), new.path(), "@bot:example.org").await;
        assert_eq!(inherited.unwrap(), Inheritance { taken: 1, left: 1 });
    }
    assert_eq!(heir.position().await.unwrap().as_deref(), Some("n1"));
    assert_eq!(heir.predecessor().await.unwrap().as_deref(), Some("s1"));
    assert_eq!(
        heir.next(&thread("a")).await.unwrap().unwrap().event_id,
        "$3"
    );
    assert_eq!(heir.undecryptable(None, 0).await.unwrap().len(), 1);
    let ids = ["$1", "$new"].map(str::to_owned).to_vec();
    let known = heir.known("!room", ids).await.unwrap();
    assert!(known.contains_key("$1") && !known.contains_key("$new"));
    heir.caught_up().await.unwrap();
    assert_eq!(heir.predecessor().await.unwrap(), None);
}

#[tokio::test]
async fn another_user_inherits_nothing() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let journal = open(old.path()).await;
    let waiting = batch("s1", vec![message("$1", "a")]);
    journal.commit(waiting).await.unwrap();
    let heir = Journal::open(new.path(), "@eve:h", "NEW").await.unwrap();
    let inherited = inherit(old.path(), new.path(), "@eve:h").await.unwrap();
    assert_eq!(inherited, Inheritance::default());
    assert!(heir.waiting_conversations().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_journal_gives_back_what_it_does_not_need() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let long = |number| {
        let mut entry = message(&format!("${number}"), "a");
        if let Arrival::Message { received, .. } = &mut entry.arrival {
            received.payload = "x".repeat(40_000);
        }
        entry
    };
    journal
        .commit(batch("s1", (0..500).map(long).collect()))
        .await
        .unwrap();
    let waiting = journal.next_together(&thread("a"), 500).await.unwrap();
    let seqs = waiting.iter().map(|waiting| waiting.seq).collect();
    journal.close(seqs).await.unwrap();
    journal.shrink().await.unwrap();
    journal.shrink().await.unwrap();
    let size = |name: &str| {
        let file = directory.path().join(format!("inbox.sqlite3{name}"));
        std::fs::metadata(file).map_or(0, |found| found.len())
    };
    assert!(size("") < 4 << 20, "{}", size(""));
    assert!(size("-wal") < 5 << 20, "{}", size("-wal"));
}

#[tokio::test]
async fn where_nothing_is_staged_nothing_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let first = vec![message("$1", "a")];
    journal.commit(batch("s1", first)).await.unwrap();
    let log = directory.path().join("inbox.sqlite3-wal");
    let before = log.metadata().unwrap().len();
    journal.forget_staged().await.unwrap();
    assert_eq!(log.metadata().unwrap().len(), before);
    journal.stage(vec![message("$2", "a")]).await.unwrap();
    journal.forget_staged().await.unwrap();
    assert!(log.metadata().unwrap().len() > before);
}
