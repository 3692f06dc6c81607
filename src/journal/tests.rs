use super::*;

const USER: &str = "@bot:example.org";

impl Journal {
    /// The oldest message of a conversation that may be answered.
    pub(crate) async fn next(&self, conversation: &Conversation) -> Result<Option<Waiting>> {
        Ok(self.next_together(conversation, 1).await?.pop())
    }
}

pub(super) async fn open(directory: &Path) -> Journal {
    Journal::open(directory, USER, "BOT").await.unwrap()
}

pub(super) fn thread(root: &str) -> Conversation {
    Conversation::new("!room", Some(root))
}

pub(super) fn message(event_id: &str, root: &str) -> Entry {
    Entry {
        room_id: "!room".into(),
        event_id: event_id.into(),
        is_floor: false,
        arrival: Arrival::Message {
            conversation: thread(root),
            received: Received {
                sender: "@ann:example.org".into(),
                protection: Protection::Clear,
                payload: format!("payload of {event_id}"),
            },
        },
    }
}

pub(super) fn batch(position: &str, entries: Vec<Entry>) -> Batch {
    Batch {
        position: Some(position.into()),
        entries,
        ..Batch::default()
    }
}

#[tokio::test]
async fn events_and_position_survive_together() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    assert_eq!(journal.position().await.unwrap(), None);
    let fresh = journal
        .commit(batch("s1", vec![message("$1", "a"), message("$2", "b")]))
        .await
        .unwrap();
    assert_eq!(fresh.fresh.len(), 2);
    drop(journal);

    let journal = open(directory.path()).await;
    assert_eq!(journal.position().await.unwrap().as_deref(), Some("s1"));
    assert_eq!(
        journal.waiting_conversations().await.unwrap(),
        ["a", "b"].map(thread)
    );
}

#[tokio::test]
async fn a_response_taken_again_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let response = batch("s1", vec![message("$1", "a")]);
    journal.commit(response.clone()).await.unwrap();
    let first = journal.next(&thread("a")).await.unwrap().unwrap();
    journal.close(vec![first.seq]).await.unwrap();

    let again = journal.commit(response).await.unwrap();
    assert_eq!(again, Changes::default());
    assert_eq!(journal.next(&thread("a")).await.unwrap(), None);
}

#[tokio::test]
async fn a_conversation_goes_in_order_and_beside_others() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let entries = vec![message("$1", "a"), message("$2", "b"), message("$3", "a")];
    journal.commit(batch("s1", entries)).await.unwrap();
    for expected in ["$1", "$3"] {
        let waiting = journal.next(&thread("a")).await.unwrap().unwrap();
        assert_eq!(waiting.event_id, expected);
        journal.close(vec![waiting.seq]).await.unwrap();
    }
    assert_eq!(journal.next(&thread("a")).await.unwrap(), None);
    assert_eq!(
        journal.next(&thread("b")).await.unwrap().unwrap().event_id,
        "$2"
    );
}

#[tokio::test]
async fn a_reply_keeps_its_words_and_forgets_what_was_sent() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    journal
        .commit(batch("s1", vec![message("$1", "a")]))
        .await
        .unwrap();
    let seq = journal.next(&thread("a")).await.unwrap().unwrap().seq;
    assert_eq!(journal.reply(seq).await.unwrap(), None);
    let parts: Vec<_> = [(0, "one"), (1, "two")]
        .map(|(part, content)| Part {
            part,
            content: content.into(),
        })
        .into();
    journal
        .record_reply(seq, None, Vec::new(), parts.clone())
        .await
        .unwrap();
    journal.part_sent(seq, 0, "$sent".into()).await.unwrap();
    drop(journal);

    let journal = open(directory.path()).await;
    assert_eq!(journal.reply(seq).await.unwrap().unwrap(), parts[1..]);
    journal.part_sent(seq, 1, "$sent".into()).await.unwrap();
    // All sent and not closed: still recorded, so that the agent is not asked again.
    assert_eq!(journal.reply(seq).await.unwrap(), Some(Vec::new()));
}

#[tokio::test]
async fn what_waits_is_handed_over_together_and_closed_with_one_reply() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let entries = ["$1", "$2", "$3"].map(|id| message(id, "a")).to_vec();
    journal.commit(batch("s1", entries)).await.unwrap();
    let ids = async |journal: &Journal, most| {
        let together = journal.next_together(&thread("a"), most).await.unwrap();
        let ids = together.into_iter().map(|waiting| waiting.event_id);
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids(&journal, 2).await, ["$1", "$2"]);
    let together = journal.next_together(&thread("a"), 2).await.unwrap();
    let (first, second) = (together[0].seq, together[1].seq);
    let reply = vec![Part {
        part: 0,
        content: "to both".into(),
    }];
    let recorded = journal.record_reply(second, None, vec![first], reply).await;
    assert!(recorded.unwrap());
    drop(journal);

    // After a crash: the first is done, and the second goes out alone, with what was recorded.
    let journal = open(directory.path()).await;
    assert_eq!(ids(&journal, 9).await, ["$2"]);
    assert_eq!(journal.reply(second).await.unwrap().unwrap().len(), 1);
    journal.close(vec![second]).await.unwrap();
    assert_eq!(ids(&journal, 9).await, ["$3"]);
}

#[tokio::test]
async fn what_is_urgent_goes_first_and_what_came_after_it_waits() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let commands = thread("a").lane(Lane::Command);
    let mut command = message("$2", "a");
    if let Arrival::Message { conversation, .. } = &mut command.arrival {
        *conversation = commands.clone();
    }
    let entries = vec![message("$1", "a"), command, message("$3", "a")];
    journal.commit(batch("s1", entries)).await.unwrap();
    // What a killed run has left is found by its whole name.
    let waiting = journal.waiting_conversations().await.unwrap();
    assert!(waiting.contains(&thread("a")) && waiting.contains(&commands));
    let before = journal.next_together(&thread("a"), 9).await.unwrap();
    assert_eq!(before.len(), 1);
    assert_eq!(before[0].event_id, "$1");
    journal.close(vec![before[0].seq]).await.unwrap();
    assert_eq!(journal.next(&thread("a")).await.unwrap(), None);
    let command = journal.next(&commands).await.unwrap().unwrap();
    assert_eq!(command.event_id, "$2");
    journal.close(vec![command.seq]).await.unwrap();
    assert_eq!(
        journal.next(&thread("a")).await.unwrap().unwrap().event_id,
        "$3"
    );
}

#[tokio::test]
async fn what_was_stopped_gets_no_reply_any_more() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let ids = [
        ("$1", "a"),
        ("$2", "a"),
        ("$3", "b"),
        ("$4", "a"),
        ("$5", "a"),
    ];
    let entries = ids.map(|(id, conversation)| message(id, conversation));
    journal.commit(batch("s1", entries.to_vec())).await.unwrap();
    let together = journal.next_together(&thread("a"), 9).await.unwrap();
    let seqs: Vec<_> = together.iter().map(|waiting| waiting.seq).collect();
    let reply = || {
        let content = "words".into();
        vec![Part { part: 0, content }]
    };
    // The first one's answer is being sent already.
    assert!(
        journal
            .record_reply(seqs[0], None, Vec::new(), reply())
            .await
            .unwrap()
    );
    assert_eq!(
        journal
            .close_before(&thread("a"), seqs[3])
            .await
            .unwrap()
            .len(),
        2
    );
    assert!(
        !journal
            .record_reply(seqs[1], None, Vec::new(), reply())
            .await
            .unwrap()
    );
    assert_eq!(
        journal.next(&thread("b")).await.unwrap().unwrap().event_id,
        "$3"
    );
    assert_eq!(
        journal.next(&thread("a")).await.unwrap().unwrap().event_id,
        "$1"
    );
    journal.close(vec![seqs[0]]).await.unwrap();
    assert_eq!(
        journal.next(&thread("a")).await.unwrap().unwrap().event_id,
        "$5"
    );
}

#[tokio::test]
async fn an_event_without_its_key_waits_and_then_takes_its_old_place() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let secret = Entry {
        arrival: Arrival::Undecryptable {
            sender: "@ann:example.org".into(),
            session_id: Some("megolm".into()),
            reason: "no key".into(),
            payload: "encrypted".into(),
        },
        ..message("$1", "a")
    };
    let fresh = journal
        .commit(batch("s1", vec![secret, message("$2", "a")]))
        .await
        .unwrap();
    assert_eq!(fresh.fresh.len(), 1);
    assert_eq!(
        journal.next(&thread("a")).await.unwrap().unwrap().event_id,
        "$2"
    );

    let other = Some(vec!["other".to_owned()]);
    assert!(journal.undecryptable(other, 0).await.unwrap().is_empty());
    let found = journal
        .undecryptable(Some(vec!["megolm".into()]), 0)
        .await
        .unwrap();
    assert_eq!(found, journal.undecryptable(None, 0).await.unwrap());
    journal
        .looked_at_again(found[0].clone(), message("$1", "a").arrival)
        .await
        .unwrap();
    assert_eq!(
        journal.next(&thread("a")).await.unwrap().unwrap().event_id,
        "$1"
    );
    assert!(journal.undecryptable(None, 0).await.unwrap().is_empty());
}

#[tokio::test]
async fn events_without_their_keys_do_not_fill_the_disk() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let entries = (0..700).map(|number| Entry {
        arrival: Arrival::Undecryptable {
            sender: "@ann:example.org".into(),
            session_id: None,
            reason: "no key".into(),
            payload: "encrypted".into(),
        },
        ..message(&format!("${number}"), "a")
    });
    journal
        .commit(batch("s1", entries.collect()))
        .await
        .unwrap();
    let (mut count, mut last) = (0, 0);
    loop {
        let page = journal.undecryptable(None, last).await.unwrap();
        let Some(newest) = page.last() else { break };
        last = newest.seq;
        count += page.len();
    }
    assert_eq!(count, 500);
}

#[tokio::test]
async fn invitations_wait_until_they_are_settled() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let mut arrival = batch("s1", Vec::new());
    arrival.invited = vec![("!room".into(), Some("@ann:example.org".into()))];
    journal.commit(arrival.clone()).await.unwrap();
    let [first] = &journal.invitations().await.unwrap()[..] else {
        panic!("not one invitation");
    };
    assert_eq!(first.inviter.as_deref(), Some("@ann:example.org"));
    // The same once more is another one.
    journal.commit(arrival).await.unwrap();
    let again = journal.invitations().await.unwrap();
    assert_eq!(again.len(), 1);
    assert_ne!(again[0].id, first.id);

    let mut joined = batch("s2", Vec::new());
    joined.joined = vec!["!room".into()];
    journal.commit(joined).await.unwrap();
    assert!(journal.invitations().await.unwrap().is_empty());
}

#[tokio::test]
async fn old_events_are_forgotten_but_never_those_that_wait() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let mut entries = vec![message("$waiting", "a")];
    entries.extend((0..2000).map(|number| Entry {
        arrival: Arrival::Seen,
        ..message(&format!("${number}"), "a")
    }));
    journal.commit(batch("s1", entries)).await.unwrap();
    let ids = ["$waiting", "$0", "$1999"].map(str::to_owned).to_vec();
    let known = journal.known("!room", ids).await.unwrap();
    assert!(known.contains_key("$waiting") && known.contains_key("$1999"));
    assert!(!known.contains_key("$0"));
}

#[tokio::test]
async fn a_journal_of_another_device_is_emptied() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    journal
        .commit(batch("s1", vec![message("$1", "a")]))
        .await
        .unwrap();
    drop(journal);
    let journal = Journal::open(directory.path(), USER, "NEW").await.unwrap();
    assert_eq!(journal.position().await.unwrap(), None);
    assert!(!journal.knows_room("!room").await.unwrap());
}

#[tokio::test]
async fn a_damaged_journal_is_said_in_words() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("inbox.sqlite3"), "x".repeat(4096)).unwrap();
    let error = Journal::open(directory.path(), USER, "BOT")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("not a database"), "{error}");
    assert!(error.hint_text().unwrap().contains("move the file away"));
}

#[tokio::test]
async fn files_go_out_before_words() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let entry = message("$1", "a");
    journal.commit(batch("s1", vec![entry])).await.unwrap();
    let seq = journal.next(&thread("a")).await.unwrap().unwrap().seq;
    let part = |part: u32| Part {
        part,
        content: format!("part {part}"),
    };
    let parts = [0, 1, FIRST_FILE, FIRST_FILE + 1].map(part).to_vec();
    assert!(
        journal
            .record_reply(seq, None, Vec::new(), parts)
            .await
            .unwrap()
    );
    let order: Vec<_> = journal.reply(seq).await.unwrap().unwrap();
    assert_eq!(order, [FIRST_FILE, FIRST_FILE + 1, 0, 1].map(part));
}
