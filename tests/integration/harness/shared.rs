//! What the tests share: the Python environment, one homeserver for all, and new names on it.

use std::io::Write;
use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::python::{Packages, Python};
use super::synapse::{Config, Synapse};

/// The Python environment, made by the first test that asks.
///
/// # Panics
///
/// When it cannot be made.
pub fn python() -> &'static Python {
    static PYTHON: OnceLock<Python> = OnceLock::new();
    PYTHON.get_or_init(|| {
        // Not eprintln!, which the test runner would hold back: the first run takes a minute.
        let progress = |text: &str| drop(writeln!(std::io::stderr(), "tests: {text}"));
        Python::prepare(Packages::All, &progress).unwrap_or_else(|error| panic!("{error}"))
    })
}

/// The homeserver of the whole run, with usual settings and no rate limits. Tests must not stop or break it, and use
/// new users ([`new_name`]). It ends with this process, and takes its directory along.
///
/// # Panics
///
/// When it cannot be started.
pub async fn shared_synapse() -> &'static Synapse {
    static SYNAPSE: OnceCell<Synapse> = OnceCell::const_new();
    SYNAPSE
        .get_or_init(async || {
            let python = python();
            let dir = temporary_dir();
            let config = Config {
                remove_dir: true,
                ..Config::default()
            };
            let synapse = Synapse::start(python, dir.path(), config).await;
            let synapse = synapse.unwrap_or_else(|error| panic!("{error}"));
            // Statics are never dropped: from now on the server's launcher removes it.
            let _ = dir.keep();
            synapse
        })
        .await
}

/// A homeserver of one test.
#[derive(Debug)]
pub struct OwnSynapse {
    // In this order: the server ends before its directory goes.
    synapse: Synapse,
    _dir: TempDir,
}

/// Starts a homeserver that the test may stop, break and configure.
///
/// # Panics
///
/// When it cannot be started.
pub async fn own_synapse(config: Config) -> OwnSynapse {
    let python = python();
    let dir = temporary_dir();
    // The launcher does so if this process is killed.
    let config = Config {
        remove_dir: true,
        ..config
    };
    let synapse = Synapse::start(python, dir.path(), config).await;
    OwnSynapse {
        synapse: synapse.unwrap_or_else(|error| panic!("{error}")),
        _dir: dir,
    }
}

impl Deref for OwnSynapse {
    type Target = Synapse;

    fn deref(&self) -> &Synapse {
        &self.synapse
    }
}

impl DerefMut for OwnSynapse {
    fn deref_mut(&mut self) -> &mut Synapse {
        &mut self.synapse
    }
}

/// A name nobody has on the shared server: `alice` becomes `alice-7`.
pub fn new_name(start: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("{start}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn temporary_dir() -> TempDir {
    let dir = tempfile::Builder::new()
        .prefix("nanobot-synapse-")
        .tempdir();
    dir.expect("a temporary directory")
}
