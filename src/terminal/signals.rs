//! Being told to end, or to pause.
//!
//! A thread of its own hears the signals for the whole life of the process: what was caught once is
//! never again done by the system. Whoever listens decides what a signal means; where nobody does,
//! it ends the process as the system would have, with the terminal put back.

use std::{io, process, sync::LazyLock, thread, time::Duration};

use rustix::process::{Signal as Number, getpgrp, getpid, getsid, kill_process};
use tokio::{
    runtime::{Builder, Runtime},
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    time::timeout,
};

use super::guard;
use crate::error::{Error, Kind, Result};

/// How long the system may take to stop the process when it asked to be stopped.
const STOPPING: Duration = Duration::from_millis(100);

/// Listens from now on; the future completes at SIGTERM, Ctrl-C, or when the terminal is gone.
pub fn stop_signal() -> Result<impl Future<Output = ()>> {
    static ENDINGS: LazyLock<io::Result<watch::Sender<()>>> = LazyLock::new(start);
    let endings = ENDINGS
        .as_ref()
        .map_err(|error| Error::failure(format!("cannot listen for signals: {error}")))?;
    let mut endings = endings.subscribe();
    Ok(async move {
        // The sender lives as long as the process.
        let _ = endings.changed().await;
    })
}

/// Does some work that may end anywhere, unless the process is told to end meanwhile.
///
/// # Errors
///
/// [`Kind::Interrupted`] when it was told to end, and the work's own.
pub async fn or_stop<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let stop = stop_signal()?;
    tokio::select! {
        done = work => done,
        () = stop => Err(interrupted()),
    }
}

/// The error of what was told to end.
pub(super) fn interrupted() -> Error {
    Error::new(Kind::Interrupted, "interrupted")
}

/// Begins to hear the signals.
fn start() -> io::Result<watch::Sender<()>> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let signals = Signals::listen(&runtime)?;
    let endings = watch::Sender::new(());
    let sender = endings.clone();
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || runtime.block_on(signals.hand_on(&sender)))?;
    Ok(endings)
}

struct Signals {
    interrupt: Signal,
    quit: Signal,
    terminate: Signal,
    hangup: Option<Signal>,
    suspend: Signal,
}

impl Signals {
    fn listen(runtime: &Runtime) -> io::Result<Self> {
        let _entered = runtime.enter();
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: if is_hangup_ignored() {
                None
            } else {
                Some(signal(SignalKind::hangup())?)
            },
            suspend: signal(SignalKind::from_raw(Number::TSTP.as_raw()))?,
        })
    }

    async fn hand_on(mut self, endings: &watch::Sender<()>) {
        let mut was_heard = false;
        loop {
            let hung_up = async {
                match &mut self.hangup {
                    Some(hangup) => hangup.recv().await,
                    None => std::future::pending().await,
                }
            };
            let ended_by = tokio::select! {
                _ = self.interrupt.recv() => Number::INT,
                _ = self.quit.recv() => Number::QUIT,
                _ = self.terminate.recv() => Number::TERM,
                _ = hung_up => Number::HUP,
                _ = self.suspend.recv() => {
                    pause().await;
                    continue;
                }
            };
            if endings.receiver_count() > 0 {
                was_heard = true;
                endings.send_replace(());
            } else if !was_heard {
                guard::put_back();
                process::exit(128 + ended_by.as_raw());
            }
        }
    }
}

/// Stops the process as Ctrl-Z does, and goes on with its prompt when it is continued.
async fn pause() {
    // Nobody would continue a group that the session began with: a container's, or one of `ssh`.
    if getsid(None).is_ok_and(|leader| leader == getpgrp()) {
        return;
    }
    let Ok(mut continued) = signal(SignalKind::from_raw(Number::CONT.as_raw())) else {
        return;
    };
    let prompt = guard::suspend();
    if kill_process(getpid(), Number::STOP).is_ok() {
        // The other threads may be stopped a moment before this one.
        let _ = timeout(STOPPING, continued.recv()).await;
    }
    guard::resume(prompt);
}

/// Whether whoever started this wants it to outlive the terminal, as `nohup` does.
fn is_hangup_ignored() -> bool {
    // Where there is no such file, nobody can tell.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // The lowest bit is signal 1.
    ignored.is_some_and(|mask| mask & 1 == 1)
}
