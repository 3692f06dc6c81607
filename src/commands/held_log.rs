//! A log that is kept back until it can be redacted.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use tracing_subscriber::fmt::MakeWriter;

use crate::threads::lock;

/// The most bytes that are kept.
const LARGEST: usize = 8 << 20;

/// Log lines that wait. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct HeldLog(Arc<Mutex<Vec<u8>>>);

impl HeldLog {
    /// Prints what has come so far on standard error, changed by `rewrite`.
    pub fn print(&self, rewrite: impl Fn(&str) -> String) {
        let lines = std::mem::take(&mut *lock(&self.0));
        let text = rewrite(&String::from_utf8_lossy(&lines));
        // The stream is gone: there is no one to tell.
        let _ = io::stderr().write_all(text.as_bytes());
    }
}

impl Write for HeldLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = lock(&self.0);
        if lines.len() + bytes.len() <= LARGEST {
            lines.extend(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for HeldLog {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
