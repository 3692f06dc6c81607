use super::*;

const USER: &str = "@bot:example.org";

pub(super) async fn open(directory: &Path) -> Inbox {
    Inbox::open(directory, USER, "BOT").await.unwrap()
}

pub(super) fn message(event_id: &str, conversation: &str) -> Entry {
    Entry {
        room_id: "!room".into(),
        event_id: event_id.into(),
        is_floor: false,
        arrival: Arrival::Message {
            conversation: conversation.into(),
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
    let inbox = open(directory.path()).await;
    assert_eq!(inbox.position().await.unwrap(), None);
    let fresh = inbox
        .commit(batch("s1", vec![message("$1", "a"), message("$2", "b")]))
        .await
        .unwrap();
    assert_eq!(fresh.fresh.len(), 2);
    drop(inbox);

    let inbox = open(directory.path()).await;
    assert_eq!(inbox.position().await.unwrap().as_deref(), Some("s1"));
    assert_eq!(inbox.waiting_conversations().await.unwrap(), ["a", "b"]);
}

#[tokio::test]
async fn a_response_taken_again_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    let response = batch("s1", vec![message("$1", "a")]);
    inbox.commit(response.clone()).await.unwrap();
    let first = inbox.next("a").await.unwrap().unwrap();
    inbox.close(vec![first.seq]).await.unwrap();

    let again = inbox.commit(response).await.unwrap();
    assert_eq!(again, Changes::default());
    assert_eq!(inbox.next("a").await.unwrap(), None);
}

#[tokio::test]
async fn a_conversation_goes_in_order_and_beside_others() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    let entries = vec![message("$1", "a"), message("$2", "b"), message("$3", "a")];
    inbox.commit(batch("s1", entries)).await.unwrap();
    for expected in ["$1", "$3"] {
        let waiting = inbox.next("a").await.unwrap().unwrap();
        assert_eq!(waiting.event_id, expected);
        inbox.close(vec![waiting.seq]).await.unwrap();
    }
    assert_eq!(inbox.next("a").await.unwrap(), None);
    assert_eq!(inbox.next("b").await.unwrap().unwrap().event_id, "$2");
}

#[tokio::test]
async fn a_reply_keeps_its_words_and_forgets_what_was_sent() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    inbox
        .commit(batch("s1", vec![message("$1", "a")]))
        .await
        .unwrap();
    let seq = inbox.next("a").await.unwrap().unwrap().seq;
    assert_eq!(inbox.reply(seq).await.unwrap(), None);
    let parts: Vec<_> = [(0, "one"), (1, "two")]
        .map(|(part, content)| Part {
            part,
            content: content.into(),
        })
        .into();
    inbox
        .record_reply(seq, None, Vec::new(), parts.clone())
        .await
        .unwrap();
    inbox.part_sent(seq, 0, "$sent".into()).await.unwrap();
    drop(inbox);

    let inbox = open(directory.path()).await;
    assert_eq!(inbox.reply(seq).await.unwrap().unwrap(), parts[1..]);
    inbox.part_sent(seq, 1, "$sent".into()).await.unwrap();
    // All sent and not closed: still recorded, so that the agent is not asked again.
    assert_eq!(inbox.reply(seq).await.unwrap(), Some(Vec::new()));
}

#[tokio::test]
async fn what_waits_is_handed_over_together_and_closed_with_one_reply() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    let entries = ["$1", "$2", "$3"].map(|id| message(id, "a")).to_vec();
    inbox.commit(batch("s1", entries)).await.unwrap();
    let ids = async |inbox: &Inbox, most| {
        let together = inbox.next_together("a", most).await.unwrap();
        let ids = together.into_iter().map(|waiting| waiting.event_id);
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids(&inbox, 2).await, ["$1", "$2"]);
    let together = inbox.next_together("a", 2).await.unwrap();
    let (first, second) = (together[0].seq, together[1].seq);
    let reply = vec![Part {
        part: 0,
        content: "to both".into(),
    }];
    let recorded = inbox.record_reply(second, None, vec![first], reply).await;
    assert!(recorded.unwrap());
    drop(inbox);

    // After a crash: the first is done, and the second goes out alone, with what was recorded.
    let inbox = open(directory.path()).await;
    assert_eq!(ids(&inbox, 9).await, ["$2"]);
    assert_eq!(inbox.reply(second).await.unwrap().unwrap().len(), 1);
    inbox.close(vec![second]).await.unwrap();
    assert_eq!(ids(&inbox, 9).await, ["$3"]);
}

#[tokio::test]
async fn what_is_urgent_goes_first_and_what_came_after_it_waits() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    let lane = urgent("a");
    assert_eq!((behind(&lane), behind("a")), (Some("a"), None));
    let entries = vec![message("$1", "a"), message("$2", &lane), message("$3", "a")];
    inbox.commit(batch("s1", entries)).await.unwrap();
    let before = inbox.next_together("a", 9).await.unwrap();
    assert_eq!(before.len(), 1);
    assert_eq!(before[0].event_id, "$1");
    inbox.close(vec![before[0].seq]).await.unwrap();
    assert_eq!(inbox.next("a").await.unwrap(), None);
    let command = inbox.next(&lane).await.unwrap().unwrap();
    assert_eq!(command.event_id, "$2");
    inbox.close(vec![command.seq]).await.unwrap();
    assert_eq!(inbox.next("a").await.unwrap().unwrap().event_id, "$3");
}

#[tokio::test]
async fn what_was_stopped_gets_no_reply_any_more() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    let ids = [
        ("$1", "a"),
        ("$2", "a"),
        ("$3", "b"),
        ("$4", "a"),
        ("$5", "a"),
    ];
    let entries = ids.map(|(id, conversation)| message(id, conversation));
    inbox.commit(batch("s1", entries.to_vec())).await.unwrap();
    let together = inbox.next_together("a", 9).await.unwrap();
    let seqs: Vec<_> = together.iter().map(|waiting| waiting.seq).collect();
    let reply = || {
        let content = "words".into();
        vec![Part { part: 0, content }]
    };
    // The first one's answer is being sent already.
    assert!(
        inbox
            .record_reply(seqs[0], None, Vec::new(), reply())
            .await
            .unwrap()
    );
    assert_eq!(inbox.close_before("a", seqs[3]).await.unwrap(), 2);
    assert!(
        !inbox
            .record_reply(seqs[1], None, Vec::new(), reply())
            .await
            .unwrap()
    );
    assert_eq!(inbox.next("b").await.unwrap().unwrap().event_id, "$3");
    assert_eq!(inbox.next("a").await.unwrap().unwrap().event_id, "$1");
    inbox.close(vec![seqs[0]]).await.unwrap();
    assert_eq!(inbox.next("a").await.unwrap().unwrap().event_id, "$5");
}

#[tokio::test]
async fn an_event_without_its_key_waits_and_then_takes_its_old_place() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    let secret = Entry {
        arrival: Arrival::Undecryptable {
            sender: "@ann:example.org".into(),
            session_id: Some("megolm".into()),
            reason: "no key".into(),
            payload: "encrypted".into(),
        },
        ..message("$1", "a")
    };
    let fresh = inbox
        .commit(batch("s1", vec![secret, message("$2", "a")]))
        .await
        .unwrap();
    assert_eq!(fresh.fresh.len(), 1);
    assert_eq!(inbox.next("a").await.unwrap().unwrap().event_id, "$2");

    let other = Some(vec!["other".to_owned()]);
    assert!(inbox.undecryptable(other, 0).await.unwrap().is_empty());
    let found = inbox
        .undecryptable(Some(vec!["megolm".into()]), 0)
        .await
        .unwrap();
    assert_eq!(found, inbox.undecryptable(None, 0).await.unwrap());
    inbox
        .looked_at_again(found[0].clone(), message("$1", "a").arrival)
        .await
        .unwrap();
    assert_eq!(inbox.next("a").await.unwrap().unwrap().event_id, "$1");
    assert!(inbox.undecryptable(None, 0).await.unwrap().is_empty());
}

#[tokio::test]
async fn events_without_their_keys_do_not_fill_the_disk() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    let entries = (0..700).map(|number| Entry {
        arrival: Arrival::Undecryptable {
            sender: "@ann:example.org".into(),
            session_id: None,
            reason: "no key".into(),
            payload: "encrypted".into(),
        },
        ..message(&format!("${number}"), "a")
    });
    inbox.commit(batch("s1", entries.collect())).await.unwrap();
    let (mut count, mut last) = (0, 0);
    loop {
        let page = inbox.undecryptable(None, last).await.unwrap();
        let Some(newest) = page.last() else { break };
        last = newest.seq;
        count += page.len();
    }
    assert_eq!(count, 500);
}

#[tokio::test]
async fn invitations_wait_until_they_are_settled() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    let mut arrival = batch("s1", Vec::new());
    arrival.invited = vec![("!room".into(), Some("@ann:example.org".into()))];
    inbox.commit(arrival.clone()).await.unwrap();
    let [first] = &inbox.invitations().await.unwrap()[..] else {
        panic!("not one invitation");
    };
    assert_eq!(first.inviter.as_deref(), Some("@ann:example.org"));
    // The same once more is another one.
    inbox.commit(arrival).await.unwrap();
    let again = inbox.invitations().await.unwrap();
    assert_eq!(again.len(), 1);
    assert_ne!(again[0].id, first.id);

    let mut joined = batch("s2", Vec::new());
    joined.joined = vec!["!room".into()];
    inbox.commit(joined).await.unwrap();
    assert!(inbox.invitations().await.unwrap().is_empty());
}

#[tokio::test]
async fn old_events_are_forgotten_but_never_those_that_wait() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    let mut entries = vec![message("$waiting", "a")];
    entries.extend((0..2000).map(|number| Entry {
        arrival: Arrival::Seen,
        ..message(&format!("${number}"), "a")
    }));
    inbox.commit(batch("s1", entries)).await.unwrap();
    let ids = ["$waiting", "$0", "$1999"].map(str::to_owned).to_vec();
    let known = inbox.known("!room", ids).await.unwrap();
    assert!(known.contains_key("$waiting") && known.contains_key("$1999"));
    assert!(!known.contains_key("$0"));
}

#[tokio::test]
async fn a_journal_of_another_device_is_emptied() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    inbox
        .commit(batch("s1", vec![message("$1", "a")]))
        .await
        .unwrap();
    drop(inbox);
    let inbox = Inbox::open(directory.path(), USER, "NEW").await.unwrap();
    assert_eq!(inbox.position().await.unwrap(), None);
    assert!(!inbox.knows_room("!room").await.unwrap());
}

#[tokio::test]
async fn a_damaged_journal_is_said_in_words() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("inbox.sqlite3"), "x".repeat(4096)).unwrap();
    let error = Inbox::open(directory.path(), USER, "BOT")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("not a database"), "{error}");
    assert!(error.hint_text().unwrap().contains("move the file away"));
}

#[tokio::test]
async fn files_go_out_before_words() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    let entry = message("$1", "a");
    inbox.commit(batch("s1", vec![entry])).await.unwrap();
    let seq = inbox.next("a").await.unwrap().unwrap().seq;
    let part = |part: u32| Part {
        part,
        content: format!("part {part}"),
    };
    let parts = [0, 1, FIRST_FILE, FIRST_FILE + 1].map(part).to_vec();
    assert!(
        inbox
            .record_reply(seq, None, Vec::new(), parts)
            .await
            .unwrap()
    );
    let order: Vec<_> = inbox.reply(seq).await.unwrap().unwrap();
    assert_eq!(order, [FIRST_FILE, FIRST_FILE + 1, 0, 1].map(part));
}
