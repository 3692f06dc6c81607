//! Reading the configuration anew while the bot runs.

use std::{path::Path, sync::Arc};

use tokio::sync::Mutex;

use super::{
    Bot, NOTICE,
    configuration::{Changes, Source},
    health::Health,
    service_manager::ServiceManager,
    settings::Current,
};
use crate::{
    config::Paths,
    error::Result,
    ipc::{Reloaded, Request, Server},
    threads::aside,
};

/// Reads the configuration anew, for whoever asks.
pub struct Reloader {
    paths: Paths,
    settings: Current,
    health: Health,
    service_manager: Arc<ServiceManager>,
    /// One reload at a time.
    sources: Mutex<Sources>,
}

/// What the configuration said.
struct Sources {
    /// When the gateway was started.
    first: Source,
    /// When it was read last.
    last: Source,
}

impl Reloader {
    /// For a gateway that was started with this configuration.
    pub fn new(
        paths: Paths,
        source: Source,
        settings: Current,
        health: Health,
        service_manager: Arc<ServiceManager>,
    ) -> Self {
        let sources = Sources {
            first: source.clone(),
            last: source,
        };
        Self {
            paths,
            settings,
            health,
            service_manager,
            sources: Mutex::new(sources),
        }
    }

    /// Reads the configuration as a start would. What can change while the bot runs counts from now
    /// on; where anything in it is wrong, nothing changes. What comes of it is logged.
    ///
    /// # Errors
    ///
    /// As [`Bot::configured`].
    pub async fn reload(&self) -> Result<Reloaded> {
        let outcome = self.try_reload().await;
        match &outcome {
            Ok(reloaded) => self.tell(reloaded),
            Err(error) => {
                self.health.failed(error);
                let (error, hint) = (self.health.words(error), error.hint_text());
                let hint = hint.map_or_else(String::new, |hint| format!("; {hint}"));
                tracing::error!(
                    event = "reload_failed",
                    error,
                    "cannot reload the configuration, so nothing changes: {error}{hint}"
                );
            }
        }
        outcome
    }

    /// Answers in this directory from now on. A bot that cannot be asked is still a bot, so it only
    /// warns where that cannot be.
    pub fn serve(self: &Arc<Self>, directory: &Path) -> Option<Server> {
        let reloader = self.clone();
        let answer = move |request| {
            let reloader = reloader.clone();
            async move {
                match request {
                    Request::Reload => reloader.reload().await.into(),
                    request => reloader.health.tell(request).await,
                }
            }
        };
        Server::start(directory, answer)
            .inspect_err(|error| tracing::warn!("status socket unavailable: {error}"))
            .ok()
    }

    async fn try_reload(&self) -> Result<Reloaded> {
        let mut sources = self.sources.lock().await;
        let _telling = self.service_manager.reloading();
        let paths = self.paths.clone();
        // The disk and the keyring may take their time.
        let Bot {
            mut settings,
            source,
            ..
        } = aside(move || Bot::configured(&paths)).await?;
        let Changes {
            applied,
            need_restart,
            agent,
        } = sources.last.changes(&sources.first, &source);
        let before = self.settings.get();
        if !agent {
            // It may remember what was said.
            settings.agent.agent = before.agent.agent.clone();
        }
        settings.policy.e2ee_enabled = before.policy.e2ee_enabled;
        self.health
            .configured(&settings, source.read_at, need_restart.clone());
        sources.last = source;
        self.settings.replace(settings);
        Ok(Reloaded {
            changed: applied,
            needs_restart: need_restart,
        })
    }

    fn tell(&self, reloaded: &Reloaded) {
        let changed = reloaded.changed.join(", ");
        let settings = self.settings.get();
        if changed.is_empty() {
            tracing::info!(target: NOTICE, event = "reloaded", "configuration reloaded: nothing to change");
        } else {
            tracing::info!(target: NOTICE, event = "reloaded", changed,
                "configuration reloaded ({changed}): {} Agent: {}",
                settings.policy.describe(), settings.agent.describe());
        }
        let needs_restart = reloaded.needs_restart.join(", ");
        if !needs_restart.is_empty() {
            tracing::warn!(
                event = "reloaded",
                needs_restart,
                "changed in the configuration, but needs a restart: {needs_restart}"
            );
        }
    }
}
