//! One run of the program.

use std::{io, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::Command,
    time::{Instant, timeout},
};

use super::{super::Draft, log::Log, program::Program, reply, supervisor};
use crate::error::{Error, Result};

/// The most bytes of an answer.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// The least time between two looks at what there is so far: each goes over all of it.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// Why a run gave no answer.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It could not be started.
    Start(Error),
    /// It took longer than it may.
    TimeLimit(Duration),
    /// It wrote more than an answer may have, in bytes.
    TooMuch(usize),
    /// It said itself that it failed, or was killed.
    Code {
        /// How it ended, as a predicate.
        how: String,
        /// The last it wrote to its standard error.
        last: String,
    },
}

impl Program {
    /// Runs it once and gives what it wrote. Where that is not an object, the draft shows it as
    /// it comes.
    ///
    /// Whoever drops the future ends the program: its supervisor sees the pipe between them close.
    pub(super) async fn run(
        &self,
        document: &str,
        event_id: &str,
        draft: &Draft,
    ) -> Result<Vec<u8>, Trouble> {
        let mut log = Log::new(event_id, self.environment.secrets());
        let run = self.run_to_its_end(document, &mut log, draft);
        let (output, code) = match timeout(self.time_limit, run).await {
            Ok(ended) => ended?,
            Err(_) => return Err(Trouble::TimeLimit(self.time_limit)),
        };
        match code {
            Some(0) => Ok(output),
            code => Err(Trouble::Code {
                how: how(code),
                last: log.last(),
            }),
        }
    }

    async fn run_to_its_end(
        &self,
        document: &str,
        log: &mut Log<'_>,
        draft: &Draft,
    ) -> Result<(Vec<u8>, Option<i32>), Trouble> {
        let mut child = self.command()?.spawn().map_err(cannot_start)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(mut control), Some(stdout), Some(stderr)) = pipes else {
            return Err(cannot_start(io::Error::other("a pipe is missing")));
        };
        let question = format!("{document}\n");
        let (_, output, ()) = tokio::try_join!(
            // Where the supervisor cannot take the question, its exit code says why.
            async { Ok(control.write_all(question.as_bytes()).await) },
            read(stdout, draft),
            async {
                log.follow(stderr).await;
                Ok(())
            },
        )?;
        let status = child.wait().await.map_err(cannot_start)?;
        drop(control);
        Ok((output, status.code()))
    }

    fn command(&self) -> Result<Command, Trouble> {
        let place = self.place().map_err(Trouble::Start)?;
        let mut command = Command::new(supervisor::file().map_err(cannot_start)?);
        command
            .arg0(supervisor::NAME)
            .arg(place)
            .args(&self.arguments)
            .current_dir(&self.directory)
            .env_clear()
            .envs(self.environment.variables())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Ctrl-C is for the gateway: it ends its programs itself.
            .process_group(0);
        Ok(command)
    }
}

fn cannot_start(error: io::Error) -> Trouble {
    Trouble::Start(Error::failure("cannot run the program").because(error))
}

fn how(code: Option<i32>) -> String {
    match code {
        Some(code @ 129..=192) => {
            format!("was ended by signal {} (exit code {code})", code - 128)
        }
        Some(code) => format!("failed with exit code {code}"),
        None => "lost its supervisor".to_owned(),
    }
}

async fn read(mut stream: impl AsyncRead + Unpin, draft: &Draft) -> Result<Vec<u8>, Trouble> {
    let mut output = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    let mut shown = None::<Instant>;
    loop {
        let count = stream.read(&mut buffer).await.map_err(cannot_start)?;
        let is_end = count == 0;
        let is_due = is_end || shown.is_none_or(|shown| shown.elapsed() >= BETWEEN_LOOKS);
        output.extend_from_slice(&buffer[..count]);
        if output.len() > LONGEST_ANSWER {
            return Err(Trouble::TooMuch(LONGEST_ANSWER));
        }
        if is_due && draft.is_watched() && !is_object(&output) {
            draft.show(&reply::words(whole(&output)));
            shown = Some(Instant::now());
        }
        if is_end {
            return Ok(output);
        }
    }
}

/// Whether it begins as an answer that is an object.
fn is_object(output: &[u8]) -> bool {
    output.trim_ascii_start().starts_with(b"{")
}

/// These bytes without a character at their end of which only the beginning is there.
fn whole(bytes: &[u8]) -> &[u8] {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => &bytes[..error.valid_up_to()],
        _ => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_draft_shows_words_as_they_come_and_no_object() {
        let (draft, watched) = Draft::new();
        let output = read("one é".as_bytes(), &draft).await.unwrap();
        assert_eq!(output, "one é".as_bytes());
        assert_eq!(*watched.borrow(), "one é");
        read(&b"half \xc3"[..], &draft).await.unwrap();
        assert_eq!(*watched.borrow(), "half");
        read(&b" {\"text\""[..], &draft).await.unwrap();
        assert_eq!(*watched.borrow(), "half");
    }

    #[tokio::test]
    async fn an_answer_has_a_limit() {
        let (draft, _) = Draft::new();
        let most = vec![b'x'; LONGEST_ANSWER];
        assert_eq!(read(&most[..], &draft).await.unwrap().len(), LONGEST_ANSWER);
        let more = vec![b'x'; LONGEST_ANSWER + 1];
        let trouble = read(&more[..], &draft).await.unwrap_err();
        assert!(matches!(trouble, Trouble::TooMuch(_)), "{trouble:?}");
    }

    #[test]
    fn an_end_is_told_in_words() {
        assert_eq!(how(Some(3)), "failed with exit code 3");
        assert_eq!(how(Some(255)), "failed with exit code 255");
        assert_eq!(how(Some(137)), "was ended by signal 9 (exit code 137)");
    }
}
