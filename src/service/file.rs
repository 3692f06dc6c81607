//! The file of a service: whose it is, and how it is written and removed.

use std::{
    fs::{self, Permissions},
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use tempfile::Builder;

use crate::{
    error::Result,
    files::{directory_of, read_failed, write_failed},
};

/// Stands in every file that was installed by this program.
const OURS: &str = "\"nanobot service install";
/// Managers complain about files that others cannot read.
const MODE: u32 = 0o644;

/// A file in the place of a service's.
#[derive(Debug, PartialEq, Eq)]
pub enum Present {
    Nothing,
    /// We installed it, with this text.
    Ours(String),
    Foreign,
}

impl Present {
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn at(path: &Path) -> Result<Self> {
        match fs::read(path) {
            Ok(bytes) => Ok(match String::from_utf8(bytes) {
                Ok(text) if text.contains(OURS) => Self::Ours(text),
                _ => Self::Foreign,
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::Nothing),
            Err(error) => Err(read_failed(path, error)),
        }
    }
}

/// Writes it, whole or not at all, for everyone to read.
///
/// # Errors
///
/// When it cannot be written.
pub fn write(path: &Path, text: &str) -> Result<()> {
    let failed = |error| write_failed(path, error);
    let directory = directory_of(path);
    fs::create_dir_all(directory).map_err(failed)?;
    let mut file = Builder::new()
        .prefix(".nanobot-")
        .tempfile_in(directory)
        .map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    let readable = Permissions::from_mode(MODE);
    file.as_file().set_permissions(readable).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Which bot a service's file is about: what it says of the configuration.
pub fn bot(text: &str) -> Vec<&str> {
    let mut words = text
        .split([' ', '\n', '<', '>', '"'])
        .filter(|word| !word.is_empty() && !word.ends_with("string"));
    let mut found = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "--config" => found.extend(words.next()),
            home if home.contains("NANOBOT_HOME=") => found.push(home),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_for_everyone_and_known_again() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a/b/nanobot.service");
        assert_eq!(Present::at(&path).unwrap(), Present::Nothing);
        let text = "# \"nanobot service install --user\" writes this\n";
        write(&path, text).unwrap();
        assert_eq!(Present::at(&path).unwrap(), Present::Ours(text.to_owned()));
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            MODE
        );
        write(&path, "[Unit]\n").unwrap();
        assert_eq!(Present::at(&path).unwrap(), Present::Foreign);
        assert_eq!(fs::read_dir(directory_of(&path)).unwrap().count(), 1);
    }

    #[test]
    fn a_file_says_which_bot_it_runs() {
        let unit = "ExecStart=/x gateway --wait --config /a/config.json\nX=\n";
        assert_eq!(bot(unit), ["/a/config.json"]);
        let list = "<string>--config</string>\n  <string>/a/config.json</string>";
        assert_eq!(bot(list), ["/a/config.json"]);
        let state = "Environment=NANOBOT_HOME=%S/nanobot\n";
        assert_eq!(bot(state), ["Environment=NANOBOT_HOME=%S/nanobot"]);
        assert_eq!(bot("ExecStart=/x gateway --wait\n"), [""; 0]);
    }
}
