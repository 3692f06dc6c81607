//! What events mean for those before them.

use serde_json::{Value, json};

use super::{
    tests::{batch, message, open},
    *,
};

const ANN: &str = "@ann:h";
const EVE: &str = "@eve:h";

fn encrypted() -> Protection {
    Protection::Encrypted {
        trust: "verified".into(),
        session_id: Some("megolm".into()),
    }
}

fn entry(event_id: &str, arrival: Arrival) -> Entry {
    Entry {
        room_id: "!room".into(),
        event_id: event_id.into(),
        is_floor: false,
        arrival,
    }
}

fn said(event_id: &str, protection: Protection) -> Entry {
    let payload = json!({
        "event_id": event_id, "sender": ANN,
        "content": {"body": "first", "m.relates_to": {"rel_type": "m.thread"}},
    });
    entry(
        event_id,
        Arrival::Message {
            conversation: "a".into(),
            received: received(ANN, protection, &payload),
        },
    )
}

fn received(sender: &str, protection: Protection, payload: &Value) -> Received {
    Received {
        sender: sender.into(),
        protection,
        payload: payload.to_string(),
    }
}

fn edit(target: &str, sender: &str, protection: Protection) -> Entry {
    let payload = json!({"content": {
        "body": "* second",
        "m.new_content": {"body": "second", "m.relates_to": {"rel_type": "m.forged"}},
    }});
    entry(
        &format!("$edit of {target}"),
        Arrival::Edit {
            target: target.into(),
            received: received(sender, protection, &payload),
        },
    )
}

fn secret(event_id: &str) -> Entry {
    entry(
        event_id,
        Arrival::Undecryptable {
            sender: ANN.into(),
            session_id: Some("megolm".into()),
            reason: "no key".into(),
            payload: "{}".into(),
        },
    )
}

fn redaction(target: &str) -> Entry {
    let target = target.to_owned();
    entry(
        &format!("$redaction of {target}"),
        Arrival::Redaction { target },
    )
}

fn own(event_id: &str, question: &str, part: Option<(u32, bool)>) -> Entry {
    entry(
        event_id,
        Arrival::Own(Own {
            part: part.map(|(part, draft)| PartOf {
                question: question.into(),
                part,
                draft,
            }),
            replies_to: Some(question.into()),
            replaces: None,
            by_this_device: false,
        }),
    )
}

async fn body(inbox: &Inbox) -> String {
    let waiting = inbox.next("a").await.unwrap().unwrap();
    let event: Value = serde_json::from_str(&waiting.payload).unwrap();
    assert_eq!(event["content"]["m.relates_to"]["rel_type"], "m.thread");
    event["content"]["body"].as_str().unwrap().to_owned()
}

fn parts(count: u32) -> Vec<Part> {
    let part = |part| Part {
        part,
        content: format!("part {part}"),
    };
    (0..count).map(part).collect()
}

#[tokio::test]
async fn an_edit_of_its_own_sender_takes_the_place_of_what_waits() {
    for (question, sender, protection, expected) in [
        (Protection::Clear, ANN, Protection::Clear, "second"),
        (Protection::Clear, ANN, encrypted(), "second"),
        (encrypted(), ANN, encrypted(), "second"),
        // A homeserver can claim anything of what is not encrypted.
        (encrypted(), ANN, Protection::Exposed, "first"),
        (Protection::Clear, EVE, Protection::Clear, "first"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let inbox = open(directory.path()).await;
        let entries = vec![said("$1", question), edit("$1", sender, protection)];
        let changes = inbox.commit(batch("s1", entries)).await.unwrap();
        assert_eq!(body(&inbox).await, expected);
        assert_eq!(changes.edited.is_empty(), expected == "first");
    }
}

#[tokio::test]
async fn an_answer_that_is_recorded_is_not_changed_by_an_edit() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    let question = vec![said("$1", Protection::Clear)];
    inbox.commit(batch("s1", question)).await.unwrap();
    let seq = inbox.next("a").await.unwrap().unwrap().seq;
    let recorded = inbox.record_reply(seq, None, Vec::new(), parts(1)).await;
    assert!(recorded.unwrap());
    let late = vec![edit("$1", ANN, Protection::Clear)];
    let changes = inbox.commit(batch("s2", late)).await.unwrap();
    assert!(changes.edited.is_empty());
    assert_eq!(body(&inbox).await, "first");
}

#[tokio::test]
async fn an_edit_waits_for_the_key_of_its_message() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    let mut forged = edit("$1", ANN, Protection::Exposed);
    forged.event_id = "$forged".into();
    let entries = vec![secret("$1"), edit("$1", ANN, encrypted()), forged];
    inbox.commit(batch("s1", entries)).await.unwrap();
    let found = inbox.undecryptable(None, 0).await.unwrap().remove(0);
    let arrival = said("$1", encrypted()).arrival;
    let changes = inbox.looked_at_again(found, arrival).await.unwrap();
    assert!(changes.fresh.contains("a"));
    assert_eq!(body(&inbox).await, "second");
}

#[tokio::test]
async fn a_late_key_of_an_edit_changes_what_waits() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    let entries = vec![said("$1", encrypted()), secret("$edit of $1")];
    inbox.commit(batch("s1", entries)).await.unwrap();
    let found = inbox.undecryptable(None, 0).await.unwrap().remove(0);
    let arrival = edit("$1", ANN, encrypted()).arrival;
    inbox.looked_at_again(found, arrival).await.unwrap();
    assert_eq!(body(&inbox).await, "second");
}

#[tokio::test]
async fn what_was_taken_back_is_withdrawn() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    let entries = vec![
        said("$1", Protection::Clear),
        said("$2", Protection::Clear),
        secret("$3"),
    ];
    inbox.commit(batch("s1", entries)).await.unwrap();
    let seq = inbox.next("a").await.unwrap().unwrap().seq;
    let taken_back = vec![redaction("$1"), redaction("$3"), redaction("$unknown")];
    let changes = inbox.commit(batch("s2", taken_back)).await.unwrap();
    let conversation = "a".to_owned();
    assert_eq!(changes.withdrawn, [Affected { seq, conversation }]);
    assert_eq!(inbox.next("a").await.unwrap().unwrap().event_id, "$2");
    assert!(inbox.undecryptable(None, 0).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_answer_that_a_moderator_takes_back_does_not_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    let question = vec![said("$1", Protection::Clear)];
    inbox.commit(batch("s1", question)).await.unwrap();
    let seq = inbox.next("a").await.unwrap().unwrap().seq;
    let recorded = inbox.record_reply(seq, None, Vec::new(), parts(2)).await;
    assert!(recorded.unwrap());
    inbox.part_sent(seq, 0, "$answer".into()).await.unwrap();
    let changes = inbox.commit(batch("s2", vec![redaction("$answer")]));
    assert_eq!(changes.await.unwrap().withdrawn.len(), 1);
    assert_eq!(inbox.next("a").await.unwrap(), None);
}

#[tokio::test]
async fn an_answer_that_comes_back_is_sent() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    let question = vec![said("$1", Protection::Clear)];
    inbox.commit(batch("s1", question)).await.unwrap();
    let seq = inbox.next("a").await.unwrap().unwrap().seq;
    inbox.begin_draft(seq, parts(1).remove(0)).await.unwrap();
    let shown = vec![own("$draft", "$1", Some((0, true)))];
    inbox.commit(batch("s2", shown)).await.unwrap();
    let drafts = inbox.drafts(seq).await.unwrap();
    assert_eq!(drafts[0].event_id.as_deref(), Some("$draft"));

    let recorded = inbox.record_reply(seq, None, Vec::new(), parts(3)).await;
    assert!(recorded.unwrap());
    let second = vec![own("$second", "$1", Some((1, false)))];
    let changes = inbox.commit(batch("s3", second)).await.unwrap();
    assert_eq!(changes.own, ["$second"]);
    let left: Vec<_> = inbox.reply(seq).await.unwrap().unwrap();
    assert_eq!(left, [&parts(3)[..1], &parts(3)[2..]].concat());
    // One that this device cannot read is the next in the order.
    let unread = vec![own("$unread", "$1", None)];
    inbox.commit(batch("s4", unread)).await.unwrap();
    assert_eq!(inbox.reply(seq).await.unwrap().unwrap(), parts(3)[2..]);
}

#[tokio::test]
async fn a_question_that_has_its_answer_is_closed() {
    for part in [None, Some((0, false))] {
        let directory = tempfile::tempdir().unwrap();
        let inbox = open(directory.path()).await;
        let entries = vec![said("$1", Protection::Clear), own("$answer", "$1", part)];
        inbox.commit(batch("s1", entries)).await.unwrap();
        assert_eq!(inbox.next("a").await.unwrap(), None);
    }
}

#[tokio::test]
async fn whoever_is_invited_again_begins_again() {
    for is_invited in [false, true] {
        let directory = tempfile::tempdir().unwrap();
        let inbox = open(directory.path()).await;
        let entries = vec![said("$1", Protection::Clear), secret("$2")];
        inbox.commit(batch("s1", entries)).await.unwrap();
        let mut left = batch("s2", Vec::new());
        if is_invited {
            left.invited = vec![("!room".into(), Some(ANN.into()))];
        } else {
            left.left = vec!["!room".into()];
        }
        let changes = inbox.commit(left).await.unwrap();
        assert_eq!(changes.withdrawn.len(), 1);
        assert_eq!(inbox.next("a").await.unwrap(), None);
        assert_eq!(
            inbox.invitations().await.unwrap().len(),
            usize::from(is_invited)
        );
    }
}

#[tokio::test]
async fn a_room_once_seen_encrypted_stays_so() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    let mut seen = batch("s1", Vec::new());
    seen.encrypted = vec!["!room".into()];
    inbox.commit(seen).await.unwrap();
    assert!(inbox.is_encrypted("!room") && !inbox.is_encrypted("!other"));
    drop(inbox);
    let inbox = open(directory.path()).await;
    assert!(inbox.is_encrypted("!room"));
}

#[tokio::test]
async fn what_is_staged_comes_before_the_rest_and_only_once_all_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    let newest_first = ["$4", "$3"].map(|id| message(id, "a"));
    inbox.stage(newest_first.to_vec()).await.unwrap();
    inbox
        .stage(["$2", "$1"].map(|id| message(id, "a")).to_vec())
        .await
        .unwrap();
    assert_eq!(inbox.next("a").await.unwrap(), None);
    let mut last = batch("s1", vec![message("$5", "a")]);
    last.after_staged = true;
    inbox.commit(last).await.unwrap();
    let all = inbox.next_together("a", 9).await.unwrap();
    let ids: Vec<_> = all.iter().map(|waiting| &*waiting.event_id).collect();
    assert_eq!(ids, ["$1", "$2", "$3", "$4", "$5"]);
}

#[tokio::test]
async fn what_was_given_up_is_kept_and_does_not_block() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    let entries = ["$1", "$2"].map(|id| message(id, "a"));
    inbox.commit(batch("s1", entries.to_vec())).await.unwrap();
    let seq = inbox.next("a").await.unwrap().unwrap().seq;
    let recorded = inbox.record_reply(seq, None, Vec::new(), parts(1)).await;
    assert!(recorded.unwrap());
    assert_eq!(inbox.attempt_failed(seq).await.unwrap().count, 1);
    let second = inbox.attempt_failed(seq).await.unwrap();
    assert_eq!(second.count, 2);
    inbox.park(vec![seq], "refused".into()).await.unwrap();
    assert_eq!(inbox.next("a").await.unwrap().unwrap().event_id, "$2");
    let parked = inbox.summary().await.unwrap().backlog.parked;
    assert_eq!(parked.count, 1);
    assert_eq!(parked.recent[0].event_id, "$1");
    assert_eq!(parked.recent[0].failing_since, Some(second.since));
    assert_eq!(inbox.close_before("a", i64::MAX).await.unwrap(), 2);
    assert_eq!(inbox.summary().await.unwrap().backlog.parked.count, 0);
}

#[tokio::test]
async fn a_new_device_goes_on_where_the_old_one_stopped() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let inbox = open(old.path()).await;
    let entries = vec![message("$1", "a"), secret("$2"), message("$3", "a")];
    inbox.commit(batch("s1", entries)).await.unwrap();
    let done = inbox.next("a").await.unwrap().unwrap();
    inbox.close(vec![done.seq]).await.unwrap();
    drop(inbox);

    let heir = Inbox::open(new.path(), "@bot:example.org", "NEW")
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
    assert_eq!(heir.next("a").await.unwrap().unwrap().event_id, "$3");
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
    let inbox = open(old.path()).await;
    let waiting = batch("s1", vec![message("$1", "a")]);
    inbox.commit(waiting).await.unwrap();
    let heir = Inbox::open(new.path(), EVE, "NEW").await.unwrap();
    let inherited = inherit(old.path(), new.path(), EVE).await.unwrap();
    assert_eq!(inherited, Inheritance::default());
    assert!(heir.waiting_conversations().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_journal_gives_back_what_it_does_not_need() {
    let directory = tempfile::tempdir().unwrap();
    let inbox = open(directory.path()).await;
    let long = |number| {
        let mut entry = message(&format!("${number}"), "a");
        if let Arrival::Message { received, .. } = &mut entry.arrival {
            received.payload = "x".repeat(40_000);
        }
        entry
    };
    inbox
        .commit(batch("s1", (0..500).map(long).collect()))
        .await
        .unwrap();
    let waiting = inbox.next_together("a", 500).await.unwrap();
    let seqs = waiting.iter().map(|waiting| waiting.seq).collect();
    inbox.close(seqs).await.unwrap();
    inbox.shrink().await.unwrap();
    inbox.shrink().await.unwrap();
    let size = |name: &str| {
        let file = directory.path().join(format!("inbox.sqlite3{name}"));
        std::fs::metadata(file).map_or(0, |found| found.len())
    };
    assert!(size("") < 4 << 20, "{}", size(""));
    assert!(size("-wal") < 5 << 20, "{}", size("-wal"));
}
