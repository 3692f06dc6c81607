//! A place that answers OpenAI's chat API, well or in any of the ways in which one fails.
//!
//! Nothing here depends on the rest of the harness, so that the unit tests can include this file
//! too.

use std::collections::VecDeque;
use std::future::IntoFuture;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream, StreamExt};
use serde_json::{Value, json};

/// How a question is answered.
#[derive(Clone, Debug)]
pub enum Manner {
    /// With these words: in pieces where that is asked for, else as a whole.
    Say(String),
    /// With these words as a whole, whatever is asked for.
    Whole(String),
    /// In these pieces, with a pause before each.
    Slowly(Duration, Vec<&'static str>),
    /// With these pieces, and then nothing more, for ever.
    Stall(Vec<&'static str>),
    /// With these pieces, and then the connection breaks.
    Break(Vec<&'static str>),
    /// With these pieces, and then the answer ends without a last one.
    End(Vec<&'static str>),
    /// Not at all, for ever.
    Hang,
    /// With this body, whatever it is.
    Raw(String),
    /// With this status, this header, and this body.
    Refuse(u16, Option<(&'static str, &'static str)>, String),
}

impl Manner {
    /// An error of the API.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        let error = json!({"error": {"message": message, "type": "error", "code": code}});
        Self::Refuse(status, None, error.to_string())
    }
}

/// A request that came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub uri: String,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Asked {
    /// The text of the message at this place, from the end.
    pub fn text_from_end(&self, back: usize) -> String {
        let messages = self.body["messages"].as_array().expect("messages");
        let content = &messages[messages.len() - 1 - back]["content"];
        let text = content.as_str().or_else(|| content[0]["text"].as_str());
        text.unwrap_or_default().to_owned()
    }

    /// How many messages it has.
    pub fn count(&self) -> usize {
        self.body["messages"].as_array().map_or(0, Vec::len)
    }
}

#[derive(Debug)]
struct State {
    next: Mutex<VecDeque<Manner>>,
    asked: Mutex<Vec<Asked>>,
    /// The status and the document of its list of models.
    models: Mutex<(u16, Value)>,
    key: Mutex<Option<String>>,
    /// How a question without messages is refused.
    empty: Mutex<Option<Manner>>,
    /// Answers that have begun and not ended.
    open: AtomicUsize,
}

/// A running one. It ends with the test's runtime.
#[derive(Clone, Debug)]
pub struct Model {
    url: String,
    state: Arc<State>,
}

impl Model {
    /// Starts one that answers every question with its own words, and has the model `tiny`.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub async fn start() -> Self {
        let state = Arc::new(State {
            next: Mutex::default(),
            asked: Mutex::default(),
            models: Mutex::new((200, list(&["tiny"]))),
            key: Mutex::default(),
            empty: Mutex::default(),
            open: AtomicUsize::new(0),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::clone(&state);
        let answer = move |uri: Uri, headers: HeaderMap, body: Bytes| {
            let state = Arc::clone(&shared);
            async move { state.answer(&uri, headers, &body).await }
        };
        let router = axum::Router::new()
            .fallback(answer)
            .layer(axum::extract::DefaultBodyLimit::max(64 * 1024 * 1024));
        tokio::spawn(axum::serve(listener, router).into_future());
        Self {
            url: format!("http://{address}/v1"),
            state,
        }
    }

    /// Its address: the `apiBase`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How the next question is answered that nothing is said of yet.
    pub fn next(&self, manner: Manner) {
        self.state.next.lock().unwrap().push_back(manner);
    }

    /// The models it has; `None` where it has no list of them.
    pub fn set_models(&self, models: Option<Vec<&'static str>>) {
        match models {
            Some(models) => self.set_list(200, list(&models)),
            None => self.set_list(404, Value::Null),
        }
    }

    /// What it answers to whoever asks for its list of models.
    pub fn set_list(&self, status: u16, list: Value) {
        *self.state.models.lock().unwrap() = (status, list);
    }

    /// How it refuses a question without messages.
    pub fn set_empty(&self, status: u16, error: &Value) {
        *self.state.empty.lock().unwrap() = Some(Manner::Refuse(status, None, error.to_string()));
    }

    /// Refuses whoever does not have this key.
    pub fn require_key(&self, key: &str) {
        *self.state.key.lock().unwrap() = Some(key.to_owned());
    }

    /// The questions so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().unwrap().clone()
    }

    /// How many answers have begun and not ended.
    pub fn open(&self) -> usize {
        self.state.open.load(Ordering::SeqCst)
    }
}

impl State {
    async fn answer(self: Arc<Self>, uri: &Uri, headers: HeaderMap, body: &[u8]) -> Response {
        if let Some(refused) = self.refuse_key(&headers) {
            return respond(refused);
        }
        if let Some(id) = uri.path().strip_prefix("/v1/models") {
            return self.models(id);
        }
        if uri.path() != "/v1/chat/completions" {
            return StatusCode::NOT_FOUND.into_response();
        }
        let body: Value = serde_json::from_slice(body).expect("a question in JSON");
        if body["messages"].as_array().is_none_or(Vec::is_empty) {
            let refused = self.empty.lock().unwrap().clone();
            let usual = Manner::error(400, "invalid_request_error", "no messages");
            return respond(refused.unwrap_or(usual));
        }
        let asked = Asked {
            uri: uri.to_string(),
            headers,
            body,
        };
        let text = asked.text_from_end(0);
        let in_pieces = asked.body["stream"] == true;
        self.asked.lock().unwrap().push(asked);
        let manner = self.next.lock().unwrap().pop_front();
        let open = Open::new(Arc::clone(&self));
        match manner.unwrap_or(Manner::Say(format!("You said: {text}"))) {
            Manner::Say(words) if in_pieces => {
                let pieces: Vec<_> = words.split_inclusive(' ').map(piece).collect();
                in_events(
                    stream::iter(pieces).chain(stream::iter(last())).map(Ok),
                    open,
                )
            }
            Manner::Slowly(pause, pieces) => {
                let pieces = stream::iter(pieces).then(move |text| async move {
                    tokio::time::sleep(pause).await;
                    piece(text)
                });
                in_events(pieces.chain(stream::iter(last())).map(Ok), open)
            }
            Manner::Stall(pieces) => {
                in_events(these(&pieces).map(Ok).chain(stream::pending()), open)
            }
            Manner::Break(pieces) => {
                let broken = stream::once(async {
                    // What was sent must be on its way: a broken answer is thrown away as a whole.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    Err(std::io::Error::other("broken on purpose"))
                });
                in_events(these(&pieces).map(Ok).chain(broken), open)
            }
            Manner::End(pieces) => in_events(these(&pieces).map(Ok), open),
            Manner::Hang => std::future::pending().await,
            other => respond(other),
        }
    }

    fn refuse_key(&self, headers: &HeaderMap) -> Option<Manner> {
        let key = self.key.lock().unwrap().clone()?;
        let sent = headers.get(header::AUTHORIZATION);
        let sent = sent
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        // Some quote what they were sent.
        let message = format!("Incorrect API key provided: {sent}");
        let refused = Manner::error(401, "invalid_api_key", &message);
        (sent != format!("Bearer {key}")).then_some(refused)
    }

    fn models(&self, id: &str) -> Response {
        if !id.is_empty() {
            return StatusCode::NOT_FOUND.into_response();
        }
        let (status, list) = self.models.lock().unwrap().clone();
        let status = StatusCode::from_u16(status).expect("a status");
        (status, axum::Json(list)).into_response()
    }
}

fn list(models: &[&str]) -> Value {
    let data = models.iter().map(|id| json!({"id": id, "object": "model"}));
    json!({"object": "list", "data": data.collect::<Vec<_>>()})
}

/// Counts an answer until it is dropped: it has ended, or its reader is gone.
struct Open(Arc<State>);

impl Open {
    fn new(state: Arc<State>) -> Self {
        state.open.fetch_add(1, Ordering::SeqCst);
        Self(state)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

fn these(pieces: &[&str]) -> impl Stream<Item = String> + use<> {
    stream::iter(pieces.iter().map(piece).collect::<Vec<_>>())
}

fn piece(text: impl AsRef<str>) -> String {
    let choice = json!({"index": 0, "delta": {"content": text.as_ref()}, "finish_reason": null});
    format!("data: {}\n\n", json!({"choices": [choice]}))
}

fn last() -> [String; 2] {
    let choice = json!({"index": 0, "delta": {}, "finish_reason": "stop"});
    let last = format!("data: {}\n\n", json!({"choices": [choice]}));
    [last, "data: [DONE]\n\n".to_owned()]
}

fn in_events(
    events: impl Stream<Item = Result<String, std::io::Error>> + Send + 'static,
    open: Open,
) -> Response {
    let events = events.map(move |event| {
        let _open = &open;
        event
    });
    let kind = [(header::CONTENT_TYPE, "text/event-stream")];
    (kind, Body::from_stream(events)).into_response()
}

fn respond(manner: Manner) -> Response {
    match manner {
        Manner::Say(words) | Manner::Whole(words) => {
            let message = json!({"role": "assistant", "content": words});
            let choice = json!({"index": 0, "message": message, "finish_reason": "stop"});
            axum::Json(json!({"choices": [choice]})).into_response()
        }
        Manner::Refuse(status, header, body) => {
            let status = StatusCode::from_u16(status).expect("a status");
            let mut response = (status, body).into_response();
            if let Some((name, value)) = header {
                let value = value.parse().expect("a value");
                response.headers_mut().insert(name, value);
            }
            response
        }
        Manner::Raw(body) => body.into_response(),
        other => panic!("{other:?} comes in events"),
    }
}
