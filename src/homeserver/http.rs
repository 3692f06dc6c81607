//! Sends calls: deadline, retries, redirects and the limit on answers live here and nowhere else.

use std::{fmt, time::Duration};

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Client, ClientBuilder, Proxy, Response, StatusCode, redirect::Policy, tls::TlsInfo};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use url::Url;

use super::{
    USER_AGENT,
    call::{Body, Call},
    endpoint::base_of,
    failure::{Failure, Result},
    options::{Options, is_loopback},
    reach::{Cause, ProxyFault, Reach, cause, root},
    redirect,
    reply::Reply,
    retry,
    words::tame,
};

/// The most bytes of an answer. Every answer this room asks for is far smaller.
pub(super) const LARGEST_ANSWER: usize = 1024 * 1024;
/// The longest a connection may take to come about.
const LONGEST_CONNECT: Duration = Duration::from_secs(10);
/// The longest deadline that is still believed to be meant, and that clocks can add up.
const LONGEST_TIMEOUT: Duration = Duration::from_hours(1);

/// An HTTP client with our rules.
pub(super) struct Http {
    client: Client,
    options: Options,
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
pub(super) struct Arrival {
    /// Where it came from in the end, redirects followed.
    url: Url,
    /// Whether no other origin had a hand in it.
    at_home: bool,
    response: Response,
}

impl Arrival {
    /// How many bytes will come, by the server's own word.
    pub(super) fn declared_length(&self) -> Option<u64> {
        self.response.content_length()
    }
}

/// What came of opening a large answer.
pub(super) enum Opened<'a> {
    /// It has begun.
    Begun(Arrival),
    /// The answer was no success.
    Refused(Reply<'a>),
}

/// A proxy of the kinds that are built in; the library would find out about others while connecting.
fn http_proxy(url: &str) -> Result<Proxy> {
    match url.split_once("://") {
        Some((scheme, _)) if !matches!(scheme, "http" | "https") => Err(Failure::ProxySetting),
        _ => Proxy::all(url).map_err(|_| Failure::ProxySetting),
    }
}

/// The HTTP client for the server at this URL: the one way this program makes them.
///
/// # Errors
///
/// When the proxy setting is wrong, or the system's certificates cannot be read.
pub fn http_client(options: &Options, url: &Url) -> Result<Client> {
    build(client_builder(options, url)?)
}

fn build(builder: ClientBuilder) -> Result<Client> {
    builder.build().map_err(|error| Failure::Client {
        why: tame(&root(&error), &[]),
    })
}

fn client_builder(options: &Options, url: &Url) -> Result<ClientBuilder> {
    let mut builder = Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(options.timeout.min(LONGEST_CONNECT))
        .redirect(Policy::none())
        .referer(false);
    if let Some(proxy) = &options.proxy {
        builder = builder.proxy(http_proxy(proxy)?);
    } else if is_loopback(url) {
        // Plain HTTP is allowed here because it stays on this machine; a proxy would break that.
        builder = builder.no_proxy();
    }
    Ok(builder)
}

impl Http {
    /// A client to ask the server at this URL.
    pub(super) fn new(options: &Options, url: &Url) -> Result<Self> {
        Ok(Self {
            client: http_client(options, url)?,
            options: options.clone(),
            environment: (options.proxy.is_none() && !is_loopback(url)).then(Matcher::from_env),
        })
    }

    /// How it talks.
    pub(super) fn options(&self) -> &Options {
        &self.options
    }

    /// The certificate that the server at this URL shows, in DER, whether or not it is to be
    /// trusted. Nothing but the question is sent, and nothing of the answer is read.
    pub(super) async fn shown_certificate(&self, url: &Url) -> Result<Option<Vec<u8>>> {
        let builder = client_builder(&self.options, url)?
            .tls_info(true)
            .tls_danger_accept_invalid_certs(true);
        let request = build(builder)?.get(url.clone()).send();
        let response = match timeout(self.patience(), request).await {
            Ok(response) => response.map_err(|error| self.broken(url, &error))?,
            Err(_) => return Err(self.too_slow(url)),
        };
        let info = response.extensions().get::<TlsInfo>();
        Ok(info.and_then(TlsInfo::peer_certificate).map(Vec::from))
    }

    /// Whether what goes to this URL goes through a proxy.
    fn uses_proxy(&self, url: &Url) -> bool {
        let named_by_environment = || {
            let uri = url.as_str().parse().ok()?;
            self.environment.as_ref()?.intercept(&uri)
        };
        self.options.proxy.is_some() || named_by_environment().is_some()
    }

    /// Sends a call until it is answered, fails for good, or its time is over.
    ///
    /// Answers with a 4xx status other than 429 are answers; what they mean is the caller's.
    pub(super) async fn send<'a>(&self, call: &Call<'a>) -> Result<Reply<'a>> {
        self.persist(call, || async {
            let arrival = self.follow(call).await?;
            self.read(call, arrival).await
        })
        .await
    }

    /// As [`Self::send`], for an answer that may be larger than memory: a success is not read yet.
    /// The time for the call is over when the answer begins.
    pub(super) async fn open<'a>(&self, call: &Call<'a>) -> Result<Opened<'a>> {
        self.persist(call, || async {
            let arrival = self.follow(call).await?;
            if arrival.response.status().is_success() {
                return Ok(Opened::Begun(arrival));
            }
            self.read(call, arrival).await.map(Opened::Refused)
        })
        .await
    }

    /// The next piece of an answer, for which the server has as long as for a whole call.
    pub(super) async fn next_chunk(&self, arrival: &mut Arrival) -> Result<Option<Vec<u8>>> {
        match timeout(self.patience(), arrival.response.chunk()).await {
            Ok(Ok(chunk)) => Ok(chunk.map(Vec::from)),
            Ok(Err(error)) => Err(self.broken(&arrival.url, &error)),
            Err(_) => Err(self.too_slow(&arrival.url)),
        }
    }

    /// Attempts a call until it is answered, fails for good, or its time is over.
    async fn persist<T, F: Future<Output = Result<T>>>(
        &self,
        call: &Call<'_>,
        attempt: impl Fn() -> F,
    ) -> Result<T> {
        let deadline = Instant::now() + self.patience() + call.carrying_time();
        let mut tries = 0;
        loop {
            let failure = match timeout_at(deadline, attempt()).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(failure)) => failure,
                Err(_) => self.too_slow(&call.url),
            };
            let left = deadline.saturating_duration_since(Instant::now());
            let Some(pause) = retry::pause(&failure, call.repeatable, tries, left) else {
                return Err(failure);
            };
            tracing::debug!(%failure, ?pause, "trying again");
            sleep(pause).await;
            tries += 1;
        }
    }

    fn patience(&self) -> Duration {
        self.options.timeout.min(LONGEST_TIMEOUT)
    }

    fn too_slow(&self, url: &Url) -> Failure {
        Failure::Unreachable {
            server: base_of(url),
            reach: Reach::Timeout(self.options.timeout),
        }
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
                .header("content-type", file.mimetype())
                .header("content-length", file.length())
                .body(file.body()),
        };
        let response = request.send().await;
        let response = response.map_err(|error| self.broken(url, &error))?;
        tracing::debug!(
            method = %call.method,
            server = base_of(url),
            path = url.path(),
            status = response.status().as_u16(),
            "answered"
        );
        Ok(response)
    }

    /// Reads an answer up to the limit; its own word on its length is not asked.
    async fn read<'a>(&self, call: &Call<'a>, arrival: Arrival) -> Result<Reply<'a>> {
        let Arrival {
            url,
            at_home,
            mut response,
        } = arrival;
        let status = response.status();
        if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            return Err(Failure::Unreachable {
                server: base_of(&call.url),
                reach: Reach::Proxy(ProxyFault::WantsLogin),
            });
        }
        let headers = response.headers().clone();
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= LARGEST_ANSWER => {
                    body.extend_from_slice(&chunk);
                }
                Ok(Some(_)) => {
                    return Err(Failure::TooLarge {
                        server: base_of(&url),
                        limit: LARGEST_ANSWER,
                    });
                }
                Ok(None) => break,
                Err(error) => return Err(self.broken(&url, &error)),
            }
        }
        let reply = Reply {
            official: at_home || !call.portable,
            asked: base_of(&call.url),
            url,
            status,
            headers,
            body,
            secrets: call.secrets(),
        };
        match status {
            StatusCode::TOO_MANY_REQUESTS => Err(reply.rate_limited()),
            _ if status.is_server_error() => Err(reply.failure()),
            _ => Ok(reply),
        }
    }

    /// What a failure of the HTTP library means.
    fn broken(&self, url: &Url, error: &reqwest::Error) -> Failure {
        let server = base_of(url);
        let patience = self.options.timeout.min(LONGEST_CONNECT);
        match cause(error, patience) {
            // With a proxy, it is the proxy that we connect to.
            Cause::Reach(reach) if self.uses_proxy(url) => Failure::Unreachable {
                server,
                reach: reach.through_proxy(),
            },
            Cause::Reach(reach) => Failure::Unreachable { server, reach },
            Cause::NotHttp => Failure::NotMatrix {
                server,
                what: "it does not speak HTTP on this port".to_owned(),
            },
        }
    }
}
