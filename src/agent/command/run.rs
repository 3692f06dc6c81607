//! One run of the program.

use std::{io, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::Command,
    time::{Instant, timeout},
};

use super::{log::Log, program::Program, reply, supervisor};
use crate::{
    agent::{Draft, Failure},
    error::Error,
};

/// The most bytes of an answer.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// The least time between two looks at what there is so far: each goes over all of it.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

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
    ) -> Result<Vec<u8>, Failure> {
        let mut log = Log::new(event_id, &self.environment.secrets);
        let run = self.run_to_its_end(document, &mut log, draft);
        let ended = timeout(self.time_limit, run).await;
        let (output, code) = ended.unwrap_or_else(|_| {
            let (who, limit) = (&self.described, self.time_limit.as_secs());
            let story = format!("{who} did not end within {limit} s and was stopped");
            let hint = "raise channels.matrix.agent.timeoutSeconds if it needs longer";
            Err(Failure::new(
                format!("I gave up: it took longer than {limit} s."),
                Error::failure(story).hint(hint),
            ))
        })?;
        if code == Some(0) {
            return Ok(output);
        }
        let last = match log.last().as_str() {
            "" => "; it wrote nothing to its standard error".to_owned(),
            last => format!(": {last}"),
        };
        Err(Failure::new(
            "I cannot answer: my program failed. The bot's log says why.",
            Error::failure(format!("{} {}{last}", self.described, how(code))),
        ))
    }

    async fn run_to_its_end(
        &self,
        document: &str,
        log: &mut Log<'_>,
        draft: &Draft,
    ) -> Result<(Vec<u8>, Option<i32>), Failure> {
        let mut child = self.command()?.spawn().map_err(cannot_start)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(mut control), Some(stdout), Some(stderr)) = pipes else {
            return Err(cannot_start(io::Error::other("a pipe is missing")));
        };
        let question = format!("{document}\n");
        let (_, output, ()) = tokio::try_join!(
            // Where the supervisor cannot take the question, its exit code says why.
            async { Ok(control.write_all(question.as_bytes()).await) },
            read(stdout, draft, &self.described),
            async {
                log.follow(stderr).await;
                Ok(())
            },
        )?;
        let status = child.wait().await.map_err(cannot_start)?;
        drop(control);
        Ok((output, status.code()))
    }

    fn command(&self) -> Result<Command, Failure> {
        let place = self.place().map_err(does_not_start)?;
        let mut command = Command::new(supervisor::file().map_err(cannot_start)?);
        command
            .arg0(supervisor::NAME)
            .arg(place)
            .args(&self.arguments)
            .current_dir(&self.directory)
            .env_clear()
            .envs(&self.environment.variables)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Ctrl-C is for the gateway: it ends its programs itself.
            .process_group(0);
        Ok(command)
    }
}

fn cannot_start(error: io::Error) -> Failure {
    does_not_start(Error::failure("cannot run the program").because(error))
}

fn does_not_start(error: Error) -> Failure {
    let words = "I cannot answer: my program does not start. Please tell whoever runs this bot.";
    Failure::new(words, error)
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

/// What this program writes, which is shown as it comes.
async fn read(
    mut stream: impl AsyncRead + Unpin,
    draft: &Draft,
    who: &str,
) -> Result<Vec<u8>, Failure> {
    let mut output = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    let mut shown = None::<Instant>;
    loop {
        let count = stream.read(&mut buffer).await.map_err(cannot_start)?;
        let is_end = count == 0;
        let is_due = is_end || shown.is_none_or(|shown| shown.elapsed() >= BETWEEN_LOOKS);
        output.extend_from_slice(&buffer[..count]);
        if output.len() > LONGEST_ANSWER {
            let story = format!("{who} wrote more than {LONGEST_ANSWER} bytes");
            return Err(Failure::new(
                "I cannot send the answer: it is too long.",
                Error::failure(story),
            ));
        }
        if is_due && draft.is_watched() && !reply::is_object(&output) {
            // The last character may be there by half.
            let words = reply::words(&output);
            draft.show(
                words
                    .trim_end_matches(char::REPLACEMENT_CHARACTER)
                    .trim_end(),
            );
            shown = Some(Instant::now());
        }
        if is_end {
            return Ok(output);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_draft_shows_words_as_they_come_and_no_object() {
        let (draft, watched) = Draft::new();
        let output = read("one é".as_bytes(), &draft, "it").await.unwrap();
        assert_eq!(output, "one é".as_bytes());
        assert_eq!(*watched.borrow(), "one é");
        read(&b"half \xc3"[..], &draft, "it").await.unwrap();
        assert_eq!(*watched.borrow(), "half");
        read(&b" {\"text\""[..], &draft, "it").await.unwrap();
        assert_eq!(*watched.borrow(), "half");
    }

    #[tokio::test]
    async fn an_answer_has_a_limit() {
        let (draft, _) = Draft::new();
        let most = vec![b'x'; LONGEST_ANSWER];
        assert_eq!(
            read(&most[..], &draft, "it").await.unwrap().len(),
            LONGEST_ANSWER
        );
        let more = vec![b'x'; LONGEST_ANSWER + 1];
        let failure = read(&more[..], &draft, "it").await.unwrap_err();
        assert!(failure.words.contains("too long"), "{failure:?}");
    }

    #[test]
    fn an_end_is_told_in_words() {
        assert_eq!(how(Some(3)), "failed with exit code 3");
        assert_eq!(how(Some(255)), "failed with exit code 255");
        assert_eq!(how(Some(137)), "was ended by signal 9 (exit code 137)");
    }
}
