//! Telling the service manager how the bot is (`sd_notify(3)`), where one wants to know.

use std::{
    env,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use sd_notify::NotifyState;
use tokio::{sync::watch, time::sleep};
use tokio_util::task::AbortOnDropHandle;

use super::health::Health;
use crate::ipc::Status;

/// How often it is looked whether there is something to tell; looking asks the disk and the agent.
const EVERY: Duration = Duration::from_secs(30);
/// The same while it starts or stops.
const IN_TRANSIT: Duration = Duration::from_secs(10);
/// The time that a start or a stop under way may take beyond its limit, in microseconds; asked for
/// again and again.
const MORE_TIME: u32 = 30_000_000;
/// A start that takes longer is given no more time.
const LONGEST_START: Duration = Duration::from_mins(30);

/// How far the bot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Starting,
    Ready,
    Stopping,
}

/// The service manager, which is told how the bot is as long as this is there.
pub struct ServiceManager {
    phase: watch::Sender<Phase>,
    _telling: Option<AbortOnDropHandle<()>>,
}

impl ServiceManager {
    /// Tells how the bot is from now on, that it is starting first.
    pub fn of(health: &Health) -> Self {
        let phase = watch::Sender::new(Phase::Starting);
        let telling = env::var_os("NOTIFY_SOCKET").map(|_| {
            let watchdog = sd_notify::watchdog_enabled().filter(|time| !time.is_zero());
            let telling = Telling {
                health: health.clone(),
                phase: phase.subscribe(),
                watchdog,
                since: Instant::now(),
                line: String::new(),
                fed: None,
            };
            AbortOnDropHandle::new(tokio::spawn(telling.run()))
        });
        Self {
            phase,
            _telling: telling,
        }
    }

    /// The bot is ready.
    pub fn ready(&self) {
        self.phase.send_replace(Phase::Ready);
    }

    /// The bot stops, for which it takes its time.
    pub fn stopping(&self) {
        tell(&[
            NotifyState::Stopping,
            NotifyState::ExtendTimeoutUsec(MORE_TIME),
        ]);
        self.phase.send_replace(Phase::Stopping);
    }

    /// The configuration is being read anew until what is returned is dropped. Before it is ready
    /// and when it stops, that is nothing to tell.
    pub fn reloading(&self) -> Option<Reloading> {
        if *self.phase.borrow() != Phase::Ready {
            return None;
        }
        // The clock can always be read.
        let now = NotifyState::monotonic_usec_now().ok()?;
        tell(&[NotifyState::Reloading, now]);
        Some(Reloading(self.phase.subscribe()))
    }
}

/// The configuration is being read anew.
pub struct Reloading(watch::Receiver<Phase>);

impl Drop for Reloading {
    fn drop(&mut self) {
        if *self.0.borrow() == Phase::Ready {
            tell(&[NotifyState::Ready]);
        }
    }
}

/// What was told, and what is to be told.
struct Telling {
    health: Health,
    phase: watch::Receiver<Phase>,
    /// How long the service manager waits for a sign of life; `None` where it does not.
    watchdog: Option<Duration>,
    since: Instant,
    /// The status as it was told last.
    line: String,
    /// When the last sign of life was given.
    fed: Option<Instant>,
}

impl Telling {
    async fn run(mut self) {
        let mut told_ready = false;
        loop {
            let status = self.health.status().await;
            let phase = *self.phase.borrow_and_update();
            let mut news = Vec::new();
            if phase == Phase::Ready && !std::mem::replace(&mut told_ready, true) {
                news.push(NotifyState::Ready);
            }
            if self.needs_time(phase, &status) {
                news.push(NotifyState::ExtendTimeoutUsec(MORE_TIME));
            }
            if self.is_to_feed(phase, &status) {
                self.fed = Some(Instant::now());
                news.push(NotifyState::Watchdog);
            }
            let line = status.line(status.connection(), &status.problems());
            if line != self.line {
                news.push(NotifyState::Status(&line));
            }
            tell(&news);
            self.line = line;
            let pause = match phase {
                Phase::Ready => EVERY,
                Phase::Starting | Phase::Stopping => IN_TRANSIT,
            };
            let pause = self.watchdog.map_or(pause, |time| pause.min(time / 2));
            tokio::select! {
                () = sleep(pause) => {}
                // Its sender lives as long as this.
                _ = self.phase.changed() => {}
            }
        }
    }

    /// Whether a start or stop takes longer for good reasons.
    fn needs_time(&self, phase: Phase, status: &Status) -> bool {
        match phase {
            Phase::Starting => {
                let is_waiting = !status.connected || status.away_since.is_some();
                is_waiting && self.since.elapsed() < LONGEST_START
            }
            Phase::Ready => false,
            Phase::Stopping => true,
        }
    }

    /// Whether it is time for a sign of life, and there is life: the sync loop turns and the message
    /// queue answers. A stop has a limit of its own.
    fn is_to_feed(&self, phase: Phase, status: &Status) -> bool {
        let Some(watchdog) = self.watchdog else {
            return false;
        };
        let is_alive = match phase {
            Phase::Starting => false,
            Phase::Ready => status.readiness.as_ref().is_some_and(|it| it.alive),
            Phase::Stopping => true,
        };
        // A little early rather than late.
        let is_due = |fed: Instant| fed.elapsed() >= watchdog * 2 / 5;
        is_alive && self.fed.is_none_or(is_due)
    }
}

/// Tells the service manager this, if there is one. Where that fails, it fails for good.
fn tell(news: &[NotifyState<'_>]) {
    static FAILED: AtomicBool = AtomicBool::new(false);
    if news.is_empty() {
        return;
    }
    if let Err(error) = sd_notify::notify(news)
        && !FAILED.swap(true, Ordering::Relaxed)
    {
        tracing::warn!("cannot notify the service manager: {error}");
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::{config::Secret, homeserver::Options, ipc::Turn, session::Credentials};

    fn telling(watchdog: Option<Duration>) -> Telling {
        let credentials = Credentials {
            homeserver: Url::parse("http://localhost:1").unwrap(),
            user_id: "@bot:h".to_owned(),
            device_id: "D".to_owned(),
            access_token: Secret::new("token"),
            options: Options::default(),
        };
        Telling {
            health: Health::new(&credentials, true),
            phase: watch::Sender::new(Phase::Starting).subscribe(),
            watchdog,
            since: Instant::now(),
            line: String::new(),
            fed: None,
        }
    }

    fn status(alive: bool) -> Status {
        let past = Instant::now().checked_sub(EVERY).unwrap();
        let hung = Turn {
            began: past,
            due: past,
        };
        Status {
            connected: true,
            turn: (!alive).then_some(hung),
            ..Status::default()
        }
        .judged()
    }

    #[test]
    fn a_sign_of_life_is_given_in_time_and_only_where_there_is_life() {
        let mut telling = telling(Some(Duration::from_mins(2)));
        let (alive, hung) = (status(true), status(false));
        assert!(telling.is_to_feed(Phase::Ready, &alive));
        assert!(!telling.is_to_feed(Phase::Ready, &hung));
        assert!(!telling.is_to_feed(Phase::Ready, &Status::default()));
        assert!(!telling.is_to_feed(Phase::Starting, &alive));
        assert!(telling.is_to_feed(Phase::Stopping, &hung));
        telling.fed = Some(Instant::now());
        assert!(
            !telling.is_to_feed(Phase::Ready, &alive),
            "not again at once"
        );
        telling.fed = Instant::now().checked_sub(Duration::from_secs(55));
        assert!(telling.is_to_feed(Phase::Ready, &alive));
        telling.watchdog = None;
        assert!(!telling.is_to_feed(Phase::Ready, &alive));
    }

    #[test]
    fn only_a_start_that_waits_and_a_stop_get_more_time() {
        let mut telling = telling(None);
        let starting = Status::default();
        assert!(telling.needs_time(Phase::Starting, &starting));
        assert!(
            !telling.needs_time(Phase::Starting, &status(true)),
            "its keys are not accepted"
        );
        let away = Status {
            away_since: Some(1),
            ..status(true)
        };
        assert!(telling.needs_time(Phase::Starting, &away));
        assert!(!telling.needs_time(Phase::Ready, &away));
        assert!(telling.needs_time(Phase::Stopping, &away));
        if let Some(long_ago) = Instant::now().checked_sub(LONGEST_START) {
            telling.since = long_ago;
            assert!(!telling.needs_time(Phase::Starting, &starting), "it hangs");
        }
    }
}
