//! What is counted and measured while the bot runs. Labels are words of this program, never a
//! room, a person or what somebody wrote.

use std::time::Duration;

use prometheus_client::metrics::{counter::Counter, family::Family, histogram::Histogram};

use crate::{
    error::{Error, Kind},
    homeserver::Reach,
};

/// Labels with their values.
pub type Labels<const N: usize> = [(&'static str, &'static str); N];
/// Counters by labels.
pub type Counters<const N: usize> = Family<Labels<N>, Counter>;
/// Histograms by how something ended.
pub type Durations = Family<Labels<1>, Histogram, fn() -> Histogram>;

/// How a sync may fail.
const SYNC_ERRORS: [&str; 5] = ["network", "server", "limit", "token", "local"];
/// How an agent may fail.
const AGENT_ERRORS: [&str; 3] = ["unreachable", "config", "failure"];
/// How an answer may end.
pub const ANSWERED: &str = "answered";
pub const COMMAND: &str = "command";
pub const FAILED: &str = "failed";
/// How sending may end.
const SENT: [&str; 2] = ["ok", "error"];

/// What is counted and measured. Clones share it.
#[derive(Clone, Debug)]
pub struct Metrics {
    pub syncs: Counter,
    pub sync_errors: Counters<1>,
    pub sync_duration: Histogram,
    pub answer_duration: Durations,
    pub send_duration: Durations,
    pub undecryptable: Counter,
    pub agent_requests: Counters<1>,
    pub agent_errors: Counters<2>,
}

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            syncs: Counter::default(),
            sync_errors: Family::default(),
            sync_duration: short(),
            answer_duration: Family::new_with_constructor(long),
            send_duration: Family::new_with_constructor(short),
            undecryptable: Counter::default(),
            agent_requests: Family::default(),
            agent_errors: Family::default(),
        };
        // A rate needs a zero to begin with.
        for kind in SYNC_ERRORS {
            let _ = metrics.sync_errors.get_or_create(&[("kind", kind)]);
        }
        for result in [ANSWERED, COMMAND, FAILED] {
            let _ = metrics.answer_duration.get_or_create(&[("result", result)]);
        }
        for result in SENT {
            let _ = metrics.send_duration.get_or_create(&[("result", result)]);
        }
        metrics
    }
}

impl Metrics {
    /// A sync was taken in, which took this long from its arrival.
    pub fn synced(&self, taking_in: Duration) {
        self.syncs.inc();
        self.sync_duration.observe(taking_in.as_secs_f64());
    }

    /// A sync failed.
    pub fn sync_failed(&self, error: &Error) {
        let kind = match error.kind() {
            Kind::NotLoggedIn => "token",
            Kind::Unreachable if error.cause::<Reach>().is_some() => "network",
            Kind::Unreachable => "server",
            _ => "local",
        };
        self.sync_errors.get_or_create(&[("kind", kind)]).inc();
    }

    /// A sync has to wait.
    pub fn sync_limited(&self) {
        self.sync_errors.get_or_create(&[("kind", "limit")]).inc();
    }

    /// A message was dealt with like this, which took this long.
    pub fn observe_answer(&self, result: &'static str, took: Duration) {
        let durations = self.answer_duration.get_or_create(&[("result", result)]);
        durations.observe(took.as_secs_f64());
    }

    /// An event was sent, or not.
    pub fn sent(&self, is_ok: bool, took: Duration) {
        let result = SENT[usize::from(!is_ok)];
        let durations = self.send_duration.get_or_create(&[("result", result)]);
        durations.observe(took.as_secs_f64());
    }

    /// An agent was asked, and may have failed.
    pub fn asked(&self, agent: &'static str, error: Option<&Error>) {
        self.agent_requests.get_or_create(&[("agent", agent)]).inc();
        let kind = error.map(|error| match error.kind() {
            Kind::Unreachable => "unreachable",
            Kind::Config => "config",
            _ => "failure",
        });
        for known in AGENT_ERRORS {
            let labels = [("agent", agent), ("kind", known)];
            let failed = u64::from(kind == Some(known));
            self.agent_errors.get_or_create(&labels).inc_by(failed);
        }
    }
}

/// For what a homeserver does at once, in seconds.
fn short() -> Histogram {
    Histogram::new([
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
    ])
}

/// For what an agent may take, in seconds.
fn long() -> Histogram {
    Histogram::new([
        0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0,
    ])
}
