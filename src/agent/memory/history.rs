//! What was said in each conversation: a private file each, replaced as a whole.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::turns::{Budget, Turn, newest};
use crate::{
    error::{Error, Result},
    files::{PrivateFile, private_directory, read_failed, record},
    threads::aside,
};

/// Where they are, beside the configuration.
pub const DIRECTORY: &str = "conversations";
/// No history is larger, in bytes; whatever is, is something else.
const LARGEST: u64 = 64 * 1024 * 1024;

#[derive(Default, Serialize, Deserialize)]
struct File {
    conversation: String,
    turns: Vec<Turn>,
}

/// The name of a conversation's file. It tells nothing and holds nothing from outside.
pub fn file_name(conversation: &str) -> String {
    let hash = Sha256::digest(conversation);
    format!("{hash:.32x}.json")
}

/// The conversations of this bot. All that is done with them waits for the disk; asynchronous code
/// does it through [`recall`](Self::recall).
#[derive(Debug)]
pub struct History {
    path: PathBuf,
    /// One change at a time: a conversation may be forgotten while it goes on.
    changing: Mutex<()>,
}

impl History {
    /// The conversations that are kept in this directory of the bot.
    pub fn of(directory: &Path) -> Self {
        Self {
            path: directory.join(DIRECTORY),
            changing: Mutex::default(),
        }
    }

    /// Does something with them on a thread that may wait for the disk.
    ///
    /// # Errors
    ///
    /// The work's own, and when it panics.
    pub async fn recall<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let history = Arc::clone(self);
        aside(move || work(&history)).await
    }

    /// All that is known of a conversation, the oldest first.
    ///
    /// # Errors
    ///
    /// When its file is there and cannot be read.
    pub fn load(&self, conversation: &str) -> Result<Vec<Turn>> {
        let _changing = self.changing.lock();
        self.read(conversation)
    }

    /// Adds a turn, keeps of those before it only this many and what is within the budget, and
    /// puts it in the place of one of the same event.
    ///
    /// # Errors
    ///
    /// When the file cannot be written; it is then as it was.
    pub fn add(&self, conversation: &str, turn: Turn, keep: usize, budget: Budget) -> Result<()> {
        let _changing = self.changing.lock();
        let mut turns = self.read(conversation)?;
        turns.drain(..turns.len().saturating_sub(keep));
        turns.retain(|old| !old.is_of_event(&turn.event));
        turns.push(turn);
        // The newest is kept even where it alone is more than the budget.
        let kept = newest(&turns, budget).len().max(1);
        turns.drain(..turns.len() - kept);
        private_directory(&self.path)?;
        let file = json!(File {
            conversation: conversation.to_owned(),
            turns,
        });
        PrivateFile::prepare(&self.file(conversation))?.write(&file.to_string())?;
        Ok(())
    }

    /// Forgets a conversation.
    ///
    /// # Errors
    ///
    /// When its file cannot be removed.
    pub fn forget(&self, conversation: &str) -> Result<()> {
        let _changing = self.changing.lock();
        record::remove(&self.file(conversation))
    }

    fn file(&self, conversation: &str) -> PathBuf {
        self.path.join(file_name(conversation))
    }

    fn read(&self, conversation: &str) -> Result<Vec<Turn>> {
        let path = self.file(conversation);
        let bytes = match fs::metadata(&path) {
            // No history: it is not read.
            Ok(found) if found.len() > LARGEST => Ok(Vec::new()),
            Ok(_) => fs::read(&path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => Err(error),
        };
        let bytes = bytes.map_err(|error| read_failed(&path, error))?;
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
        tracing::warn!(file = %aside.display(), directory = %self.path.display(),
            "not a conversation history; moved away, the conversation starts anew");
        Ok(Vec::new())
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
            ..Turn::default()
        }
    }

    fn questions(history: &History) -> Vec<String> {
        let turns = history.load(KEY).unwrap();
        turns.into_iter().map(|turn| turn.question).collect()
    }

    fn add(history: &History, turn: Turn) {
        history.add(KEY, turn, usize::MAX, BUDGET).unwrap();
    }

    #[test]
    fn it_survives_in_a_private_file_of_a_harmless_name() {
        let home = tempfile::tempdir().unwrap();
        add(&History::of(home.path()), turn("$1", "one"));
        let history = History::of(home.path());
        add(&history, turn("$2", "two"));
        assert_eq!(questions(&history), ["one", "two"]);
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
        assert!(history.load("matrix:!other").unwrap().is_empty());
        history.forget(KEY).unwrap();
        history.forget(KEY).unwrap();
        assert!(questions(&history).is_empty());
    }

    #[test]
    fn the_same_event_is_there_once() {
        let home = tempfile::tempdir().unwrap();
        let history = History::of(home.path());
        for turn in [
            turn("$1", "one"),
            turn("$2", "two"),
            turn("$1", "one, edited"),
        ] {
            add(&history, turn);
        }
        assert_eq!(questions(&history), ["two", "one, edited"]);
        // Those without an event are all others.
        add(&history, turn("", "x"));
        add(&history, turn("", "y"));
        assert_eq!(questions(&history), ["one, edited", "x", "y"]);
    }

    #[test]
    fn it_does_not_grow_over_its_budget() {
        let home = tempfile::tempdir().unwrap();
        let history = History::of(home.path());
        for number in 0..10 {
            add(&history, turn(&format!("${number}"), &number.to_string()));
        }
        assert_eq!(questions(&history), ["7", "8", "9"]);
        history.add(KEY, turn("$a", "a"), 1, BUDGET).unwrap();
        assert_eq!(questions(&history), ["9", "a"]);
        add(&history, turn("$b", &"b".repeat(5000)));
        assert_eq!(questions(&history).len(), 1);
    }

    #[test]
    fn what_is_no_history_is_set_aside() {
        let home = tempfile::tempdir().unwrap();
        let history = History::of(home.path());
        add(&history, turn("$1", "one"));
        let path = history.file(KEY);
        for broken in ["", "{", "[]", "{\"conversation\":\"other\",\"turns\":[]}"] {
            fs::write(&path, broken).unwrap();
            assert!(questions(&history).is_empty());
            assert_eq!(
                fs::read_to_string(path.with_extension("broken")).unwrap(),
                broken
            );
        }
        fs::create_dir_all(&path).unwrap();
        assert!(history.load(KEY).is_err());
    }
}
