//! A made-up homeserver: its events in the order it got them, and rooms' histories in their own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::{
    error::Result,
    journal::PartOf,
    session::intake::{
        event::{Event, Secrecy},
        look_back::{Histories, Timeline},
        record::{Joined, Response},
    },
};

pub const BOT: &str = "@bot:h";
pub const ANN: &str = "@ann:h";
pub const EVE: &str = "@eve:h";
/// Events of a page of history.
const PAGE: usize = 4;

/// An event as the homeserver has it. Its place in the list is its place in the stream.
#[derive(Clone, Debug)]
pub struct Stored {
    pub room: usize,
    /// Its place in its room's history, with others where that has forks.
    pub depth: u64,
    pub json: Value,
    pub is_encrypted: bool,
    pub is_redacted: bool,
}

#[derive(Default)]
pub struct Server {
    pub events: Vec<Stored>,
    /// Encrypted events whose keys have come to the bot.
    pub keys: BTreeSet<String>,
    /// Whether it heeds where a page of history is to end.
    pub heeds_end: bool,
    pub limit: usize,
    /// Whether it ever gave a position that it had given before.
    pub went_back: bool,
    depths: BTreeMap<usize, u64>,
}

pub fn room_id(room: usize) -> String {
    format!("!room{room}")
}

impl Server {
    /// The position behind everything.
    pub fn now(&self) -> usize {
        self.events.len()
    }

    /// Appends an event to a room, this far before the end of its history, and returns its id.
    pub fn append(
        &mut self,
        room: usize,
        mut json: Value,
        is_encrypted: bool,
        late_by: u64,
    ) -> String {
        let id = format!("${}", self.events.len());
        json["event_id"] = id.as_str().into();
        let depth = self.depths.entry(room).or_default();
        *depth += 1;
        self.events.push(Stored {
            room,
            depth: depth.saturating_sub(late_by),
            json,
            is_encrypted,
            is_redacted: false,
        });
        id
    }

    /// Changes the bot's membership.
    pub fn set_membership(&mut self, room: usize, membership: &str, sender: &str) {
        let before = self.membership(room, self.now());
        let json = json!({
            "type": "m.room.member", "state_key": BOT, "sender": sender,
            "content": {"membership": membership},
            "unsigned": {"prev_content": {"membership": before}},
        });
        self.append(room, json, false, 0);
    }

    /// The bot's membership of a room at a position.
    pub fn membership(&self, room: usize, at: usize) -> &str {
        self.membership_event(room, at)
            .and_then(|index| self.events[index].json["content"]["membership"].as_str())
            .unwrap_or("leave")
    }

    /// Where that was set.
    pub fn membership_event(&self, room: usize, at: usize) -> Option<usize> {
        (0..at).rev().find(|index| {
            let event = &self.events[*index];
            event.room == room && event.json["type"] == "m.room.member"
        })
    }

    /// An event as the bot gets it.
    fn shown(&self, stored: &Stored) -> Event {
        let id = stored.json["event_id"].as_str().unwrap();
        let mut json = stored.json.clone();
        let secrecy = if stored.is_redacted {
            json["content"] = json!({});
            Secrecy::Clear
        } else if !stored.is_encrypted {
            Secrecy::Clear
        } else if self.keys.contains(id) || stored.json["sender"] == BOT {
            Secrecy::Decrypted {
                trust: "verified".into(),
                session_id: Some(id.into()),
                is_forged: false,
            }
        } else {
            json["type"] = "m.room.encrypted".into();
            json["content"] = json!({"session_id": id,
                "m.relates_to": stored.json["content"]["m.relates_to"]});
            Secrecy::Undecryptable {
                reason: "no key".into(),
            }
        };
        Event {
            json: json.to_string(),
            secrecy,
        }
    }

    /// The event with this id, as the bot gets it now.
    pub fn event(&self, id: &str) -> Event {
        let index: usize = id[1..].parse().unwrap();
        self.shown(&self.events[index])
    }

    /// What a sync answers.
    pub fn sync(&self, since: Option<usize>, rooms: usize) -> Response {
        let mut response = Response {
            position: format!("s{}", self.now()),
            ..Response::default()
        };
        for room in 0..rooms {
            let changed = self.membership_event(room, self.now());
            let is_news = changed >= since;
            match self.membership(room, self.now()) {
                "join" => {
                    // A room that was joined since then is shown from its newest events back.
                    let was_in = since.is_some_and(|at| self.membership(room, at) == "join");
                    let since = since.filter(|_| was_in);
                    response.joined.extend(self.joined(room, since));
                }
                "invite" if is_news => response.invited.push((room_id(room), Some(ANN.to_owned()))),
                "leave" | "ban" if is_news && changed.is_some() => {
                    response.left.push(room_id(room));
                }
                _ => {}
            }
        }
        response
    }

    fn joined(&self, room: usize, since: Option<usize>) -> Option<Joined> {
        let new: Vec<_> = (since.unwrap_or(0)..self.now())
            .filter(|index| self.events[*index].room == room)
            .collect();
        if new.is_empty() {
            return None;
        }
        let shown = &new[new.len().saturating_sub(self.limit)..];
        // Synapse's are positions of its stream, where the pages behind them are not.
        let before = format!("s{}", shown[0]);
        Some(Joined {
            timeline: Timeline {
                newest_first: shown
                    .iter()
                    .rev()
                    .map(|index| self.shown(&self.events[*index]))
                    .collect(),
                before: (shown.len() < new.len()).then_some(before),
            },
            ..Self::known_room(room)
        })
    }

    /// A room, with nothing new in it.
    pub fn known_room(room: usize) -> Joined {
        Joined {
            room_id: room_id(room),
            timeline: Timeline::default(),
            is_encrypted: false,
            own_name: None,
        }
    }
}

impl Histories for &Server {
    async fn page(
        &mut self,
        room_id: &str,
        before: String,
        to: Option<&str>,
    ) -> Result<Option<Timeline>> {
        let room: usize = room_id["!room".len()..].parse().unwrap();
        let number = |text: &str| text.parse::<u64>().unwrap();
        let bound = match before[1..].split_once(' ') {
            Some((depth, index)) => (number(depth), number(index)),
            None => (u64::MAX, number(&before[1..])),
        };
        let end = to
            .filter(|_| self.heeds_end)
            .map_or(0, |to| number(&to[1..]));
        let mut history: Vec<(u64, u64)> = (0..)
            .zip(&self.events)
            .filter(|(_, event)| event.room == room)
            .map(|(index, event)| (event.depth, index))
            .filter(|place| match bound {
                (u64::MAX, position) => place.1 < position,
                bound => *place < bound,
            })
            .filter(|place| place.1 >= end)
            .collect();
        history.sort_unstable();
        history.reverse();
        let page = &history[..history.len().min(PAGE)];
        let last = page.last().filter(|_| history.len() > PAGE);
        Ok(Some(Timeline {
            newest_first: page
                .iter()
                .map(|(_, index)| self.shown(&self.events[usize::try_from(*index).unwrap()]))
                .collect(),
            before: last.map(|(depth, index)| format!("t{depth} {index}")),
        }))
    }
}

/// What the bot says in answer to a question.
pub fn answer(question: &str, words: &str) -> Value {
    json!({
        "type": "m.room.message", "sender": BOT,
        "content": {
            "body": words,
            "m.relates_to": {"m.in_reply_to": {"event_id": question}},
            PartOf::FIELD: PartOf { question: question.to_owned(), part: 0, draft: false },
        },
    })
}
