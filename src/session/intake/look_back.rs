//! Everything of a room that is new and for the bot: what a sync brought, and the gap before it.

use std::collections::BTreeMap;

use super::{
    classify::{View, classify},
    event::{Boundary, Envelope, Event},
};
use crate::{
    error::Result,
    journal::{Arrival, Entry, Journal},
};

/// Pages of one gap; beyond that the oldest events are given up, loudly.
const MAX_PAGES: usize = 400;
/// Pages in a row without any event: some homeservers filter what is on them, others have no end.
const MAX_EMPTY: usize = 5;
/// Bytes of a gap that are held in memory at a time.
const MAX_BYTES: usize = 2 << 20;

/// A part of a room's timeline: what a sync brought of it, or a page of its history.
#[derive(Default)]
pub struct Timeline {
    /// Its events, newest first.
    pub newest_first: Vec<Event>,
    /// Where the events before them are to be had, if there are more.
    pub before: Option<String>,
}

impl Timeline {
    /// Whether there is nothing in it, nor before it.
    pub fn is_empty(&self) -> bool {
        self.newest_first.is_empty() && self.before.is_none()
    }
}

/// Where rooms' histories are to be had.
pub trait Histories {
    /// The page of a room's history before this place, back to a position where the homeserver
    /// heeds that; `None` where it is not to be had.
    async fn page(
        &mut self,
        room_id: &str,
        before: String,
        to: Option<&str>,
    ) -> Result<Option<Timeline>>;
}

/// What is new of a room, oldest first.
#[derive(Debug, Default)]
pub struct News {
    /// The newest entries.
    pub entries: Vec<Entry>,
    /// Whether those before them are staged in the journal.
    pub after_staged: bool,
    /// How many of all of them cannot be decrypted.
    pub unread: usize,
}

/// Reads everything of a room that is new and for the bot, page by page. What does not fit into
/// memory is staged in the journal. Pages go back to a position, where that is given.
///
/// # Errors
///
/// When the journal fails, or a page is to be asked for again.
pub async fn read_room(
    journal: &Journal,
    view: &View<'_>,
    timeline: Timeline,
    to: Option<&str>,
    histories: &mut impl Histories,
) -> Result<News> {
    let mut back = LookBack::new(view);
    // A room without anchors that the bot was not invited to is one that a new journal meets
    // in the middle: its history has no end to stop at.
    let has_end = view.was_invited || journal.knows_room(view.room_id).await?;
    back.take(journal, timeline.newest_first).await?;
    let mut before = timeline.before.filter(|_| has_end);
    let mut pages_left = MAX_PAGES;
    while let Some(place) = before.take().filter(|_| !back.is_done()) {
        if pages_left == 0 || back.empty >= MAX_EMPTY {
            tracing::error!(room_id = %view.room_id,
                "the gap is too long; its oldest messages are skipped");
            break;
        }
        pages_left -= 1;
        let Some(page) = histories.page(view.room_id, place.clone(), to).await? else {
            break;
        };
        back.take(journal, page.newest_first).await?;
        before = page.before.filter(|before| *before != place);
    }
    let mut news = back.news;
    if !has_end && let Some(oldest) = news.entries.last_mut() {
        oldest.is_floor = true;
    }
    news.entries.reverse();
    Ok(news)
}

/// Events of one room from the newest back to where the bot's view of it begins, or to those that
/// are known.
struct LookBack<'a> {
    view: &'a View<'a>,
    /// Newest first.
    news: News,
    bytes: usize,
    /// Pages in a row without any event.
    empty: usize,
    /// The room was encrypted by the time of the event that comes next.
    is_encrypted: bool,
    end: End,
}

/// How far back the new events of a room reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Further than what was read.
    Ahead,
    /// An event that is known was met. Others on the same page may have arrived late.
    Known,
    /// Nothing further back is for the bot.
    Reached,
}

impl<'a> LookBack<'a> {
    fn new(view: &'a View<'a>) -> Self {
        Self {
            view,
            news: News::default(),
            bytes: 0,
            empty: 0,
            is_encrypted: view.was_encrypted || view.is_encrypted,
            end: End::Ahead,
        }
    }

    fn is_done(&self) -> bool {
        self.end != End::Ahead
    }

    async fn take(&mut self, journal: &Journal, newest_first: Vec<Event>) -> Result<()> {
        let is_empty = newest_first.is_empty();
        self.empty = if is_empty { self.empty + 1 } else { 0 };
        let read = |event: Event| {
            let envelope = Envelope::read(&event);
            if envelope.is_none() {
                tracing::warn!(room_id = %self.view.room_id, "left out what is not an event");
            }
            Some((envelope?, event))
        };
        let events: Vec<_> = newest_first.into_iter().filter_map(read).collect();
        let ids = events.iter().map(|(envelope, _)| envelope.event_id.clone());
        let known = journal.known(self.view.room_id, ids.collect()).await?;
        for (envelope, event) in &events {
            if self.end == End::Reached {
                break;
            }
            self.take_one(envelope, event, &known);
        }
        if self.bytes > MAX_BYTES {
            let oldest = std::mem::take(&mut self.news.entries);
            journal.stage(oldest).await?;
            self.bytes = 0;
            self.news.after_staged = true;
        }
        Ok(())
    }

    fn take_one(&mut self, envelope: &Envelope, event: &Event, known: &BTreeMap<String, bool>) {
        if let Some(is_floor) = known.get(&envelope.event_id) {
            self.end = if *is_floor { End::Reached } else { End::Known };
            return;
        }
        let view = self.view;
        let boundary = envelope.boundary(view.bot.user_id, view.was_invited);
        if boundary == Boundary::Start {
            self.end = End::Reached;
        }
        if let Some((event_id, arrival)) = classify(view, event, self.is_encrypted) {
            if let Arrival::Undecryptable { reason, .. } = &arrival {
                self.news.unread += 1;
                tracing::warn!(room_id = %view.room_id, %event_id,
                    "cannot decrypt a message yet: {reason}");
            }
            self.bytes += arrival.bytes();
            self.news.entries.push(Entry {
                room_id: view.room_id.to_owned(),
                event_id,
                is_floor: boundary == Boundary::Start,
                arrival,
            });
        }
        if envelope.begins_encryption() && !view.was_encrypted {
            self.is_encrypted = false;
        }
    }
}
