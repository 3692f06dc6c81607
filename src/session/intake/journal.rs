//! Journaling what a sync brings, and what came between two devices.

use std::collections::BTreeSet;

use super::{
    Audience, View,
    look_back::{News, Page, Pages, Timeline, read_room},
};
use crate::{
    error::Result,
    inbox::{Arrival, Batch, Changes, Entry, Inbox},
    instance::crash_point,
};

/// Bytes of events that are held in memory before they are committed.
const MAX_BYTES: usize = 4 << 20;

/// What a sync brings of rooms.
#[derive(Default)]
pub(in crate::session) struct Response {
    /// The position behind it.
    pub(in crate::session) position: String,
    pub(in crate::session) joined: Vec<Joined>,
    /// Rooms the bot was invited to, and who invited, where that is beyond doubt.
    pub(in crate::session) invited: Vec<(String, Option<String>)>,
    pub(in crate::session) left: Vec<String>,
}

/// A room that the bot is in.
pub(in crate::session) struct Joined {
    pub(in crate::session) room_id: String,
    pub(in crate::session) timeline: Timeline,
    /// Whether the room is encrypted now.
    pub(in crate::session) is_encrypted: bool,
    /// Whether a message, given as its event's JSON, must not wait for those before it.
    pub(in crate::session) is_urgent: Box<dyn Fn(&str) -> bool + Send + Sync>,
}

/// Where rooms' histories are to be had.
pub(in crate::session) trait Histories {
    /// The page of a room's history before this place, back to a position where the homeserver
    /// heeds that; `None` where it is not to be had.
    async fn page(
        &mut self,
        room_id: &str,
        before: String,
        to: Option<&str>,
    ) -> Result<Option<Page>>;
}

/// Whose events are taken in, and where to.
pub(in crate::session) struct Intake<'a> {
    pub(in crate::session) inbox: &'a Inbox,
    pub(in crate::session) own_id: &'a str,
    pub(in crate::session) audience: &'a Audience,
}

impl Intake<'_> {
    /// Journals a response together with the position behind it.
    ///
    /// A room's events are committed all at once, and may be so before the position is: taken
    /// again, they are known.
    pub(in crate::session) async fn journal(
        &self,
        response: Response,
        histories: &mut impl Histories,
        changes: &mut Changes,
    ) -> Result<()> {
        let position = self.inbox.position().await?;
        // What was there before this account had a device here is the past. With a predecessor,
        // all of it is in the gap between the two.
        let is_past = position.is_none() && self.inbox.predecessor().await?.is_none();
        let invited = self.invited_rooms().await?;
        let mut batch = Batch {
            invited: response.invited,
            left: response.left,
            ..Batch::default()
        };
        for joined in response.joined {
            if joined.is_encrypted && !self.inbox.is_encrypted(&joined.room_id) {
                batch.encrypted.push(joined.room_id.clone());
            }
            if position.is_none() {
                let past = is_past.then(|| past(&joined));
                batch.entries.extend(past.into_iter().flatten());
                batch.joined.push(joined.room_id);
                continue;
            }
            let room_id = joined.room_id.clone();
            let was_invited = invited.contains(&room_id);
            let news = self
                .news(joined, was_invited, position.as_deref(), histories)
                .await?;
            self.add(&mut batch, room_id, news, changes).await?;
        }
        batch.position = Some(response.position);
        if !batch.entries.is_empty() {
            crash_point("journal");
        }
        changes.extend(self.inbox.commit(batch).await?);
        Ok(())
    }

    /// Adds what is new of a room to a batch. What would be too much at once is committed first.
    /// The invitation to a room is settled together with what is new there, not before.
    async fn add(
        &self,
        batch: &mut Batch,
        room_id: String,
        news: News,
        changes: &mut Changes,
    ) -> Result<()> {
        let held: usize = batch
            .entries
            .iter()
            .map(|entry| entry.arrival.bytes())
            .sum();
        if news.after_staged || held > MAX_BYTES {
            changes.extend(self.inbox.commit(std::mem::take(batch)).await?);
        }
        batch.after_staged = news.after_staged;
        batch.joined.push(room_id);
        batch.entries.extend(news.entries);
        if news.after_staged {
            changes.extend(self.inbox.commit(std::mem::take(batch)).await?);
        }
        Ok(())
    }

    async fn invited_rooms(&self) -> Result<BTreeSet<String>> {
        let invitations = self.inbox.invitations().await?;
        let rooms = invitations.into_iter();
        Ok(rooms.map(|invitation| invitation.room_id).collect())
    }

    /// Everything of a room that is new and for the bot: what came after this position.
    async fn news(
        &self,
        joined: Joined,
        was_invited: bool,
        after: Option<&str>,
        histories: &mut impl Histories,
    ) -> Result<News> {
        let view = View {
            room_id: &joined.room_id,
            own_id: self.own_id,
            was_invited,
            was_encrypted: self.inbox.is_encrypted(&joined.room_id),
            is_encrypted: joined.is_encrypted,
            audience: self.audience,
            is_urgent: &joined.is_urgent,
        };
        let mut pages = RoomPages {
            room_id: &joined.room_id,
            // What came with an invitation is older than the invitation's own sync.
            to: after.filter(|_| !was_invited),
            histories,
        };
        self.inbox.forget_staged().await?;
        read_room(self.inbox, &view, joined.timeline, &mut pages).await
    }

    /// Takes in what came in these rooms between the last sync of the device before this one and
    /// the first of this one. Their timelines are empty.
    pub(in crate::session) async fn take_over(
        &self,
        rooms: Vec<Joined>,
        histories: &mut impl Histories,
        changes: &mut Changes,
    ) -> Result<()> {
        let Some(predecessor) = self.inbox.predecessor().await? else {
            return Ok(());
        };
        // Its first sync is still to come.
        let Some(position) = self.inbox.position().await? else {
            return Ok(());
        };
        changes.extend(self.leave_all_but(&rooms).await?);
        let invited = self.invited_rooms().await?;
        let mut unread = 0;
        for mut room in rooms {
            room.timeline.before = Some(position.clone());
            let (room_id, is_encrypted) = (room.room_id.clone(), room.is_encrypted);
            // Every room that it was in when it came is known; into others it was invited since.
            let was_invited =
                invited.contains(&room_id) || !self.inbox.knows_room(&room_id).await?;
            let news = self
                .news(room, was_invited, Some(&predecessor), histories)
                .await?;
            unread += news.unread;
            let batch = Batch {
                after_staged: news.after_staged,
                entries: news.entries,
                encrypted: is_encrypted.then(|| room_id.clone()).into_iter().collect(),
                joined: vec![room_id],
                ..Batch::default()
            };
            changes.extend(self.inbox.commit(batch).await?);
        }
        self.inbox.caught_up().await?;
        tracing::info!(
            events = changes.new_events,
            "took in what came since the bot's device before this one"
        );
        if unread > 0 {
            tracing::warn!(
                messages = unread,
                "messages from before this device cannot be read by it; they are answered if \
                 their keys come: with `nanobot verify recovery`, or `nanobot store import-keys`"
            );
        }
        Ok(())
    }

    /// Withdraws what is open in rooms that the bot is not in any more, though it may be invited
    /// to them again.
    async fn leave_all_but(&self, rooms: &[Joined]) -> Result<Changes> {
        let mut left = self.inbox.open_rooms().await?;
        left.retain(|open| rooms.iter().all(|room| room.room_id != *open));
        let mut invited = Vec::new();
        for invitation in self.inbox.invitations().await? {
            if left.contains(&invitation.room_id) {
                left.retain(|room_id| *room_id != invitation.room_id);
                invited.push((invitation.room_id, invitation.inviter));
            }
        }
        let batch = Batch {
            invited,
            left,
            ..Batch::default()
        };
        self.inbox.commit(batch).await
    }
}

/// The history of one room.
struct RoomPages<'a, H> {
    room_id: &'a str,
    to: Option<&'a str>,
    histories: &'a mut H,
}

impl<H: Histories> Pages for RoomPages<'_, H> {
    async fn page(&mut self, before: String) -> Result<Option<Page>> {
        self.histories.page(self.room_id, before, self.to).await
    }
}

/// On a device's very first sync everything is the past: only remembered, never answered.
fn past(joined: &Joined) -> Vec<Entry> {
    let events = joined.timeline.newest_first.iter().rev();
    events
        .filter_map(|event| {
            Some(Entry {
                room_id: joined.room_id.clone(),
                event_id: event.id()?,
                is_floor: true,
                arrival: Arrival::Seen,
            })
        })
        .collect()
}
