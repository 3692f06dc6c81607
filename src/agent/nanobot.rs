//! The agent that asks the Python tool: its `nanobot serve`, with its tools and its memory.

use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    Agent, Answer, Attachment, Check, Draft, Failure, Kind, Question, Surroundings,
    chat::{self, Endpoint, Fault, ImageLimits, Limits, Said, Why, Wishes, harmless},
    providers::Provider,
};
use crate::{
    config::Section,
    error::{Error, Result},
};

pub(super) const KIND: Kind = Kind {
    name: "nanobot",
    about: "asks the Python tool's agent, which runs as `nanobot serve`",
    build: |section, surroundings| Ok(Box::new(Nanobot::read(section, surroundings)?)),
};

/// What the Python tool takes: each file up to 10 MiB, a request up to 20 MiB, encoded.
const PICTURES: ImageLimits = ImageLimits {
    each: 10 * 1024 * 1024,
    all: 14_000_000,
    count: 8,
};
/// Where it listens, and how long it takes at most, unless its configuration says otherwise.
const HOST: &str = "127.0.0.1";
const PORT: usize = 8900;
const ITS_LIMIT: f64 = 120.0;
/// How much longer we wait: its own word on a limit is better than ours.
const LONGER: Duration = Duration::from_secs(10);
const LONGEST: usize = 86_400;
/// How answers begin in which it only tells of an error of its own model's place.
const ERRORS: [&str; 2] = ["Error calling ", "Error: {"];
/// What it answers to the command that forgets a conversation.
const FORGOTTEN: &str = "New session started";

#[derive(Debug)]
struct Nanobot {
    endpoint: Endpoint,
    /// Whether it is asked for its answer in pieces.
    stream: bool,
    extra_body: Map<String, Value>,
    /// Whether it sees the files of this machine.
    is_here: bool,
}

impl Nanobot {
    fn read(section: &mut Section, surroundings: &Surroundings) -> Result<Self> {
        let keys = ["host", "port", "timeout", "apiKey"];
        let api = surroundings.document.get("api");
        let mut api = Section::shared("api", api.as_ref(), &keys, &surroundings.environment)?;
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
        Ok(Self {
            is_here: base.is_some_and(|host| matches!(host, HOST | "localhost" | "[::1]")),
            stream: section.switch("stream")?.unwrap_or(false),
            extra_body: provider.body.clone(),
            endpoint: Endpoint::new(Wishes {
                provider,
                limits: Limits {
                    whole,
                    // It says nothing while its tools work.
                    idle: whole,
                    // Its tools may have done half of something.
                    ask_again: false,
                },
                start: "start it: the Python tool's own command `nanobot serve`",
                dropped: "the Python tool's log says why; a limit of its own is api.timeout",
            })?,
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

    /// Asks, and shows what comes unless it may turn out to be an error.
    async fn ask(&self, body: &Value, draft: &Draft) -> Result<Said, Fault> {
        let (ours, mut watched) = Draft::new();
        let said = self.endpoint.ask(body, &ours);
        tokio::pin!(said);
        loop {
            let ended = tokio::select! {
                said = &mut said => Some(said),
                Ok(()) = watched.changed() => None,
            };
            let text = watched.borrow_and_update().clone();
            if !may_be_error(&text) {
                draft.show(&text);
            }
            if let Some(said) = ended {
                return said;
            }
        }
    }

    async fn content(&self, question: &Question) -> Value {
        let describe = if self.is_here {
            Attachment::marker
        } else {
            Attachment::label
        };
        let (place, text) = (question.place(), question.lines(describe));
        let text = match question.author() {
            Some(who) => format!("{who}, {place}:\n{text}"),
            None => format!("Written {place}:\n{text}"),
        };
        chat::content(&text, &chat::pictures(question, PICTURES).await)
    }
}

/// Whether this is an error of its own model's place, or the beginning of one.
fn may_be_error(text: &str) -> bool {
    ERRORS
        .iter()
        .any(|start| text.starts_with(start) || start.starts_with(text))
}

/// The words of an answer that is one.
fn refuse_error(said: Said) -> Result<String, Fault> {
    if ERRORS.iter().any(|start| said.text.starts_with(start)) {
        let what = format!("could not ask its model: {}", harmless(&said.text, &[]));
        return Err(Fault::new(Why::Trouble, what));
    }
    Ok(said.text)
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
        self.endpoint.name().to_owned()
    }

    fn answer<'a>(
        &'a self,
        question: &'a Question,
        draft: &'a Draft,
    ) -> BoxFuture<'a, Result<Answer, Failure>> {
        async move {
            let content = self.content(question).await;
            let body = self.body(&question.conversation(), &content, self.stream);
            let said = self.ask(&body, draft).await;
            match said.and_then(refuse_error) {
                Ok(text) => Ok(Answer {
                    text,
                    ..Answer::default()
                }),
                Err(fault) => Err(self.endpoint.failure(&fault)),
            }
        }
        .boxed()
    }

    /// Its API has no call for that; the command of its own chats does it.
    fn forget<'a>(&'a self, conversation: &'a str) -> BoxFuture<'a, Result<()>> {
        async move {
            let body = self.body(conversation, &json!("/new"), false);
            let (unseen, _) = Draft::new();
            match self.endpoint.ask(&body, &unseen).await {
                Ok(said) if said.text.contains(FORGOTTEN) => Ok(()),
                Ok(_) => Err(Error::failure(format!(
                    "{} did not say that the conversation is forgotten",
                    self.endpoint.name()
                ))),
                Err(fault) => Err(self.endpoint.failure(&fault).error),
            }
        }
        .boxed()
    }

    fn check(&self) -> BoxFuture<'_, Vec<Check>> {
        self.endpoint.check(None).boxed()
    }
}
