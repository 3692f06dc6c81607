//! Sends calls: deadline, retries, redirects and the limit on answers live here and nowhere else.

use std::{fmt, time::Duration};

use reqwest::{Client, Proxy, Response, StatusCode, redirect::Policy};
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

use super::{
    USER_AGENT,
    call::Call,
    endpoint::base_of,
    failure::{Failure, Result},
    options::{Options, is_loopback},
    reach::{Cause, Reach, cause, root},
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
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
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
    builder.build().map_err(|error| Failure::Client {
        why: tame(&root(&error), &[]),
    })
}

impl Http {
    /// A client to ask the server at this URL.
    pub(super) fn new(options: &Options, url: &Url) -> Result<Self> {
        Ok(Self {
            client: http_client(options, url)?,
            options: options.clone(),
        })
    }

    /// Sends a call until it is answered, fails for good, or its time is over.
    ///
    /// Answers with a 4xx status other than 429 are answers; what they mean is the caller's.
    pub(super) async fn send<'a>(&self, call: &Call<'a>) -> Result<Reply<'a>> {
        let deadline = Instant::now() + self.options.timeout.min(LONGEST_TIMEOUT);
        let mut tries = 0;
        loop {
            let failure = match self.try_once(call, deadline).await {
                Ok(reply) => return Ok(reply),
                Err(failure) => failure,
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

    async fn try_once<'a>(&self, call: &Call<'a>, deadline: Instant) -> Result<Reply<'a>> {
        match timeout_at(deadline, self.follow(call)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failure::Unreachable {
                server: base_of(&call.url),
                reach: Reach::Timeout(self.options.timeout),
            }),
        }
    }

    /// Sends a call and follows the redirects that may be followed.
    async fn follow<'a>(&self, call: &Call<'a>) -> Result<Reply<'a>> {
        let mut url = call.url.clone();
        for _ in 0..=redirect::MOST {
            self.options.permit(&url)?;
            let response = self.request(call, &url).await?;
            match redirect::target(call, &url, response.status(), response.headers())? {
                Some(next) => url = next,
                None => return self.read(call, url, response).await,
            }
        }
        Err(redirect::refusal(
            &call.url,
            &url,
            "there are too many in a row",
        ))
    }

    async fn request(&self, call: &Call<'_>, url: &Url) -> Result<Response> {
        let mut request = self.client.request(call.method.clone(), url.clone());
        if let Some(authorization) = call.authorization()? {
            request = request.header("authorization", authorization);
        }
        if let Some(body) = &call.body {
            request = request.json(body);
        }
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
    async fn read<'a>(
        &self,
        call: &Call<'a>,
        url: Url,
        mut response: Response,
    ) -> Result<Reply<'a>> {
        let status = response.status();
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
            url,
            status,
            body,
            secrets: call.secrets(),
        };
        match status {
            StatusCode::TOO_MANY_REQUESTS => Err(reply.rate_limited(&headers)),
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
            Cause::Reach(Reach::Dns | Reach::Refused | Reach::Timeout(_))
                if self.options.proxy.is_some() =>
            {
                Failure::Unreachable {
                    server,
                    reach: Reach::Proxy,
                }
            }
            Cause::Reach(reach) => Failure::Unreachable { server, reach },
            Cause::NotHttp => Failure::NotMatrix {
                server,
                what: "it does not speak HTTP on this port".to_owned(),
            },
        }
    }
}
