//! The running bot: intake → policy → agent → answer.

mod answer;
mod chat_commands;
mod delivery;
mod health;
mod in_flight;
mod intake;
mod invitations;
mod key_watch;
mod kinds;
mod media;
mod mentions;
mod message;
mod panics;
mod pauses;
mod permits;
mod presence;
mod queue;
mod refusals;
mod render;
mod retry;
mod verification;
mod worker;
mod workers;

pub use media::MediaSettings;

use std::{future::pending, path::PathBuf, sync::Arc, time::Duration};

use tokio::sync::mpsc;

use self::{
    answer::{Answerer, Asker, Attachments, Filter, Quotes},
    chat_commands::{ChatCommands, is_command},
    delivery::Delivery,
    health::Health,
    in_flight::InFlight,
    intake::{Intake, first_step},
    invitations::Invitations,
    key_watch::KeyWatch,
    media::Media,
    pauses::Endpoint,
    permits::Permits,
    presence::{Receipts, Typing},
    queue::Queue,
    verification::VerificationHandler,
    worker::Shared,
    workers::Workers,
};
use crate::{
    address::Listen,
    agent::{Configured, WhileBusy},
    error::Result,
    homeserver::Account,
    policy::{Policy, Rule},
    session::{Audience, Credentials, Rooms, Session},
    text::excerpt,
};

/// The target of log lines that are shown without `-v`: what ends a warning, and what somebody at
/// the terminal waits for.
pub const NOTICE: &str = "nanobot::notice";

/// The most messages that are answered with one reply.
const TOGETHER: u32 = 50;

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
    /// Where health checks and metrics are answered, if anywhere.
    pub listen: Option<Listen>,
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
    /// Until it ends it answers [`Request`](crate::ipc::Request)s on the socket there.
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
        let health = Health::new(&self.credentials, &self.policy, &agent);
        tracing::info!(target: NOTICE, event = "connecting", "connecting to {} as {}",
            self.credentials.homeserver, self.credentials.user_id);
        let _server = health.serve(&self.directory);
        let _listener = self.listen.as_ref().and_then(|it| health.listen(it));
        let starting = self.start(agent, health, &announce);
        let (mut intake, key_watch) = tokio::select! {
            started = starting => started?,
            () = &mut stop => return Ok(()),
        };
        let ended = tokio::select! {
            ended = intake.run() => ended,
            ended = watch(key_watch, || {
                tracing::info!(event = "encryption_ready", "encryption ready");
                announce(Milestone::EncryptionReady);
            }) => ended,
            () = &mut stop => Ok(()),
        };
        intake.health.stops(&ended);
        tracing::info!(event = "stopping", "stopping");
        intake.workers.stop(stop_grace).await;
        intake.session.end_run().await?;
        tracing::info!(event = "stopped", "stopped");
        ended
    }

    async fn start(
        self,
        agent: Configured,
        health: Health,
        announce: &impl Fn(Milestone),
    ) -> Result<(Intake, Option<KeyWatch>)> {
        let account = self.credentials.account()?;
        let mut session = self.open(&account, &health).await?;
        // What a run that died was at is counted; one that ended as it should was at nothing.
        let journal = session.journal.clone();
        let left_to = if journal.begin_run().await? {
            journal.newest().await?
        } else {
            0
        };
        let first = first_step(&mut session, &health).await?;
        tracing::info!(event = "connected", "connected");
        announce(Milestone::Connected);

        let (broken_sender, broken) = mpsc::channel(1);
        let ours = session.keys().await?;
        let key_watch = self.policy.e2ee_enabled.then(|| {
            let account = account.clone();
            KeyWatch::new(
                account,
                &self.credentials,
                ours,
                health.clone(),
                &self.directory,
            )
        });
        let invitations = Invitations::new(
            journal,
            session.rooms(),
            self.policy.allow_from.clone(),
            health.clone(),
        );
        let shared = self.stages(&session, account, agent, left_to, &health);
        let in_flight = shared.in_flight.clone();
        let workers = Workers::new(shared, broken_sender);
        health.answering(Arc::new(Queue {
            journal: session.journal.clone(),
            in_flight,
            workers: workers.downgrade(),
        }));
        let intake = Intake {
            session,
            workers,
            invitations,
            broken,
            health,
        };
        intake.resume(&first).await?;
        Ok((intake, key_watch))
    }

    /// Opens the device, once it is sure that this does not break it.
    async fn open(&self, account: &Account, health: &Health) -> Result<Session> {
        let (credentials, policy) = (&self.credentials, &self.policy);
        let pauses = &health.pauses;
        // A device whose encryption would be broken by starting it is refused.
        let preflight = || async {
            let state = credentials.device_state(account, &self.store).await?;
            state.check().map(drop)
        };
        pauses.patiently(Endpoint::Sync, preflight).await?;
        let mut session = Session::open(credentials, &self.store).await?;
        let begin = || session.begin_run();
        session.run = Some(pauses.patiently(Endpoint::Sync, begin).await?);
        let verifications = policy.e2ee_enabled.then(|| {
            let allow_from = policy.allow_from.clone();
            let handler =
                VerificationHandler::new(&credentials.user_id, allow_from, self.sas_verification);
            session.verifications(handler)
        });
        session.command_rule = Some(is_command);
        session.audience = audience(policy, session.rooms(), health.clone());
        health
            .opened(&session, policy.e2ee_enabled, verifications)
            .await?;
        Ok(session)
    }

    /// What answers the messages.
    fn stages(
        self,
        session: &Session,
        account: Account,
        agent: Configured,
        left_to: i64,
        health: &Health,
    ) -> Shared {
        let pauses = &health.pauses;
        let user_id = self.credentials.user_id;
        let in_flight = InFlight::default();
        let media = Arc::new(Media::new(account, &self.media, pauses.clone()));
        let quotes = Quotes {
            rooms: session.rooms(),
            media: media.clone(),
            policy: self.policy.clone(),
            user_id: user_id.clone(),
        };
        let answerer = Answerer {
            unread: std::sync::Mutex::default(),
            filter: Filter::new(session, self.policy, user_id.clone(), health.clone()),
            attachments: Attachments {
                rooms: session.rooms(),
                media: media.clone(),
                directories: agent.agent.attachments_from().to_vec(),
            },
            commands: ChatCommands {
                journal: session.journal.clone(),
                rooms: session.rooms(),
                user_id,
                agent: agent.agent.clone(),
                agent_kind: agent.kind,
                most: agent.conversations,
                in_flight: in_flight.clone(),
                health: health.clone(),
            },
            asker: Asker {
                agent: agent.agent,
                rooms: session.rooms(),
                media,
                quotes,
                typing: Typing::new(session.rooms(), pauses.clone()),
                in_flight: in_flight.clone(),
                kind: agent.kind,
                metrics: health.metrics.clone(),
                streaming: self.streaming,
            },
            delivery: Delivery::new(session, health),
            receipts: Receipts::new(session.rooms(), pauses.clone()),
            journal: session.journal.clone(),
            pauses: pauses.clone(),
            health: health.clone(),
        };
        Shared {
            answerer,
            in_flight,
            permits: Permits::new(agent.conversations.get()),
            together: match agent.while_busy {
                WhileBusy::Queue => 1,
                WhileBusy::Together => TOGETHER,
            },
            left_to,
        }
    }
}

/// Who may be answered at all. What others say is not even kept.
fn audience(policy: &Policy, rooms: Rooms, health: Health) -> Audience {
    let allow_from = policy.allow_from.clone();
    Box::new(move |room_id, sender| {
        let is_allowed = allow_from.allows(sender);
        if !is_allowed {
            let rule = Rule::SenderNotAllowed;
            health.refusals.add(rule);
            tracing::info!(
                event = "message",
                room_id,
                sender,
                verdict = rule.name(),
                "{} in {}: not answered: {rule}",
                excerpt(sender),
                shown(&rooms, room_id)
            );
        }
        is_allowed
    })
}

/// A room as the log calls it: by its name, where it has one, else by its ID.
fn shown(rooms: &Rooms, room_id: &str) -> String {
    match rooms.name(room_id) {
        Some(name) => format!("\"{name}\""),
        None => excerpt(room_id),
    }
}

/// Watches over the device's keys until the token is rejected; for ever where encryption is
/// switched off.
async fn watch(key_watch: Option<KeyWatch>, ready: impl Fn()) -> Result<()> {
    match key_watch {
        Some(key_watch) => key_watch.run(ready).await.map(|never| match never {}),
        None => pending().await,
    }
}
