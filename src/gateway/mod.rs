//! The running bot: intake → policy → agent → answer.

mod answer;
mod chat_commands;
mod configuration;
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
mod reload;
mod render;
mod retry;
mod service_manager;
mod settings;
mod verification;
mod worker;
mod workers;

pub use media::MediaSettings;
pub use settings::Settings;

use std::{future::pending, path::Path, sync::Arc, time::Duration};

use backon::BackoffBuilder;
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::mpsc;

use self::{
    answer::Tools,
    chat_commands::is_command,
    configuration::Source,
    health::Health,
    intake::{Intake, first_step},
    invitations::Invitations,
    key_watch::KeyWatch,
    pauses::Endpoint,
    queue::Queue,
    reload::Reloader,
    service_manager::ServiceManager,
    settings::Current,
    verification::VerificationHandler,
    worker::Shared,
    workers::Workers,
};
use crate::{
    address::Listen,
    config::Paths,
    error::{Kind, Result},
    homeserver::Account,
    policy::Rule,
    session::{Audience, Credentials, Rooms, Session},
    terminal::Order,
    text::excerpt,
};

/// The target of log lines that are shown without `-v`: what ends a warning, and what somebody at
/// the terminal waits for.
pub const NOTICE: &str = "nanobot::notice";

/// A configured bot.
#[derive(Clone, Debug)]
pub struct Bot {
    /// Where its configuration and its store are, and where it can be asked.
    pub paths: Paths,
    /// Its device.
    pub credentials: Credentials,
    /// What may change while it runs.
    pub settings: Settings,
    /// Whether a homeserver that is away when the bot starts is waited for.
    pub waits: bool,
    /// Where health checks and metrics are answered, if anywhere.
    pub listen: Option<Listen>,
    /// What it was made of.
    source: Source,
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
    /// Makes sure that the bot could run. The caller holds the data directory's lock.
    ///
    /// # Errors
    ///
    /// What it would fail with when it starts.
    pub async fn check(&self) -> Result<()> {
        let account = self.credentials.account()?;
        preflight(&self.credentials, &account, &self.paths.store()).await
    }

    /// Runs the bot until it is ordered to stop, and ends at once where it is so again. The caller
    /// holds the data directory's lock.
    ///
    /// Until it ends it answers [`Request`](crate::ipc::Request)s on the socket there.
    ///
    /// # Errors
    ///
    /// When the device is not sound, the homeserver cannot be reached at the start, or rejects
    /// the token at any time, or when a store fails.
    pub async fn run(
        self,
        announce: impl Fn(Milestone),
        orders: impl Stream<Item = Order>,
    ) -> Result<()> {
        // Who gives no more orders goes on.
        let orders = orders.chain(stream::pending());
        tokio::pin!(orders);
        let settings = Current::new(self.settings);
        let now = settings.get();
        let health = Health::new(&self.credentials, now.policy.e2ee_enabled);
        health.configured(&now, self.source.read_at, Vec::new());
        tracing::info!(target: NOTICE, event = "connecting", "connecting to {} as {}",
            self.credentials.homeserver, self.credentials.user_id);
        let directory = self.paths.dir().to_owned();
        let _listener = self.listen.as_ref().and_then(|it| health.listen(it));
        let device = Device {
            credentials: self.credentials,
            paths: self.paths.clone(),
            settings: settings.clone(),
            health: health.clone(),
            waits: self.waits,
        };
        let e2ee_enabled = now.policy.e2ee_enabled;
        let service_manager = Arc::new(ServiceManager::of(&health));
        let announce = |milestone| {
            announce(milestone);
            if milestone == Milestone::EncryptionReady || !e2ee_enabled {
                service_manager.ready();
            }
        };
        let reloader = Arc::new(Reloader::new(
            self.paths,
            self.source,
            settings.clone(),
            health,
            service_manager.clone(),
        ));
        let _server = reloader.serve(&directory);
        let (mut intake, key_watch) = tokio::select! {
            started = device.start(&announce) => started?,
            () = stop(&mut orders, &reloader) => return Ok(()),
        };
        let (workers, invitations) = (intake.workers.clone(), intake.invitations.clone());
        let ended = tokio::select! {
            ended = intake.run() => ended,
            ended = watch(key_watch, || {
                tracing::info!(event = "encryption_ready", "encryption ready");
                announce(Milestone::EncryptionReady);
            }) => ended,
            ended = heed(&settings, &workers, &invitations) => ended,
            () = stop(&mut orders, &reloader) => Ok(()),
        };
        intake.health.stops(&ended);
        service_manager.stopping();
        tracing::info!(event = "stopping", "stopping");
        let grace = settings.get().stop_grace;
        end(&mut intake, grace, stop(&mut orders, &reloader)).await?;
        tracing::info!(event = "stopped", "stopped");
        ended
    }
}

/// Completes when the bot is ordered to stop; until then it reloads whenever it is ordered to.
async fn stop(orders: &mut (impl Stream<Item = Order> + Unpin), reloader: &Arc<Reloader>) {
    while let Some(Order::Reload) = orders.next().await {
        let reloader = reloader.clone();
        // What comes of it is logged.
        tokio::spawn(async move { reloader.reload().await.map(drop) });
    }
}

/// Ends the bot when the answers under way are done or this time is over; or at once.
async fn end(
    intake: &mut Intake,
    grace: Duration,
    at_once: impl Future<Output = ()>,
) -> Result<()> {
    let (workers, session) = (intake.workers.clone(), &mut intake.session);
    let ending = async {
        workers.stop(grace).await;
        session.end_run().await
    };
    tokio::select! {
        ended = ending => ended,
        () = at_once => {
            workers.abandon().await;
            Ok(())
        }
    }
}

/// Sees to it that whoever waits for other settings hears of them.
async fn heed(settings: &Current, workers: &Workers, invitations: &Invitations) -> Result<()> {
    let mut changes = settings.changes();
    loop {
        // They were others while the bot started, too.
        workers.heed_settings();
        invitations.look().await?;
        // The sender is there as long as the settings are.
        let _ = changes.changed().await;
    }
}

/// The bot's device, and by what it is run.
struct Device {
    credentials: Credentials,
    paths: Paths,
    settings: Current,
    health: Health,
    waits: bool,
}

impl Device {
    async fn start(self, announce: &impl Fn(Milestone)) -> Result<(Intake, Option<KeyWatch>)> {
        let account = self.credentials.account()?;
        let health = self.health.clone();
        let mut session = self.open(&account).await?;
        // What a run that died was at is counted; one that ended as it should was at nothing.
        let journal = session.journal.clone();
        let left_to = if journal.begin_run().await? {
            journal.newest().await?
        } else {
            0
        };
        let first = first_step(&mut session, &health, self.waits).await?;
        tracing::info!(event = "connected", "connected");
        announce(Milestone::Connected);

        let settings = self.settings;
        let now = settings.get();
        now.media.tidy();
        let (broken_sender, broken) = mpsc::channel(1);
        let ours = session.keys().await?;
        let key_watch = now.policy.e2ee_enabled.then(|| {
            let directory = self.paths.dir();
            KeyWatch::new(account, &self.credentials, ours, health.clone(), directory)
        });
        let rooms = session.rooms();
        let invitations = Invitations::new(journal, rooms, settings.clone(), health.clone());
        let tools = Tools::new(&session, &health);
        let in_flight = tools.in_flight.clone();
        let workers = Workers::new(Shared::new(tools, settings, left_to), broken_sender);
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
    async fn open(&self, account: &Account) -> Result<Session> {
        let (credentials, store) = (&self.credentials, self.paths.store());
        let (settings, health) = (&self.settings, &self.health);
        let pauses = &health.pauses;
        let mut backoff = retry::WHILE_AWAY.build();
        loop {
            let preflight = || preflight(credentials, account, &store);
            match pauses.patiently(Endpoint::Sync, preflight).await {
                Err(error) if error.kind() == Kind::Unreachable && self.waits => {
                    let pause = retry::next(&mut backoff);
                    health.away(&error, pause);
                    tokio::time::sleep(pause).await;
                }
                outcome => break outcome?,
            }
        }
        let mut session = Session::open(credentials, &store).await?;
        let begin = || session.begin_run();
        session.run = Some(pauses.patiently(Endpoint::Sync, begin).await?);
        let e2ee_enabled = settings.get().policy.e2ee_enabled;
        let verifications = e2ee_enabled.then(|| {
            let handler = VerificationHandler::new(&credentials.user_id, settings.clone());
            session.verifications(handler)
        });
        session.command_rule = Some(is_command);
        session.audience = audience(settings.clone(), session.rooms(), health.clone());
        health.opened(&session, e2ee_enabled, verifications).await?;
        Ok(session)
    }
}

/// Refuses a device whose encryption would be broken by starting it.
async fn preflight(credentials: &Credentials, account: &Account, store: &Path) -> Result<()> {
    let state = credentials.device_state(account, store).await?;
    state.check().map(drop)
}

/// Who may be answered at all. What others say is not even kept.
fn audience(settings: Current, rooms: Rooms, health: Health) -> Audience {
    Box::new(move |room_id, sender| {
        let is_allowed = settings.get().policy.allow_from.allows(sender);
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
