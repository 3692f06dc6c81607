//! What events mean for those before them.

use serde_json::{Value, json};

use super::{
    tests::{batch, message, open, thread},
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
            conversation: thread("a"),
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

pub(super) fn secret(event_id: &str) -> Entry {
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

async fn body(journal: &Journal) -> String {
    let waiting = journal.next(&thread("a")).await.unwrap().unwrap();
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
        let journal = open(directory.path()).await;
        let entries = vec![said("$1", question), edit("$1", sender, protection)];
        let changes = journal.commit(batch("s1", entries)).await.unwrap();
        assert_eq!(body(&journal).await, expected);
        assert_eq!(changes.edited.is_empty(), expected == "first");
    }
}

#[tokio::test]
async fn an_edit_without_words_takes_none_away() {
    for content in [
        json!({"m.new_content": {"body": 5}}),
        json!({"m.new_content": {}}),
        json!({"m.new_content": {"m.poll": {"question": 5}}}),
        json!({"m.new_content": "second"}),
        json!({"body": "* second"}),
        json!("x"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let journal = open(directory.path()).await;
        let mut wordless = edit("$1", ANN, Protection::Clear);
        if let Arrival::Edit { received, .. } = &mut wordless.arrival {
            received.payload = json!({"content": content}).to_string();
        }
        let entries = vec![said("$1", Protection::Clear), wordless];
        journal.commit(batch("s1", entries)).await.unwrap();
        assert_eq!(body(&journal).await, "first", "{content}");
    }
}

#[tokio::test]
async fn a_poll_is_edited_by_a_poll() {
    let poll = |question: &str| json!({"m.poll": {"question": {"body": question}}});
    for (kind, expected) in [("m.poll.start", "new"), ("m.room.message", "old")] {
        let directory = tempfile::tempdir().unwrap();
        let journal = open(directory.path()).await;
        let payload = json!({"type": "m.poll.start", "event_id": "$1", "content": poll("old")});
        let mut asked = said("$1", Protection::Clear);
        if let Arrival::Message { received, .. } = &mut asked.arrival {
            received.payload = payload.to_string();
        }
        let mut other = edit("$1", ANN, Protection::Clear);
        if let Arrival::Edit { received, .. } = &mut other.arrival {
            let content = json!({"m.new_content": poll("new")});
            received.payload = json!({"type": kind, "content": content}).to_string();
        }
        journal
            .commit(batch("s1", vec![asked, other]))
            .await
            .unwrap();
        let waiting = journal.next(&thread("a")).await.unwrap().unwrap();
        let read: Value = serde_json::from_str(&waiting.payload).unwrap();
        assert_eq!(read["content"]["m.poll"]["question"]["body"], expected);
    }
}

#[tokio::test]
async fn an_answer_that_is_recorded_is_not_changed_by_an_edit() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let question = vec![said("$1", Protection::Clear)];
    journal.commit(batch("s1", question)).await.unwrap();
    let seq = journal.next(&thread("a")).await.unwrap().unwrap().seq;
    let recorded = journal.record_reply(seq, None, Vec::new(), parts(1)).await;
    assert!(recorded.unwrap());
    let late = vec![edit("$1", ANN, Protection::Clear)];
    let changes = journal.commit(batch("s2", late)).await.unwrap();
    assert!(changes.edited.is_empty());
    assert_eq!(body(&journal).await, "first");
}

#[tokio::test]
async fn an_edit_waits_for_the_key_of_its_message() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let mut forged = edit("$1", ANN, Protection::Exposed);
    forged.event_id = "$forged".into();
    let entries = vec![secret("$1"), edit("$1", ANN, encrypted()), forged];
    journal.commit(batch("s1", entries)).await.unwrap();
    let found = journal.undecryptable(None, 0).await.unwrap().remove(0);
    let arrival = said("$1", encrypted()).arrival;
    let changes = journal.looked_at_again(found, arrival).await.unwrap();
    assert!(changes.fresh.contains(&thread("a")));
    assert_eq!(body(&journal).await, "second");
}

#[tokio::test]
async fn a_late_key_of_an_edit_changes_what_waits() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let entries = vec![said("$1", encrypted()), secret("$edit of $1")];
    journal.commit(batch("s1", entries)).await.unwrap();
    let found = journal.undecryptable(None, 0).await.unwrap().remove(0);
    let arrival = edit("$1", ANN, encrypted()).arrival;
    journal.looked_at_again(found, arrival).await.unwrap();
    assert_eq!(body(&journal).await, "second");
}

#[tokio::test]
async fn what_was_taken_back_is_withdrawn() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let entries = vec![
        said("$1", Protection::Clear),
        said("$2", Protection::Clear),
        secret("$3"),
    ];
    journal.commit(batch("s1", entries)).await.unwrap();
    let seq = journal.next(&thread("a")).await.unwrap().unwrap().seq;
    let taken_back = vec![redaction("$1"), redaction("$3"), redaction("$unknown")];
    let changes = journal.commit(batch("s2", taken_back)).await.unwrap();
    let conversation = thread("a");
    assert_eq!(changes.withdrawn, [Affected { seq, conversation }]);
    assert_eq!(
        journal.next(&thread("a")).await.unwrap().unwrap().event_id,
        "$2"
    );
    assert!(journal.undecryptable(None, 0).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_answer_that_a_moderator_takes_back_does_not_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let question = vec![said("$1", Protection::Clear)];
    journal.commit(batch("s1", question)).await.unwrap();
    let seq = journal.next(&thread("a")).await.unwrap().unwrap().seq;
    let recorded = journal.record_reply(seq, None, Vec::new(), parts(2)).await;
    assert!(recorded.unwrap());
    journal.part_sent(seq, 0, "$answer".into()).await.unwrap();
    let changes = journal.commit(batch("s2", vec![redaction("$answer")]));
    assert_eq!(changes.await.unwrap().withdrawn.len(), 1);
    assert_eq!(journal.next(&thread("a")).await.unwrap(), None);
}

#[tokio::test]
async fn an_answer_that_comes_back_is_sent() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let question = vec![said("$1", Protection::Clear)];
    journal.commit(batch("s1", question)).await.unwrap();
    let seq = journal.next(&thread("a")).await.unwrap().unwrap().seq;
    journal.begin_draft(seq, parts(1).remove(0)).await.unwrap();
    let shown = vec![own("$draft", "$1", Some((0, true)))];
    journal.commit(batch("s2", shown)).await.unwrap();
    let drafts = journal.drafts(seq).await.unwrap();
    assert_eq!(drafts[0].event_id.as_deref(), Some("$draft"));

    let recorded = journal.record_reply(seq, None, Vec::new(), parts(3)).await;
    assert!(recorded.unwrap());
    let second = vec![own("$second", "$1", Some((1, false)))];
    let changes = journal.commit(batch("s3", second)).await.unwrap();
    assert_eq!(changes.own, ["$second"]);
    let left: Vec<_> = journal.reply(seq).await.unwrap().unwrap();
    assert_eq!(left, [&parts(3)[..1], &parts(3)[2..]].concat());
    // One that this device cannot read is the next in the order.
    let unread = vec![own("$unread", "$1", None)];
    journal.commit(batch("s4", unread)).await.unwrap();
    assert_eq!(journal.reply(seq).await.unwrap().unwrap(), parts(3)[2..]);
}

#[tokio::test]
async fn a_question_that_has_its_answer_is_closed() {
    for part in [None, Some((0, false))] {
        let directory = tempfile::tempdir().unwrap();
        let journal = open(directory.path()).await;
        let entries = vec![said("$1", Protection::Clear), own("$answer", "$1", part)];
        journal.commit(batch("s1", entries)).await.unwrap();
        assert_eq!(journal.next(&thread("a")).await.unwrap(), None);
    }
}

#[tokio::test]
async fn whoever_is_invited_again_begins_again() {
    for is_invited in [false, true] {
        let directory = tempfile::tempdir().unwrap();
        let journal = open(directory.path()).await;
        let entries = vec![said("$1", Protection::Clear), secret("$2")];
        journal.commit(batch("s1", entries)).await.unwrap();
        let mut left = batch("s2", Vec::new());
        if is_invited {
            left.invited = vec![("!room".into(), Some(ANN.into()))];
        } else {
            left.left = vec!["!room".into()];
        }
        let changes = journal.commit(left).await.unwrap();
        assert_eq!(changes.withdrawn.len(), 1);
        assert_eq!(journal.next(&thread("a")).await.unwrap(), None);
        assert_eq!(
            journal.invitations().await.unwrap().len(),
            usize::from(is_invited)
        );
    }
}

#[tokio::test]
async fn a_room_once_seen_encrypted_stays_so() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let mut seen = batch("s1", Vec::new());
    seen.encrypted = vec!["!room".into()];
    journal.commit(seen).await.unwrap();
    assert!(journal.is_encrypted("!room") && !journal.is_encrypted("!other"));
    drop(journal);
    let journal = open(directory.path()).await;
    assert!(journal.is_encrypted("!room"));
}

#[tokio::test]
async fn what_is_staged_comes_before_the_rest_and_only_once_all_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let newest_first = ["$4", "$3"].map(|id| message(id, "a"));
    journal.stage(newest_first.to_vec()).await.unwrap();
    journal
        .stage(["$2", "$1"].map(|id| message(id, "a")).to_vec())
        .await
        .unwrap();
    assert_eq!(journal.next(&thread("a")).await.unwrap(), None);
    let mut last = batch("s1", vec![message("$5", "a")]);
    last.after_staged = true;
    journal.commit(last).await.unwrap();
    let all = journal.next_together(&thread("a"), 9).await.unwrap();
    let ids: Vec<_> = all.iter().map(|waiting| &*waiting.event_id).collect();
    assert_eq!(ids, ["$1", "$2", "$3", "$4", "$5"]);
}

#[tokio::test]
async fn what_was_given_up_is_kept_and_does_not_block() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).await;
    let entries = ["$1", "$2"].map(|id| message(id, "a"));
    journal.commit(batch("s1", entries.to_vec())).await.unwrap();
    let seq = journal.next(&thread("a")).await.unwrap().unwrap().seq;
    let recorded = journal.record_reply(seq, None, Vec::new(), parts(1)).await;
    assert!(recorded.unwrap());
    assert_eq!(journal.attempt_failed(seq, None).await.unwrap().count, 1);
    let second = journal.attempt_failed(seq, None).await.unwrap();
    assert_eq!(second.count, 2);
    journal.park(vec![seq], "refused".into()).await.unwrap();
    assert_eq!(
        journal.next(&thread("a")).await.unwrap().unwrap().event_id,
        "$2"
    );
    let parked = journal.summary().await.unwrap().backlog.parked;
    assert_eq!(parked.count, 1);
    assert_eq!(parked.recent[0].event_id, "$1");
    assert_eq!(parked.recent[0].failing_since, Some(second.since));
    assert_eq!(
        journal
            .close_before(&thread("a"), i64::MAX)
            .await
            .unwrap()
            .len(),
        2
    );
    assert_eq!(journal.summary().await.unwrap().backlog.parked.count, 0);
}
