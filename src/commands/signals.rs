//! Being told to end.

use tokio::signal::unix::{SignalKind, signal};

use crate::error::{Error, Kind, Result};

/// Listens from now on; the future completes at SIGTERM or Ctrl-C.
pub(super) fn stop_signal() -> Result<impl Future<Output = ()>> {
    let cannot = |error| Error::failure("cannot listen for signals").because(error);
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Completes with the error of a one-shot command that was told to end.
pub(super) async fn interrupted() -> Error {
    match stop_signal() {
        Ok(stop) => {
            stop.await;
            Error::new(Kind::Interrupted, "interrupted")
        }
        Err(error) => error,
    }
}
