//! The agent that asks the Python tool: its `nanobot serve`, with its tools and its memory.

use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    Agent, Answer, Answering, Attachment, Check, Draft, Kind, Question, Surroundings,
    enclosed_text,
    interface::HERE,
    openai::{
        chat::{self, Endpoint, ImageLimits, Service},
        providers::Provider,
    },
};
use crate::{
    config::Section,
    error::{Error, Result},
};

pub(super) const KIND: Kind = Kind {
    name: "nanobot",
    about: "the Python tool, run as `nanobot serve`",
    keys: &[],
    runs_programs: false,
    conversations: HERE,
    build: |section, surroundings| Ok(Box::new(Nanobot::read(section, surroundings)?)),
};

/// What the Python tool takes: each file up to 10 MiB, a request up to 20 MiB, encoded.
const PICTURES: ImageLimits = ImageLimits {
    each: 10 * 1024 * 1024,
    all: 14_000_000,
    count: 8,
};
/// How much of text files it is told where it cannot read them itself, in bytes.
const MOST_TEXT: usize = 64 * 1024;
/// Where it listens, and how long it takes at most, unless its configuration says otherwise.
const HOST: &str = "127.0.0.1";
const PORT: usize = 8900;
const ITS_LIMIT: f64 = 120.0;
/// How much longer we wait: its own word on a limit is better than ours.
const LONGER: Duration = Duration::from_secs(10);
const LONGEST: usize = 86_400;
/// How answers begin in which it only tells of an error of its own model's place.
const ERRORS: [&str; 2] = ["Error calling ", "Error: {"];
/// Its own commands, beside those that the bot obeys and those that are for whoever runs it.
pub const COMMANDS: &[&str] = &[
    "model",
    "history",
    "goal",
    "trigger",
    "skill",
    "dream",
    "dream-log",
    "dream-restore",
    "dream-prompt",
    "evaluator-prompt",
];
/// What it answers to the command that forgets a conversation.
const FORGOTTEN: &str = "New session started";

#[derive(Debug)]
struct Nanobot {
    endpoint: Endpoint,
    /// Whether its answers may hold more than words.
    actions: bool,
    /// Whether it is asked for its answer in pieces.
    stream: bool,
    extra_body: Map<String, Value>,
    /// Whether it sees the files of this machine.
    is_here: bool,
}

impl Nanobot {
    fn read(section: &mut Section, surroundings: &Surroundings) -> Result<Self> {
        let api = surroundings.document.get("api");
        let mut api = Section::shared("api", api.as_ref(), surroundings.environment)?;
        let host = api.text("host")?;
        let port = api.count("port", 65535)?.map_or(PORT, usize::from);
        let its_limit = api.number("timeout", 86_400.0)?.unwrap_or(ITS_LIMIT);
        let unknown = Provider::unknown("the Python tool", section.path_of("apiKey"));
        let mut provider = unknown.with(&mut api)?;
        provider.base = Some(address(host.as_deref(), port)?);
        let provider = provider.with(section)?;
        let whole = section.seconds("timeoutSeconds", LONGEST)?;
        let whole = whole.unwrap_or(Duration::from_secs_f64(its_limit) + LONGER);
        let base = provider.base.as_ref().and_then(Url::host_str);
        let service = Service {
            whole,
            // It says nothing while its tools work.
            idle: whole,
            errors: &ERRORS,
            start: "start it: the Python tool's own command `nanobot serve`, which needs its api \
                    plugin (`nanobot plugins enable api`)"
                .into(),
            dropped: "the Python tool's log says why; a limit of its own is api.timeout",
        };
        Ok(Self {
            is_here: base.is_some_and(|host| matches!(host, HOST | "localhost" | "[::1]")),
            actions: section.switch("actions")?.unwrap_or(false),
            stream: section.switch("stream")?.unwrap_or(false),
            extra_body: provider.body.clone(),
            endpoint: Endpoint::new(provider, service)?,
        })
    }

    /// A request in a conversation. It takes one message, and remembers those before it.
    fn body(&self, conversation: &str, content: &Value, stream: bool) -> Value {
        let mut body = json!({
            "messages": [{"role": "user", "content": content}],
            "session_id": conversation,
            "stream": stream,
        });
        for (key, value) in &self.extra_body {
            body[key] = value.clone();
        }
        body
    }

    async fn content(&self, question: &Question) -> Value {
        let describe = if self.is_here {
            Attachment::marker
        } else {
            Attachment::label
        };
        let (place, mut text) = (question.place(), question.lines(describe));
        if !self.is_here {
            text.push_str(&enclosed_text(&question.attachments, MOST_TEXT).await);
        }
        let text = match question.author() {
            Some(who) => format!("{who}, {place}:\n{text}"),
            None => format!("Written {place}:\n{text}"),
        };
        let text = question.after_context(text);
        let paths = chat::kept(&question.attachments);
        chat::content(&text, &chat::pictures(paths, &mut PICTURES.clone()).await)
    }
}

fn address(host: Option<&str>, port: usize) -> Result<Url> {
    let host = match host {
        // It listens everywhere, and so here too.
        None | Some("0.0.0.0" | "::") => HOST.to_owned(),
        Some(host) if host.contains(':') => format!("[{host}]"),
        Some(host) => host.to_owned(),
    };
    Url::parse(&format!("http://{host}:{port}/v1"))
        .map_err(|_| Error::config("api.host must be the name or address of a machine"))
}

impl Agent for Nanobot {
    fn describe(&self) -> String {
        self.endpoint.name.clone()
    }

    fn answer<'a>(&'a self, question: &'a Question, draft: &'a Draft) -> Answering<'a> {
        async move {
            let content = match &question.command {
                // It knows its commands only where nothing stands before them.
                Some(command) => json!(command),
                None => self.content(question).await,
            };
            let body = self.body(&question.conversation(), &content, self.stream);
            let said = self.endpoint.ask(&body, draft).await;
            said.map(|text| Answer::of_model(text, self.actions))
                .map_err(|fault| self.endpoint.failure(&fault))
        }
        .boxed()
    }

    fn commands(&self) -> &'static [&'static str] {
        COMMANDS
    }

    /// Its API has no call for that; the command of its own chats does it.
    fn forget<'a>(&'a self, conversation: &'a str) -> BoxFuture<'a, Result<()>> {
        async move {
            let body = self.body(conversation, &json!("/new"), false);
            let (unseen, _) = Draft::new();
            match self.endpoint.ask(&body, &unseen).await {
                Ok(said) if said.contains(FORGOTTEN) => Ok(()),
                Ok(_) => Err(Error::failure(format!(
                    "{} did not say that the conversation is forgotten",
                    self.endpoint.name
                ))),
                Err(fault) => Err(self.endpoint.failure(&fault).error),
            }
        }
        .boxed()
    }

    fn reach(&self) -> BoxFuture<'_, Result<()>> {
        self.endpoint.reach().boxed()
    }

    fn check(&self, _may_ask: bool) -> BoxFuture<'_, Vec<Check>> {
        self.endpoint.check(None, None).boxed()
    }
}
