//! The metrics as a monitoring system reads them: what was counted, and how the bot is now.

use std::time::Duration;

use prometheus_client::{
    encoding::{EncodeGaugeValue, prometheus_text, text},
    metrics::{
        counter::ConstCounter,
        family::Family,
        gauge::{ConstGauge, Gauge},
        info::Info,
    },
    registry::{Registry, Unit},
};

use super::{
    metrics::{Counters, Metrics},
    process::Process,
};
use crate::{
    ipc::{Condition, Encryption, Status, age},
    policy::Rule,
};

/// The content type of `OpenMetrics`, and what an `Accept` header that wants it holds.
pub const OPEN_METRICS: &str = "application/openmetrics-text";

/// How the bot is and what it has done, as a monitoring system reads it.
pub struct Exposition {
    /// How the bot is.
    pub status: Status,
    /// What was counted and measured.
    pub metrics: Metrics,
    /// For how long the homeserver's limits held back requests.
    pub limited: Duration,
}

impl Exposition {
    /// The content type and the text, as `OpenMetrics` or in the classic format; `None` where they
    /// cannot be written.
    pub fn encode(&self, is_open: bool) -> Option<(&'static str, String)> {
        let registry = self.registry(&Process::read());
        let mut text = String::new();
        let (written, content_type) = if is_open {
            let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            (text::encode(&mut text, &registry), content_type)
        } else {
            let written = prometheus_text::encode(&mut text, &registry);
            (written, prometheus_text::CONTENT_TYPE)
        };
        written.ok().map(|()| (content_type, text))
    }

    fn registry(&self, process: &Process) -> Registry {
        let mut registry = Registry::default();
        self.gateway(&mut registry);
        self.syncs(&mut registry);
        self.messages(&mut registry);
        self.agent(&mut registry);
        self.workers(&mut registry);
        self.queue(&mut registry);
        self.encryption(&mut registry);
        self.process(&mut registry, process);
        registry
    }

    fn gateway(&self, registry: &mut Registry) {
        let status = &self.status;
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("nanobot_build", "The running nanobot", version);
        let started = seconds(status.started_at);
        let help = "When the gateway started, in seconds since the Unix epoch";
        time(registry, "nanobot_start_time", help, started);
        let (ready, alive) = status
            .readiness
            .as_ref()
            .map_or((false, false), |it| (it.ready, it.alive));
        let help = "Whether the bot receives messages and can answer them";
        switch(registry, "nanobot_ready", help, ready);
        let help = "Whether the sync loop turns and the message queue answers";
        switch(registry, "nanobot_alive", help, alive);
        let conditions: Family<[(&str, &str); 1], Gauge> = Family::default();
        for condition in Condition::ALL {
            let holds = status.lacks(condition).is_none();
            let gauge = conditions.get_or_create_owned(&[("condition", condition.name())]);
            gauge.set(i64::from(holds));
        }
        let help = "Whether each condition of being ready holds";
        registry.register("nanobot_condition", help, conditions);
        if let Some(free) = status.disk_free {
            let (help, free) = ("Free space on the disk of the store", ConstGauge::new(free));
            registry.register_with_unit("nanobot_disk_free", help, Unit::Bytes, free);
        }
    }

    fn syncs(&self, registry: &mut Registry) {
        let (status, metrics) = (&self.status, &self.metrics);
        let is_connected = status.connected && status.away_since.is_none();
        let help = "Whether the homeserver can be reached and has answered a sync";
        switch(registry, "nanobot_connected", help, is_connected);
        let last = status.last_sync_at.map_or(0.0, seconds);
        let help = "When the last sync was taken in, in seconds since the Unix epoch; 0 before it";
        time(registry, "nanobot_last_sync_timestamp", help, last);
        let help = "Syncs that were taken in";
        registry.register("nanobot_syncs", help, metrics.syncs.clone());
        let (help, errors) = ("Syncs that failed", metrics.sync_errors.clone());
        registry.register("nanobot_sync_errors", help, errors);
        let help = "How long it took to take in a sync, from its arrival";
        let duration = metrics.sync_duration.clone();
        registry.register_with_unit("nanobot_sync_duration", help, Unit::Seconds, duration);
        let help = "How long requests had to wait because the homeserver limits the rate";
        let limited = ConstCounter::new(self.limited.as_secs_f64());
        registry.register_with_unit("nanobot_rate_limited", help, Unit::Seconds, limited);
    }

    fn messages(&self, registry: &mut Registry) {
        let (status, metrics) = (&self.status, &self.metrics);
        let events: Counters<1> = Family::default();
        let count = |outcome: &'static str, events_more: u64| {
            let counter = events.get_or_create_owned(&[("outcome", outcome)]);
            counter.inc_by(events_more);
        };
        count("answered", status.answered);
        count("undecryptable", metrics.undecryptable.get());
        count("denied", 0);
        count("ignored", 0);
        for (name, refused) in &status.refused {
            let is_ignored = Rule::from_name(name) == Some(Rule::NotMentioned);
            count(if is_ignored { "ignored" } else { "denied" }, refused.count);
        }
        let help = "Messages by what became of them; one may be undecryptable and then answered";
        registry.register("nanobot_events_received", help, events);
        let help = "How long an answer took, from the message's turn until it was sent";
        let duration = metrics.answer_duration.clone();
        registry.register_with_unit("nanobot_answer_duration", help, Unit::Seconds, duration);
        let help = "How long the homeserver took to accept an event";
        let duration = metrics.send_duration.clone();
        registry.register_with_unit("nanobot_send_duration", help, Unit::Seconds, duration);
    }

    fn agent(&self, registry: &mut Registry) {
        let help = "Questions that the agent was asked";
        let requests = self.metrics.agent_requests.clone();
        registry.register("nanobot_agent_requests", help, requests);
        let help = "Questions that the agent failed to answer";
        let errors = self.metrics.agent_errors.clone();
        registry.register("nanobot_agent_errors", help, errors);
    }

    fn workers(&self, registry: &mut Registry) {
        let Some(workers) = &self.status.workers else {
            return;
        };
        let help = "Whether the message broker can be reached";
        let is_there = workers.broker_away_since.is_none();
        switch(registry, "nanobot_broker_up", help, is_there);
        let help = "Workers on other machines that were heard from in the last seconds";
        let running = u64::try_from(workers.running.len()).unwrap_or(u64::MAX);
        gauge(registry, "nanobot_workers", help, running);
        let help = "Answers of workers that were refused";
        let refused = ConstCounter::new(workers.refused_answers);
        registry.register("nanobot_worker_refused_answers", help, refused);
        let help = "Questions that were published again, because the broker had lost them";
        let again = ConstCounter::new(workers.republished);
        registry.register("nanobot_worker_republished", help, again);
        let Some(queue) = &workers.queue else {
            return;
        };
        let help = "Questions that no worker has taken";
        gauge(
            registry,
            "nanobot_worker_queue_waiting",
            help,
            queue.waiting,
        );
        let help = "Questions that workers have taken";
        gauge(
            registry,
            "nanobot_worker_queue_taken",
            help,
            queue.in_progress,
        );
        let help = "Of those, questions that were given to more than one worker";
        gauge(
            registry,
            "nanobot_worker_queue_redelivered",
            help,
            queue.redelivered,
        );
        let oldest = queue.oldest_at.map(age).unwrap_or_default();
        let help = "How long the oldest question has been in the queue of the workers";
        time(
            registry,
            "nanobot_worker_queue_oldest_age",
            help,
            oldest.as_secs_f64(),
        );
    }

    fn queue(&self, registry: &mut Registry) {
        let Some(backlog) = &self.status.backlog else {
            return;
        };
        let help = "Messages that wait for their answer";
        gauge(registry, "nanobot_queue_waiting", help, backlog.waiting);
        let oldest = backlog.oldest_waiting_at.map(age);
        let oldest = oldest.unwrap_or_default().as_secs_f64();
        let help = "How long the oldest of them has been waiting";
        time(registry, "nanobot_queue_oldest_age", help, oldest);
        let help = "Messages whose room key has not arrived";
        let count = backlog.undecryptable.count;
        gauge(registry, "nanobot_undecryptable", help, count);
        let help = "Messages that were given up: their answer was refused again and again";
        gauge(registry, "nanobot_dead_letters", help, backlog.parked.count);
    }

    fn encryption(&self, registry: &mut Registry) {
        let status = &self.status;
        if status.encryption == Encryption::Off {
            return;
        }
        if let Some(keys) = status.one_time_keys {
            let help = "One-time keys that the homeserver has for those who begin conversations";
            gauge(registry, "nanobot_one_time_keys", help, keys);
        }
        if let Some(verified) = status.verified {
            let help = "Whether the device is verified by its owner";
            switch(registry, "nanobot_device_verified", help, verified);
        }
        if let Some(enabled) = status.backup_enabled {
            let help = "Whether room keys are backed up on the homeserver";
            switch(registry, "nanobot_backup_enabled", help, enabled);
        }
    }

    fn process(&self, registry: &mut Registry, process: &Process) {
        let help = "When the process started, in seconds since the Unix epoch";
        let started = seconds(self.status.started_at);
        time(registry, "process_start_time", help, started);
        if let Some(bytes) = process.resident_bytes {
            let (help, bytes) = (
                "Memory of the process that is in RAM",
                ConstGauge::new(bytes),
            );
            registry.register_with_unit("process_resident_memory", help, Unit::Bytes, bytes);
        }
        if let Some(files) = process.open_fds {
            gauge(
                registry,
                "process_open_fds",
                "Open files of the process",
                files,
            );
        }
        if let Some(cpu) = process.cpu_seconds {
            let (help, cpu) = ("Processor time of the process", ConstCounter::new(cpu));
            registry.register_with_unit("process_cpu", help, Unit::Seconds, cpu);
        }
    }
}

fn gauge<V>(registry: &mut Registry, name: &str, help: &str, value: V)
where
    V: EncodeGaugeValue + Clone + Copy + std::fmt::Debug + Send + Sync + 'static,
{
    registry.register(name, help, ConstGauge::new(value));
}

fn switch(registry: &mut Registry, name: &str, help: &str, is_on: bool) {
    gauge(registry, name, help, i64::from(is_on));
}

fn time(registry: &mut Registry, name: &str, help: &str, seconds: f64) {
    registry.register_with_unit(name, help, Unit::Seconds, ConstGauge::new(seconds));
}

/// Milliseconds as seconds.
#[expect(clippy::cast_precision_loss, reason = "times of this age of the world")]
fn seconds(millis: u64) -> f64 {
    millis as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipc::{Backlog, Refused, now};

    fn exposition() -> Exposition {
        let refused = |count| Refused {
            count,
            ..Refused::default()
        };
        let status = Status {
            pid: 7,
            started_at: 1_500,
            connected: true,
            answered: 3,
            user_id: "@bot:example.org".to_owned(),
            last_sync_at: Some(now()),
            encryption: Encryption::Ready,
            one_time_keys: Some(50),
            verified: Some(true),
            backup_enabled: Some(false),
            disk_free: Some(1 << 30),
            agent_fault: Some("connection refused".to_owned()),
            backlog: Some(Backlog::default()),
            refused: [
                ("not-mentioned".to_owned(), refused(4)),
                ("sender-not-allowed".to_owned(), refused(2)),
            ]
            .into(),
            ..Status::default()
        };
        let metrics = Metrics::default();
        metrics.synced(Duration::from_millis(30));
        metrics.observe_answer("answered", Duration::from_secs(2));
        metrics.asked("echo", None);
        Exposition {
            status: status.judged(),
            metrics,
            limited: Duration::from_millis(1_500),
        }
    }

    #[test]
    fn both_formats_tell_the_same() {
        let exposition = exposition();
        let (classic_type, classic) = exposition.encode(false).unwrap();
        let (open_type, open) = exposition.encode(true).unwrap();
        assert!(classic_type.starts_with("text/plain; version=0.0.4"));
        assert!(open_type.starts_with(OPEN_METRICS));
        assert!(open.ends_with("# EOF\n"), "{open}");
        for line in [
            "nanobot_ready 0",
            "nanobot_alive 1",
            "nanobot_condition{condition=\"agent\"} 0",
            "nanobot_condition{condition=\"sync\"} 1",
            "nanobot_start_time_seconds 1.5",
            "nanobot_events_received_total{outcome=\"answered\"} 3",
            "nanobot_events_received_total{outcome=\"ignored\"} 4",
            "nanobot_events_received_total{outcome=\"denied\"} 2",
            "nanobot_sync_errors_total{kind=\"token\"} 0",
            "nanobot_agent_requests_total{agent=\"echo\"} 1",
            "nanobot_rate_limited_seconds_total 1.5",
            "nanobot_one_time_keys 50",
            "nanobot_backup_enabled 0",
        ] {
            for text in [&classic, &open] {
                assert!(text.lines().any(|told| told == line), "{line} in {text}");
            }
        }
        assert!(!classic.contains("example.org"), "{classic}");
    }
}
