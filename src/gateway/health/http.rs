//! The health endpoint: the same facts as on the socket, for orchestrators and monitoring systems
//! that speak HTTP.

use std::{
    fs, io,
    net::SocketAddr,
    os::unix::fs::{FileTypeExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, UnixListener, UnixStream},
    task::{JoinHandle, JoinSet},
    time::timeout,
};

use super::{Health, pages};
use crate::{address::Listen, error::Error, gateway::NOTICE};

/// Connections that are served at the same time; more of them wait.
const AT_ONCE: usize = 32;
/// How long a client may take to send its request, and for all of a connection.
const HEADER_LIMIT: Duration = Duration::from_secs(5);
const LIMIT: Duration = Duration::from_secs(15);
/// The most bytes of a request that are read, and the most headers.
const LARGEST: usize = 16 << 10;
const MOST_HEADERS: usize = 64;
/// The pause after a connection that could not be accepted: the process has too many files open.
const PAUSE: Duration = Duration::from_millis(200);

/// A listener that answers until this is dropped.
#[derive(Debug)]
pub struct Listener {
    task: JoinHandle<()>,
    /// The socket's file, which is removed then.
    socket: Option<PathBuf>,
}

enum Bound {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Health {
    /// Answers health checks and requests for metrics there. A bot that cannot be asked is still a
    /// bot, so it only warns where that cannot be.
    pub fn listen(&self, listen: &Listen) -> Option<Listener> {
        let bound = bind(listen)
            .map_err(|error| Error::failure(format!("cannot listen on {listen}")).because(error));
        let (bound, shown) = bound
            .inspect_err(|error| {
                tracing::warn!(
                    "health endpoint unavailable: {error}; change channels.matrix.health.listen"
                );
            })
            .ok()?;
        tracing::info!(target: NOTICE, event = "listening", listen = shown,
            "health checks and metrics on {shown}");
        let socket = match listen {
            Listen::Unix(path) => Some(path.clone()),
            Listen::Tcp(_) => None,
        };
        let router = pages::router(self.clone());
        let task = tokio::spawn(serve(bound, router));
        Some(Listener { task, socket })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
        if let Some(path) = &self.socket
            && let Err(error) = fs::remove_file(path)
        {
            tracing::warn!(socket = %path.display(), %error, "cannot remove the socket");
        }
    }
}

/// Listens there, and says where that is.
fn bind(listen: &Listen) -> io::Result<(Bound, String)> {
    match listen {
        Listen::Tcp(address) => {
            let listener = tcp(*address)?;
            let shown = format!("http://{}", listener.local_addr()?);
            Ok((Bound::Tcp(listener), shown))
        }
        Listen::Unix(path) => {
            remove_stale(path)?;
            let listener = UnixListener::bind(path)?;
            fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
            Ok((Bound::Unix(listener), listen.to_string()))
        }
    }
}

fn tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

/// Removes the socket of a gateway that died. One on which somebody listens stays, and so does
/// whatever else is there.
fn remove_stale(path: &Path) -> io::Result<()> {
    let is_socket = |path| fs::symlink_metadata(path).is_ok_and(|it| it.file_type().is_socket());
    let is_deaf = || {
        let connected = std::os::unix::net::UnixStream::connect(path);
        connected.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    };
    if is_socket(path) && is_deaf() {
        fs::remove_file(path)?;
    }
    Ok(())
}

async fn serve(bound: Bound, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        if connections.len() >= AT_ONCE {
            // However it ended, there is a place again.
            let _ = connections.join_next().await;
        }
        let router = router.clone();
        let accepted = match &bound {
            Bound::Tcp(listener) => listener.accept().await.map(|(stream, _)| {
                connections.spawn(converse(stream, router));
            }),
            Bound::Unix(listener) => listener.accept().await.map(|(stream, _)| {
                connections.spawn(converse::<UnixStream>(stream, router));
            }),
        };
        if let Err(error) = accepted {
            tracing::warn!(%error, "cannot accept a connection to the health endpoint");
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Answers one request. What goes wrong is the client's own affair.
async fn converse<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S, router: Router) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_LIMIT)
        .max_buf_size(LARGEST)
        .max_headers(MOST_HEADERS)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    match timeout(LIMIT, connection).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a health check was no request"),
        Err(_) => tracing::debug!("a health check took too long"),
    }
}
