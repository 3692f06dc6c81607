//! One job: its files fetched, the agent asked, what it says told while it says it, and of its files
//! those stored that it may send.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::sleep;

use super::Worker;
use crate::{
    agent::{
        Answer, Attachment, Content, Draft, Failure, Question,
        remote::{
            document::{
                AnswerFile, Asked, LONGEST_ANSWER, MOST_FILES, News, Outcome, SentContent,
                SentFile, Task,
            },
            inbox::plain_name,
            nats::{Missing, Taken},
        },
    },
    error::Error,
    files::{pick, read_failed},
    threads::aside,
};

/// The least time between two looks at what there is so far.
const BETWEEN_PARTS: Duration = Duration::from_millis(200);

impl Worker {
    pub(super) async fn perform(&self, taken: &Taken) -> Outcome {
        let agent = &self.answerer.agent;
        match &taken.job.task {
            Task::Forget(conversation) => match agent.forget(conversation).await {
                Ok(()) => Outcome::Forgotten,
                Err(error) => Outcome::Failure {
                    words: String::new(),
                    error: error.to_string(),
                },
            },
            Task::Answer(asked) => match self.answer(taken, asked).await {
                Ok(outcome) => outcome,
                Err(Failure { words, error }) => {
                    let event_id = &asked.question.event_id;
                    tracing::error!(event_id, "the agent failed: {error}");
                    Outcome::Failure {
                        words,
                        error: format!("worker {}: {error}", self.name),
                    }
                }
            },
        }
    }

    async fn answer(&self, taken: &Taken, asked: &Asked) -> Result<Outcome, Failure> {
        let directory = tempfile::tempdir().map_err(no_room)?;
        let mut attachments = Vec::new();
        for (number, file) in asked.files.iter().enumerate() {
            let folder = directory.path().join(number.to_string());
            attachments.push(self.fetch(file, &folder).await?);
        }
        let question = Question {
            attachments,
            history: Some(asked.history.clone()),
            ..asked.question.clone()
        };
        let (draft, mut seen) = Draft::new();
        let answering = self.answerer.agent.answer(&question, &draft);
        let answer = if asked.is_watched {
            let telling = async {
                while seen.changed().await.is_ok() {
                    let text = seen.borrow_and_update().clone();
                    self.queue.tell(taken, News::Text(text)).await;
                    sleep(BETWEEN_PARTS).await;
                }
                std::future::pending().await
            };
            tokio::select! {
                answer = answering => answer,
                never = telling => never,
            }
        } else {
            drop(seen);
            answering.await
        };
        self.sendable(taken, answer?).await
    }

    /// An answer, with its files put where the gateway finds them.
    async fn sendable(&self, taken: &Taken, answer: Answer) -> Result<Outcome, Failure> {
        let prefix = format!("{}.{}", taken.job.id, taken.delivery);
        let directories = self.answerer.agent.attachments_from();
        let (mut text, mut files) = (answer.text, Vec::new());
        for (number, file) in answer.attachments.iter().take(MOST_FILES).enumerate() {
            let object = format!("{prefix}.a{number}");
            match read(&file.path, directories, self.max_bytes).await {
                Ok((name, bytes)) => files.push(AnswerFile {
                    name,
                    stored: self.queue.put(&object, &bytes).await,
                    shown: file.shown.clone(),
                }),
                Err(line) => text = format!("{text}\n{line}"),
            }
        }
        if let Some(more @ 1..) = answer.attachments.len().checked_sub(MOST_FILES) {
            text = format!("{text}\n[attachments: {more} more - too many]");
        }
        if text.len() > LONGEST_ANSWER {
            return Err(Failure::new(
                "I cannot send the answer: it is too long.",
                Error::failure(format!("the agent answered with {} bytes", text.len())),
            ));
        }
        Ok(Outcome::Answer {
            text,
            files,
            extras: answer.extras,
        })
    }

    /// A file of a question, as the agent gets it.
    async fn fetch(&self, file: &SentFile, folder: &Path) -> Result<Attachment, Failure> {
        let max_bytes = self.max_bytes;
        let content = match &file.content {
            SentContent::TooLarge => Content::TooLarge,
            SentContent::Blocked => Content::Blocked,
            SentContent::Failed => Content::Failed,
            SentContent::Stored(_) if max_bytes == 0 => Content::Blocked,
            SentContent::Stored(stored) => match self.queue.fetch(stored, max_bytes).await {
                Err(Missing::TooLarge(_)) => Content::TooLarge,
                Err(why) => {
                    tracing::error!("cannot fetch an attachment: {why}");
                    Content::Failed
                }
                Ok(bytes) => {
                    let path = folder.join(plain_name(&file.name));
                    let size = bytes.len() as u64;
                    let kept = fs::create_dir_all(folder).and_then(|()| fs::write(&path, bytes));
                    kept.map_err(no_room)?;
                    Content::Kept { path, size }
                }
            },
        };
        Ok(file.clone().into_attachment(content))
    }
}

fn no_room(error: io::Error) -> Failure {
    let words = "I cannot answer: the worker has no room for files.";
    Failure::new(
        words,
        Error::failure("cannot keep the files of a question").because(error),
    )
}

/// Reads a file out of one of these directories, of at most so many bytes, and its name; or, where
/// it is not sent, what is said of it.
async fn read(
    path: &Path,
    directories: &[PathBuf],
    largest: u64,
) -> Result<(String, Vec<u8>), String> {
    let name = plain_name(&path.file_name().unwrap_or_default().to_string_lossy());
    let (path, directories) = (path.to_owned(), directories.to_owned());
    let shown = path.display().to_string();
    let reading = aside(move || {
        let mut bytes = Vec::new();
        let file = pick(&path, &directories).map_err(|why| Error::failure(why.to_string()))?;
        let read = file.take(largest.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(|error| read_failed(&path, error))?;
        Ok(bytes)
    });
    let why = match reading.await {
        Ok(_) if largest == 0 => "files are disabled",
        Ok(bytes) if bytes.len() as u64 > largest => "too large",
        Ok(bytes) => return Ok((name, bytes)),
        Err(error) => {
            tracing::error!("cannot send {shown}: {error}");
            "upload failed"
        }
    };
    Err(format!("[attachment: {name} - {why}]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_what_may_be_sent_is_read_and_not_too_much() {
        let home = tempfile::tempdir().unwrap();
        let out = home.path().join("out");
        std::fs::create_dir(&out).unwrap();
        std::fs::write(out.join("a.txt"), "abc").unwrap();
        std::fs::write(home.path().join("secret.txt"), "canary").unwrap();
        let directories = [out.clone()];
        let read = async |path: &Path, largest| read(path, &directories, largest).await;
        let (name, bytes) = read(&out.join("a.txt"), 3).await.unwrap();
        assert_eq!((name.as_str(), bytes.as_slice()), ("a.txt", &b"abc"[..]));
        for (path, largest, why) in [
            (out.join("a.txt"), 2, "too large"),
            (out.join("a.txt"), 0, "files are disabled"),
            (home.path().join("secret.txt"), 100, "upload failed"),
            (out.join("nothing"), 100, "upload failed"),
        ] {
            let said = read(&path, largest).await.unwrap_err();
            assert!(said.ends_with(&format!("{why}]")), "{said}");
        }
    }
}
