//! Drafts and what becomes of them, with a room of our own that remembers and fails when told to.

mod endings;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::pending;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};

use super::*;
use crate::{
    agent::Draft,
    error::Error,
    gateway::render::tests::{answer_to, question, question_with},
    journal::{Arrival, Batch, Conversation, Entry, Journal, Waiting},
    session::RoomFailure,
    threads::lock,
};

const SOON: Duration = Duration::from_millis(30);
const DEADLINE: Duration = Duration::from_secs(20);

/// A room with its events, and the transactions it knows.
#[derive(Default)]
struct OwnRoom(Mutex<State>);

#[derive(Default)]
struct State {
    events: Vec<Value>,
    known: HashMap<String, String>,
    redacted: Vec<String>,
    /// How many of the next events are refused for now.
    busy: usize,
    /// The next event comes, but nothing is heard of it.
    hangs: bool,
    refusals: usize,
    /// The bot may not do anything here any more.
    forbidden: bool,
}

impl OwnRoom {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        lock(&self.0)
    }

    /// What a client shows: each event with its last edit, those that were taken back left out.
    fn shown(&self) -> Vec<String> {
        let state = self.state();
        let mut shown: Vec<(String, String)> = Vec::new();
        for (index, event) in state.events.iter().enumerate() {
            if event["m.relates_to"]["rel_type"] == "m.replace" {
                let of = event["m.relates_to"]["event_id"].as_str().unwrap();
                let (_, body) = shown.iter_mut().find(|(id, _)| id == of).unwrap();
                *body = event["m.new_content"]["body"].as_str().unwrap().to_owned();
            } else {
                shown.push((
                    format!("${index}"),
                    event["body"].as_str().unwrap().to_owned(),
                ));
            }
        }
        shown.retain(|(id, _)| !state.redacted.contains(id));
        shown.into_iter().map(|(_, body)| body).collect()
    }

    /// Takes an event; `None` where nobody is told.
    fn take(&self, content: &str, transaction_id: &str) -> Option<Result<String, RoomFailure>> {
        let mut state = self.state();
        if state.forbidden {
            return Some(Err(forbidden()));
        }
        if state.busy > 0 {
            state.busy -= 1;
            state.refusals += 1;
            return Some(Err(RoomFailure::Later(Error::failure("429 slow down"))));
        }
        let next = format!("${}", state.events.len());
        let known = state.known.entry(transaction_id.to_owned());
        let id = known.or_insert_with(|| next.clone()).clone();
        if id == next {
            state.events.push(serde_json::from_str(content).unwrap());
        }
        (!std::mem::take(&mut state.hangs)).then_some(Ok(id))
    }

    fn count(&self) -> usize {
        self.state().events.len()
    }
}

impl Outlet for Arc<OwnRoom> {
    async fn send(
        &self,
        _: &Waiting,
        kind: &str,
        content: &str,
        id: &str,
    ) -> Result<String, RoomFailure> {
        assert_eq!(kind, "m.room.message");
        match self.take(content, id) {
            Some(answer) => answer,
            None => pending().await,
        }
    }

    async fn redact(&self, _: &Waiting, event_id: &str, _: &str) -> Result<(), RoomFailure> {
        let mut state = self.state();
        if state.forbidden {
            return Err(forbidden());
        }
        state.redacted.push(event_id.to_owned());
        Ok(())
    }
}

fn forbidden() -> RoomFailure {
    RoomFailure::Never(Error::failure("403 forbidden"))
}

/// A question that waits in a journal, and the room it was asked in.
struct Asked {
    journal: Journal,
    room: Arc<OwnRoom>,
    waiting: Waiting,
    delivery: Delivery<Arc<OwnRoom>>,
    _directory: TempDir,
}

impl Asked {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::open(directory.path(), "@bot:example.org", "BOT")
            .await
            .unwrap();
        let arrival = Arrival::Message {
            conversation: Conversation::new("!room", None),
            received: crate::journal::Received {
                sender: "@ann:example.org".into(),
                protection: crate::journal::Protection::Clear,
                payload: "{}".into(),
            },
        };
        let entry = Entry {
            is_floor: false,
            room_id: "!room".into(),
            event_id: "$1".into(),
            arrival,
        };
        let batch = Batch {
            position: Some("s1".into()),
            entries: vec![entry],
            ..Batch::default()
        };
        journal.commit(batch).await.unwrap();
        let room = Arc::<OwnRoom>::default();
        let delivery = Delivery {
            journal: journal.clone(),
            outlet: room.clone(),
            every: SOON,
        };
        let waiting = journal.next(&Conversation::new("!room", None)).await;
        Self {
            waiting: waiting.unwrap().unwrap(),
            journal,
            delivery,
            room,
            _directory: directory,
        }
    }

    /// Shows a draft until the agent is done, which is told what has to happen before.
    async fn show<T>(&self, shown: watch::Receiver<String>, agent: impl Future<Output = T>) -> T {
        let compose = |words: &str| answer_to(&question(), words);
        let showing = self
            .delivery
            .show_until(agent, (&self.waiting, &compose), shown);
        timeout(DEADLINE, showing).await.unwrap()
    }

    /// Waits until the room shows this.
    async fn until(&self, what: impl Fn(&OwnRoom) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !what(&self.room) {
            assert!(Instant::now() < deadline, "{:?}", self.room.shown());
            sleep(Duration::from_millis(2)).await;
        }
    }

    /// The end of an answer, as after the agent, in this run or a later one.
    async fn say(&self, answer: &str) {
        let seq = self.waiting.seq;
        let recorded = self.journal.reply(seq).await.unwrap();
        let parts = recorded.unwrap_or_else(|| answer_to(&question(), answer));
        if self.journal.reply(seq).await.unwrap().is_none() {
            let recorded = self
                .journal
                .record_reply(seq, None, Vec::new(), parts.clone());
            assert!(recorded.await.unwrap());
        }
        for part in parts {
            self.delivery.send_part(&self.waiting, &part).await.unwrap();
            self.journal
                .part_sent(seq, part.part, "$sent".into())
                .await
                .unwrap();
        }
        self.delivery.take_back_draft(&self.waiting).await.unwrap();
    }
}

#[tokio::test]
async fn words_come_at_once_and_the_rest_as_edits() {
    let asked = Asked::new().await;
    let (draft, shown) = Draft::new();
    asked
        .show(shown, async {
            draft.show("  \n");
            draft.show("  \nFirst");
            asked.until(|room| room.shown() == ["First"]).await;
            draft.show("  \nFirst words");
            asked.until(|room| room.shown() == ["First words"]).await;
        })
        .await;
    asked.say("First words, and **all** others.").await;
    assert_eq!(asked.room.shown(), ["First words, and **all** others."]);
    let events = asked.room.state().events.clone();
    assert_eq!(events.len(), 3);
    let html = events[2]["m.new_content"]["formatted_body"].as_str();
    assert_eq!(
        html,
        Some("<p>First words, and <strong>all</strong> others.</p>")
    );
    assert_eq!(events[2]["m.mentions"], json!({}));
    // Each says what it is, so that it is known when it comes back.
    let marks = events.iter().map(|event| event["nanobot.answer"].clone());
    let draft = json!({"question": "$1", "part": 0, "draft": true});
    let last = json!({"question": "$1", "part": 0});
    assert_eq!(marks.collect::<Vec<_>>(), [draft.clone(), draft, last]);
    // And whether it is still being written (MSC4357).
    let live = |event: &Value| {
        let content = event.get("m.new_content").unwrap_or(event);
        content.get("org.matrix.msc4357.live").is_some()
    };
    assert_eq!(
        events.iter().map(live).collect::<Vec<_>>(),
        [true, true, false]
    );
}

#[tokio::test]
async fn a_draft_that_is_the_answer_is_only_ended() {
    let asked = Asked::new().await;
    let (draft, shown) = Draft::new();
    asked
        .show(shown, async {
            draft.show("All of it.");
            asked.until(|room| room.count() == 1).await;
        })
        .await;
    asked.say("All of it.").await;
    assert_eq!(asked.room.shown(), ["All of it."]);
    let events = asked.room.state().events.clone();
    assert_eq!(events.len(), 2);
    let live = "org.matrix.msc4357.live";
    assert_eq!(events[0][live], json!({}));
    assert_eq!(events[1]["m.new_content"].get(live), None);
    assert_eq!(events[1].get(live), None);
}

#[tokio::test]
async fn an_agent_without_a_draft_answers_with_new_events() {
    let asked = Asked::new().await;
    let (_draft, shown) = Draft::new();
    asked.show(shown, async {}).await;
    asked.say("Here.").await;
    assert_eq!(asked.room.shown(), ["Here."]);
    assert_eq!(asked.room.count(), 1);
}

#[tokio::test]
async fn many_words_are_few_edits() {
    let asked = Asked::new().await;
    let (draft, shown) = Draft::new();
    let begun = Instant::now();
    asked
        .show(shown, async {
            for words in 1..=200 {
                draft.show(&"word ".repeat(words));
                sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
    let most = begun.elapsed().as_millis() / SOON.as_millis() + 1;
    let count = asked.room.count();
    assert!(
        count > 1 && count as u128 <= most,
        "{count} of at most {most}"
    );
}

#[tokio::test]
async fn a_draft_that_outgrows_an_event_goes_on_in_the_next() {
    let asked = Asked::new().await;
    let (draft, shown) = Draft::new();
    let long = "word ".repeat(20_000);
    asked
        .show(shown, async {
            draft.show("word");
            asked.until(|room| room.shown().len() == 1).await;
            draft.show(&long);
            asked.until(|room| room.shown().len() == 3).await;
        })
        .await;
    let answer = format!("{long}\n\nthe end");
    asked.say(&answer).await;
    let bodies: Vec<_> = answer_to(&question(), &answer)
        .into_iter()
        .map(|part| serde_json::from_str::<Value>(&part.content).unwrap())
        .map(|content| content["body"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(asked.room.shown(), bodies);
}

#[tokio::test]
async fn an_answer_that_becomes_shorter_leaves_no_draft_behind() {
    let asked = Asked::new().await;
    let (draft, shown) = Draft::new();
    asked
        .show(shown, async {
            draft.show(&"word ".repeat(20_000));
            asked.until(|room| room.shown().len() == 3).await;
        })
        .await;
    asked.say("Never mind.").await;
    assert_eq!(asked.room.shown(), ["Never mind."]);
    let asked = Asked::new().await;
    let (draft, shown) = Draft::new();
    asked
        .show(shown, async {
            draft.show("Thinking");
            asked.until(|room| room.shown() == ["Thinking"]).await;
        })
        .await;
    asked
        .delivery
        .take_back_draft(&asked.waiting)
        .await
        .unwrap();
    assert!(asked.room.shown().is_empty());
}

#[tokio::test]
async fn a_busy_homeserver_costs_edits_and_never_the_end() {
    let asked = Asked::new().await;
    let (draft, shown) = Draft::new();
    asked
        .show(shown, async {
            draft.show("First");
            asked.until(|room| room.count() == 1).await;
            asked.room.state().busy = 2;
            draft.show("First second");
            asked.until(|room| room.shown() == ["First second"]).await;
            asked.room.state().busy = usize::MAX;
            draft.show("First second third");
            asked.until(|room| room.state().refusals > 2).await;
        })
        .await;
    asked.room.state().busy = 0;
    asked.say("First second third").await;
    assert_eq!(asked.room.shown(), ["First second third"]);
}

#[tokio::test]
async fn an_edit_that_hangs_does_not_hold_up_the_answer() {
    let asked = Asked::new().await;
    let (draft, shown) = Draft::new();
    asked
        .show(shown, async {
            draft.show("First");
            asked.until(|room| room.count() == 1).await;
            asked.room.state().hangs = true;
            draft.show("First second");
            asked.until(|room| room.count() == 2).await;
        })
        .await;
    asked.say("First second third").await;
    assert_eq!(asked.room.shown(), ["First second third"]);
}
