//! The running bot: intake → policy → agent → answer.

mod admission;
mod answer;
mod ask;
mod backoff;
mod commands;
mod conversation;
mod drafts;
mod enclose;
mod health;
mod invitations;
mod key_watch;
mod media;
mod message;
mod outlet;
mod pauses;
mod places;
mod receipts;
mod refusals;
mod senders;
mod setbacks;
mod turns;
mod typing;
mod verification;
mod words;
mod workers;

pub use media::MediaSettings;

use std::{future::pending, path::PathBuf, time::Duration};

use tokio::sync::mpsc;

use self::{
    answer::Answerer,
    backoff::Backoff,
    commands::is_command,
    health::Health,
    invitations::Invitations,
    key_watch::{KeyWatch, Nudge},
    media::Media,
    pauses::Endpoint,
    places::Places,
    receipts::Receipts,
    refusals::Refusals,
    turns::Turns,
    typing::Typing,
    verification::Reception,
    workers::Workers,
};
use crate::{
    agent::Configured,
    error::{Error, Kind, Result},
    homeserver::Account,
    instance::crash_point,
    policy::{Policy, Rule},
    session::{Audience, Credentials, Facts, Session, Step, StoreAccount, begin_generation},
};

/// How long a sync waits for something to happen.
const POLL: Duration = Duration::from_secs(30);

/// A configured bot.
#[derive(Clone, Debug)]
pub struct Bot {
    /// Its device.
    pub credentials: Credentials,
    /// Whom it answers.
    pub policy: Policy,
    /// Its data directory, where it can be asked.
    pub directory: PathBuf,
    /// The directory of its encryption store.
    pub store: PathBuf,
    /// What it does with files.
    pub media: MediaSettings,
    /// Whether verifications by emoji are completed without anyone comparing them.
    pub sas_verification: bool,
    /// Whether answers are shown while they are being written.
    pub streaming: bool,
    /// How long answers under way may take when the bot is told to stop.
    pub stop_grace: Duration,
}

/// What a person waits to read while the bot starts. Each is said once, when it is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Milestone {
    /// The first sync is done.
    Connected,
    /// The device's keys are published and others can start encrypted conversations.
    EncryptionReady,
}

impl Bot {
    /// Runs the bot until `stop` completes. The caller holds the data directory's lock.
    ///
    /// Until it ends it answers [`Request`](crate::instance::Request)s on the socket there.
    ///
    /// # Errors
    ///
    /// When the device is not sound, the homeserver cannot be reached at the start, or rejects
    /// the token at any time, or when a store fails.
    pub async fn run(
        self,
        agent: Configured,
        announce: impl Fn(Milestone),
        stop: impl Future<Output = ()>,
    ) -> Result<()> {
        tokio::pin!(stop);
        let stop_grace = self.stop_grace;
        let health = Health::new(&self.credentials, self.policy.e2ee_enabled);
        let _server = health.serve(&self.directory);
        let starting = self.start(agent, health, &announce);
        let (mut running, key_watch) = tokio::select! {
            started = starting => started?,
            () = &mut stop => return Ok(()),
        };
        let ended = tokio::select! {
            ended = running.serve() => ended,
            ended = watch(key_watch, || announce(Milestone::EncryptionReady)) => ended,
            () = &mut stop => Ok(()),
        };
        running.workers.stop(stop_grace).await;
        running.session.inbox().end_run().await?;
        ended
    }

    async fn start(
        self,
        agent: Configured,
        health: Health,
        announce: &impl Fn(Milestone),
    ) -> Result<(Running, Option<KeyWatch>)> {
        let account = self.credentials.account()?;
        let pauses = health.pauses.clone();
        let preflight = || self.preflight(&account);
        pauses.patiently(Endpoint::Sync, preflight).await?;
        let mut session = Session::open(&self.credentials, &self.store).await?;
        let (user_id, device_id) = (&self.credentials.user_id, &self.credentials.device_id);
        let begin = || begin_generation(&account, session.inbox(), user_id, device_id);
        pauses.patiently(Endpoint::Sync, begin).await?;
        let verifications = self.policy.e2ee_enabled.then(|| {
            let allow_from = self.policy.allow_from.clone();
            let own_id = &self.credentials.user_id;
            let reception = Reception::new(own_id, allow_from, self.sas_verification);
            session.verifications(&account, reception)
        });
        session.set_apart(is_command);
        session.set_audience(audience(&self.policy));
        health
            .opened(&session, &account, self.policy.e2ee_enabled, verifications)
            .await?;
        // What a run that died was at is counted; one that ended as it should was at nothing.
        let left_to = if session.inbox().begin_run().await? {
            session.inbox().newest().await?
        } else {
            0
        };
        let first = first_step(&mut session, &health).await?;
        announce(Milestone::Connected);

        let (broken, breakage) = mpsc::channel(1);
        let e2ee_enabled = self.policy.e2ee_enabled;
        let invitations = Invitations::new(
            session.inbox().clone(),
            session.rooms(),
            self.policy.allow_from.clone(),
            pauses.clone(),
        );
        let answerer = Answerer {
            inbox: session.inbox().clone(),
            rooms: session.rooms(),
            policy: self.policy,
            agent: agent.agent,
            agent_kind: agent.kind,
            most: agent.conversations,
            places: Places::new(agent.conversations.get()),
            turns: Turns::default(),
            typing: Typing::new(session.rooms(), pauses.clone()),
            receipts: Receipts::new(session.rooms(), pauses.clone()),
            media: Media::new(account.clone(), &self.media).heeding(pauses.clone()),
            pauses,
            user_id: self.credentials.user_id.clone(),
            health: health.clone(),
            streaming: self.streaming,
            refusals: Refusals::new(health.clone()),
        };
        let ours = session.keys().await?;
        let (key_watch, nudge) = KeyWatch::new(account, &self.credentials, ours, health.clone());
        let running = Running {
            workers: Workers::new(answerer, agent.while_busy, left_to, broken),
            invitations,
            breakage,
            nudge,
            session,
            health,
        };
        running.resume(&first).await?;
        Ok((running, e2ee_enabled.then_some(key_watch)))
    }

    /// Refuses a device whose encryption would be broken by starting it.
    async fn preflight(&self, account: &Account) -> Result<()> {
        let Credentials {
            user_id, device_id, ..
        } = &self.credentials;
        let store = StoreAccount::read(&self.store).await?;
        let facts = Facts::gather(account, user_id, device_id, store).await?;
        facts.readiness().map(drop)
    }
}

/// Who may be answered at all. What others say is not even kept.
fn audience(policy: &Policy) -> Audience {
    let allow_from = policy.allow_from.clone();
    Audience::new(move |room, sender| {
        let is_allowed = allow_from.allows(sender);
        if !is_allowed {
            tracing::info!(%room, %sender, "not answered: {}", Rule::SenderNotAllowed);
        }
        is_allowed
    })
}

/// Watches over the device's keys until the token is rejected; for ever where encryption is
/// switched off.
async fn watch(key_watch: Option<KeyWatch>, ready: impl Fn()) -> Result<()> {
    match key_watch {
        Some(key_watch) => key_watch.run(ready).await.map(|never| match never {}),
        None => pending().await,
    }
}

/// The first sync. A homeserver that does not answer it is away; one that answered, and then
/// does not give what the answer left out, is waited for.
async fn first_step(session: &mut Session, health: &Health) -> Result<Step> {
    let mut backoff = Backoff::default();
    loop {
        match health.pauses.step(session, Duration::ZERO).await {
            Err(error) if error.kind() == Kind::Unreachable && session.holds_response() => {
                tracing::warn!(%error, "trying again");
                health.away(&error);
                backoff.wait().await;
            }
            Ok(step) => {
                health.synced(step.fault);
                return Ok(step);
            }
            Err(error) => return Err(error),
        }
    }
}

/// The bot after its first sync.
struct Running {
    session: Session,
    workers: Workers,
    invitations: Invitations,
    breakage: mpsc::Receiver<Error>,
    nudge: Nudge,
    health: Health,
}

impl Running {
    /// Takes up what the last run left, and what the first sync brought.
    async fn resume(&self, first: &Step) -> Result<()> {
        self.workers.end_drafts().await?;
        for conversation in self.session.inbox().waiting_conversations().await? {
            self.workers.wake(conversation);
        }
        self.dispatch(first).await?;
        self.invitations.look().await
    }

    async fn serve(&mut self) -> Result<()> {
        let mut backoff = None;
        loop {
            // After a failure the first answer should come at once, to know that it is over.
            let poll = if backoff.is_some() {
                Duration::ZERO
            } else {
                POLL
            };
            let step = tokio::select! {
                step = self.health.pauses.step(&mut self.session, poll) => step,
                Some(error) = self.breakage.recv() => Err(error),
            };
            match step {
                Ok(step) => {
                    self.health.synced(step.fault);
                    if backoff.take().is_some() {
                        tracing::info!("the homeserver is back");
                        self.invitations.look().await?;
                    }
                    if step.keys {
                        self.nudge.look();
                    }
                    self.dispatch(&step).await?;
                    // What waits for the disk there does not wait for the disk here.
                    if step.changes.new_events == 0 {
                        self.session.inbox().shrink().await?;
                    }
                }
                Err(error) if error.kind() == Kind::Unreachable => {
                    tracing::warn!(%error, "the homeserver is away; trying again");
                    self.health.away(&error);
                    backoff.get_or_insert_with(Backoff::default).wait().await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn dispatch(&self, step: &Step) -> Result<()> {
        if !step.changes.fresh.is_empty() {
            crash_point("dispatch");
        }
        self.workers.heed(&step.changes);
        if step.invited {
            self.invitations.look().await?;
        }
        Ok(())
    }
}
