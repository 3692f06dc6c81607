//! The running bot: intake → policy → agent → answer.

mod aliases;
mod answer;
mod chat_commands;
mod chores;
mod configuration;
mod delivery;
mod device;
mod disk;
mod greeter;
mod health;
mod housekeeping;
mod in_flight;
mod intake;
mod invitations;
mod key_watch;
mod kinds;
mod media;
mod mentions;
mod message;
mod missing_keys;
mod panics;
mod pauses;
mod permits;
mod presence;
mod profile;
mod queue;
mod reactions;
mod refusals;
mod reload;
mod render;
mod retry;
mod service_manager;
mod settings;
mod upgrades;
mod vacancies;
mod verification;
mod why;
mod worker;
mod workers;

pub use media::MediaSettings;
pub use presence::Marks;
pub use profile::check_picture;
pub use settings::Settings;

use std::{future::pending, pin::Pin, sync::Arc, time::Duration};

use futures_util::{Stream, StreamExt, stream};

use self::{
    configuration::Source,
    device::{Device, preflight},
    disk::Disk,
    health::Health,
    intake::Intake,
    invitations::Invitations,
    key_watch::KeyWatch,
    reload::Reloader,
    service_manager::ServiceManager,
    settings::Current,
    workers::Workers,
};
use crate::{
    address::Listen,
    config::Paths,
    error::Result,
    session::{Credentials, Rooms},
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

/// How a run of the bot ends that has not failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was told to stop.
    Stopped,
    /// The disk was full in the middle of something, and has room again. What the SDK keeps in memory
    /// may not be what it has written, so only a new process goes on safely.
    Restart,
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
    /// Until it ends it answers [`Request`](crate::ipc::Request)s on the socket there. A disk that is
    /// full does not end it: it waits until there is room.
    ///
    /// # Errors
    ///
    /// When the device is not sound, the homeserver cannot be reached at the start, or rejects
    /// the token at any time, or when a store fails.
    pub async fn run(
        self,
        announce: impl Fn(Milestone),
        orders: impl Stream<Item = Order>,
    ) -> Result<Ending> {
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
        let disk = Disk {
            places: [self.paths.store(), directory.clone()],
            health: health.clone(),
            is_unexplained: Arc::new(true.into()),
        };
        let device = Device {
            credentials: self.credentials,
            paths: self.paths.clone(),
            settings: settings.clone(),
            disk: disk.clone(),
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
        let running = keep_running(device, &announce, orders, &reloader, &service_manager);
        Box::pin(running).await
    }
}

/// Runs the device until it is ordered to stop, or until the disk was full and is not any more.
async fn keep_running(
    device: Device,
    announce: &impl Fn(Milestone),
    mut orders: Pin<&mut impl Stream<Item = Order>>,
    reloader: &Arc<Reloader>,
    service_manager: &ServiceManager,
) -> Result<Ending> {
    let (disk, settings) = (device.disk.clone(), device.settings.clone());
    let started = tokio::select! {
        started = device.start(announce) => started,
        () = stop(&mut orders, reloader) => return Ok(Ending::Stopped),
    };
    let (mut intake, key_watch) = match started {
        Err(error) if disk.is_to_blame(&error) => {
            return disk.restart(stop(&mut orders, reloader)).await;
        }
        started => started?,
    };
    let (workers, invitations) = (intake.workers.clone(), intake.invitations.clone());
    let chores = intake.chores.clone();
    let missing_keys = intake.missing_keys(&settings);
    let ended = tokio::select! {
        ended = intake.run() => ended,
        ended = watch(key_watch, || {
            tracing::info!(event = "encryption_ready", "encryption ready");
            announce(Milestone::EncryptionReady);
        }) => ended,
        ended = follow_settings(&settings, &workers, &invitations) => ended,
        never = chores.run() => match never {},
        ended = missing_keys.run() => ended.map(|never| match never {}),
        () = stop(&mut orders, reloader) => Ok(()),
    };
    let is_full = matches!(&ended, Err(error) if disk.is_to_blame(error));
    if !is_full {
        intake.health.stops(&ended);
        service_manager.stopping();
    }
    tracing::info!(event = "stopping", "stopping");
    let grace = settings.get().stop_grace;
    let closed = end(&mut intake, grace, stop(&mut orders, reloader)).await;
    tracing::info!(event = "stopped", "stopped");
    if is_full {
        return disk.restart(stop(&mut orders, reloader)).await;
    }
    match closed {
        // The next start takes it for a death, which is no worse.
        Err(error) if disk.is_to_blame(&error) => {}
        closed => closed?,
    }
    ended.map(|()| Ending::Stopped)
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
async fn follow_settings(
    settings: &Current,
    workers: &Workers,
    invitations: &Invitations,
) -> Result<()> {
    let mut changes = settings.changes();
    loop {
        // They were others while the bot started, too.
        workers.heed_settings();
        invitations.look().await?;
        // The sender is there as long as the settings are.
        let _ = changes.changed().await;
    }
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
