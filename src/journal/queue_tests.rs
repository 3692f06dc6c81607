use super::{
    tests::{batch, message, open, thread},
    *,
};
use crate::ipc::{QueueRequest, QueueState, QueuedMessage, WaitsFor, Which};

fn part(content: &str) -> Part {
    Part {
        part: 0,
        content: format!("{{\"body\": \"{content}\"}}"),
    }
}

async fn list(journal: &Journal) -> Vec<QueuedMessage> {
    let request = QueueRequest::List {
        after: 0,
        text: false,
    };
    journal.handle(request).await.unwrap().page.messages
}

fn ids(ids: &[&str]) -> Which {
    Which::Ids(ids.iter().map(|id| (*id).to_owned()).collect())
}

/// Of three messages the first failed with its answer half sent, the second waits with a recorded
/// answer, the third behind it.
async fn journal(directory: &Path) -> Journal {
    let journal = open(directory).await;
    let entries = vec![
        message("$1", "a"),
        message("$2", "a"),
        message("$3", "a"),
        Entry {
            arrival: Arrival::Broken {
                reason: "broke down".into(),
                payload: "{}".into(),
            },
            ..message("$4", "a")
        },
    ];
    journal.commit(batch("s1", entries)).await.unwrap();
    for seq in [1, 2] {
        let parts = vec![
            part("answer"),
            Part {
                part: 1,
                ..part("more")
            },
        ];
        let recorded = journal.record_reply(seq, None, Vec::new(), parts);
        assert!(recorded.await.unwrap());
    }
    journal.part_sent(1, 0, "$sent".into()).await.unwrap();
    let why = Some("403".to_owned());
    assert_eq!(journal.attempt_failed(1, why).await.unwrap().count, 1);
    journal.park(vec![1], "refused".into()).await.unwrap();
    journal
}

#[tokio::test]
async fn what_waits_and_what_failed_are_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let journal = journal(directory.path()).await;
    let found: Vec<_> = list(&journal)
        .await
        .into_iter()
        .map(|it| (it.event_id, it.state, it.waits_for, it.reason))
        .collect();
    let is = |id: &str, state, waits_for, reason: Option<&str>| {
        (id.to_owned(), state, waits_for, reason.map(str::to_owned))
    };
    let (parked, waiting) = (QueueState::Parked, QueueState::Waiting);
    let expected = [
        is("$1", parked, None, Some("refused")),
        is("$2", waiting, Some(WaitsFor::Sending), None),
        is("$3", waiting, Some(WaitsFor::EarlierMessage), None),
        is("$4", parked, None, Some("broke down")),
    ];
    assert_eq!(found, expected);

    let show = async |id: &str, text| {
        let id = id.to_owned();
        let handled = journal.handle(QueueRequest::Show { id, text }).await;
        handled.map(|mut handled| handled.page.messages.remove(0))
    };
    let shown = show("$1", false).await.unwrap();
    assert_eq!(
        (shown.answer_parts, shown.sent_parts, shown.attempts),
        (2, 1, 1)
    );
    assert_eq!((shown.text, shown.answer), (None, None));
    let shown = show("1", true).await.unwrap();
    assert_eq!(shown.answer.as_deref(), Some("answer\nmore"));
    assert!(show("$5", false).await.is_err());
}

#[tokio::test]
async fn a_retried_message_goes_on_with_what_is_not_sent() {
    let directory = tempfile::tempdir().unwrap();
    let journal = journal(directory.path()).await;
    // All or none: one waits, one cannot be read, one is not there.
    for wrong in ["$2", "$4", "99"] {
        let retry = QueueRequest::Retry(ids(&["$1", wrong]));
        journal.handle(retry).await.unwrap_err();
        assert!(!journal.waits(1).await.unwrap());
    }
    let handled = journal.handle(QueueRequest::Retry(Which::Parked)).await;
    let handled = handled.unwrap();
    assert_eq!(handled.retried[0].conversation, thread("a"));
    assert_eq!((handled.retried.len(), handled.page.messages.len()), (1, 1));
    let next = journal.next_together(&thread("a"), 9).await.unwrap();
    assert_eq!((next.len(), next[0].seq, next[0].attempts), (1, 1, 0));
    let left = journal.reply(1).await.unwrap().unwrap();
    assert_eq!(left.iter().map(|part| part.part).collect::<Vec<_>>(), [1]);
}

#[tokio::test]
async fn a_dropped_message_is_gone_with_its_answer() {
    let directory = tempfile::tempdir().unwrap();
    let journal = journal(directory.path()).await;
    let handled = journal.handle(QueueRequest::Drop(ids(&["2"]))).await;
    assert_eq!(handled.unwrap().dropped[0].seq, 2);
    let handled = journal.handle(QueueRequest::Drop(Which::Parked)).await;
    // What cannot be read has no conversation that somebody works at.
    assert_eq!(handled.unwrap().dropped.len(), 1);
    let left = list(&journal).await;
    assert_eq!((left.len(), &*left[0].event_id), (1, "$3"));
    assert_eq!(journal.reply(1).await.unwrap(), None);
}

#[tokio::test]
async fn a_long_queue_is_told_in_pages_and_of_any_device() {
    let directory = tempfile::tempdir().unwrap();
    assert!(
        Journal::open_existing(directory.path())
            .await
            .unwrap()
            .is_none()
    );
    let journal = open(directory.path()).await;
    let entries = (0..450).map(|number| message(&format!("${number}"), "a"));
    journal
        .commit(batch("s1", entries.collect()))
        .await
        .unwrap();
    drop(journal);
    let journal = Journal::open_existing(directory.path()).await.unwrap();
    let journal = journal.unwrap();
    let (mut after, mut sizes) = (0, Vec::new());
    loop {
        let request = QueueRequest::List { after, text: true };
        let page = journal.handle(request).await.unwrap().page;
        after = page.messages.last().map_or(after, |last| last.id);
        sizes.push(page.messages.len());
        if !page.more {
            break;
        }
    }
    assert_eq!(sizes, [200, 200, 50]);
    assert_eq!(journal.position().await.unwrap().as_deref(), Some("s1"));
}
