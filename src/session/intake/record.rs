//! Journaling what a sync brings, and what came between two devices.

use std::collections::BTreeSet;

use super::{
    classify::{Bot, View},
    look_back::{Histories, News, Timeline, read_room},
};
use crate::{
    error::Result,
    ipc::crash_point,
    journal::{Arrival, Batch, Changes, Entry, Journal},
};

/// Bytes of events that are held in memory before they are committed.
const MAX_BYTES: usize = 4 << 20;

/// What a sync brings of rooms.
#[derive(Default)]
pub struct Response {
    /// The position behind it.
    pub position: String,
    pub joined: Vec<Joined>,
    /// Rooms the bot was invited to, and who invited, where that is beyond doubt.
    pub invited: Vec<(String, Option<String>)>,
    pub left: Vec<String>,
}

/// A room that the bot is in.
pub struct Joined {
    pub room_id: String,
    pub timeline: Timeline,
    /// Whether the room is encrypted now.
    pub is_encrypted: bool,
    /// What the bot calls itself there.
    pub own_name: Option<String>,
}

/// Whose events are taken in, where from and where to, and what that has changed.
pub struct Intake<'a, H> {
    pub journal: &'a Journal,
    pub bot: Bot<'a>,
    pub histories: H,
    pub changes: &'a mut Changes,
}

impl<H: Histories> Intake<'_, H> {
    /// Journals a response together with the position behind it.
    ///
    /// A room's events are committed all at once, and may be so before the position is: taken
    /// again, they are known.
    pub async fn record(&mut self, response: Response) -> Result<()> {
        let position = self.journal.position().await?;
        // What was there before this account had a device here is the past. With a predecessor,
        // all of it is in the gap between the two.
        let is_past = position.is_none() && self.journal.predecessor().await?.is_none();
        let invited = self.invited_rooms().await?;
        let mut batch = Batch {
            invited: response.invited,
            left: response.left,
            ..Batch::default()
        };
        for joined in response.joined {
            if joined.is_encrypted && !self.journal.is_encrypted(&joined.room_id) {
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
            let news = self.news(joined, was_invited, position.as_deref()).await?;
            self.add(&mut batch, room_id, news).await?;
        }
        batch.position = Some(response.position);
        if !batch.entries.is_empty() {
            crash_point("journal");
        }
        self.commit(batch).await
    }

    async fn commit(&mut self, batch: Batch) -> Result<()> {
        let changes = self.journal.commit(batch).await?;
        self.changes.extend(changes);
        Ok(())
    }

    /// Adds what is new of a room to a batch. What would be too much at once is committed first.
    /// The invitation to a room is settled together with what is new there, not before.
    async fn add(&mut self, batch: &mut Batch, room_id: String, news: News) -> Result<()> {
        let held = batch.entries.iter().map(|entry| entry.arrival.bytes());
        if news.after_staged || held.sum::<usize>() > MAX_BYTES {
            self.commit(std::mem::take(batch)).await?;
        }
        batch.after_staged = news.after_staged;
        batch.joined.push(room_id);
        batch.entries.extend(news.entries);
        if news.after_staged {
            self.commit(std::mem::take(batch)).await?;
        }
        Ok(())
    }

    async fn invited_rooms(&self) -> Result<BTreeSet<String>> {
        let invitations = self.journal.invitations().await?;
        let rooms = invitations.into_iter();
        Ok(rooms.map(|invitation| invitation.room_id).collect())
    }

    /// Everything of a room that is new and for the bot: what came after this position.
    async fn news(
        &mut self,
        joined: Joined,
        was_invited: bool,
        after: Option<&str>,
    ) -> Result<News> {
        let view = View {
            bot: self.bot,
            room_id: &joined.room_id,
            own_name: joined.own_name.as_deref(),
            was_invited,
            was_encrypted: self.journal.is_encrypted(&joined.room_id),
            is_encrypted: joined.is_encrypted,
        };
        self.journal.forget_staged().await?;
        // What came with an invitation is older than the invitation's own sync.
        let to = after.filter(|_| !was_invited);
        let histories = &mut self.histories;
        read_room(self.journal, &view, joined.timeline, to, histories).await
    }

    /// Takes in what came in these rooms between the last sync of the device before this one and
    /// the first of this one. Their timelines are empty.
    pub async fn take_over(&mut self, rooms: Vec<Joined>) -> Result<()> {
        let Some(predecessor) = self.journal.predecessor().await? else {
            return Ok(());
        };
        // Its first sync is still to come.
        let Some(position) = self.journal.position().await? else {
            return Ok(());
        };
        self.leave_all_but(&rooms).await?;
        let invited = self.invited_rooms().await?;
        let mut unread = 0;
        for mut room in rooms {
            room.timeline.before = Some(position.clone());
            let (room_id, is_encrypted) = (room.room_id.clone(), room.is_encrypted);
            // Every room that it was in when it came is known; into others it was invited since.
            let was_invited =
                invited.contains(&room_id) || !self.journal.knows_room(&room_id).await?;
            let news = self.news(room, was_invited, Some(&predecessor)).await?;
            unread += news.unread;
            let batch = Batch {
                after_staged: news.after_staged,
                entries: news.entries,
                encrypted: is_encrypted.then(|| room_id.clone()).into_iter().collect(),
                joined: vec![room_id],
                ..Batch::default()
            };
            self.commit(batch).await?;
        }
        self.journal.caught_up().await?;
        tracing::info!(
            events = self.changes.new_events,
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
    async fn leave_all_but(&mut self, rooms: &[Joined]) -> Result<()> {
        let mut left = self.journal.open_rooms().await?;
        left.retain(|open| rooms.iter().all(|room| room.room_id != *open));
        let mut invited = Vec::new();
        for invitation in self.journal.invitations().await? {
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
        self.commit(batch).await
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
