//! An encrypted chat with the bot, by a client that shares no code with it.

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{FutureExt, future::join_all};

use crate::{
    PASSWORD, Result,
    figures::{Trip, Trips},
    harness::{
        entry::{Entry, Wanted},
        person::Person,
        room::RoomSpec,
        synapse::Synapse,
    },
};

/// How long the answers to a burst may take.
const BURST_LIMIT: Duration = Duration::from_mins(2);

/// The person, and the room they share with the bot.
pub struct Chat {
    person: Arc<Person>,
    bot: String,
    room: String,
}

/// Messages sent at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Burst {
    /// How many.
    pub sent: usize,
    /// How many of them were answered.
    pub answered: usize,
    /// Whether the answers stand in the order of the messages, each once.
    pub in_order: bool,
    /// From before the first was sent until the last answer was there.
    pub took: Duration,
}

impl Chat {
    /// Has a person invite a bot into an encrypted direct chat.
    pub async fn open(synapse: &Synapse, person: &str, bot: &str) -> Self {
        let person = Person::login(&synapse.base_url(), person, PASSWORD).await;
        let bot = format!("@{bot}:{}", synapse.server_name());
        let room = person
            .create_room(&RoomSpec::direct(&bot).encrypted())
            .await;
        person.wait_for_member(&room, &bot).await;
        Self {
            person: Arc::new(person),
            bot,
            room,
        }
    }

    /// Sends messages one after another, each when the one before is answered.
    ///
    /// # Errors
    ///
    /// When an answer is not encrypted.
    pub async fn trips(&self, count: usize) -> Result<Trips> {
        let mut asked = Vec::with_capacity(count);
        for number in 0..count {
            let started = Instant::now();
            let body = format!("message {number}");
            let question = self.person.send_text(&self.room, &body).await;
            let answer = self
                .person
                .wait_for_reply(&self.room, &question, &self.bot)
                .await;
            let whole = started.elapsed();
            if !answer.decrypted {
                return Err("an answer came unencrypted, or cannot be decrypted".into());
            }
            asked.push((question, answer.origin_server_ts, whole));
        }
        let stored = self.stored().await;
        let trip = |(question, answered, whole): (String, u64, Duration)| Trip {
            whole,
            between: Duration::from_millis(answered.saturating_sub(stored[&question])),
        };
        Ok(Trips(asked.into_iter().map(trip).collect()))
    }

    /// When the homeserver stored each event, in milliseconds since 1970.
    async fn stored(&self) -> HashMap<String, u64> {
        let entries = self.person.timeline(&self.room).await.into_iter();
        entries
            .map(|entry| (entry.event_id, entry.origin_server_ts))
            .collect()
    }

    /// Sends messages in bursts until all are sent, each when the one before is answered.
    pub async fn bursts(&self, messages: usize, at_once: usize) -> Burst {
        let mut all = Burst {
            in_order: true,
            ..Burst::default()
        };
        while all.sent < messages {
            crate::say(&format!("{} of {messages} more messages", all.sent));
            let burst = self.burst(at_once.min(messages - all.sent)).await;
            all.sent += burst.sent;
            all.answered += burst.answered;
            all.in_order &= burst.in_order;
            all.took += burst.took;
        }
        all
    }

    /// Sends messages at once and waits for the answers.
    pub async fn burst(&self, count: usize) -> Burst {
        if count == 0 {
            return Burst::default();
        }
        let bodies: Vec<_> = (0..count).map(|number| format!("burst {number}")).collect();
        let before = self.person.timeline(&self.room).await;
        let wanted = Wanted {
            sender: Some(&self.bot),
            msgtype: Some("m.text"),
            after: before.last().map(|entry| entry.event_id.as_str()),
            ..Wanted::default()
        };
        let started = Instant::now();
        let questions = self.person.send_many(&self.room, &bodies, true).await;
        let answers = self
            .person
            .wait_for_many(&self.room, &wanted, count, BURST_LIMIT);
        // It panics, with words, where some are missing: that is a result too.
        let complete = AssertUnwindSafe(answers).catch_unwind().await.is_ok();
        let took = started.elapsed();
        let after = self.person.timeline(&self.room).await;
        let (asked, answered) = self.exchanged(&after, &questions);
        Burst {
            sent: count,
            answered: asked.iter().filter(|id| answered.contains(id)).count(),
            in_order: complete && asked == answered,
            took,
        }
    }

    /// Says some words in each of this many chats of their own at once.
    pub async fn side_by_side(&self, chats: usize, words: usize) -> Burst {
        let mut rooms = Vec::new();
        for _ in 0..chats {
            let spec = RoomSpec::direct(&self.bot).encrypted();
            rooms.push(self.person.create_room(&spec).await);
        }
        for room in &rooms {
            self.person.wait_for_member(room, &self.bot).await;
        }
        let chats = rooms.into_iter().map(|room| Self {
            person: Arc::clone(&self.person),
            bot: self.bot.clone(),
            room,
        });
        let chats: Vec<_> = chats.collect();
        let started = Instant::now();
        let bursts = join_all(chats.iter().map(|chat| chat.burst(words))).await;
        Burst {
            sent: bursts.iter().map(|burst| burst.sent).sum(),
            answered: bursts.iter().map(|burst| burst.answered).sum(),
            in_order: bursts.iter().all(|burst| burst.in_order),
            took: started.elapsed(),
        }
    }

    /// These questions and the questions that were answered, both in the order of the room.
    fn exchanged<'a>(
        &self,
        timeline: &'a [Entry],
        questions: &[String],
    ) -> (Vec<&'a str>, Vec<&'a str>) {
        let is_question = |id: &&str| questions.iter().any(|question| question == id);
        let asked = timeline.iter().map(|entry| entry.event_id.as_str());
        let answers = timeline.iter().filter(|entry| entry.sender == self.bot);
        let answered = answers.filter_map(|entry| entry.in_reply_to.as_deref());
        (
            asked.filter(is_question).collect(),
            answered.filter(is_question).collect(),
        )
    }
}
