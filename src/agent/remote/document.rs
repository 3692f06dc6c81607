//! What travels between a gateway and its workers, as JSON. Keys may be added to it; whatever else
//! changes is a new [`VERSION`].

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    agent::{Attachment, Content, Extras, Question, Shown, Sort, memory::Turn},
    text::excerpt,
};

/// The version of what travels.
pub const VERSION: u32 = 1;
/// The most bytes of the words of an answer, as of every agent's.
pub const LONGEST_ANSWER: usize = 1024 * 1024;
/// The most files of an answer; the gateway sends no more.
pub const MOST_FILES: usize = 20;

/// Something that a worker has to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    pub version: u32,
    /// What it is known by: always the same for the same question.
    pub id: String,
    /// What the answer has to repeat. Whoever was not given the job does not know it.
    pub receipt: String,
    /// How long the agent may take, in seconds.
    pub time_limit: u64,
    pub task: Task,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Answer a question.
    Answer(Box<Asked>),
    /// Forget a conversation.
    Forget(String),
}

/// A question, and what came with it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asked {
    pub question: Question,
    pub files: Vec<SentFile>,
    /// What was said in the conversation before.
    pub history: Vec<Turn>,
    /// Whether somebody watches the answer being written.
    pub is_watched: bool,
}

/// A file that came with a question.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SentFile {
    pub sort: Sort,
    pub name: String,
    pub mimetype: String,
    /// [`Attachment::voice_ms`].
    pub voice_ms: Option<u64>,
    #[serde(default)]
    pub quoted: bool,
    pub content: SentContent,
}

/// The file itself, or why there is none.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SentContent {
    Stored(StoredFile),
    TooLarge,
    Blocked,
    Failed,
}

/// A file in the broker's store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// Its name there.
    pub object: String,
    /// Its size in bytes.
    pub size: u64,
    /// The hash of its content, in hexadecimal.
    pub sha256: String,
}

impl StoredFile {
    /// A file of this content under this name.
    pub fn of(object: String, bytes: &[u8]) -> Self {
        Self {
            object,
            size: bytes.len() as u64,
            sha256: hash(bytes),
        }
    }

    /// Whether this is its content.
    pub fn holds(&self, bytes: &[u8]) -> bool {
        hash(bytes) == self.sha256
    }
}

fn hash(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// What came of a job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reply {
    pub receipt: String,
    /// Whose it is.
    pub worker: String,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Answer {
        text: String,
        files: Vec<AnswerFile>,
        #[serde(default)]
        extras: Extras,
    },
    /// The agent failed.
    Failure {
        words: String,
        error: String,
    },
    Forgotten,
}

/// A file of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerFile {
    pub name: String,
    #[serde(flatten)]
    pub stored: StoredFile,
    #[serde(default)]
    pub shown: Shown,
}

/// What a worker tells while it is at a job. It may be lost.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    /// How often the job was given to a worker, this time included.
    pub delivery: u64,
    pub what: News,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// It is at it.
    Working,
    /// The whole of what there is so far of the answer.
    Text(String),
    /// The answer is stored.
    Stored,
}

impl Reply {
    /// The reply to this job.
    pub fn to(job: &Job, worker: &str, outcome: Outcome) -> Self {
        Self {
            receipt: job.receipt.clone(),
            worker: worker.to_owned(),
            outcome,
        }
    }

    /// Checks what somebody claims to be the answer to this job, and cleans what is shown of it.
    ///
    /// # Errors
    ///
    /// Why it is not taken, in words.
    pub fn checked(mut self, job: &Job) -> Result<Self, &'static str> {
        if self.receipt != job.receipt {
            return Err("it comes from a worker that was not given the question");
        }
        self.worker = excerpt(&self.worker);
        match (&mut self.outcome, &job.task) {
            (Outcome::Answer { text, .. }, Task::Answer(_)) if text.len() > LONGEST_ANSWER => {
                return Err("it is too long");
            }
            (Outcome::Answer { files, .. }, Task::Answer(_)) if files.len() > MOST_FILES => {
                return Err("it has too many files");
            }
            (Outcome::Failure { words, error }, _) => {
                *words = excerpt(words);
                *error = excerpt(error);
            }
            (Outcome::Answer { .. }, Task::Answer(_)) | (Outcome::Forgotten, Task::Forget(_)) => {}
            _ => return Err("it answers something else"),
        }
        Ok(self)
    }
}

impl SentFile {
    /// An attachment with its content as it travels.
    pub fn new(attachment: &Attachment, content: SentContent) -> Self {
        let attachment = attachment.clone();
        Self {
            sort: attachment.sort,
            name: attachment.name,
            mimetype: attachment.mimetype,
            voice_ms: attachment.voice_ms,
            quoted: attachment.quoted,
            content,
        }
    }

    /// The attachment with its content as it is here.
    pub fn into_attachment(self, content: Content) -> Attachment {
        Attachment {
            sort: self.sort,
            name: self.name,
            mimetype: self.mimetype,
            voice_ms: self.voice_ms,
            quoted: self.quoted,
            content,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(task: Task) -> Job {
        Job {
            version: VERSION,
            id: "1".to_owned(),
            receipt: "r".to_owned(),
            time_limit: 1,
            task,
        }
    }

    fn asking() -> Job {
        let question = Question::at_terminal("x".to_owned(), "direct");
        job(Task::Answer(Box::new(Asked {
            question,
            files: Vec::new(),
            history: Vec::new(),
            is_watched: false,
        })))
    }

    fn answer(text: &str, files: usize) -> Outcome {
        let file = AnswerFile {
            name: "a".to_owned(),
            stored: StoredFile {
                object: "o".to_owned(),
                size: 1,
                sha256: String::new(),
            },
            shown: Shown::default(),
        };
        Outcome::Answer {
            text: text.to_owned(),
            files: vec![file; files],
            extras: Extras::default(),
        }
    }

    #[test]
    fn what_a_worker_claims_is_checked() {
        let ours = asking();
        let checked = |outcome| Reply::to(&ours, "w", outcome).checked(&ours);
        assert!(checked(answer("x", MOST_FILES)).is_ok());
        assert!(checked(answer(&"x".repeat(LONGEST_ANSWER + 1), 0)).is_err());
        assert!(checked(answer("x", MOST_FILES + 1)).is_err());
        assert!(checked(Outcome::Forgotten).is_err());
        let forgetting = job(Task::Forget("c".to_owned()));
        let other = Reply::to(&forgetting, "w", answer("x", 0)).checked(&forgetting);
        assert!(other.is_err());
        let stranger = Reply {
            receipt: "guessed".to_owned(),
            ..Reply::to(&ours, "w", answer("x", 0))
        };
        assert!(stranger.checked(&ours).is_err());
        let failure = Outcome::Failure {
            words: "a\u{1b}[2J".repeat(1000),
            error: String::new(),
        };
        let Outcome::Failure { words, .. } = checked(failure).unwrap().outcome else {
            panic!("it failed");
        };
        assert!(words.chars().count() <= 201 && !words.contains('\u{1b}'));
    }

    #[test]
    fn a_job_is_the_same_after_its_way() {
        let sent = serde_json::to_string(&asking()).unwrap();
        let Job { task, .. } = serde_json::from_str(&sent).unwrap();
        let Task::Answer(asked) = task else {
            panic!("it asks");
        };
        assert_eq!(asked.question.conversation(), "cli:direct");
    }
}
