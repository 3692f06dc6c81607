//! `nanobot status`: how the bot is, from the gateway that runs, or else from the configuration and
//! the message queue. It asks no homeserver.

use std::{fmt, path::Path, time::Duration};

use serde::Serialize;

use crate::{
    agent::from_document,
    config::{Document, Matrix, Paths, environment, misspelled_allow_from},
    error::{Error, Result},
    files::changed_at,
    ipc::{
        AgentInUse, Encryption, Gateway, Problem, Readiness, Refused, Status, Workers, age, ago,
        look,
    },
    journal::{Stored, Summary},
    policy::{Policy, Rule},
    text::{counted, duration},
};

/// How long a running gateway may take to answer.
const LIMIT: Duration = Duration::from_secs(5);
/// The width of a row's name.
const NAMES: usize = 12;

/// How the bot is.
#[derive(Clone, Debug, Serialize)]
pub struct BotStatus {
    state: State,
    /// Why nothing is known of the gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[serde(flatten)]
    facts: Status,
    problems: Vec<Problem>,
}

/// Whether the gateway runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// It does, and answers.
    Running,
    /// It does not.
    Stopped,
    /// Something uses the bot's directory and does not say how it is.
    Unresponsive,
}

impl BotStatus {
    /// How far the lines below the first of a row are indented.
    pub const INDENT: usize = NAMES;

    /// Looks, and changes nothing.
    ///
    /// # Errors
    ///
    /// When no gateway answers, and there is no readable configuration with an account in it.
    pub async fn gather(paths: &Paths) -> Result<Self> {
        let mut status = match look(paths.dir(), LIMIT).await? {
            Gateway::Running(facts) => Self::running(*facts, paths.config_file()),
            Gateway::Stopped => Self::stopped(paths).await?,
            Gateway::Silent { pid, why, hangs } => Self::silent(paths, pid, why, hangs)?,
        };
        status.problems.extend(status.facts.problems());
        Ok(status)
    }

    fn new(state: State, facts: Status) -> Self {
        Self {
            state,
            why: None,
            facts,
            problems: Vec::new(),
        }
    }

    fn running(facts: Status, config_file: &Path) -> Self {
        let changed_at = changed_at(config_file);
        let mut status = Self::new(State::Running, facts);
        let facts = &status.facts;
        let problem = |message| Problem::new("gateway.configuration", message);
        if changed_at > Some(facts.configuration_read_at()) {
            let message = "the configuration has changed; reload it to apply the change";
            let problem = problem(message.to_owned()).fixed_by("nanobot gateway reload");
            status.problems.push(problem);
        } else if !facts.needs_restart.is_empty() {
            let keys = facts.needs_restart.join(", ");
            let message = format!("restart the gateway to apply the changed {keys}");
            status.problems.push(problem(message));
        }
        if status.facts.version != env!("CARGO_PKG_VERSION") {
            let message = "the gateway does not run the installed version; restart it";
            status
                .problems
                .push(Problem::new("gateway.version", message));
        }
        status
    }

    async fn stopped(paths: &Paths) -> Result<Self> {
        let mut status = Self::configured(State::Stopped, paths)?;
        status.problems.push(Problem::not_running());
        if !paths.store().exists() {
            let message = "there is no encryption store, so the gateway may refuse to start";
            let problem = Problem::new("store.present", message);
            status.problems.insert(0, problem);
        }
        status.facts.last_seen_at = Summary::written_at(&paths.store());
        let unreadable = match Summary::read(&paths.store()).await {
            Ok(Some(Stored::Sound { summary, .. })) => {
                status.facts.last_received_at = summary.last_received_at;
                status.facts.backlog = Some(summary.backlog);
                return Ok(status);
            }
            Ok(None) => return Ok(status),
            Ok(Some(Stored::Damaged { why })) => format!("the message queue is damaged: {why}"),
            Ok(Some(Stored::Newer { .. })) => {
                "the message queue was written by a newer nanobot".to_owned()
            }
            Err(error) => error.to_string(),
        };
        let problem = Problem::new("store.integrity", unreadable);
        status.problems.push(problem);
        Ok(status)
    }

    /// Another process may be writing, so nothing is opened.
    fn silent(paths: &Paths, pid: Option<u32>, why: String, hangs: bool) -> Result<Self> {
        let mut status = Self::configured(State::Unresponsive, paths)?;
        status.facts.pid = pid.unwrap_or_default();
        if hangs {
            let problem = Problem::new("gateway.running", "the gateway does not respond");
            status.problems.insert(0, problem);
        }
        status.why = Some(why);
        Ok(status)
    }

    /// What the configuration says.
    fn configured(state: State, paths: &Paths) -> Result<Self> {
        let document = Document::load(paths.config_file())?;
        let matrix = document.matrix(&environment)?;
        let facts = Status {
            user_id: matrix.user_id()?.to_owned(),
            device_id: matrix.device_id()?.to_owned(),
            homeserver: matrix.homeserver()?.to_string(),
            ..Status::default()
        };
        let mut status = Self::new(state, facts);
        if !matrix.e2ee_enabled {
            status.facts.encryption = Encryption::Off;
        }
        status.read(&matrix, &document, paths);
        Ok(status)
    }

    /// What may be wrong in the configuration without making the rest unknown.
    fn read(&mut self, matrix: &Matrix, document: &Document, paths: &Paths) {
        let wrong = |id, error: Error| Problem::new(id, error.to_string());
        if !matrix.enabled {
            let message = "channels.matrix.enabled is not true, so the gateway refuses to start";
            self.problems.push(Problem::new("config.enabled", message));
        }
        if let Some(misspelled) = misspelled_allow_from(document, &environment) {
            let problem = Problem::new("config.unknown-keys", misspelled.message);
            self.problems.push(problem);
        }
        match Policy::new(matrix) {
            Ok(policy) => self.facts.access = policy.describe(),
            Err(error) => self.problems.push(wrong("config.variables", error)),
        }
        match from_document(document, paths.dir()) {
            Ok(configured) => {
                self.facts.agent = AgentInUse {
                    kind: configured.kind.to_owned(),
                    description: configured.describe(),
                }
            }
            Err(error) => self.problems.push(wrong("agent.configured", error)),
        }
    }

    /// Whether the gateway runs and can answer messages.
    pub fn is_ready(&self) -> bool {
        let readiness = self.facts.readiness.as_ref();
        readiness.is_some_and(|readiness| readiness.ready)
    }

    /// The same but for what changes while nothing happens.
    pub fn settled(&self) -> Self {
        let mut settled = self.clone();
        settled.facts.last_sync_at = None;
        settled.facts.disk_free = None;
        settled
    }

    /// What a line can tell.
    pub fn line(&self) -> String {
        let state = match self.state {
            State::Running => self.facts.connection(),
            State::Stopped => "not running",
            State::Unresponsive => "unresponsive",
        };
        self.facts.line(state, &self.problems)
    }

    fn gateway(&self) -> String {
        let facts = &self.facts;
        let pid = match facts.pid {
            0 => String::new(),
            pid => format!(" (pid {pid})"),
        };
        match (self.state, facts.last_seen_at) {
            (State::Running, _) => format!(
                "running for {} (pid {}, version {})",
                duration(age(facts.started_at)),
                facts.pid,
                facts.version
            ),
            (State::Stopped, Some(at)) => format!("not running, last active {}", ago(at)),
            (State::Stopped, None) => "not running".to_owned(),
            (State::Unresponsive, _) => {
                let why = self.why.as_deref().unwrap_or_default();
                format!("unknown: another nanobot{pid} uses the directory: {why}")
            }
        }
    }

    fn messages(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let facts = &self.facts;
        let received = facts.last_received_at.map_or("none yet".to_owned(), ago);
        row(f, "Received", format_args!("last message: {received}"))?;
        if self.state == State::Running {
            let last = facts.last_answered_at.map(ago);
            let last = last.map_or_else(String::new, |ago| format!(", the last {ago}"));
            let count = counted(facts.answered, "message");
            row(f, "Answered", format_args!("{count} since the start{last}"))?;
        }
        if let Some(backlog) = &facts.backlog {
            let keys = match backlog.undecryptable.count {
                0 => String::new(),
                count => format!(", and {count} for a room key"),
            };
            let waiting = counted(backlog.waiting, "message");
            row(f, "Waiting", format_args!("{waiting}{keys}"))?;
            row(f, "Failed", counted(backlog.parked.count, "message"))?;
        }
        let recent = facts
            .refused
            .iter()
            .filter(|(_, refused)| refused.last_hour > 0);
        for (index, (name, Refused { last_hour, .. })) in recent.enumerate() {
            let rule = Rule::from_name(name);
            let why = rule.map_or_else(|| name.clone(), |rule| rule.to_string());
            let count = counted(*last_hour, "message");
            let title = if index == 0 { "Ignored" } else { "" };
            row(f, title, format_args!("{count} in the last hour: {why}"))?;
        }
        Ok(())
    }
}

/// A line of the status.
fn row(f: &mut fmt::Formatter<'_>, name: &str, value: impl fmt::Display) -> fmt::Result {
    write!(f, "\n{name:NAMES$}{value}")
}

/// Whether it is ready, and what is missing.
fn describe(readiness: &Readiness) -> String {
    if !readiness.alive {
        return "no: the gateway hangs; restart it".to_owned();
    }
    let reasons = readiness.reasons.iter();
    let missing: Vec<_> = reasons.map(|reason| reason.condition.name()).collect();
    if missing.is_empty() {
        "yes".to_owned()
    } else {
        format!("no ({})", missing.join(", "))
    }
}

impl fmt::Display for BotStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let facts = &self.facts;
        write!(f, "{:NAMES$}{}", "Account", facts.user_id)?;
        let verified = match facts.verified {
            Some(true) => "verified",
            Some(false) => "not verified",
            None => "verification unknown",
        };
        row(
            f,
            "Device",
            format_args!("{} ({verified})", facts.device_id),
        )?;
        let homeserver = facts.homeserver.trim_end_matches('/');
        let last_sync = facts.last_sync_at.map(ago);
        let last_sync = last_sync.map_or_else(String::new, |ago| format!(", last sync {ago}"));
        match self.state {
            State::Running => {
                let connection = facts.connection();
                row(
                    f,
                    "Homeserver",
                    format_args!("{homeserver} ({connection}{last_sync})"),
                )?;
            }
            _ => row(f, "Homeserver", homeserver)?,
        }
        row(f, "Gateway", self.gateway())?;
        if let Some(readiness) = &facts.readiness {
            row(f, "Ready", describe(readiness))?;
        }
        let encryption = match &facts.encryption {
            Encryption::Ready => "ready",
            Encryption::Off => "off (e2eeEnabled is false)",
            Encryption::Broken { .. } => "not working",
            Encryption::Unknown => "unknown",
        };
        row(f, "Encryption", encryption)?;
        self.messages(f)?;
        row(f, "Access", &facts.access)?;
        row(f, "Agent", &facts.agent.description)?;
        let workers = facts.workers.iter().flat_map(Workers::lines);
        for (index, line) in workers.enumerate() {
            row(f, if index == 0 { "Workers" } else { "" }, line)?;
        }
        if self.problems.is_empty() {
            return row(f, "Problems", "none");
        }
        let mut title = "Problems";
        for problem in &self.problems {
            row(f, title, &problem.message)?;
            row(f, "", format_args!("fix: `{}`", problem.command))?;
            title = "";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
