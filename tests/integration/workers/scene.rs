//! A broker, workers, and somebody who asks them as a gateway does.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::{self, Context};
use nanobot::testing::agent::{Agent, Answer, Draft, Failure, Question, from_document};
use nanobot::testing::config::Document;
use nanobot::testing::ipc::Workers;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::harness::bot::Home;
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::machine::Machine;
use crate::harness::nats::Broker;
use crate::harness::process::Process;

/// A broker and those who are connected to it.
pub struct Scene {
    pub broker: Broker,
    /// What of the broker's settings gateway and workers share.
    pub shared: Value,
    pub home: Home,
}

/// A worker that runs.
pub struct Worker {
    pub process: Process,
    pub home: Home,
    /// The machine that it runs on, where it is not this one.
    pub machine: Option<Machine>,
}

/// A question that is under way.
pub type Asked = JoinHandle<Result<Answer, Failure>>;

impl Scene {
    pub async fn new() -> Self {
        Self::of(Broker::start().await, json!({}))
    }

    pub fn of(broker: Broker, shared: Value) -> Self {
        Self {
            broker,
            shared,
            home: Home::new(),
        }
    }

    /// The settings of somebody at the broker, with these of their own.
    pub fn settings(&self, own: &Value) -> Value {
        let mut settings = json!({"servers": [self.broker.address()]});
        for more in [&self.shared, own] {
            for (key, value) in more.as_object().unwrap() {
                settings[key] = value.clone();
            }
        }
        settings
    }

    /// The agent of a gateway that has a worker replaced after two seconds.
    pub fn gateway(&self) -> Arc<dyn Agent> {
        self.gateway_with(&json!({}))
    }

    pub fn gateway_with(&self, own: &Value) -> Arc<dyn Agent> {
        let mut agent = self.settings(&json!({"type": "nats", "workerTimeoutSeconds": 2}));
        for (key, value) in own.as_object().unwrap() {
            agent[key] = value.clone();
        }
        let config = json!({"channels": {"matrix": {"agent": agent}}});
        self.home.write_config(&config.to_string());
        let document = Document::load(&self.home.config_path()).unwrap();
        let configured = from_document(&document, &self.home.path()).unwrap();
        configured.agent.start();
        configured.agent
    }

    /// A worker with this agent, connected.
    pub async fn worker(&self, agent: Value) -> Worker {
        let worker = self.begin_worker(agent, &json!({}));
        worker.process.expect_line("is ready", PATIENCE).await;
        worker
    }

    pub fn begin_worker(&self, agent: Value, own: &Value) -> Worker {
        self.place_worker(agent, own, None)
    }

    /// Begins a worker on another machine.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "it is written where it is used"
    )]
    pub fn place_worker(&self, agent: Value, own: &Value, machine: Option<Machine>) -> Worker {
        let home = Home::new();
        let mut settings = self.settings(own);
        if let Some(machine) = &machine {
            settings["servers"] =
                json!([format!("nats://{}:{}", machine.host(), self.broker.port)]);
            settings["tls"] = json!(false);
        }
        let matrix = json!({"agent": agent, "worker": settings});
        home.write_config(&json!({"channels": {"matrix": matrix}}).to_string());
        let process = spawn(&home, machine.as_ref());
        Worker {
            process,
            home,
            machine,
        }
    }

    /// Our own connection, which may do anything where the broker lets in everybody.
    pub async fn context(&self) -> Context {
        jetstream::new(async_nats::connect(self.broker.address()).await.unwrap())
    }
}

impl Worker {
    /// Starts it again, and does not wait.
    pub fn restart(&mut self) {
        self.process = spawn(&self.home, self.machine.as_ref());
    }
}

fn spawn(home: &Home, machine: Option<&Machine>) -> Process {
    let command = home.command(&["worker", "-v"]);
    let command = match machine {
        Some(machine) => machine.command(&command),
        None => command,
    };
    Process::spawn(command, home.record())
}

/// A shell command that may be run twice.
pub fn command(shell: &str) -> Value {
    json!({"type": "command", "shell": shell, "repeatable": true, "timeoutSeconds": 60})
}

/// A question with this id.
pub fn question(id: &str, text: &str) -> Question {
    let mut question = Question::at_terminal(text.to_owned(), id);
    id.clone_into(&mut question.id);
    question.event_id = format!("${id}");
    question
}

/// Asks, and does not wait.
pub fn ask(agent: &Arc<dyn Agent>, question: Question) -> Asked {
    let agent = agent.clone();
    tokio::spawn(async move {
        let (draft, _) = Draft::new();
        agent.answer(&question, &draft).await
    })
}

/// The words of an answer.
pub async fn words(asked: Asked) -> String {
    let answer = tokio::time::timeout(Duration::from_mins(1), asked).await;
    answer.expect("an answer in time").unwrap().unwrap().text
}

/// Waits until what a gateway knows of its workers is so.
pub async fn until(agent: &Arc<dyn Agent>, what: &str, is_so: impl Fn(&Workers) -> bool) {
    eventually(what, PATIENCE, || async {
        let workers = agent.workers().unwrap();
        if is_so(&workers) {
            return Ok(());
        }
        Err(format!("{workers:?}"))
    })
    .await;
}

/// Lines that programs add to a file.
pub struct Marks(tempfile::TempDir);

impl Marks {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> PathBuf {
        self.0.path().join("marks")
    }

    pub fn lines(&self) -> usize {
        let text = std::fs::read_to_string(self.path()).unwrap_or_default();
        text.lines().count()
    }

    pub async fn wait_for(&self, lines: usize) {
        eventually("marks", PATIENCE, || async {
            let found = self.lines();
            (found >= lines).then_some(()).ok_or(found)
        })
        .await;
    }
}
