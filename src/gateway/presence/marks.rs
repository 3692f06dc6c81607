//! Reactions with which the bot says how far it is with a message: seen, at work, failed.
//!
//! Nothing of it is journaled. The homeserver knows the reactions, and takes none twice; those
//! that an earlier run may have left are asked for.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::{BoxFuture, FutureExt};
use matrix_sdk::ruma::TransactionId;
use tokio::{sync::watch, time::timeout};

use crate::{
    error::Result,
    gateway::pauses::{Endpoint, Pauses},
    homeserver::{Account, Reaction},
    journal::Waiting,
    threads::lock,
};

/// How long it takes at least until an answer is worth a mark.
const WORTH: Duration = Duration::from_millis(250);
/// How long an answered message may wait for its last mark.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most messages that are known to have failed.
const MOST_FAILED: usize = 10_000;

/// The emoji for each mark; those without one are not shown.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    /// It is going to be answered.
    pub seen: Option<String>,
    /// The agent is at work on it.
    pub working: Option<String>,
    /// It could not be answered.
    pub failed: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Seen,
    Working,
    Failed,
}

impl Marks {
    fn emoji(&self, mark: Option<Mark>) -> Option<&String> {
        match mark? {
            Mark::Seen => self.seen.as_ref(),
            // What is being worked at is seen all the more.
            Mark::Working => self.working.as_ref().or(self.seen.as_ref()),
            Mark::Failed => self.failed.as_ref(),
        }
    }

    fn has(&self, emoji: &str) -> bool {
        let all = [&self.seen, &self.working, &self.failed];
        all.into_iter().flatten().any(|mark| mark == emoji)
    }

    fn is_empty(&self) -> bool {
        self.seen.is_none() && self.working.is_none() && self.failed.is_none()
    }
}

/// Where the reactions are.
pub trait Board: Send + Sync {
    /// Reacts to a message; gives the reaction's event where it was not there before.
    fn add<'a>(&'a self, of: &'a Marked, emoji: &'a str) -> BoxFuture<'a, Result<Option<String>>>;

    /// The bot's own reactions to a message.
    fn all<'a>(&'a self, of: &'a Marked) -> BoxFuture<'a, Result<Vec<Reaction>>>;

    fn remove<'a>(&'a self, of: &'a Marked, event_id: &'a str) -> BoxFuture<'a, Result<()>>;
}

/// A message, and the emoji that count for it.
#[derive(Clone, Debug)]
pub struct Marked {
    room_id: String,
    event_id: String,
    marks: Marks,
}

/// What a message is to show.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    mark: Option<Mark>,
    /// Whether nothing else will be wanted of it.
    is_last: bool,
}

/// Marks messages, each in a task of its own, so that nobody waits for it. Clones share them.
#[derive(Clone)]
pub struct Marker {
    board: Arc<dyn Board>,
    worth: Duration,
    /// Messages up to this place in the journal were taken in by an earlier run.
    left: i64,
    running: Arc<Mutex<HashMap<i64, watch::Sender<Wanted>>>>,
    /// Messages that were left with their mark, and may be tried again.
    failed: Arc<Mutex<HashSet<i64>>>,
}

impl Marker {
    pub fn new(account: Account, user_id: String, pauses: Pauses, left: i64) -> Self {
        let board = Homeserver {
            account,
            user_id,
            pauses,
        };
        Self::with(Arc::new(board), WORTH, left)
    }

    fn with(board: Arc<dyn Board>, worth: Duration, left: i64) -> Self {
        Self {
            board,
            worth,
            left,
            running: Arc::default(),
            failed: Arc::default(),
        }
    }

    /// Marks a message before long.
    pub fn show(&self, waiting: &Waiting, marks: &Marks, mark: Mark) {
        let wanted = Wanted {
            mark: Some(mark),
            is_last: false,
        };
        self.want(waiting, marks, wanted);
    }

    /// Gives a message its last mark, or none, and waits a while until it has it.
    pub async fn settle(&self, waiting: &Waiting, marks: &Marks, mark: Option<Mark>) {
        if marks.is_empty() {
            return;
        }
        let is_running = lock(&self.running).contains_key(&waiting.seq);
        if is_running || mark.is_some() || self.may_be_marked(waiting.seq) {
            let is_last = true;
            self.want(waiting, marks, Wanted { mark, is_last });
        }
        self.over(waiting.seq).await;
    }

    /// Gives a message its last mark, or none, where it was marked in this run.
    pub fn end(&self, seq: i64, mark: Option<Mark>) {
        if let Some(wanted) = lock(&self.running).get(&seq) {
            let is_last = true;
            wanted.send_replace(Wanted { mark, is_last });
        }
    }

    /// The same for messages that are not to be answered any more.
    pub fn end_all(&self, seqs: &[i64]) {
        for seq in seqs {
            self.end(*seq, None);
        }
    }

    fn may_be_marked(&self, seq: i64) -> bool {
        seq <= self.left || lock(&self.failed).contains(&seq)
    }

    fn want(&self, waiting: &Waiting, marks: &Marks, wanted: Wanted) {
        if marks.is_empty() {
            return;
        }
        let mut running = lock(&self.running);
        if let Some(sender) = running.get(&waiting.seq) {
            sender.send_replace(wanted);
            return;
        }
        let (sender, receiver) = watch::channel(wanted);
        running.insert(waiting.seq, sender);
        let of = Marked {
            room_id: waiting.room_id.clone(),
            event_id: waiting.event_id.clone(),
            marks: marks.clone(),
        };
        tokio::spawn(self.clone().keep(waiting.seq, of, receiver));
    }

    async fn over(&self, seq: i64) {
        let running = lock(&self.running).get(&seq).cloned();
        if let Some(running) = running {
            // The task goes on where it takes longer.
            let _ = timeout(PATIENCE, running.closed()).await;
        }
    }

    /// Keeps the marks of one message. All requests for it go through here, one after the other.
    async fn keep(self, seq: i64, of: Marked, mut wanted: watch::Receiver<Wanted>) {
        let mut shown = Vec::new();
        if self.may_be_marked(seq) {
            shown = self.left(&of).await;
        } else {
            let is_last = |wanted: &Wanted| wanted.is_last;
            let _ = timeout(self.worth, wanted.wait_for(is_last)).await;
        }
        loop {
            let Wanted { mark, is_last } = *wanted.borrow_and_update();
            self.bring_to(&of, mark, &mut shown).await;
            if is_last {
                let mut running = lock(&self.running);
                if wanted.has_changed().unwrap_or(false) {
                    continue;
                }
                running.remove(&seq);
                let mut failed = lock(&self.failed);
                if mark == Some(Mark::Failed) && failed.len() < MOST_FAILED {
                    failed.insert(seq);
                } else {
                    failed.remove(&seq);
                }
                return;
            }
            if wanted.changed().await.is_err() {
                return;
            }
        }
    }

    /// The marks that a message has.
    async fn left(&self, of: &Marked) -> Vec<Reaction> {
        let mut left = self.board.all(of).await.unwrap_or_else(|error| {
            tracing::debug!(of.room_id, of.event_id, "cannot look up reactions: {error}");
            Vec::new()
        });
        left.retain(|reaction| of.marks.has(&reaction.key));
        left
    }

    /// Shows this mark and no other: the new one first, so that there is always one.
    async fn bring_to(&self, of: &Marked, mark: Option<Mark>, shown: &mut Vec<Reaction>) {
        let emoji = of.marks.emoji(mark);
        if let Some(emoji) = emoji
            && !shown.iter().any(|reaction| reaction.key == *emoji)
        {
            match self.board.add(of, emoji).await {
                Ok(Some(event_id)) => shown.push(Reaction {
                    event_id,
                    key: emoji.clone(),
                }),
                // It was there, and is to be taken back like the others.
                Ok(None) => *shown = self.left(of).await,
                Err(error) => tracing::debug!(of.room_id, of.event_id, "cannot react: {error}"),
            }
        }
        let is_wanted = |reaction: &Reaction| Some(&reaction.key) == emoji;
        let (kept, others) = std::mem::take(shown).into_iter().partition(is_wanted);
        *shown = kept;
        for reaction in others {
            if let Err(error) = self.board.remove(of, &reaction.event_id).await {
                tracing::debug!(
                    of.room_id,
                    of.event_id,
                    "cannot take back a reaction: {error}"
                );
            }
        }
    }
}

/// The homeserver, when it takes events.
struct Homeserver {
    account: Account,
    user_id: String,
    pauses: Pauses,
}

impl Board for Homeserver {
    fn add<'a>(&'a self, of: &'a Marked, emoji: &'a str) -> BoxFuture<'a, Result<Option<String>>> {
        async move {
            let transaction = TransactionId::new();
            let react = || {
                let account = &self.account;
                account.react(&of.room_id, &of.event_id, emoji, transaction.as_str())
            };
            Ok(self.pauses.patiently(Endpoint::Send, react).await?)
        }
        .boxed()
    }

    fn all<'a>(&'a self, of: &'a Marked) -> BoxFuture<'a, Result<Vec<Reaction>>> {
        async move {
            let account = &self.account;
            let all = account.reactions_of(&self.user_id, &of.room_id, &of.event_id);
            Ok(all.await?)
        }
        .boxed()
    }

    fn remove<'a>(&'a self, of: &'a Marked, event_id: &'a str) -> BoxFuture<'a, Result<()>> {
        async move {
            let transaction = TransactionId::new();
            let redact = || {
                let account = &self.account;
                account.redact(&of.room_id, event_id, transaction.as_str())
            };
            Ok(self.pauses.patiently(Endpoint::Send, redact).await?)
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests;
