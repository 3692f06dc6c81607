//! Being told to end, or to pause.
//!
//! A thread of its own hears the signals for the whole life of the process: what was caught once is
//! never again done by the system. Whoever listens decides what a signal means; where nobody does,
//! it ends the process as the system would have, with the terminal put back.

use std::{fs::File, io, process, sync::LazyLock, thread};

use rustix::process::{Signal as Number, getpgrp, getpid, getsid, kill_process};
use tokio::{
    runtime::{Builder, Runtime},
    signal::unix::{Signal, SignalKind, signal},
    sync::broadcast::{self, error::RecvError},
};

use super::guard;
use crate::error::{Error, Kind, Result};

/// Signals that a listener may be behind with.
const UNHEARD: usize = 16;

/// Those who listen, from the first time on that somebody does.
static LISTENERS: LazyLock<io::Result<broadcast::Sender<Number>>> = LazyLock::new(start);

/// What a signal asks of a program that serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// To end; given again, to end at once.
    Stop,
    /// To read its configuration anew.
    Reload,
}

/// The signals to a program that serves. Without a terminal of its own nothing can hang up on it,
/// and SIGHUP asks it to read its configuration anew.
#[derive(Debug)]
pub struct Orders {
    signals: broadcast::Receiver<Number>,
    has_terminal: bool,
}

impl Orders {
    /// Listens from now on.
    ///
    /// # Errors
    ///
    /// When the system does not let it.
    pub fn listen() -> Result<Self> {
        Ok(Self {
            signals: listener()?,
            // Later it may be gone, of which SIGHUP tells.
            has_terminal: File::open("/dev/tty").is_ok(),
        })
    }

    /// The next order. Nothing is lost where this is dropped.
    pub async fn next(&mut self) -> Order {
        loop {
            match self.signals.recv().await {
                Ok(Number::HUP) if !self.has_terminal => return Order::Reload,
                // Of very many at once the last are enough.
                Err(RecvError::Lagged(_)) => {}
                // The sender lives as long as the process.
                Ok(_) | Err(RecvError::Closed) => return Order::Stop,
            }
        }
    }
}

fn listener() -> Result<broadcast::Receiver<Number>> {
    let listeners = LISTENERS.as_ref();
    let listeners =
        listeners.map_err(|error| Error::failure(format!("cannot listen for signals: {error}")))?;
    Ok(listeners.subscribe())
}

/// Listens from now on; the future completes at SIGTERM, Ctrl-C, or when the terminal is gone.
pub fn stop_signal() -> Result<impl Future<Output = ()>> {
    let mut signals = listener()?;
    Ok(async move {
        // The sender lives as long as the process; whoever missed some was told to end.
        let _ = signals.recv().await;
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
fn start() -> io::Result<broadcast::Sender<Number>> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let signals = Signals::listen(&runtime)?;
    let listeners = broadcast::Sender::new(UNHEARD);
    let sender = listeners.clone();
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || runtime.block_on(signals.hand_on(&sender)))?;
    Ok(listeners)
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

    async fn hand_on(mut self, listeners: &broadcast::Sender<Number>) {
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
            // Fails where nobody listens.
            if listeners.send(ended_by).is_ok() {
                was_heard = true;
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
    guard::suspend();
    if kill_process(getpid(), Number::STOP).is_ok() {
        // The system stops this thread when it comes to it, which may take a while.
        continued.recv().await;
    }
    guard::resume();
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
