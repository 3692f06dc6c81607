//! The gateway's end of the socket.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{
    io::AsyncWriteExt,
    net::{UnixListener, UnixStream},
    task::{JoinHandle, JoinSet},
    time::timeout,
};

use super::{
    protocol::{Answer, LONGEST_ANSWER, LONGEST_REQUEST, Request, line, read_line},
    socket,
};
use crate::error::{Error, Result};

/// Askers that are talked to at the same time; more of them wait.
const AT_ONCE: usize = 16;
/// How long an asker may take to say what it wants, and to take the answer.
const TALK_LIMIT: Duration = Duration::from_secs(2);
/// How long the gateway may look for an answer.
const STATUS_LIMIT: Duration = Duration::from_secs(5);
/// How long it may test itself.
const SELF_TEST_LIMIT: Duration = Duration::from_mins(2);
/// How long it may take to ask somebody for a verification.
const VERIFY_LIMIT: Duration = Duration::from_mins(2);
/// The pause after a connection that could not be accepted: the process has too many files open.
const PAUSE: Duration = Duration::from_millis(200);

/// A socket on which questions are answered, by a task of its own, until this is dropped. Then
/// its file is removed.
#[derive(Debug)]
pub struct Server {
    path: PathBuf,
    task: JoinHandle<()>,
}

impl Server {
    /// Makes the socket `nanobot.sock` in this data directory, for this user only, and answers on
    /// it from now on. The caller holds the directory's [`Lock`](super::Lock) and is in a Tokio
    /// runtime.
    ///
    /// Whatever an asker does harms only its own connection: what it says and how long it takes
    /// is bounded, and a panic in `answer` ends with the connection.
    ///
    /// # Errors
    ///
    /// When the socket cannot be made.
    pub fn start<A, F>(directory: &Path, answer: A) -> Result<Self>
    where
        A: Fn(Request) -> F + Clone + Send + 'static,
        F: Future<Output = Answer> + Send + 'static,
    {
        let path = socket::path(directory);
        let listener = socket::listen(directory).map_err(|error| {
            Error::failure(format!("cannot listen on {}", path.display())).because(error)
        })?;
        let task = tokio::spawn(accept(listener, answer));
        Ok(Self { path, task })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
        if let Err(error) = socket::remove(&self.path) {
            tracing::warn!(socket = %self.path.display(), %error, "cannot remove the socket");
        }
    }
}

async fn accept<A, F>(listener: UnixListener, answer: A)
where
    A: Fn(Request) -> F + Clone + Send + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    let mut conversations = JoinSet::new();
    loop {
        while conversations.try_join_next().is_some() {}
        if conversations.len() >= AT_ONCE {
            // However it ended, there is a place again.
            let _ = conversations.join_next().await;
        }
        match listener.accept().await {
            Ok((stream, _)) => {
                let answer = answer.clone();
                conversations.spawn(async move {
                    if let Err(error) = converse(stream, answer).await {
                        tracing::debug!(%error, "somebody connected to the socket in vain");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection to the socket");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn converse<F: Future<Output = Answer>>(
    mut stream: UnixStream,
    answer: impl Fn(Request) -> F,
) -> io::Result<()> {
    check_peer(&stream)?;
    let heard = timeout(TALK_LIMIT, read_line(&mut stream, LONGEST_REQUEST.into())).await?;
    let said = match heard {
        Ok(heard) => match Request::read(&heard) {
            Ok(request) => timeout(limit(&request), answer(request))
                .await
                .unwrap_or_else(|_| Answer::refused("found no answer in time")),
            Err(refusal) => refusal,
        },
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Answer::refused(&format!("does not understand this: {error}"))
        }
        Err(error) => return Err(error),
    };
    let mut words = line(&said)?;
    if words.len() > LONGEST_ANSWER as usize {
        words = line(&Answer::refused("has more to say than an answer holds"))?;
    }
    timeout(TALK_LIMIT, async {
        stream.write_all(&words).await?;
        stream.shutdown().await
    })
    .await?
}

fn limit(request: &Request) -> Duration {
    match request {
        Request::Status => STATUS_LIMIT,
        Request::SelfTest => SELF_TEST_LIMIT,
        Request::Verify(_) => VERIFY_LIMIT,
    }
}

/// The file's permissions keep others out; this does so where they do not hold. Root may
/// look at everything anyway.
fn check_peer(stream: &UnixStream) -> io::Result<()> {
    let asker = stream.peer_cred()?.uid();
    let allowed = asker == rustix::process::geteuid().as_raw() || asker == 0;
    if allowed {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::PermissionDenied,
        format!("user {asker} may not ask"),
    ))
}
