//! Stands between the bot and its homeserver, and notes when the homeserver has something to do.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio::{net::TcpListener, task::JoinSet};

use crate::Result;

/// No request of a bot that starts is larger.
const LARGEST: usize = 64 * 1024 * 1024;
/// What belongs to one connection, not to what is passed on.
const OF_CONNECTION: [header::HeaderName; 4] = [
    header::HOST,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
];

/// The proxy; it ends when dropped.
pub struct Proxy {
    /// Where it listens.
    pub url: String,
    calls: Calls,
    _server: JoinSet<()>,
}

/// From when to when the homeserver was busy with a call; no end while it is.
type Calls = Arc<Mutex<Vec<(Instant, Option<Instant>)>>>;

#[derive(Clone)]
struct Relay {
    upstream: String,
    client: reqwest::Client,
    calls: Calls,
}

impl Proxy {
    /// Listens on a free port of this machine.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn start(upstream: &str) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let calls = Calls::default();
        let relay = Relay {
            upstream: upstream.to_owned(),
            client: reqwest::Client::builder().no_proxy().build()?,
            calls: Arc::clone(&calls),
        };
        let router = Router::new().fallback(pass_on).with_state(relay);
        let mut server = JoinSet::new();
        server.spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("the proxy ended: {error}");
            }
        });
        Ok(Self {
            url,
            calls,
            _server: server,
        })
    }

    /// For how long, between these moments, at least one call waited for the homeserver.
    pub fn busy(&self, from: Instant, until: Instant) -> Duration {
        let mut calls = lock(&self.calls).clone();
        calls.sort_unstable();
        let mut busy = Duration::ZERO;
        let mut counted = from;
        for (start, end) in calls {
            let start = start.max(counted);
            let end = end.map_or(until, |end| end.min(until));
            if end > start {
                busy += end - start;
                counted = end;
            }
        }
        busy
    }
}

async fn pass_on(State(relay): State<Relay>, request: Request) -> Response {
    match relay.pass_on(request).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

impl Relay {
    async fn pass_on(self, request: Request) -> Result<Response, Box<dyn std::error::Error>> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let body = to_bytes(body, LARGEST).await?;
        let request = self
            .client
            .request(parts.method, format!("{}{path}", self.upstream))
            .headers(passed_on(parts.headers))
            .body(body);

        let call = Call::begin(&self.calls);
        let answer = request.send().await?;
        let (status, headers) = (answer.status(), passed_on(answer.headers().clone()));
        let body = answer.bytes().await?;
        drop(call);

        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

/// A call that the homeserver works on. It ends when dropped, also because the bot has gone.
struct Call {
    calls: Calls,
    index: usize,
}

impl Call {
    fn begin(calls: &Calls) -> Self {
        let mut list = lock(calls);
        list.push((Instant::now(), None));
        Self {
            calls: Arc::clone(calls),
            index: list.len() - 1,
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if let Some((_, end)) = lock(&self.calls).get_mut(self.index) {
            *end = Some(Instant::now());
        }
    }
}

fn passed_on(mut headers: HeaderMap) -> HeaderMap {
    for name in OF_CONNECTION {
        headers.remove(name);
    }
    headers
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
