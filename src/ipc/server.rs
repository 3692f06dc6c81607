//! The gateway's end of the socket.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{
    io::AsyncWriteExt,
    net::UnixStream,
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
        let task = tokio::spawn(async move {
            let mut conversations = JoinSet::new();
            loop {
                while conversations.try_join_next().is_some() {}
                if conversations.len() >= AT_ONCE {
                    // However it ended, there is a place again.
                    let _ = conversations.join_next().await;
                }
                match listener.accept().await {
                    Ok((stream, _)) => {
                        let conversation = converse(stream, answer.clone());
                        conversations.spawn(conversation);
                    }
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection to the socket");
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            }
        });
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

/// Answers one asker. What goes wrong is the asker's own affair.
async fn converse<F: Future<Output = Answer>>(
    mut stream: UnixStream,
    answer: impl Fn(Request) -> F,
) {
    let outcome = async {
        check_peer(&stream)?;
        let heard = timeout(TALK_LIMIT, read_line(&mut stream, LONGEST_REQUEST)).await?;
        let mut words = line(&reply(heard, answer).await?)?;
        if u64::try_from(words.len()).is_ok_and(|length| length > LONGEST_ANSWER) {
            words = line(&Answer::refused("has more to say than an answer holds"))?;
        }
        timeout(TALK_LIMIT, async {
            stream.write_all(&words).await?;
            stream.shutdown().await
        })
        .await?
    };
    if let Err(error) = outcome.await {
        tracing::debug!(%error, "somebody connected to the socket in vain");
    }
}

/// The answer to what was heard; no answer where nothing was.
async fn reply<F: Future<Output = Answer>>(
    heard: io::Result<String>,
    answer: impl Fn(Request) -> F,
) -> io::Result<Answer> {
    let request = match heard {
        Ok(heard) => Request::read(&heard),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(format!("does not understand this: {error}"))
        }
        Err(error) => return Err(error),
    };
    Ok(match request {
        Ok(request) => timeout(limit(&request), answer(request))
            .await
            .unwrap_or_else(|_| Answer::refused("found no answer in time")),
        Err(why) => Answer::refused(&why),
    })
}

/// How long the gateway may take for it.
fn limit(request: &Request) -> Duration {
    match request {
        Request::Status | Request::Queue(_) => Duration::from_secs(5),
        // It may ask its homeserver, too.
        Request::Why { .. } => Duration::from_secs(12),
        Request::SelfTest | Request::Verify(_) => Duration::from_mins(2),
        Request::Reload => Duration::from_secs(15),
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
