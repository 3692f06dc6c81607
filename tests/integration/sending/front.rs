//! Something before the homeserver that decides what becomes of requests, and a bot behind it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::body::Bytes;
use axum::http::StatusCode;
use nanobot::testing::ipc::{Answer, Request, Status, ask};
use serde_json::Value;

use crate::harness::account::{Bot, LONG, http_person};
use crate::harness::bot::Gateway;
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::http_person::HttpPerson;
use crate::harness::message;
use crate::harness::relay::{Meddler, relay};
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

type Answers = Box<dyn FnMut(&str) -> Option<(StatusCode, &'static str)> + Send>;

/// What stands before the homeserver. Clones share it.
#[derive(Clone, Default)]
pub struct Front(Arc<State>);

#[derive(Default)]
struct State {
    answers: Mutex<Option<Answers>>,
    requests: Mutex<Vec<(Instant, String)>>,
    /// The answer to the next event that is sent is kept back until this says something.
    kept_back: Mutex<Option<Receiver<()>>>,
    /// Transaction ids are forgotten.
    forgets: AtomicBool,
    /// Rooms seem not to be encrypted.
    hides: AtomicBool,
}

impl Front {
    /// From now on these answers are given instead of the homeserver's own.
    pub fn answer(
        &self,
        answers: impl FnMut(&str) -> Option<(StatusCode, &'static str)> + Send + 'static,
    ) {
        *lock(&self.0.answers) = Some(Box::new(answers));
    }

    /// From now on everything is passed on.
    pub fn pass(&self) {
        *lock(&self.0.answers) = None;
    }

    /// Keeps the answer to the next event that is sent back, until what is returned is dropped.
    pub fn keep_back(&self) -> Sender<()> {
        let (sender, receiver) = channel();
        *lock(&self.0.kept_back) = Some(receiver);
        sender
    }

    /// From now on the homeserver does not know any transaction id.
    pub fn forget_transactions(&self) {
        self.0.forgets.store(true, Ordering::Relaxed);
    }

    /// From now on no room seems to be encrypted.
    pub fn hide_encryption(&self) {
        self.0.hides.store(true, Ordering::Relaxed);
    }

    /// When requests were made whose path has this in it.
    pub fn requests(&self, part: &str) -> Vec<Instant> {
        let requests = lock(&self.0.requests);
        let those = requests.iter().filter(|(_, path)| path.contains(part));
        those.map(|(at, _)| *at).collect()
    }
}

impl Front {
    /// The paths of requests with this in it, in their order.
    pub fn paths(&self, part: &str) -> Vec<String> {
        let requests = lock(&self.0.requests);
        let paths = requests.iter().map(|(_, path)| path);
        paths.filter(|path| path.contains(part)).cloned().collect()
    }
}

impl Meddler for Front {
    fn hold(&self, path: &str) -> bool {
        lock(&self.0.requests).push((Instant::now(), path.to_owned()));
        false
    }

    fn replace(&self, path: &str) -> Option<(StatusCode, &'static str)> {
        if let Some(answers) = &mut *lock(&self.0.answers)
            && let Some(answer) = answers(path)
        {
            return Some(answer);
        }
        let asks = self.0.hides.load(Ordering::Relaxed) && path.ends_with("/m.room.encryption/");
        let missing = "{\"errcode\": \"M_NOT_FOUND\", \"error\": \"no such state\"}";
        asks.then_some((StatusCode::NOT_FOUND, missing))
    }

    fn rewrite(&self, uri: &str) -> String {
        if self.0.forgets.load(Ordering::Relaxed) {
            return uri.replace("/nanobot-", "/forgotten-");
        }
        uri.to_owned()
    }

    fn change(&self, path: &str, answer: Bytes) -> Bytes {
        let kept_back = lock(&self.0.kept_back).take_if(|_| sends(path));
        if let Some(kept_back) = kept_back {
            // An error is the end of it.
            let _ = kept_back.recv_timeout(LONG);
        }
        if !self.0.hides.load(Ordering::Relaxed) || !path.ends_with("/sync") {
            return answer;
        }
        let mut answer: Value = serde_json::from_slice(&answer).unwrap();
        without_encryption(&mut answer);
        answer.to_string().into()
    }
}

/// Takes the events away that say that a room is encrypted.
fn without_encryption(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.retain(|item| item["type"] != "m.room.encryption");
            items.iter_mut().for_each(without_encryption);
        }
        Value::Object(fields) => fields.values_mut().for_each(without_encryption),
        _ => {}
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A bot behind something, and someone who is in rooms with it.
pub struct Scene {
    pub front: Front,
    pub bot: Bot,
    pub ann: HttpPerson,
}

impl Scene {
    pub async fn new() -> Self {
        let synapse = shared_synapse().await;
        let front = Front::default();
        let bot = Bot::new(synapse).await;
        bot.set("homeserver", relay(synapse.base_url(), front.clone()).await);
        Self {
            front,
            bot,
            ann: http_person(synapse, "ann").await,
        }
    }

    pub async fn run(&self) -> Gateway {
        Gateway::connected(&self.bot.home, &[]).await
    }

    /// A direct chat, not encrypted.
    pub async fn direct(&self) -> String {
        let room = RoomSpec::direct(&self.bot.user_id);
        let room = self.ann.create_room(&room).await;
        self.ann.wait_for_member(&room, &self.bot.user_id).await;
        room
    }

    /// The words of the bot's reply to this event.
    pub async fn reply(&self, room: &str, to: &str) -> String {
        let reply = self.ann.wait_for_reply(room, to, &self.bot.user_id).await;
        reply["content"]["body"].as_str().unwrap().to_owned()
    }

    /// The bot's reply to these words.
    pub async fn ask(&self, room: &str, words: &str) -> String {
        let question = self.ann.send_text(room, words).await;
        self.reply(room, &question).await
    }

    /// What the bot has replied to in a room, in order.
    pub async fn answered(&self, room: &str) -> Vec<String> {
        let events = self.ann.events(room).await.into_iter();
        events
            .filter(|event| event["sender"] == self.bot.user_id.as_str())
            .filter_map(|event| message::answers(&event["content"]).map(str::to_owned))
            .collect()
    }

    /// Waits until the bot has replied to these and no others.
    pub async fn wait_until_answered(&self, room: &str, questions: &[String]) {
        eventually("all answers, once and in order", LONG, || async {
            let answered = self.answered(room).await;
            let is_done = answered == questions;
            is_done
                .then_some(())
                .ok_or_else(|| format!("{answered:?} instead of {questions:?}"))
        })
        .await;
    }

    pub async fn status(&self) -> Status {
        match ask(&self.bot.home.path(), Request::Status, PATIENCE).await {
            Ok(Some(Answer::Status(status))) => *status,
            other => panic!("no status: {other:?}"),
        }
    }

    /// Its status as soon as it is like this.
    pub async fn status_when(
        &self,
        limit: std::time::Duration,
        is_so: impl Fn(&Status) -> bool,
    ) -> Status {
        eventually("a status", limit, || async {
            let status = self.status().await;
            if is_so(&status) {
                return Ok(status);
            }
            Err(format!("{status:?}"))
        })
        .await
    }

    /// A row of the doctor's report.
    pub async fn doctor(&self, check: &str) -> Value {
        let report = self.bot.home.run(&["doctor", "--json"], "").await.json();
        let rows = report["checks"].as_array().unwrap();
        let row = rows.iter().find(|row| row["id"] == check);
        row.unwrap_or_else(|| panic!("{report:#}")).clone()
    }
}

/// Whether a request sends a message.
pub fn sends(path: &str) -> bool {
    path.contains("/send/m.room.")
}
