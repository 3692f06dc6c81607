//! Taking in what each sync brings, and handing it on.

use std::time::Duration;

use backon::BackoffBuilder;
use tokio::sync::mpsc;

use super::{
    chores::Chores, disk::Disk, health::Health, invitations::Invitations,
    missing_keys::MissingKeys, pauses::Endpoint, retry, settings::Current, upgrades::Upgrades,
    workers::Workers,
};
use crate::{
    error::{Error, Kind, Result},
    ipc::{POLL, crash_point},
    session::{FIRST_SYNC, Session, Step},
};

/// The bot after its first sync.
pub struct Intake {
    pub session: Session,
    pub workers: Workers,
    pub upgrades: Upgrades,
    pub invitations: Invitations,
    /// What makes it impossible to go on.
    pub broken: mpsc::Receiver<Error>,
    pub health: Health,
    pub disk: Disk,
    pub chores: Chores,
}

/// The first sync. A homeserver that does not answer it is away, and waited for where the bot
/// `waits`; one that answered, and then does not give what the answer left out, is waited for.
pub async fn first_step(session: &mut Session, disk: &Disk, waits: bool) -> Result<Step> {
    let mut backoff = retry::WHILE_AWAY.build();
    loop {
        match step(session, disk, Duration::ZERO).await {
            Err(error)
                if error.kind() == Kind::Unreachable && (waits || session.holds_response()) =>
            {
                let pause = retry::next(&mut backoff);
                disk.health.away(&error, pause);
                tokio::time::sleep(pause).await;
            }
            outcome => return outcome,
        }
    }
}

/// A sync step as soon as it need not wait, and again after each pause that it brings about. Nothing
/// is asked for that there is no room for.
async fn step(session: &mut Session, disk: &Disk, poll: Duration) -> Result<Step> {
    let health = &disk.health;
    loop {
        disk.wait().await;
        health.turns(if health.is_connected() {
            poll
        } else {
            FIRST_SYNC
        });
        let step = Box::pin(session.step(poll));
        match health.pauses.once_over(Endpoint::Sync, step).await {
            Some(Ok(step)) => {
                health.synced(step.fault);
                health.metrics.synced(step.taking_in);
                let undecryptable = step.changes.undecryptable;
                health.metrics.undecryptable.inc_by(undecryptable);
                return Ok(step);
            }
            Some(Err(error)) => {
                health.metrics.sync_failed(&error);
                return Err(error);
            }
            None => health.metrics.sync_limited(),
        }
    }
}

impl Intake {
    /// Whoever says that messages cannot be read.
    pub fn missing_keys(&self, settings: &Current) -> MissingKeys {
        let (journal, rooms) = (self.session.journal.clone(), self.session.rooms());
        MissingKeys::new(settings.clone(), journal, rooms, &self.health)
    }

    /// Takes up what the last run left, and what the first sync brought.
    pub async fn resume(&self, first: &Step) -> Result<()> {
        self.workers.end_drafts().await?;
        self.upgrades.look().await?;
        for conversation in self.session.journal.waiting_conversations().await? {
            self.workers.wake(conversation);
        }
        self.dispatch(first).await?;
        self.invitations.resume().await?;
        self.invitations.look().await
    }

    /// Syncs until the homeserver rejects the token or a store fails.
    pub async fn run(&mut self) -> Result<()> {
        let mut backoff = None;
        loop {
            // After a failure the first answer should come at once, to know that it is over.
            let poll = backoff.as_ref().map_or(POLL, |_| Duration::ZERO);
            let step = tokio::select! {
                step = step(&mut self.session, &self.disk, poll) => step,
                Some(error) = self.broken.recv() => Err(error),
            };
            match step {
                Ok(step) => {
                    if backoff.take().is_some() {
                        self.invitations.look().await?;
                    }
                    self.dispatch(&step).await?;
                    // What waits for the disk there does not wait for the disk here.
                    if step.changes.new_events == 0 {
                        self.session.journal.shrink().await?;
                    }
                }
                Err(error) if error.kind() == Kind::Unreachable => {
                    let backoff = backoff.get_or_insert_with(|| retry::WHILE_AWAY.build());
                    let pause = retry::next(backoff);
                    self.health.away(&error, pause);
                    tokio::time::sleep(pause).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn dispatch(&self, step: &Step) -> Result<()> {
        if step.keys {
            self.health.key_news.notify_one();
        }
        if !step.changes.fresh.is_empty() {
            crash_point("dispatch");
        }
        if step.rooms {
            // Before its messages are looked at: a room may count as the one whose place it took.
            self.upgrades.look().await?;
        }
        self.workers.heed(&step.changes);
        if step.invited || step.rooms {
            self.invitations.look().await?;
        }
        Ok(())
    }
}
