//! One job: its files fetched, the agent asked, what it says told while it says it.

use std::{fs, io, path::Path, time::Duration};

use tokio::time::sleep;

use super::{Worker, outgoing};
use crate::{
    agent::{
        Attachment, Content, Draft, Failure, Question,
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
        let answer = answer?;
        let prefix = format!("{}.{}", taken.job.id, taken.delivery);
        let directories = self.answerer.agent.attachments_from();
        let (mut text, mut files) = (answer.text, Vec::new());
        for (number, file) in answer.attachments.iter().take(MOST_FILES).enumerate() {
            let object = format!("{prefix}.a{number}");
            match outgoing::read(&file.path, directories, self.max_bytes).await {
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
