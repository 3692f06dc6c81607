//! A homeserver that is not quite what it should be: a real one behind something that meddles.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::IntoResponse;

/// Whether a request is left without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hang {
    /// It is answered.
    Never,
    /// It never reaches the homeserver.
    Before,
    /// The homeserver does what it asks for, and its answer never comes.
    After,
}

/// What is done to the traffic.
pub trait Meddler: Clone + Send + Sync + 'static {
    /// An error to answer a request with, instead of passing it on.
    fn refuse(&self, _path: &str, _body: &[u8]) -> Option<&'static str> {
        None
    }

    /// An answer to give instead of the homeserver's own, with its status.
    fn replace(&self, _path: &str) -> Option<(StatusCode, &'static str)> {
        None
    }

    /// Whether a request is taken and never answered.
    fn hold(&self, _path: &str) -> bool {
        false
    }

    /// Changes what is asked for: the path with its query.
    fn rewrite(&self, uri: &str) -> String {
        uri.to_owned()
    }

    /// Whether a request hangs.
    fn hang(&self, _method: &Method, path: &str) -> Hang {
        if self.hold(path) {
            Hang::Before
        } else {
            Hang::Never
        }
    }

    /// A request hangs from now on.
    fn hung(&self, _method: &Method, _path: &str) {}

    /// Changes an answer.
    fn change(&self, _path: &str, answer: Bytes) -> Bytes {
        answer
    }
}

/// Starts one before this homeserver, and returns its address.
///
/// # Panics
///
/// When it cannot be started.
pub async fn relay(upstream: String, meddler: impl Meddler) -> String {
    let client = reqwest::Client::builder().no_proxy().build();
    let client = client.expect("an HTTP client");
    let forward = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
        let (client, upstream, meddler) = (client.clone(), upstream.clone(), meddler.clone());
        async move {
            let hang = meddler.hang(&method, uri.path());
            if hang == Hang::Before {
                meddler.hung(&method, uri.path());
                return std::future::pending().await;
            }
            if let Some(error) = meddler.refuse(uri.path(), &body) {
                return (StatusCode::BAD_REQUEST, error).into_response();
            }
            if let Some(answer) = meddler.replace(uri.path()) {
                return answer.into_response();
            }
            let asked = meddler.rewrite(&uri.to_string());
            let mut request = client.request(method.clone(), format!("{upstream}{asked}"));
            if let Some(token) = headers.get(header::AUTHORIZATION) {
                request = request.header(header::AUTHORIZATION, token);
            }
            let answer = request.body(body).send().await.expect("it answers");
            let status = answer.status();
            let answer = answer.bytes().await.expect("it answers in full");
            if hang == Hang::After {
                meddler.hung(&method, uri.path());
                return std::future::pending().await;
            }
            (status, meddler.change(uri.path(), answer)).into_response()
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let router = axum::Router::new().fallback(forward);
    tokio::spawn(axum::serve(listener, router).into_future());
    url
}
