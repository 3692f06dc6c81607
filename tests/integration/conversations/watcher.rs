//! What a person sees of others beside their messages: typing notices and read receipts.

use std::fmt::Debug;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::harness::eventually::PATIENCE;
use crate::harness::http_person::{HttpPerson, string};

/// Syncs in the background and keeps every ephemeral event of a room. Ends when it is dropped.
pub struct Watcher {
    seen: watch::Receiver<Vec<Value>>,
    task: JoinHandle<()>,
}

impl Watcher {
    /// Watches from now on.
    pub async fn new(person: &HttpPerson, room: &str) -> Self {
        let (sender, seen) = watch::channel(Vec::new());
        let (person, room) = (person.clone(), room.to_owned());
        let mut since = sync(&person, None).await;
        let task = tokio::spawn(async move {
            loop {
                let from = string(&since["next_batch"]);
                since = sync(&person, Some(&from)).await;
                let events = since["rooms"]["join"][&room]["ephemeral"]["events"].take();
                if let Value::Array(events) = events {
                    sender.send_modify(|seen| seen.extend(events));
                }
            }
        });
        Self { seen, task }
    }

    /// Waits until this user is seen typing after all that was seen, or not typing any more.
    pub async fn typing(&self, user_id: &str, typing: bool) {
        self.until(&format!("{user_id} typing: {typing}"), |seen| {
            let last = seen.iter().rfind(|event| event["type"] == "m.typing");
            (last.is_some_and(|event| types(event, user_id)) == typing).then_some(())
        })
        .await;
    }

    /// How often this user was seen typing.
    pub fn times_typing(&self, user_id: &str) -> usize {
        let seen = self.seen.borrow();
        seen.iter().filter(|event| types(event, user_id)).count()
    }

    /// Waits for a user's receipt for an event, and gives the thread it is for.
    pub async fn receipt(&self, event_id: &str, user_id: &str) -> String {
        self.until(&format!("a receipt for {event_id}"), |seen| {
            let found = seen.iter().find_map(|event| {
                let receipt = &event["content"][event_id]["m.read"][user_id];
                receipt.is_object().then(|| receipt["thread_id"].clone())
            });
            found.map(|thread| string(&thread))
        })
        .await
    }

    /// Waits for a user's receipt for an event that nobody else sees.
    pub async fn private_receipt(&self, event_id: &str, user_id: &str) {
        self.until(&format!("a private receipt for {event_id}"), |seen| {
            let is_it =
                |event: &Value| event["content"][event_id]["m.read.private"][user_id].is_object();
            seen.iter().any(is_it).then_some(())
        })
        .await;
    }

    /// Whether a user's receipt for an event was seen.
    pub fn has_receipt(&self, event_id: &str, user_id: &str) -> bool {
        let seen = self.seen.borrow();
        seen.iter()
            .any(|event| event["content"][event_id]["m.read"][user_id].is_object())
    }

    async fn until<T: Debug>(&self, what: &str, find: impl Fn(&[Value]) -> Option<T>) -> T {
        let mut seen = self.seen.clone();
        let found = seen.wait_for(|seen| find(seen).is_some());
        if let Ok(Ok(seen)) = tokio::time::timeout(PATIENCE, found).await {
            return find(&seen).expect("it was found a moment ago");
        }
        panic!("{what}: not seen in {:?}", self.seen.borrow());
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn types(event: &Value, user_id: &str) -> bool {
    let users = event["content"]["user_ids"].as_array();
    users.is_some_and(|users| users.contains(&json!(user_id)))
}

async fn sync(person: &HttpPerson, since: Option<&str>) -> Value {
    let filter = json!({"presence": {"types": []}, "room": {"timeline": {"limit": 1}}}).to_string();
    let mut query = vec![("filter", filter.as_str())];
    query.extend(since.map(|since| ("since", since)));
    // A first sync waits for nothing.
    query.push(("timeout", "5000"));
    let answer = person
        .try_query(Method::GET, &["v3", "sync"], &query, None)
        .await;
    answer.unwrap_or_else(|refused| panic!("sync: {refused:?}"))
}
