//! A server that misbehaves on request.

use std::{
    future::pending,
    io,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

/// A request as the fake server saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) authorization: Option<String>,
    pub(crate) agent: String,
    pub(crate) body: String,
    /// How many requests for this path came before.
    pub(crate) before: usize,
}

/// A server on a free port of this machine, until it is dropped.
pub(crate) struct Fake {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Fake {
    /// A server that answers with what `answer` gives, and never answers where it gives `None`.
    pub(crate) async fn new(
        answer: impl Fn(&Seen) -> Option<Response> + Send + Sync + 'static,
    ) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let answer = Arc::new(answer);
        let router = Router::new().fallback(move |request: Request| {
            let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
            async move {
                let seen = record(&log, request).await;
                match answer(&seen) {
                    Some(response) => response,
                    None => pending().await,
                }
            }
        });
        let (listener, url) = listen().await;
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, seen, task }
    }

    /// A homeserver whose `/versions` and `/login` are fine; `answer` may take over any path.
    pub(crate) async fn homeserver(
        answer: impl Fn(&Seen) -> Option<Response> + Send + Sync + 'static,
    ) -> Self {
        Self::new(move |seen| {
            Some(answer(seen).unwrap_or_else(|| match seen.path.as_str() {
                "/_matrix/client/versions" => ok(&json!({ "versions": ["v1.11"] })),
                "/_matrix/client/v3/login" => {
                    ok(&json!({ "flows": [{ "type": "m.login.password" }] }))
                }
                _ => error(404, "M_UNRECOGNIZED", "Unrecognized request"),
            }))
        })
        .await
    }

    /// A server that sends these bytes whatever it is asked, and hangs up.
    pub(crate) async fn raw(bytes: &'static [u8]) -> Self {
        let (listener, url) = listen().await;
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                // A client that went away early is no concern of a server that hangs up anyway.
                let _: io::Result<usize> = stream.read(&mut [0; 4096]).await;
                let _: io::Result<()> = stream.write_all(bytes).await;
            }
        });
        Self {
            url,
            seen: Arc::default(),
            task,
        }
    }

    /// All requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

/// The URL of a port where nothing listens.
pub(crate) async fn closed() -> String {
    listen().await.1
}

async fn record(log: &Mutex<Vec<Seen>>, request: Request) -> Seen {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let header = |name: &str| {
        let value = parts.headers.get(name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    let path = parts.uri.path().to_owned();
    let mut log = log.lock().unwrap();
    let seen = Seen {
        before: log.iter().filter(|seen| seen.path == path).count(),
        path,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        authorization: header("authorization"),
        agent: header("user-agent").unwrap_or_default(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    log.push(seen.clone());
    seen
}

/// A JSON answer.
pub(crate) fn ok(json: &Value) -> Response {
    answer(200, json)
}

/// An error of the API.
pub(crate) fn error(status: u16, errcode: &str, words: &str) -> Response {
    answer(status, &json!({ "errcode": errcode, "error": words }))
}

/// A JSON answer with a status of its own.
pub(crate) fn answer(status: u16, json: &Value) -> Response {
    text(status, &json.to_string())
}

/// An answer of any text.
pub(crate) fn text(status: u16, text: &str) -> Response {
    (StatusCode::from_u16(status).unwrap(), text.to_owned()).into_response()
}

/// A redirect.
pub(crate) fn redirect(status: u16, to: &str) -> Response {
    Response::builder()
        .status(status)
        .header("location", to)
        .body(Body::empty())
        .unwrap()
}
