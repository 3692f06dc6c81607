//! Sends calls: deadline, retries, redirects and the limit on answers live here and nowhere else.

use std::{fmt, time::Duration};

use backon::Retryable;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Client, Response, StatusCode, tls::TlsInfo};
use tokio::time::{Instant, timeout, timeout_at};
use url::{Position, Url};

use super::{
    call::{Body, Call, pause, pauses},
    connectivity::{ProxyFault, Reach, TlsFault, reach},
    failure::{Failure, Result},
    options::{Options, build, client_builder, http_client},
    redirect,
    reply::{ApiError, Reply},
    url::base_of,
};
use crate::address::is_loopback;

/// The most of an answer to anybody, in MiB.
const LARGEST_ANSWER: usize = 1;
/// The most of an answer to an account, in MiB: it may have thousands of rooms and invitations.
const LARGEST_OF_ACCOUNT: usize = 16;
/// How long a port may take that speaks plain HTTP where TLS was expected.
const PLAIN_PATIENCE: Duration = Duration::from_secs(2);

/// An HTTP client with our rules.
pub struct Http {
    client: Client,
    pub options: Options,
    /// What the environment says on proxies, where it is asked.
    environment: Option<Matcher>,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// An answer that has begun.
pub struct Arrival {
    /// Where it came from in the end, redirects followed.
    url: Url,
    /// Whether no other origin had a hand in it.
    at_home: bool,
    response: Response,
}

impl Arrival {
    /// How many bytes will come, by the server's own word.
    pub fn declared_length(&self) -> Option<u64> {
        self.response.content_length()
    }
}

impl Http {
    /// A client to ask the server at this URL.
    pub fn new(options: &Options, url: &Url) -> Result<Self> {
        Ok(Self {
            client: http_client(options, url)?,
            options: options.clone(),
            environment: (options.proxy.is_none() && !is_loopback(url)).then(Matcher::from_env),
        })
    }

    /// Sends a call until it is answered, fails for good, or its time is over.
    ///
    /// Answers with a 4xx status other than 429 are answers; what they mean is the caller's.
    pub async fn send(&self, call: &Call<'_>) -> Result<Reply> {
        self.persist(call, || async {
            let arrival = self.follow(call).await?;
            self.read(call, arrival).await
        })
        .await
    }

    /// As [`Self::send`], for an answer that may be larger than memory: a success is not read yet.
    /// The time for the call is over when the answer begins.
    pub async fn open(&self, call: &Call<'_>) -> Result<Arrival> {
        self.persist(call, || async {
            let arrival = self.follow(call).await?;
            if arrival.response.status().is_success() {
                return Ok(arrival);
            }
            Err(self.read(call, arrival).await?.failure())
        })
        .await
    }

    /// The next piece of an answer, for which the server has as long as for a whole call.
    pub async fn next_chunk(&self, arrival: &mut Arrival) -> Result<Option<Vec<u8>>> {
        let chunk = self.in_time(&arrival.url, arrival.response.chunk());
        Ok(chunk.await?.map(Vec::from))
    }

    async fn in_time<T>(
        &self,
        url: &Url,
        coming: impl Future<Output = reqwest::Result<T>>,
    ) -> Result<T> {
        match timeout(self.options.patience(), coming).await {
            Ok(came) => came.map_err(|error| self.broken(url, &error)),
            Err(_) => Err(self.too_slow(url)),
        }
    }

    /// The certificate that the server at this URL shows, in DER, whether or not it is to be
    /// trusted. Nothing but the question is sent, and nothing of the answer is read.
    pub async fn shown_certificate(&self, url: &Url) -> Result<Option<Vec<u8>>> {
        let builder = client_builder(&self.options, url)?
            .tls_info(true)
            .tls_danger_accept_invalid_certs(true);
        let request = build(builder)?.get(url.clone()).send();
        let response = self.in_time(url, request).await?;
        let info = response.extensions().get::<TlsInfo>();
        Ok(info.and_then(TlsInfo::peer_certificate).map(Vec::from))
    }

    /// Attempts a call until it is answered, fails for good, or its time is over.
    async fn persist<T, F: Future<Output = Result<T>>>(
        &self,
        call: &Call<'_>,
        attempt: impl Fn() -> F,
    ) -> Result<T> {
        let deadline = Instant::now() + self.options.patience() + call.carrying_time();
        let in_time = || async {
            let outcome = timeout_at(deadline, attempt()).await;
            outcome.unwrap_or_else(|_| Err(self.too_slow(&call.url)))
        };
        in_time
            .retry(pauses())
            .adjust(|failure, next| {
                let left = deadline.saturating_duration_since(Instant::now());
                pause(call, failure, next).filter(|pause| *pause < left)
            })
            .notify(|failure, pause| tracing::debug!(%failure, ?pause, "trying again"))
            .await
    }

    /// Sends a call and follows the redirects that may be followed.
    async fn follow(&self, call: &Call<'_>) -> Result<Arrival> {
        let mut url = call.url.clone();
        let mut at_home = true;
        for _ in 0..=redirect::MOST {
            self.permit(call, &url)?;
            let response = self.request(call, &url, at_home).await?;
            match redirect::target(call, &url, response.status(), response.headers())? {
                Some(next) => url = next,
                None => {
                    return Ok(Arrival {
                        url,
                        at_home,
                        response,
                    });
                }
            }
            // Whoever was handed the call must not send it back with the token on it.
            at_home &= url.origin() == call.url.origin();
        }
        Err(redirect::refusal(
            &call.url,
            &url,
            "there are too many in a row",
        ))
    }

    /// Refuses plain HTTP to another machine, also where a redirect leads there.
    fn permit(&self, call: &Call<'_>, url: &Url) -> Result<()> {
        let permission = self.options.permit(url);
        if *url == call.url {
            return permission;
        }
        permission
            .map_err(|_| redirect::refusal(&call.url, url, "it is plain HTTP, without encryption"))
    }

    async fn request(&self, call: &Call<'_>, url: &Url, at_home: bool) -> Result<Response> {
        let mut request = self.client.request(call.method.clone(), url.clone());
        if at_home && let Some(authorization) = call.authorization()? {
            request = request.header("authorization", authorization);
        }
        request = match &call.body {
            None => request,
            Some(Body::Json(json)) => request.json(json),
            Some(Body::File(file)) => request
                .header("content-type", &file.mimetype)
                .header("content-length", file.length)
                .body(file.body()),
        };
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() && error.is_timeout() && self.is_plain(url).await => {
                return Err(unreachable(url, Reach::Tls(TlsFault::NotTls)));
            }
            Err(error) => return Err(self.broken(url, &error)),
        };
        tracing::debug!(
            method = %call.method,
            server = base_of(url),
            path = url.path(),
            status = response.status().as_u16(),
            "answered"
        );
        Ok(response)
    }

    /// Whether plain HTTP is spoken where TLS found no answer: some servers keep silent at what
    /// they do not understand. Nothing but the question is sent.
    async fn is_plain(&self, url: &Url) -> bool {
        if url.scheme() != "https" || self.uses_proxy(url) {
            return false;
        }
        let authority = &url[Position::BeforeHost..Position::AfterPort];
        let port = if url.port().is_some() { "" } else { ":443" };
        let question = self.client.get(format!("http://{authority}{port}/"));
        let answer = question.timeout(PLAIN_PATIENCE).send().await;
        // A server that does speak TLS there may say so in plain words, as a bad request.
        answer.is_ok_and(|answer| answer.status() != StatusCode::BAD_REQUEST)
    }

    /// Reads an answer up to the limit; its own word on its length is not asked.
    async fn read(&self, call: &Call<'_>, arrival: Arrival) -> Result<Reply> {
        let Arrival {
            url,
            at_home,
            mut response,
        } = arrival;
        let status = response.status();
        if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            let reach = Reach::Proxy(ProxyFault::WantsLogin);
            return Err(unreachable(&call.url, reach));
        }
        let headers = response.headers().clone();
        let mebibytes = match call.token {
            Some(_) => LARGEST_OF_ACCOUNT,
            None => LARGEST_ANSWER,
        };
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.broken(&url, &error))?
        {
            if body.len() + chunk.len() > mebibytes << 20 {
                let server = base_of(&url);
                return Err(Failure::TooLong { server, mebibytes });
            }
            body.extend_from_slice(&chunk);
        }
        // What some editors begin a file with is no part of its JSON.
        if body.starts_with(b"\xef\xbb\xbf") {
            body.drain(..3);
        }
        // What a portable call meets elsewhere does not speak for the homeserver.
        let is_official = at_home || !call.portable;
        let error = (is_official && !status.is_success())
            .then(|| ApiError::read(&body, &call.secrets()))
            .flatten();
        let reply = Reply {
            asked: base_of(&call.url),
            url,
            status,
            headers,
            body,
            error,
        };
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            return Err(reply.failure());
        }
        Ok(reply)
    }

    /// What a failure of the HTTP library means.
    fn broken(&self, url: &Url, error: &reqwest::Error) -> Failure {
        match reach(error, self.options.connect_patience()) {
            None => Failure::NotMatrix {
                server: base_of(url),
                what: "it does not speak HTTP on this port".to_owned(),
            },
            // With a proxy, it is the proxy that we connect to.
            Some(reach) if self.uses_proxy(url) => unreachable(url, reach.through_proxy()),
            Some(reach) => unreachable(url, reach),
        }
    }

    /// Whether what goes to this URL goes through a proxy.
    fn uses_proxy(&self, url: &Url) -> bool {
        let named_by_environment = || {
            let uri = url.as_str().parse().ok()?;
            self.environment.as_ref()?.intercept(&uri)
        };
        self.options.proxy.is_some() || named_by_environment().is_some()
    }

    fn too_slow(&self, url: &Url) -> Failure {
        unreachable(url, Reach::Timeout(self.options.timeout))
    }
}

/// That a call to this URL came only so far.
fn unreachable(url: &Url, reach: Reach) -> Failure {
    let server = base_of(url);
    Failure::Unreachable { server, reach }
}
