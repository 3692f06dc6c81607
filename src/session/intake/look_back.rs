//! Everything of a room that is new and for the bot: what a sync brought, and the gap before it.

use super::{
    View, classify,
    event::{Boundary, Envelope, Event},
};
use crate::{
    error::Result,
    inbox::{Arrival, Entry, Inbox},
};
use std::collections::BTreeMap;

/// Pages of one gap; beyond that the oldest events are given up, loudly.
const MAX_PAGES: usize = 400;
/// Pages in a row without any event: some homeservers filter what is on them, others have no end.
const MAX_EMPTY: usize = 5;
/// Bytes of a gap that are held in memory at a time.
const MAX_BYTES: usize = 2 << 20;

/// What a sync brought of a room.
#[derive(Default)]
pub(in crate::session) struct Timeline {
    /// Its newest events, newest first.
    pub(in crate::session) newest_first: Vec<Event>,
    /// Where the events before them are to be had, if some were left out.
    pub(in crate::session) before: Option<String>,
}

impl Timeline {
    /// Whether there is nothing in it, nor before it.
    pub(in crate::session) fn is_empty(&self) -> bool {
        self.newest_first.is_empty() && self.before.is_none()
    }
}

/// A page of a room's history.
pub(in crate::session) struct Page {
    /// Its events, newest first.
    pub(in crate::session) newest_first: Vec<Event>,
    /// Where the page before it begins; `None` where there is none.
    pub(in crate::session) before: Option<String>,
}

/// Where a room's history is to be had.
pub(in crate::session) trait Pages {
    /// The page before this place; `None` where it is not to be had.
    async fn page(&mut self, before: String) -> Result<Option<Page>>;
}

/// What is new of a room, oldest first.
#[derive(Debug, Default)]
pub(in crate::session) struct News {
    /// The newest entries.
    pub(in crate::session) entries: Vec<Entry>,
    /// Whether those before them are staged in the journal.
    pub(in crate::session) after_staged: bool,
    /// How many of all of them cannot be decrypted.
    pub(in crate::session) unread: usize,
}

/// Reads everything of a room that is new and for the bot, page by page. What does not fit into
/// memory is staged in the journal.
///
/// # Errors
///
/// When the journal fails, or a page is to be asked for again.
pub(in crate::session) async fn read_room(
    inbox: &Inbox,
    view: &View<'_>,
    timeline: Timeline,
    pages: &mut impl Pages,
) -> Result<News> {
    let mut back = LookBack::new(view);
    // A room without anchors that the bot was not invited to is one that a new journal meets
    // in the middle: its history has no end to stop at.
    let has_end = view.was_invited || inbox.knows_room(view.room_id).await?;
    back.take(inbox, timeline.newest_first).await?;
    let mut before = timeline.before.filter(|_| has_end);
    let mut pages_left = MAX_PAGES;
    while let Some(place) = before.take().filter(|_| !back.is_done()) {
        if pages_left == 0 || back.empty >= MAX_EMPTY {
            tracing::error!(room = %view.room_id,
                "the gap is too long; its oldest messages are skipped");
            break;
        }
        pages_left -= 1;
        let Some(page) = pages.page(place.clone()).await? else {
            break;
        };
        back.take(inbox, page.newest_first).await?;
        before = page.before.filter(|before| *before != place);
    }
    if !has_end && let Some(oldest) = back.newest_first.last_mut() {
        oldest.is_floor = true;
    }
    back.newest_first.reverse();
    Ok(News {
        entries: back.newest_first,
        after_staged: back.has_staged,
        unread: back.unread,
    })
}

/// Events of one room from the newest back to where the bot's view of it begins, or to those that
/// are known.
struct LookBack<'a> {
    view: &'a View<'a>,
    newest_first: Vec<Entry>,
    bytes: usize,
    has_staged: bool,
    unread: usize,
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
            newest_first: Vec::new(),
            bytes: 0,
            has_staged: false,
            unread: 0,
            empty: 0,
            is_encrypted: view.was_encrypted || view.is_encrypted,
            end: End::Ahead,
        }
    }

    fn is_done(&self) -> bool {
        self.end != End::Ahead
    }

    async fn take(&mut self, inbox: &Inbox, newest_first: Vec<Event>) -> Result<()> {
        self.empty = if newest_first.is_empty() {
            self.empty + 1
        } else {
            0
        };
        let events: Vec<_> = newest_first
            .into_iter()
            .filter_map(|event| Some((Envelope::read(&event)?, event)))
            .collect();
        let ids = events.iter().map(|(envelope, _)| envelope.event_id.clone());
        let known = inbox.known(self.view.room_id, ids.collect()).await?;
        for (envelope, event) in &events {
            if self.end == End::Reached {
                break;
            }
            self.take_one(envelope, event, &known);
        }
        if self.bytes > MAX_BYTES {
            inbox.stage(std::mem::take(&mut self.newest_first)).await?;
            self.bytes = 0;
            self.has_staged = true;
        }
        Ok(())
    }

    fn take_one(&mut self, envelope: &Envelope, event: &Event, known: &BTreeMap<String, bool>) {
        if let Some(is_floor) = known.get(&envelope.event_id) {
            self.end = if *is_floor { End::Reached } else { End::Known };
            return;
        }
        let view = self.view;
        let boundary = envelope.boundary(view.own_id, view.was_invited);
        if boundary == Boundary::Start {
            self.end = End::Reached;
        }
        if let Some((event_id, arrival)) = classify(view, event, self.is_encrypted) {
            if let Arrival::Undecryptable { reason, .. } = &arrival {
                self.unread += 1;
                tracing::warn!(room = %view.room_id, event = %event_id,
                    "cannot decrypt a message yet: {reason}");
            }
            self.bytes += arrival.bytes();
            self.newest_first.push(Entry {
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
