//! A place that answers OpenAI's chat API, and asking there.

use std::{fmt, time::Duration};

use reqwest::{
    Client, RequestBuilder, Response,
    header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;
use tokio::time::{sleep, timeout};
use url::Url;

use super::{
    answer::{Coming, Said, Wrong},
    events::{Events, LARGEST},
    fault::{Fault, Service, Why},
    refusal,
};
use crate::{
    agent::{Draft, Failure, providers::Provider},
    config::Secret,
    error::{Error, Result, chain},
    homeserver::{Options, http_client, tame, travels_in_clear},
};

/// The most bytes of an answer that comes as a whole, and of all the events of one.
const LARGEST_ANSWER: usize = 32 * 1024 * 1024;
/// The most bytes of an error that are read.
const LARGEST_ERROR: usize = 64 * 1024;
/// The pauses before a question is asked again that was not acted on.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];
/// The longest pause that a service may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How patient to be.
#[derive(Clone, Copy, Debug)]
pub(in crate::agent) struct Limits {
    /// With a whole answer.
    pub(in crate::agent) whole: Duration,
    /// With its beginning, where it comes in pieces, and with the next piece.
    pub(in crate::agent) idle: Duration,
    /// Whether a question may be asked again that was answered with trouble (HTTP status 5xx).
    pub(in crate::agent) ask_again: bool,
}

/// A place to ask, and how.
pub(in crate::agent) struct Wishes {
    pub(in crate::agent) provider: Provider,
    pub(in crate::agent) limits: Limits,
    /// What to do where nobody answers.
    pub(in crate::agent) start: &'static str,
    /// What to do where an answer ended in the middle.
    pub(in crate::agent) dropped: &'static str,
}

/// A place that answers OpenAI's chat API.
pub(in crate::agent) struct Endpoint {
    client: Client,
    base: Url,
    headers: HeaderMap,
    query: Vec<(String, Secret)>,
    limits: Limits,
    name: String,
    key_path: String,
    start: &'static str,
    dropped: &'static str,
    /// All that must not be shown.
    secrets: Vec<Secret>,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("name", &self.name)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Endpoint {
    /// A place to ask.
    ///
    /// # Errors
    ///
    /// When it has no address, or the key, a header or the proxy cannot be sent or used; none of
    /// them is quoted.
    pub(in crate::agent) fn new(wishes: Wishes) -> Result<Self> {
        let Provider {
            name,
            base,
            key,
            key_path,
            headers,
            query,
            proxy,
            ..
        } = wishes.provider;
        let base = base.ok_or_else(|| Error::config(format!("{name} has no address")))?;
        let options = Options {
            proxy: proxy.as_ref().map(|proxy| proxy.expose().to_owned()),
            ..Options::default()
        };
        let client = http_client(&options, &base)
            .map_err(|failure| Error::config(failure.to_string()).hint(failure.hint()))?;
        let shown = shown(&base);
        if key.is_some() && travels_in_clear(&base) {
            tracing::warn!(
                address = shown,
                "the key travels unencrypted: use an https:// address"
            );
        }
        let password = base.password().map(Secret::new);
        let values = headers.iter().chain(&query).map(|(_, value)| value);
        let secrets = values.chain(&key).chain(&proxy).chain(&password);
        Ok(Self {
            secrets: secrets.cloned().collect(),
            client,
            headers: to_send(key.as_ref(), &key_path, &headers)?,
            limits: wishes.limits,
            name: format!("{name} at {shown}"),
            base,
            query,
            key_path,
            start: wishes.start,
            dropped: wishes.dropped,
        })
    }

    /// Its name and address, without secrets.
    pub(in crate::agent) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn service(&self) -> Service<'_> {
        Service {
            name: &self.name,
            key_path: &self.key_path,
            start: self.start,
            dropped: self.dropped,
        }
    }

    pub(super) fn secrets(&self) -> Vec<&Secret> {
        self.secrets.iter().collect()
    }

    /// A fault of this place, for the chat and for the log.
    pub(in crate::agent) fn failure(&self, fault: &Fault) -> Failure {
        fault.failure(&self.service())
    }

    /// Asks, and asks again where that may help and does no harm.
    pub(in crate::agent) async fn ask(&self, body: &Value, draft: &Draft) -> Result<Said, Fault> {
        let whole = self.limits.whole;
        let answered = timeout(whole, self.persist(body, draft)).await;
        answered.unwrap_or_else(|_| {
            let what = format!("gave no whole answer within {} s", whole.as_secs());
            Err(Fault::new(Why::Slow, what))
        })
    }

    async fn persist(&self, body: &Value, draft: &Draft) -> Result<Said, Fault> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let fault = match self.attempt(body, draft).await {
                Ok(said) => return Ok(said),
                Err(fault) => fault,
            };
            let wait = match fault.why {
                Why::Trouble if !self.limits.ask_again => None,
                Why::Busy(Some(wait)) if wait > LONGEST_PAUSE => None,
                Why::Busy(Some(wait)) => pauses.next().map(|pause| pause.max(wait)),
                _ if fault.may_pass() => pauses.next(),
                _ => None,
            };
            let Some(wait) = wait else {
                return Err(fault);
            };
            tracing::debug!(
                service = self.name,
                what = fault.what,
                ?wait,
                "asking again"
            );
            draft.show("");
            sleep(wait).await;
        }
    }

    async fn attempt(&self, body: &Value, draft: &Draft) -> Result<Said, Fault> {
        let request = self.post("chat/completions", body);
        // An answer that does not come in pieces begins when it is whole.
        let in_pieces = body["stream"] == true;
        let patience = if in_pieces {
            self.limits.idle
        } else {
            self.limits.whole
        };
        let mut response = self.send(request, patience).await?;
        self.refuse_failed(&mut response).await?;
        self.read(response, patience, draft).await
    }

    /// Sends a request, and waits this long for the beginning of the answer.
    pub(super) async fn send(
        &self,
        request: RequestBuilder,
        patience: Duration,
    ) -> Result<Response, Fault> {
        let request = request.headers(self.headers.clone()).send();
        match timeout(patience, request).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) if error.is_connect() => Err(self.broken(error, Why::Unreachable)),
            Ok(Err(error)) => Err(self.broken(error, Why::Dropped)),
            Err(_) => Err(stalled(patience)),
        }
    }

    /// The fault that an unsuccessful answer tells.
    pub(super) async fn refuse_failed(&self, response: &mut Response) -> Result<(), Fault> {
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        let mut body = Vec::new();
        while let Ok(Ok(Some(bytes))) = timeout(self.limits.idle, response.chunk()).await {
            body.extend_from_slice(&bytes);
            if body.len() > LARGEST_ERROR {
                break;
            }
        }
        let headers = response.headers();
        Err(refusal::of_status(status, headers, &body, &self.secrets()))
    }

    /// Reads an answer: pieces as events, or one whole document, whatever was asked for.
    async fn read(
        &self,
        mut response: Response,
        patience: Duration,
        draft: &Draft,
    ) -> Result<Said, Fault> {
        let mut coming = Coming::new(draft);
        let (mut events, mut document, mut length) = (Events::default(), Vec::new(), 0);
        let mut is_document = None;
        while let Some(bytes) = self.next_chunk(&mut response, patience).await? {
            length += bytes.len();
            if length > LARGEST_ANSWER {
                return Err(Fault::new(
                    Why::Garbage,
                    "sent an answer of more than 32 MiB",
                ));
            }
            let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
            let begins = || first.map(|byte| *byte == b'{');
            is_document = is_document.or_else(begins);
            if is_document == Some(true) {
                document.extend_from_slice(&bytes);
                continue;
            }
            let complete = events.take(&bytes).map_err(|_| {
                let what = format!("sent an event of more than {LARGEST} bytes");
                Fault::new(Why::Garbage, what)
            })?;
            for data in complete {
                self.take(&mut coming, &data)?;
            }
            if coming.is_done() {
                break;
            }
        }
        let last = if is_document == Some(true) {
            Some(document)
        } else {
            events.end()
        };
        if let Some(data) = last {
            self.take(&mut coming, &data)?;
        }
        coming.end()
    }

    fn take(&self, coming: &mut Coming<'_>, data: &[u8]) -> Result<(), Fault> {
        coming.take(data).map_err(|wrong| match wrong {
            Wrong::Fault(fault) => fault,
            Wrong::Error(error) => refusal::of_error(&error, &self.secrets()),
        })
    }

    /// The next bytes of an answer.
    pub(super) async fn next_chunk(
        &self,
        response: &mut Response,
        patience: Duration,
    ) -> Result<Option<Vec<u8>>, Fault> {
        match timeout(patience, response.chunk()).await {
            Ok(Ok(bytes)) => Ok(bytes.map(Vec::from)),
            Ok(Err(error)) => Err(self.broken(error, Why::Dropped)),
            Err(_) => Err(stalled(patience)),
        }
    }

    /// A failure of the HTTP library, whose words may hold the URL and what is secret in it.
    fn broken(&self, error: reqwest::Error, why: Why) -> Fault {
        let words = tame(&chain(&error.without_url()), &self.secrets());
        let what = match why {
            Why::Unreachable => "cannot be reached",
            _ => "broke the connection",
        };
        Fault::new(why, format!("{what}: {words}"))
    }

    /// The URL of a path below the base.
    pub(super) fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        if !self.query.is_empty() {
            let pairs = self
                .query
                .iter()
                .map(|(name, value)| (name, value.expose()));
            url.query_pairs_mut().extend_pairs(pairs);
        }
        url
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.client.post(self.url(path)).json(body)
    }

    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.url(path))
    }
}

fn stalled(patience: Duration) -> Fault {
    let what = format!("sent nothing for {} s", patience.as_secs());
    Fault::new(Why::Stalled, what)
}

/// The headers of every request.
fn to_send(key: Option<&Secret>, key_path: &str, extra: &[(String, Secret)]) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    if let Some(key) = key {
        let value = sensitive(&format!("Bearer {}", key.expose()), key_path)?;
        headers.insert(AUTHORIZATION, value);
    }
    for (name, value) in extra {
        let path = format!("the header {name:?} of extraHeaders");
        let name = HeaderName::try_from(name.as_str())
            .map_err(|_| Error::config(format!("{path} has a name that cannot be sent")))?;
        headers.insert(name, sensitive(value.expose(), &path)?);
    }
    Ok(headers)
}

fn sensitive(text: &str, path: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::try_from(text).map_err(|_| {
        Error::config(format!("{path} holds characters that cannot be sent"))
            .hint("look for a line break or a letter that is not ASCII in it")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// An address without a user name, a password and a query.
fn shown(base: &Url) -> String {
    let path = base.path().trim_end_matches('/');
    format!("{}{path}", base.origin().ascii_serialization())
}
