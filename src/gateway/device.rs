//! The bot's device, opened and brought to work.

use std::{path::Path, sync::Arc};

use backon::BackoffBuilder;
use tokio::sync::mpsc;

use super::{
    Milestone,
    aliases::Aliases,
    answer::Tools,
    chat_commands::is_command,
    chores::Chores,
    disk::Disk,
    health::Health,
    housekeeping::Housekeeping,
    intake::{Intake, first_step},
    invitations::Invitations,
    key_watch::KeyWatch,
    pauses::Endpoint,
    profile::Profile,
    queue::Queue,
    retry,
    settings::Current,
    shown,
    upgrades::Upgrades,
    vacancies::Vacancies,
    verification::VerificationHandler,
    why::Why,
    worker::Shared,
    workers::Workers,
};
use crate::{
    config::Paths,
    error::{Kind, Result},
    homeserver::Account,
    policy::Rule,
    session::{Audience, Credentials, Rooms, Session},
    text::excerpt,
};

/// The bot's device, and by what it is run.
pub struct Device {
    pub credentials: Credentials,
    pub paths: Paths,
    pub settings: Current,
    pub disk: Disk,
    /// Whether a homeserver that is away when the bot starts is waited for.
    pub waits: bool,
}

impl Device {
    /// Opens the device, does its first sync, and takes up what the last run left.
    pub async fn start(self, announce: &impl Fn(Milestone)) -> Result<(Intake, Option<KeyWatch>)> {
        self.disk.wait().await;
        let account = self.credentials.account()?;
        let health = self.disk.health.clone();
        let mut session = self.open(&account).await?;
        // What a run that died was at is counted; one that ended as it should was at nothing.
        let journal = session.journal.clone();
        let left = journal.newest().await?;
        let left_to = if journal.begin_run().await? { left } else { 0 };
        let first = first_step(&mut session, &self.disk, self.waits).await?;
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
        let upgrades = Upgrades::new(&session, &settings, &health);
        let invitations = Invitations::new(upgrades.clone());
        let tools = Tools::new(&session, &health, left);
        let in_flight = tools.in_flight.clone();
        let chores = chores(&session, &settings, &tools, self.paths);
        chores.aliases.prepare().await;
        let why = Why::new(&session, &settings);
        let workers = Workers::new(Shared::new(tools, settings, left_to), broken_sender);
        health.open_queue(Arc::new(Queue {
            journal: session.journal.clone(),
            in_flight,
            workers: workers.downgrade(),
            why,
        }));
        let intake = Intake {
            session,
            workers,
            upgrades,
            invitations,
            broken,
            health,
            disk: self.disk,
            chores,
        };
        intake.resume(&first).await?;
        Ok((intake, key_watch))
    }

    /// Opens the device, once it is sure that this does not break it.
    async fn open(&self, account: &Account) -> Result<Session> {
        let (credentials, store) = (&self.credentials, self.paths.store());
        let (settings, health) = (&self.settings, &self.disk.health);
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
        let heard = settings.clone();
        session.reactors = Box::new(move |_, sender| heard.get().policy.hears_reactions(sender));
        session.audience = audience(settings.clone(), session.rooms(), health.clone());
        health.opened(&session, e2ee_enabled, verifications).await?;
        Ok(session)
    }
}

/// Refuses a device whose encryption would be broken by starting it.
pub async fn preflight(credentials: &Credentials, account: &Account, store: &Path) -> Result<()> {
    let state = credentials.device_state(account, store).await?;
    state.check().map(drop)
}

/// What the bot does beside answering.
fn chores(session: &Session, settings: &Current, tools: &Tools, paths: Paths) -> Chores {
    let health = &tools.health;
    Chores {
        profile: Profile::new(session, settings, health),
        vacancies: Vacancies::new(session, settings, health),
        aliases: Aliases::new(session, settings),
        housekeeping: Housekeeping {
            settings: settings.clone(),
            paths,
            user_id: session.credentials.user_id.clone(),
            grown: tools.grown.clone(),
            journal: session.journal.clone(),
            rooms: session.rooms(),
            health: health.clone(),
        },
    }
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
