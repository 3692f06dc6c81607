//! What stands between the bot and the real homeserver: it passes requests on, except for those
//! that a test has other plans for. It speaks TLS where it is given a certificate, and as a proxy
//! it plays every host that it is asked to connect to.

use std::{
    fs,
    future::pending,
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    serve::Listener,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivatePkcs8KeyDer},
};

use crate::harness::shared::shared_synapse;

/// What becomes of a request.
pub enum Deed {
    /// The homeserver answers it.
    PassOn,
    /// The homeserver answers it, after this time.
    Late(Duration),
    /// The homeserver answers it, and the answer gets this header.
    Label(&'static str, String),
    /// The homeserver answers it as if it came with this token.
    As(String),
    /// This is the answer.
    Answer(Response),
    /// There is none.
    Silence,
}

/// A request: its path, and the host it is for.
pub struct Asked<'a> {
    pub path: &'a str,
    pub host: &'a str,
}

/// The server before the server, until it is dropped.
pub struct Front {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Front {
    /// Before the shared homeserver, over plain HTTP.
    pub async fn new(deed: impl Fn(&Asked) -> Deed + Send + Sync + 'static) -> Self {
        Self::start(None, deed).await
    }

    /// The same over TLS, with this certificate; as a proxy it shows it to whoever connects.
    pub async fn secure(
        identity: TlsAcceptor,
        deed: impl Fn(&Asked) -> Deed + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(identity), deed).await
    }

    /// One that answers requests for this path in this way.
    pub async fn at(path: &'static str, deed: impl Fn() -> Deed + Send + Sync + 'static) -> Self {
        Self::new(move |asked| {
            if asked.path == path {
                deed()
            } else {
                Deed::PassOn
            }
        })
        .await
    }

    /// One that answers everything in this way.
    pub async fn always(deed: impl Fn() -> Deed + Send + Sync + 'static) -> Self {
        Self::new(move |_| deed()).await
    }

    /// One that sends these bytes whatever it is asked, and hangs up.
    pub async fn raw(bytes: &'static [u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                // A client that went away early is no concern of a server that hangs up anyway.
                let _: io::Result<usize> = stream.read(&mut [0; 4096]).await;
                let _: io::Result<()> = stream.write_all(bytes).await;
            }
        });
        Self {
            address,
            connections,
            task,
        }
    }

    async fn start(
        identity: Option<TlsAcceptor>,
        deed: impl Fn(&Asked) -> Deed + Send + Sync + 'static,
    ) -> Self {
        let (upstream, deed) = (shared_synapse().await.base_url(), Arc::new(deed));
        let router = Router::new().fallback(move |request: Request| {
            let (upstream, deed) = (upstream.clone(), Arc::clone(&deed));
            async move { answer(&upstream, &*deed, request).await }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let door = Door {
            listener,
            identity,
            connections: Arc::clone(&connections),
        };
        let task = tokio::spawn(async move { axum::serve(door, router).await.unwrap() });
        Self {
            address,
            connections,
            task,
        }
    }

    pub fn http(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn https(&self) -> String {
        format!("https://{}", self.address)
    }

    /// How many connections have been made to it.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

async fn answer(
    upstream: &str,
    deed: &(dyn Fn(&Asked) -> Deed + Sync),
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let host = parts.headers.get(header::HOST);
    let deed = deed(&Asked {
        path: parts.uri.path(),
        host: host.and_then(|host| host.to_str().ok()).unwrap_or_default(),
    });
    let mut headers = parts.headers;
    match &deed {
        Deed::PassOn | Deed::Label(..) | Deed::Answer(_) => {}
        Deed::Late(pause) => tokio::time::sleep(*pause).await,
        Deed::As(token) => {
            let token = format!("Bearer {token}").parse().unwrap();
            headers.insert(header::AUTHORIZATION, token);
        }
        Deed::Silence => pending().await,
    }
    let label = match deed {
        Deed::Answer(response) => return response,
        Deed::Label(name, value) => Some((name, value)),
        _ => None,
    };
    let mut response = pass_on(upstream, parts.method, &parts.uri, &headers, body).await;
    if let Some((name, value)) = label {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

async fn pass_on(
    upstream: &str,
    method: Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Body,
) -> Response {
    // A client belongs to the runtime it was first used in.
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let path = uri.path_and_query().unwrap();
    let mut request = client.request(method, format!("{upstream}{path}"));
    if let Some(token) = headers.get(header::AUTHORIZATION) {
        request = request.header(header::AUTHORIZATION, token);
    }
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let answer = request.body(body).send().await.unwrap();
    let status = answer.status();
    (status, answer.bytes().await.unwrap()).into_response()
}

/// A JSON answer.
pub fn json(status: u16, json: &Value) -> Deed {
    text(status, &json.to_string())
}

/// An answer of any text.
pub fn text(status: u16, text: &str) -> Deed {
    let status = StatusCode::from_u16(status).unwrap();
    Deed::Answer((status, text.to_owned()).into_response())
}

/// An answer without a text, and with this header.
pub fn labelled(status: u16, name: &'static str, value: &str) -> Deed {
    let status = StatusCode::from_u16(status).unwrap();
    Deed::Answer((status, [(name, value.to_owned())]).into_response())
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Where connections come in.
struct Door {
    listener: TcpListener,
    identity: Option<TlsAcceptor>,
    connections: Arc<AtomicUsize>,
}

impl Listener for Door {
    type Io = Box<dyn Stream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let (stream, address) = self.listener.accept().await.unwrap();
            self.connections.fetch_add(1, Ordering::Relaxed);
            // A client that does not like the certificate hangs up.
            if let Ok(stream) = self.enter(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Door {
    async fn enter(&self, mut stream: TcpStream) -> io::Result<Box<dyn Stream>> {
        let mut start = [0; 8];
        let length = stream.peek(&mut start).await?;
        if &start[..length] == b"CONNECT " {
            read_head(&mut stream).await?;
            stream.write_all(b"HTTP/1.1 200 Go ahead\r\n\r\n").await?;
        } else if start[0].is_ascii_alphabetic() {
            return Ok(Box::new(stream));
        }
        let identity = self.identity.as_ref().ok_or(io::ErrorKind::Unsupported)?;
        Ok(Box::new(identity.accept(stream).await?))
    }
}

async fn read_head(stream: &mut TcpStream) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(())
}

/// A private CA, and the file in which programs find it.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    directory: TempDir,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, directory }
    }

    /// The file to name in `SSL_CERT_FILE`.
    pub fn file(&self) -> PathBuf {
        self.directory.path().join("ca.pem")
    }

    /// A server with this certificate, issued here.
    pub fn identity(&self, params: &CertificateParams) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key.into());
        TlsAcceptor::from(Arc::new(config.unwrap()))
    }
}

/// A certificate for these hosts.
pub fn certificate(hosts: &[&str]) -> CertificateParams {
    let hosts: Vec<_> = hosts.iter().map(|host| (*host).to_owned()).collect();
    CertificateParams::new(hosts).unwrap()
}
