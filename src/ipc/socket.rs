//! The socket's file: where it is, listening there, connecting to it and asking.

use std::{
    fs::{self, File, Permissions},
    io,
    os::{
        fd::AsRawFd,
        unix::{
            fs::{FileTypeExt, PermissionsExt},
            net::SocketAddr,
        },
    },
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{
    io::AsyncWriteExt,
    net::{UnixListener, UnixSocket, UnixStream},
    time::timeout,
};

use super::protocol::{Answer, LONGEST_ANSWER, Request, line, read_line};
use crate::error::{Error, Result};

const FILE_NAME: &str = "nanobot.sock";
/// What is said of an answer to another question.
pub(super) const MISFIT: &str =
    "the gateway's answer does not fit the request; is it another version?";
/// Connections that may wait to be accepted.
const BACKLOG: u32 = 64;

/// The socket's file in this data directory.
pub(super) fn path(directory: &Path) -> PathBuf {
    directory.join(FILE_NAME)
}

/// Listens in this directory, whose lock the caller holds: so a socket that is there belongs to a
/// gateway that was killed.
pub(super) fn listen(directory: &Path) -> io::Result<UnixListener> {
    let path = path(directory);
    remove(&path)?;
    let address = Address::of(directory)?;
    let socket = UnixSocket::new_stream()?;
    socket.bind(&address.path)?;
    // Nobody can connect before it listens, so never with other permissions than these.
    fs::set_permissions(&path, Permissions::from_mode(0o600))?;
    socket.listen(BACKLOG)
}

/// Removes the socket that is there, and nothing else that may bear its name.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_socket() => fs::remove_file(path),
        Ok(_) => Err(io::Error::other("it is not a socket; move it away")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Asks the gateway that runs in this data directory, and gives it this long to answer.
///
/// `None` where nobody listens: there is no socket, or one that a killed gateway left.
///
/// # Errors
///
/// When somebody listens and gives no proper answer in time, or the socket may not be used.
pub async fn ask(directory: &Path, request: Request, limit: Duration) -> Result<Option<Answer>> {
    let failed = |error: io::Error| {
        let socket = path(directory);
        Error::failure(format!(
            "the gateway does not answer on {}",
            socket.display()
        ))
        .because(error)
        .hint("look at the gateway's log; if it hangs, end it and run `nanobot gateway` again")
    };
    let exchange = async {
        match connect(directory).await? {
            Some(stream) => exchange(stream, request).await.map(Some),
            None => Ok(None),
        }
    };
    timeout(limit, exchange)
        .await
        .unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "not in time")))
        .map_err(failed)
}

/// As [`ask`], for what `read` takes from the answer that fits the request.
///
/// # Errors
///
/// As [`ask`], the gateway's own, and when it gives another answer.
pub async fn ask_for<T>(
    directory: &Path,
    request: Request,
    limit: Duration,
    read: impl FnOnce(Answer) -> Option<T>,
) -> Result<Option<T>> {
    match ask(directory, request, limit).await? {
        None => Ok(None),
        Some(Answer::Failed(failed)) => Err(failed.into()),
        Some(Answer::Refused { why, .. }) => {
            Err(Error::failure(why).hint("try again in a moment, or restart the gateway"))
        }
        Some(answer) => read(answer).map(Some).ok_or_else(|| {
            Error::failure(MISFIT).hint("restart the gateway to run the installed version")
        }),
    }
}

async fn exchange(mut stream: UnixStream, request: Request) -> io::Result<Answer> {
    stream.write_all(&line(&request)?).await?;
    let answer = read_line(&mut stream, LONGEST_ANSWER).await?;
    Ok(serde_json::from_str(&answer)?)
}

/// Connects to whoever listens in this directory; `None` where nobody does.
async fn connect(directory: &Path) -> io::Result<Option<UnixStream>> {
    use io::ErrorKind::{ConnectionRefused, NotFound};
    let connected = match Address::of(directory) {
        Ok(address) => UnixStream::connect(&address.path).await,
        Err(error) => Err(error),
    };
    match connected {
        Ok(stream) => Ok(Some(stream)),
        // Refused: its gateway was killed and left it.
        Err(error) if matches!(error.kind(), NotFound | ConnectionRefused) => Ok(None),
        Err(error) => Err(error),
    }
}

/// How the system is told where the socket is.
struct Address {
    path: PathBuf,
    /// Kept open while the path goes through it.
    _directory: Option<File>,
}

impl Address {
    /// The socket's own path, unless it is longer than an address may be (107 bytes on Linux).
    ///
    /// Then a short way around through the open directory, which only Linux has: elsewhere there
    /// is nothing at that path.
    fn of(directory: &Path) -> io::Result<Self> {
        let path = path(directory);
        if SocketAddr::from_pathname(&path).is_ok() {
            return Ok(Self {
                path,
                _directory: None,
            });
        }
        let directory = File::open(directory)?;
        let path = format!("/proc/self/fd/{}/{FILE_NAME}", directory.as_raw_fd());
        Ok(Self {
            path: path.into(),
            _directory: Some(directory),
        })
    }
}
