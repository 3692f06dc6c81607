//! What answers the messages that are written to the bot.

use serde_json::{Map, Value, json};

use super::{
    agent_options::{SECTION, at},
    program,
    run::Run,
    steps::Status,
};
use crate::{
    agent::{self, Configured, Draft, KINDS, from_document},
    config::{Document, Secret},
    error::{Error, Kind, Result},
    terminal::{Choice, Question, or_stop},
    text::excerpt,
};

/// What agents of all kinds have.
const SHARED: [&str; 3] = ["type", "conversations", "whileBusy"];
/// What a new agent is asked, to try it.
const TRIAL: &str = "Say hello in one short sentence.";

/// What a person wants to do about an agent that does not answer.
#[derive(Clone, Copy)]
enum Next {
    Change,
    Retry,
    Another,
    Continue,
}

impl Run {
    pub async fn agent(&mut self) -> Result<()> {
        self.steps.begin("agent");
        let asked_for = self.options.agent.kind()?;
        let is_said = self.matrix()?.agent()?.is_some();
        let mut document = self.document.clone();
        let mut kind = match asked_for {
            None if is_said || !self.terminal.is_interactive() => None,
            None => Some(self.choose_kind(&document).await?),
            given => given,
        };
        if let Some(kind) = kind {
            let key = match &self.options.agent.api_key {
                Some(source) => Some(source.read("API key").await?),
                None => None,
            };
            self.write_options(&mut document, kind, key.as_ref())?;
        }
        let mut changes = false;
        loop {
            if let Some(kind) = kind
                && self.terminal.is_interactive()
            {
                self.complete_agent(kind, &mut document, changes).await?;
            }
            let configured = self.adopt(&mut document, kind)?;
            let described = configured.describe();
            let is_new = kind.is_some() && self.is_agent_new;
            if asked_for.is_none() && !self.terminal.is_interactive() {
                return self.steps.end(Status::done(!is_new), &described);
            }
            let Err(error) = self.try_out(&configured, is_new).await else {
                return self.steps.end(Status::done(!is_new), &described);
            };
            if error.kind() == Kind::Interrupted || !self.terminal.is_interactive() {
                return Err(error);
            }
            self.say_why(&error);
            match self.ask_what_next(configured.kind).await? {
                Next::Continue => {
                    self.is_agent_open = true;
                    let detail = format!("{described}; {error}");
                    return self.steps.end(Status::Open, &detail);
                }
                Next::Retry => changes = false,
                Next::Change => (kind, changes) = (Some(configured.kind), true),
                Next::Another => {
                    let chosen = self.choose_kind(&document).await?;
                    self.write_options(&mut document, chosen, None)?;
                    (kind, changes) = (Some(chosen), false);
                }
            }
        }
    }

    /// What a script has to say besides, if it names an agent.
    pub fn missing_of_agent(&self) -> Result<Vec<&'static str>> {
        let options = &self.options.agent;
        let Some(kind) = options.kind()? else {
            return Ok(Vec::new());
        };
        let mut document = self.document.clone();
        let key = options.api_key.as_ref().map(|_| Secret::new("key"));
        self.write_options(&mut document, kind, key.as_ref())?;
        let builds = |more: &[(&str, Value)]| {
            let mut document = document.clone();
            let set = |(key, value): &(&str, Value)| document.set(&at(key), value);
            let set: Result<Vec<_>> = more.iter().map(set).collect();
            set.is_ok() && self.build(&document).is_ok()
        };
        let model = || ("model", json!("model"));
        let base = || ("apiBase", json!("https://example.org"));
        Ok(if builds(&[]) {
            Vec::new()
        } else if builds(&[("shell", json!("true"))]) {
            vec!["--command"]
        } else if builds(&[("servers", json!(["localhost"]))]) {
            vec!["--nats-server"]
        } else if builds(&[("apiKey", json!("key"))]) {
            vec!["--api-key-file"]
        } else if builds(&[model()]) {
            vec!["--model"]
        } else if builds(&[base()]) {
            vec!["--api-base"]
        } else if builds(&[model(), base()]) {
            vec!["--model", "--api-base"]
        } else {
            // The step says what is wrong.
            Vec::new()
        })
    }

    async fn choose_kind(&self, document: &Document) -> Result<&'static str> {
        let question = Question {
            default: self.build(document).ok().map(|there| there.kind),
            why: "This is what generates the bot's answers. You can change it at any time.",
            ..Question::new("Who answers?", "--agent")
        };
        let choices = KINDS
            .iter()
            .map(|kind| Choice::new(kind.name, kind.name).about(kind.about));
        self.terminal.choose(question, choices).await
    }

    async fn ask_what_next(&self, kind: &str) -> Result<Next> {
        let question = Question::new("What next?", "--agent");
        let has_settings = agent::kind(kind).is_some_and(|kind| !kind.keys.is_empty());
        let change = Choice::new(Next::Change, "change").about("correct its settings");
        let choices = has_settings.then_some(change).into_iter().chain([
            Choice::new(Next::Retry, "try again").about("with the same settings"),
            Choice::new(Next::Another, "another agent"),
            Choice::new(Next::Continue, "continue").about("the agent does not answer yet"),
        ]);
        self.terminal.choose(question, choices).await
    }

    /// Says why the agent does not answer; what follows corrects it, without a command.
    pub fn say_why(&self, error: &Error) {
        self.terminal.note(&format!("  {error}"));
        let advice = &error.remedy().text;
        if !advice.is_empty() {
            self.terminal.note(&format!("  → {advice}"));
        }
    }

    /// Writes the kind of agent and what the options say of it.
    fn write_options(
        &self,
        document: &mut Document,
        kind: &str,
        key: Option<&Secret>,
    ) -> Result<()> {
        let there = document.get(SECTION);
        let there = there.as_ref().and_then(Value::as_object);
        if let Some(there) = there.filter(|there| there.get("type").is_some_and(|is| is != kind)) {
            // An agent refuses the settings of another one.
            let shared = there
                .iter()
                .filter(|(name, _)| SHARED.contains(&name.as_str()));
            let shared: Map<_, _> = shared
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            document.set(SECTION, &shared.into())?;
        }
        document.set(&at("type"), &json!(kind))?;
        let options = &self.options.agent;
        for (name, value) in [("model", &options.model), ("apiBase", &options.api_base)] {
            if let Some(value) = value.as_ref().filter(|_| kind == "openai") {
                document.set(&at(name), &json!(value))?;
            }
        }
        if let Some(key) = key {
            document.set(&at("apiKey"), &json!(key.expose()))?;
        }
        if kind == "nats" && !options.nats_servers.is_empty() {
            document.set(&at("servers"), &json!(options.nats_servers))?;
        }
        match &options.command {
            Some(command) if kind == "command" => program::write(document, command),
            _ => Ok(()),
        }
    }

    /// Asks for what this kind of agent lacks, or for all of it where the person changes it.
    async fn complete_agent(
        &self,
        kind: &str,
        document: &mut Document,
        changes: bool,
    ) -> Result<()> {
        match kind {
            "openai" => self.ask_model(document, changes).await,
            "command" => self.ask_program(document, changes).await,
            "nats" => self.ask_servers(document, changes).await,
            _ => Ok(()),
        }
    }

    /// The agent of this document, which is written down if it can work so.
    fn adopt(&mut self, document: &mut Document, kind: Option<&str>) -> Result<Configured> {
        let configured = self.build(document)?;
        if kind.is_some_and(|kind| kind != configured.kind) {
            let origin = self.matrix()?.origin("agent");
            let message = format!("the agent is configured by {origin}, which takes precedence");
            return Err(Error::config(message).hint("remove it there"));
        }
        if document.text() != self.document.text() {
            self.document = document.clone();
            self.save()?;
            document.clone_from(&self.document);
            self.is_agent_new = true;
        }
        Ok(configured)
    }

    /// Checks the agent, and asks a new one a question.
    async fn try_out(&self, configured: &Configured, is_new: bool) -> Result<()> {
        let agent = configured.agent.as_ref();
        let checking = agent.check(false);
        let checking = async { Ok(self.terminal.during("Checking the agent", checking).await) };
        let checks = or_stop(checking).await?;
        if let Some(error) = checks.into_iter().find_map(|check| check.outcome.err()) {
            return Err(error);
        }
        if !(is_new && self.terminal.is_interactive()) || configured.kind == "echo" {
            return Ok(());
        }
        let question = agent::Question::at_terminal(TRIAL.to_owned(), "setup");
        let (draft, _) = Draft::new();
        let asking = async {
            let answered = agent.answer(&question, &draft);
            let asked = format!("Asking: {TRIAL}");
            let answer = self.terminal.during(&asked, answered).await;
            answer.map_err(|failure| failure.error)
        };
        let answer = or_stop(asking).await?;
        agent.forget(&question.conversation()).await?;
        self.terminal.note(&format!("Question: {TRIAL}"));
        let said = match excerpt(&answer.text) {
            empty if empty.is_empty() => "(nothing)".to_owned(),
            said => said,
        };
        self.terminal.note(&format!("Answer:   {said}"));
        Ok(())
    }

    pub fn build(&self, document: &Document) -> Result<Configured> {
        from_document(document, self.paths.dir())
    }
}
