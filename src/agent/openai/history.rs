//! What was said in each conversation: a private file each, replaced as a whole.

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::budget::{Budget, newest};
use crate::{
    agent::Question,
    config::PrivateFile,
    error::{Error, Result},
    instance::private_directory,
};

/// Where they are, beside the configuration.
const DIRECTORY: &str = "conversations";
/// No history is larger, in bytes; whatever is, is something else.
const LARGEST: u64 = 64 * 1024 * 1024;

/// A question and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Turn {
    /// The question's event; empty where it has none.
    pub(super) event: String,
    pub(super) question: String,
    pub(super) answer: String,
}

impl Turn {
    /// Whether this very question was answered before: its answer may not have gone out.
    pub(super) fn is_of(&self, question: &Question, text: &str) -> bool {
        self.is_of_event(&question.event_id) && self.question == text
    }

    fn is_of_event(&self, event: &str) -> bool {
        !event.is_empty() && self.event == event
    }
}

#[derive(Default, Serialize, Deserialize)]
struct File {
    conversation: String,
    turns: Vec<Turn>,
}

/// The conversations of this bot.
#[derive(Clone, Debug)]
pub(super) struct History(Arc<Place>);

#[derive(Debug)]
struct Place {
    directory: PathBuf,
    /// One change at a time: a conversation may be forgotten while it goes on.
    changing: Mutex<()>,
}

impl History {
    /// The conversations that are kept in this directory of the bot.
    pub(super) fn of(directory: &Path) -> Self {
        Self(Arc::new(Place {
            directory: directory.join(DIRECTORY),
            changing: Mutex::default(),
        }))
    }

    /// All that is known of a conversation, the oldest first.
    ///
    /// # Errors
    ///
    /// When its file is there and cannot be read.
    pub(super) async fn load(&self, conversation: &str) -> Result<Vec<Turn>> {
        self.work(conversation, Place::load).await
    }

    /// Adds a turn, keeps of those before it only this many and what is within the budget, and
    /// puts it in the place of one of the same event.
    ///
    /// # Errors
    ///
    /// When the file cannot be written; it is then as it was.
    pub(super) async fn add(
        &self,
        conversation: &str,
        turn: Turn,
        keep: usize,
        budget: Budget,
    ) -> Result<()> {
        self.work(conversation, move |place, conversation| {
            place.add(conversation, turn, keep, budget)
        })
        .await
    }

    /// Forgets a conversation.
    ///
    /// # Errors
    ///
    /// When its file cannot be removed.
    pub(super) async fn forget(&self, conversation: &str) -> Result<()> {
        self.work(conversation, Place::forget).await
    }

    /// Does something on a thread that may wait for the disk.
    async fn work<T: Send + 'static>(
        &self,
        conversation: &str,
        work: impl FnOnce(&Place, &str) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (place, conversation) = (Arc::clone(&self.0), conversation.to_owned());
        let work = move || {
            let _changing = place
                .changing
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            work(&place, &conversation)
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| Error::failure("the history is not to be had").because(error))?
    }
}

impl Place {
    /// The name tells nothing and holds nothing from outside.
    fn path(&self, conversation: &str) -> PathBuf {
        let hash = Sha256::digest(conversation);
        let mut name = String::new();
        for byte in hash.iter().take(16) {
            // Writing to a text cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        self.directory.join(format!("{name}.json"))
    }

    fn load(&self, conversation: &str) -> Result<Vec<Turn>> {
        let path = self.path(conversation);
        let cannot = |error: io::Error| {
            Error::failure(format!("cannot read {}", path.display())).because(error)
        };
        match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(cannot(error)),
            Ok(found) if found.len() > LARGEST => return self.set_aside(&path),
            Ok(_) => {}
        }
        let bytes = fs::read(&path).map_err(cannot)?;
        match serde_json::from_slice::<File>(&bytes) {
            Ok(file) if file.conversation == conversation => Ok(file.turns),
            Ok(_) | Err(_) => self.set_aside(&path),
        }
    }

    /// What is no history is kept, and the conversation begins anew.
    fn set_aside(&self, path: &Path) -> Result<Vec<Turn>> {
        let aside = path.with_extension("broken");
        fs::rename(path, &aside).map_err(|error| {
            Error::failure(format!("cannot set {} aside", path.display())).because(error)
        })?;
        tracing::warn!(file = %aside.display(), directory = %self.directory.display(),
            "this is no history; the conversation begins anew");
        Ok(Vec::new())
    }

    fn add(&self, conversation: &str, turn: Turn, keep: usize, budget: Budget) -> Result<()> {
        let mut turns = self.load(conversation)?;
        turns.drain(..turns.len().saturating_sub(keep));
        turns.retain(|old| !old.is_of_event(&turn.event));
        turns.push(turn);
        // The newest is kept even where it alone is more than the budget.
        let kept = newest(&turns, budget).len().max(1);
        turns.drain(..turns.len() - kept);
        private_directory(&self.directory)?;
        let file = File {
            conversation: conversation.to_owned(),
            turns,
        };
        let text = serde_json::to_string(&file)
            .map_err(|error| Error::failure("cannot write the history as JSON").because(error))?;
        PrivateFile::prepare(&self.path(conversation))?.write(&text)?;
        Ok(())
    }

    fn forget(&self, conversation: &str) -> Result<()> {
        let path = self.path(conversation);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::failure(format!("cannot remove {}", path.display())).because(error))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod unit {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const BUDGET: Budget = Budget {
        tokens: 1000,
        messages: 6,
    };
    const KEY: &str = "matrix:!../../etc:h";

    fn turn(event: &str, question: &str) -> Turn {
        Turn {
            event: event.to_owned(),
            question: question.to_owned(),
            answer: format!("answer to {question}"),
        }
    }

    async fn questions(history: &History) -> Vec<String> {
        let turns = history.load(KEY).await.unwrap();
        turns.into_iter().map(|turn| turn.question).collect()
    }

    async fn add(history: &History, turn: Turn) {
        history.add(KEY, turn, usize::MAX, BUDGET).await.unwrap();
    }

    #[tokio::test]
    async fn it_survives_in_a_private_file_of_a_harmless_name() {
        let home = tempfile::tempdir().unwrap();
        add(&History::of(home.path()), turn("$1", "one")).await;
        let history = History::of(home.path());
        add(&history, turn("$2", "two")).await;
        assert_eq!(questions(&history).await, ["one", "two"]);
        let directory = home.path().join(DIRECTORY);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let names: Vec<_> = fs::read_dir(&directory).unwrap().flatten().collect();
        assert_eq!((names.len(), mode(&directory)), (1, 0o700));
        assert_eq!(mode(&names[0].path()), 0o600);
        let name = names[0].file_name().into_string().unwrap();
        assert!(
            name.strip_suffix(".json")
                .unwrap()
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit())
        );
        assert!(history.load("matrix:!other").await.unwrap().is_empty());
        history.forget(KEY).await.unwrap();
        history.forget(KEY).await.unwrap();
        assert!(questions(&history).await.is_empty());
    }

    #[tokio::test]
    async fn the_same_event_is_there_once() {
        let home = tempfile::tempdir().unwrap();
        let history = History::of(home.path());
        for turn in [
            turn("$1", "one"),
            turn("$2", "two"),
            turn("$1", "one, edited"),
        ] {
            add(&history, turn).await;
        }
        assert_eq!(questions(&history).await, ["two", "one, edited"]);
        // Those without an event are all others.
        add(&history, turn("", "x")).await;
        add(&history, turn("", "y")).await;
        assert_eq!(questions(&history).await, ["one, edited", "x", "y"]);
    }

    #[tokio::test]
    async fn it_does_not_grow_over_its_budget() {
        let home = tempfile::tempdir().unwrap();
        let history = History::of(home.path());
        for number in 0..10 {
            add(&history, turn(&format!("${number}"), &number.to_string())).await;
        }
        assert_eq!(questions(&history).await, ["7", "8", "9"]);
        history.add(KEY, turn("$a", "a"), 1, BUDGET).await.unwrap();
        assert_eq!(questions(&history).await, ["9", "a"]);
        add(&history, turn("$b", &"b".repeat(5000))).await;
        assert_eq!(questions(&history).await.len(), 1);
    }

    #[tokio::test]
    async fn what_is_no_history_is_set_aside() {
        let home = tempfile::tempdir().unwrap();
        let history = History::of(home.path());
        add(&history, turn("$1", "one")).await;
        let path = history.0.path(KEY);
        for broken in ["", "{", "[]", "{\"conversation\":\"other\",\"turns\":[]}"] {
            fs::write(&path, broken).unwrap();
            assert!(questions(&history).await.is_empty());
            assert_eq!(
                fs::read_to_string(path.with_extension("broken")).unwrap(),
                broken
            );
        }
        fs::create_dir_all(&path).unwrap();
        assert!(history.load(KEY).await.is_err());
    }
}
