//! Files that come from other machines.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::{document::AnswerFile, nats::Courier};
use crate::{
    agent::{Answer, Outgoing},
    error::Result,
    files::{private_directory, write_failed},
    text::is_hostile,
    threads::aside,
};

/// Where they are, beside the configuration.
const DIRECTORY: &str = "worker-files";
/// How long they are kept: by then they are uploaded.
const KEPT: Duration = Duration::from_hours(24);
/// The most characters of a file's name.
const LONGEST: usize = 80;

/// Where the files of answers go until they are uploaded.
#[derive(Debug)]
pub struct Inbox {
    directory: [PathBuf; 1],
    max_bytes: u64,
}

impl Inbox {
    /// Takes files of at most so many bytes into a directory beside the configuration.
    pub fn of(home: &Path, max_bytes: u64) -> Self {
        let home = std::path::absolute(home).unwrap_or_else(|_| home.to_owned());
        Self {
            directory: [home.join(DIRECTORY)],
            max_bytes,
        }
    }

    pub fn directories(&self) -> &[PathBuf] {
        &self.directory
    }

    /// The answer to this job with its files; for each that cannot be had, its words get a line.
    pub async fn receive(
        &self,
        courier: &Courier,
        id: &str,
        mut text: String,
        files: &[AnswerFile],
    ) -> Answer {
        let mut attachments = Vec::new();
        for (number, file) in files.iter().enumerate() {
            let name = plain_name(&file.name);
            let why = if file.stored.size > self.max_bytes {
                "too large"
            } else if let Some(bytes) = courier.fetch(&file.stored, self.max_bytes).await {
                let folder = self.directory[0].join(format!("{id}.{number}"));
                match self.keep(folder, &name, bytes).await {
                    Ok(path) => {
                        attachments.push(Outgoing {
                            shown: file.shown.clone(),
                            ..path.into()
                        });
                        continue;
                    }
                    Err(error) => {
                        tracing::error!("cannot keep a file of an answer: {error}");
                        "download failed"
                    }
                }
            } else {
                "download failed"
            };
            text = format!("{text}\n[attachment: {name} - {why}]");
        }
        Answer {
            text,
            attachments,
            ..Answer::default()
        }
    }

    async fn keep(&self, folder: PathBuf, name: &str, bytes: Vec<u8>) -> Result<PathBuf> {
        let (directory, path) = (self.directory[0].clone(), folder.join(name));
        aside(move || {
            private_directory(&directory)?;
            tidy(&directory);
            private_directory(&folder)?;
            fs::write(&path, bytes).map_err(|error| write_failed(&path, error))?;
            Ok(path)
        })
        .await
    }
}

/// Removes what was uploaded long ago.
fn tidy(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        let modified = entry.metadata().and_then(|found| found.modified());
        let age = modified.map(|at| SystemTime::now().duration_since(at).unwrap_or_default());
        if age.is_ok_and(|age| age > KEPT)
            && let Err(error) = fs::remove_dir_all(entry.path())
        {
            tracing::warn!("cannot remove {}: {error}", entry.path().display());
        }
    }
}

/// A name from another machine, made one that is no path.
pub fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let harmless = |c| !is_hostile(c) && !"<>:\"/\\|?*".contains(c);
    let chars: Vec<_> = last.chars().filter(|c| harmless(*c)).collect();
    // The end tells what it is.
    let name: String = chars[chars.len().saturating_sub(LONGEST)..]
        .iter()
        .collect();
    let name = name.trim_matches(['.', ' ']);
    if name.is_empty() {
        return "attachment".to_owned();
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere() {
        for (given, expected) in [
            ("a.txt", "a.txt"),
            ("../../etc/passwd", "passwd"),
            ("C:\\x\\a.txt", "a.txt"),
            ("..", "attachment"),
            ("a/..", "attachment"),
            ("", "attachment"),
            ("a\0\n\u{202e}b", "ab"),
        ] {
            assert_eq!(plain_name(given), expected);
        }
        assert!(plain_name(&"é".repeat(500)).len() <= 2 * LONGEST);
    }

    #[test]
    fn what_is_old_goes() {
        let home = tempfile::tempdir().unwrap();
        let (old, new) = (home.path().join("old"), home.path().join("new"));
        for path in [&old, &new] {
            fs::create_dir(path).unwrap();
            fs::write(path.join("a"), "x").unwrap();
        }
        let then = SystemTime::now() - 2 * KEPT;
        let times = fs::FileTimes::new().set_modified(then);
        fs::File::open(&old).unwrap().set_times(times).unwrap();
        tidy(home.path());
        assert!(!old.exists() && new.join("a").exists());
    }
}
