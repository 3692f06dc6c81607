//! A place that answers OpenAI's chat API, and asking there.

use std::{fmt, time::Duration};

use backon::{ExponentialBuilder, Retryable};
use reqwest::{
    Client, RequestBuilder, Response, Version,
    header::{
        AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue,
        TRANSFER_ENCODING,
    },
};
use serde_json::Value;
use tokio::time::timeout;
use url::Url;

use super::{
    answer::PartialAnswer,
    fault::{Fault, Why, of_status, too_large},
};
use crate::{
    address::travels_in_clear,
    agent::{Draft, openai::providers::Provider},
    config::Secret,
    error::{Error, Remedy, Result, chain},
    homeserver::{Options, Reach, base_of, http_client, reach},
    text::{duration, excerpt},
};

/// The most bytes of an answer with all of its events.
const LARGEST_ANSWER: usize = 32 * 1024 * 1024;
/// The most bytes of an error that are read.
const LARGEST_ERROR: usize = 64 * 1024;
/// How long to wait before a question is asked again that was not acted on, and how often.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const MOST_REPETITIONS: usize = 2;
/// The longest pause that a service may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How to deal with a place.
#[derive(Clone, Debug)]
pub struct Service {
    /// How long a whole answer may take.
    pub whole: Duration,
    /// How long its beginning may take, where it comes in pieces, and the next piece.
    pub idle: Duration,
    /// How answers begin that only tell of an error, where it is no model but an agent with tools.
    /// These may have done half of something: it is not asked again, and half an answer is none.
    pub errors: &'static [&'static str],
    /// What to do where nobody answers.
    pub start: Remedy,
    /// What to do where an answer ended in the middle.
    pub dropped: &'static str,
}

/// A place that answers OpenAI's chat API.
pub struct Endpoint {
    /// Its name and address, without secrets.
    pub name: String,
    pub(super) key_path: String,
    pub(super) service: Service,
    client: Client,
    base: Url,
    headers: HeaderMap,
    query: Vec<(String, Secret)>,
    /// All that must not be shown.
    secrets: Vec<Secret>,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Endpoint");
        shown.field("name", &self.name).finish_non_exhaustive()
    }
}

impl Endpoint {
    /// This provider.
    ///
    /// # Errors
    ///
    /// When it has no address, or the key, a header or the proxy cannot be sent or used; none of
    /// them is quoted.
    pub fn new(provider: Provider, service: Service) -> Result<Self> {
        let no_address = || Error::config(format!("{} has no address", provider.name));
        let base = provider.base.clone().ok_or_else(no_address)?;
        let options = Options {
            proxy: provider.proxy.clone(),
            ..Options::default()
        };
        let client = http_client(&options, &base)
            .map_err(|failure| Error::config(failure.to_string()).with_remedy(failure.remedy()))?;
        let address = base_of(&base);
        if provider.key.is_some() && travels_in_clear(&base) {
            tracing::warn!(
                address,
                "the API key is sent unencrypted; use an https:// address"
            );
        }
        let values = provider.headers.iter().chain(&provider.query);
        let secrets = values.map(|(_, value)| value);
        let secrets = secrets.chain(&provider.key).chain(&provider.proxy).cloned();
        Ok(Self {
            secrets: secrets.chain(base.password().map(Secret::new)).collect(),
            name: format!("{} at {address}", provider.name),
            headers: headers(&provider)?,
            key_path: provider.key_path,
            query: provider.query,
            service,
            client,
            base,
        })
    }

    /// Asks, and asks again where that may help and does no harm.
    pub async fn ask(&self, body: &Value, draft: &Draft) -> Result<String, Fault> {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(FIRST_PAUSE)
            .with_factor(4.0)
            .with_max_times(MOST_REPETITIONS);
        let asking = (|| self.ask_once(body, draft))
            .retry(pauses)
            .when(|fault| match fault.why {
                Why::Trouble => self.service.errors.is_empty(),
                Why::Busy(Some(wait)) => wait <= LONGEST_PAUSE,
                why => matches!(why, Why::Unreachable | Why::Busy(None)),
            })
            .adjust(|fault, pause| match fault.why {
                Why::Busy(Some(wait)) => pause.map(|pause| pause.max(wait)),
                _ => pause,
            })
            .notify(|fault, pause| {
                let (service, what) = (&self.name, &fault.what);
                tracing::debug!(service, "{what}; retrying in {}", duration(pause));
                draft.show("");
            });
        let whole = self.service.whole;
        let answered = timeout(whole, asking).await;
        answered.unwrap_or_else(|_| {
            let what = format!("gave no whole answer within {} s", whole.as_secs());
            Err(Fault::new(Why::Slow, what))
        })
    }

    async fn ask_once(&self, body: &Value, draft: &Draft) -> Result<String, Fault> {
        // An answer that does not come in pieces begins when it is whole.
        let in_pieces = body["stream"] == true;
        let Service { whole, idle, .. } = self.service;
        let patience = if in_pieces { idle } else { whole };
        let request = self.post("chat/completions", body);
        let mut response = self.send(request, patience).await?;
        let is_framed = is_framed(&response);
        let mut answer = PartialAnswer::new(draft, self.service.errors, &self.secrets);
        let mut size = 0;
        let ended = loop {
            match self.chunk(&mut response, patience).await {
                Ok(Some(bytes)) => {
                    size += bytes.len();
                    answer.take(&bytes)?;
                }
                Ok(None) if is_framed && self.service.errors.is_empty() => break Ok(()),
                Ok(None) => break Err(Fault::new(Why::Dropped, "ended the answer in the middle")),
                Err(fault) => break Err(fault),
            }
            if answer.is_done() {
                break Ok(());
            }
            if size > LARGEST_ANSWER {
                return Err(too_large(LARGEST_ANSWER));
            }
        };
        answer.end(ended)
    }

    /// Sends a request, and waits this long for the beginning of a successful answer.
    pub(super) async fn send(
        &self,
        request: RequestBuilder,
        patience: Duration,
    ) -> Result<Response, Fault> {
        let request = request.headers(self.headers.clone()).send();
        let response = match timeout(patience, request).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) if error.is_connect() => {
                return Err(self.unreachable(error, patience));
            }
            Ok(Err(error)) => return Err(self.broken(error, Why::Dropped, BROKE)),
            Err(_) => return Err(stalled(patience)),
        };
        if response.status().is_success() {
            return Ok(response);
        }
        let (status, headers) = (response.status(), response.headers().clone());
        // What has come tells enough, however it ends.
        let (body, _) = self.read(response, self.service.idle, LARGEST_ERROR).await;
        Err(of_status(status, &headers, &body, &self.secrets))
    }

    /// What comes of an answer, up to this size, and how that ends.
    pub(super) async fn read(
        &self,
        mut response: Response,
        patience: Duration,
        most: usize,
    ) -> (Vec<u8>, Result<(), Fault>) {
        let mut body = Vec::new();
        loop {
            match self.chunk(&mut response, patience).await {
                Ok(None) => return (body, Ok(())),
                Ok(Some(bytes)) if body.len() + bytes.len() > most => {
                    return (body, Err(too_large(most)));
                }
                Ok(Some(bytes)) => body.extend(bytes),
                Err(fault) => return (body, Err(fault)),
            }
        }
    }

    async fn chunk(
        &self,
        response: &mut Response,
        patience: Duration,
    ) -> Result<Option<Vec<u8>>, Fault> {
        match timeout(patience, response.chunk()).await {
            Ok(Ok(bytes)) => Ok(bytes.map(Vec::from)),
            Ok(Err(error)) => Err(self.broken(error, Why::Dropped, BROKE)),
            Err(_) => Err(stalled(patience)),
        }
    }

    /// A connection that did not come about.
    fn unreachable(&self, error: reqwest::Error, patience: Duration) -> Fault {
        const WHAT: &str = "cannot be reached";
        match reach(&error, patience) {
            None | Some(Reach::Broken(_)) => self.broken(error, Why::Unreachable, WHAT),
            Some(reach) => {
                let words = Secret::redact(&reach.to_string(), &self.secrets);
                Fault::new(Why::Unreachable, format!("{WHAT}: {words}"))
            }
        }
    }

    /// A failure of the HTTP library, whose words may hold the URL and what is secret in it.
    fn broken(&self, error: reqwest::Error, why: Why, what: &str) -> Fault {
        let words = chain(&error.without_url());
        let words = excerpt(&Secret::redact(&words, &self.secrets));
        Fault::new(why, format!("{what}: {words}"))
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.client.post(self.url(path)).json(body)
    }

    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.url(path))
    }

    pub(super) fn head(&self, path: &str) -> RequestBuilder {
        self.client.head(self.url(path))
    }

    /// The URL of a path below the base.
    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        for (name, value) in &self.query {
            url.query_pairs_mut().append_pair(name, value.expose());
        }
        url
    }
}

const BROKE: &str = "broke the connection";

/// Whether the end of an answer can be told from a connection that breaks.
fn is_framed(response: &Response) -> bool {
    let (version, headers) = (response.version(), response.headers());
    let tells = |name| headers.contains_key(name);
    // The length of a compressed answer is not told any more, but a connection that stays open
    // does not end it.
    let closes = headers
        .get(CONNECTION)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"close"));
    let stays_open = version == Version::HTTP_11 && !closes;
    version > Version::HTTP_11 || stays_open || tells(CONTENT_LENGTH) || tells(TRANSFER_ENCODING)
}

fn stalled(patience: Duration) -> Fault {
    let what = format!("sent nothing for {} s", patience.as_secs());
    Fault::new(Why::Stalled, what)
}

/// The headers of every request.
fn headers(provider: &Provider) -> Result<HeaderMap> {
    let key = provider.key.as_ref().map(|key| {
        let value = format!("Bearer {}", key.expose());
        (AUTHORIZATION.as_str(), value, provider.key_path.clone())
    });
    let others = provider.headers.iter().map(|(name, value)| {
        let path = format!("the header {name:?} of extraHeaders");
        (name.as_str(), value.expose().to_owned(), path)
    });
    let mut headers = HeaderMap::new();
    for (name, value, path) in key.into_iter().chain(others) {
        let name = HeaderName::try_from(name)
            .map_err(|_| Error::config(format!("{path} has a name that cannot be sent")))?;
        let mut value = HeaderValue::try_from(value).map_err(|_| {
            Error::config(format!("{path} holds characters that cannot be sent"))
                .hint("look for a line break or a letter that is not ASCII in it")
        })?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}
