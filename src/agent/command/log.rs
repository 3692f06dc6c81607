//! What the program writes to its standard error, line by line in the log.

use std::collections::VecDeque;

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::{
    config::Secret,
    text::{excerpt, without_escapes},
};

/// The most lines of one run that are logged.
const MOST_LINES: usize = 100;
/// The most bytes of a line that are looked at.
const LONGEST_LINE: usize = 1024;
/// How many of its last lines explain a failure.
const LAST_LINES: usize = 3;
/// Shorter values are no secrets, and would be found everywhere.
const SHORTEST_SECRET: usize = 6;

/// The log of one run.
pub(super) struct Log<'a> {
    event_id: &'a str,
    secrets: Vec<&'a Secret>,
    line: Vec<u8>,
    lines: usize,
    last: VecDeque<String>,
}

impl<'a> Log<'a> {
    /// A log of the run for this event, in which none of these is shown.
    pub(super) fn new(event_id: &'a str, secrets: &'a [Secret]) -> Self {
        let is_long = |secret: &&Secret| secret.expose().len() >= SHORTEST_SECRET;
        Self {
            event_id,
            secrets: secrets.iter().filter(is_long).collect(),
            line: Vec::new(),
            lines: 0,
            last: VecDeque::new(),
        }
    }

    /// Logs all that comes.
    pub(super) async fn follow(&mut self, mut stream: impl AsyncRead + Unpin) {
        let mut buffer = [0; 4096];
        loop {
            match stream.read(&mut buffer).await {
                Ok(0) => break,
                Ok(count) => self.take(&buffer[..count]),
                Err(error) => {
                    tracing::warn!("cannot read the program's standard error: {error}");
                    break;
                }
            }
        }
        self.end_line();
    }

    /// The last lines, one after the other.
    pub(super) fn last(&self) -> String {
        Vec::from_iter(self.last.clone()).join(" / ")
    }

    fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'\n' => self.end_line(),
                byte if self.line.len() < LONGEST_LINE => self.line.push(*byte),
                _ => {}
            }
        }
    }

    fn end_line(&mut self) {
        let line = String::from_utf8_lossy(&self.line);
        let line = excerpt(&Secret::redact(&without_escapes(&line), &self.secrets));
        self.line.clear();
        if line.is_empty() {
            return;
        }
        self.lines += 1;
        let event_id = self.event_id;
        match self.lines {
            ..=MOST_LINES => tracing::info!(event = "agent_stderr", event_id, "agent: {line}"),
            lines if lines == MOST_LINES + 1 => {
                tracing::info!(event_id, "agent: more output, not logged");
            }
            _ => {}
        }
        if self.last.len() == LAST_LINES {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_lines_are_kept_harmless() {
        let secrets = [Secret::new("canary-secret"), Secret::new("1")];
        let mut log = Log::new("$1", &secrets);
        let written = b"first\n\nsecond 1\nthe \x1b[31mcanary-secret\r\n\xff last";
        log.follow(&written[..]).await;
        assert_eq!(log.last(), "second 1 / the [redacted] / \u{fffd} last");
        assert_eq!(log.lines, 4);
    }

    #[tokio::test]
    async fn a_line_without_end_does_not_fill_the_memory() {
        let mut log = Log::new("$1", &[]);
        log.follow(&vec![b'x'; 1_000_000][..]).await;
        assert!(log.line.capacity() <= 2 * LONGEST_LINE);
        assert_eq!(log.last().chars().count(), 201);
    }
}
