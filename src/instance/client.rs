//! The asker's end of the socket.

use std::{io, path::Path, time::Duration};

use tokio::{io::AsyncWriteExt, net::UnixStream, time::timeout};

use super::{
    protocol::{Answer, LONGEST_ANSWER, Request, line, read_line},
    socket,
};
use crate::error::{Error, Result};

/// Asks the gateway that runs in this data directory, and gives it this long to answer.
///
/// `None` where nobody listens: there is no socket, or one that a killed gateway left.
///
/// # Errors
///
/// When somebody listens and gives no proper answer in time, or the socket may not be used.
pub async fn ask(directory: &Path, request: Request, limit: Duration) -> Result<Option<Answer>> {
    let failed = |error: io::Error| {
        let socket = socket::path(directory);
        Error::failure(format!(
            "the gateway does not answer on {}",
            socket.display()
        ))
        .because(error)
        .hint("look at the gateway's log; if it hangs, end it and run `nanobot gateway` again")
    };
    let exchange = async {
        match socket::connect(directory).await? {
            Some(stream) => exchange(stream, request).await.map(Some),
            None => Ok(None),
        }
    };
    timeout(limit, exchange)
        .await
        .unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "not in time")))
        .map_err(failed)
}

async fn exchange(mut stream: UnixStream, request: Request) -> io::Result<Answer> {
    stream.write_all(&line(&request)?).await?;
    let answer = read_line(&mut stream, LONGEST_ANSWER).await?;
    Ok(serde_json::from_str(&answer)?)
}
