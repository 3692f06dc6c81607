//! The homeserver's own floor: two clients that do nothing but pass a plain message on.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::Method;
use serde_json::Value;
use tokio::{
    sync::{
        Semaphore,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    },
    task::JoinSet,
};

use crate::{
    PASSWORD, Result,
    figures::{Trip, Trips},
    harness::{eventually::PATIENCE, http_person::HttpPerson, message::reply, room::RoomSpec},
};

/// As the bot's own, so that the homeserver has the same to do.
const FILTER: &str = r#"{"room":{"timeline":{"limit":100}},"presence":{"types":[]}}"#;
const POLL: &str = "20000";
/// Messages without an answer at once: so few that a sync tells of all that came meanwhile.
const AT_A_TIME: usize = 20;

/// Two bare clients in a room without encryption, both syncing all the time.
pub struct Floor {
    asker: HttpPerson,
    room: String,
    seen: UnboundedReceiver<Value>,
    /// The sync loops; they end with this.
    _loops: JoinSet<()>,
}

impl Floor {
    /// Registers two users and puts them in a room.
    pub async fn open(base_url: &str) -> Self {
        let asker = HttpPerson::register(base_url, "asker", PASSWORD).await;
        let answerer = HttpPerson::register(base_url, "answerer", PASSWORD).await;
        let spec = RoomSpec::direct(answerer.user_id());
        let room = asker.create_room(&spec).await;
        answerer.join(&room).await;
        let (mut asks_since, mut answers_since) = (String::new(), String::new());
        sync(&asker, &mut asks_since).await;
        sync(&answerer, &mut answers_since).await;
        let (sender, seen) = unbounded_channel();
        let mut loops = JoinSet::new();
        loops.spawn(watch(asker.clone(), asks_since, sender));
        let asker_id = asker.user_id().to_owned();
        loops.spawn(answer(answerer, answers_since, room.clone(), asker_id));
        Self {
            asker,
            room,
            seen,
            _loops: loops,
        }
    }

    /// Sends messages one after another, each when the one before is answered.
    ///
    /// # Errors
    ///
    /// When an answer does not come.
    pub async fn trips(&mut self, count: usize) -> Result<Trips> {
        let mut trips = Trips::default();
        for _ in 0..count {
            trips.0.push(self.trip().await?);
        }
        Ok(trips)
    }

    /// Sends this many messages, some of them at a time, until all are answered; how long it takes.
    ///
    /// # Errors
    ///
    /// When the answers do not come.
    pub async fn burst(&mut self, count: usize) -> Result<Duration> {
        let started = Instant::now();
        let unanswered = Semaphore::new(AT_A_TIME);
        let send = async |_| {
            unanswered.acquire().await?.forget();
            self.asker.send_text(&self.room, "message").await;
            Ok(())
        };
        let sending = stream::iter((0..count).map(send))
            .buffer_unordered(AT_A_TIME)
            .try_collect::<()>();
        let mut answered = 0;
        let answers = async {
            while answered < count {
                let event = tokio::time::timeout(PATIENCE, self.seen.recv()).await?;
                let event = event.ok_or("the asker's sync loop ended")?;
                let content = &event["content"]["m.relates_to"];
                if content["m.in_reply_to"]["event_id"].is_string() {
                    answered += 1;
                    unanswered.add_permits(1);
                }
            }
            Ok::<_, Box<dyn std::error::Error>>(())
        };
        tokio::try_join!(sending, answers)?;
        Ok(started.elapsed())
    }

    async fn trip(&mut self) -> Result<Trip> {
        let started = Instant::now();
        let question = self.asker.send_text(&self.room, "message").await;
        let mut asked = None;
        loop {
            let event = tokio::time::timeout(PATIENCE, self.seen.recv()).await?;
            let event = event.ok_or("the asker's sync loop ended")?;
            let stored = event["origin_server_ts"].as_u64();
            if event["event_id"] == question {
                asked = stored;
            }
            let relation = &event["content"]["m.relates_to"]["m.in_reply_to"]["event_id"];
            if *relation == question {
                let between = stored.zip(asked).map(|(to, from)| to.saturating_sub(from));
                return Ok(Trip {
                    whole: started.elapsed(),
                    between: Duration::from_millis(between.unwrap_or_default()),
                });
            }
        }
    }
}

/// Syncs and hands every event on.
async fn watch(person: HttpPerson, mut since: String, seen: UnboundedSender<Value>) {
    loop {
        for (_, event) in sync(&person, &mut since).await {
            if seen.send(event).is_err() {
                return;
            }
        }
    }
}

/// Syncs and answers every message of the asker that comes from now on.
async fn answer(person: HttpPerson, mut since: String, room: String, asker: String) {
    loop {
        for (at, event) in sync(&person, &mut since).await {
            let message = event["type"] == "m.room.message" && event["sender"] == asker;
            if let (true, Some(id)) = (message && at == room, event["event_id"].as_str()) {
                person
                    .send(&room, "m.room.message", &reply(id, "message"))
                    .await;
            }
        }
    }
}

/// The events of one sync, each with its room.
async fn sync(person: &HttpPerson, since: &mut String) -> Vec<(String, Value)> {
    let mut query = vec![("timeout", POLL), ("filter", FILTER)];
    if since.is_empty() {
        query[0].1 = "0";
    } else {
        query.push(("since", since.as_str()));
    }
    let answer = person
        .try_query(Method::GET, &["v3", "sync"], &query, None)
        .await;
    let mut answer = answer.unwrap_or_else(|refused| panic!("the bare sync: {refused:?}"));
    if let Some(next) = answer["next_batch"].as_str() {
        next.clone_into(since);
    }
    let mut events = Vec::new();
    let Some(rooms) = answer["rooms"]["join"].as_object_mut() else {
        return events;
    };
    for (room, update) in rooms {
        let timeline = update["timeline"]["events"].as_array_mut();
        let timeline = timeline.map(std::mem::take).unwrap_or_default();
        events.extend(timeline.into_iter().map(|event| (room.clone(), event)));
    }
    events
}
