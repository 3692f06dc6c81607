//! The config file as a document that loses nothing.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use jsonc_parser::{
    ast::{Object, ObjectProp},
    common::Ranged,
    errors::ParseError,
};
use serde_json::Value;

use super::{
    Flaw, Found, LARGEST, Position, Saved, disk, edit, save,
    syntax::{Parsed, parse},
};
use crate::{
    config::keys::{self, Key, SECTION, type_name},
    error::{Error, Result},
    files::MODE,
};

/// A new document: what is on the disk after its first save, if nothing is set.
const BLANK: &str = "{}\n";

/// A `config.json` in memory. Edits change only what was asked for: comments, order, unknown keys
/// and the sections of the Python tool stay as they are, and nothing reaches the disk before
/// [`save`](Self::save).
#[derive(Clone)]
pub struct Document {
    path: PathBuf,
    /// A text that can be parsed.
    text: String,
    /// What is on the disk.
    found: Option<Found>,
}

impl Document {
    /// Reads a config file. One that does not exist is an empty document.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`](crate::error::Kind::Config) when it cannot be read, is larger than 8 MiB,
    /// or is not a JSON object (with comments) whose `channels` and `channels.matrix` are objects.
    /// The message names line and column and never quotes a value.
    pub fn load(path: &Path) -> Result<Self> {
        Self::parse(path, disk::read(path)?).map_err(|flaw| flaw.into_error(path))
    }

    /// Reads a config file that must be there.
    ///
    /// # Errors
    ///
    /// [`Kind::NotLoggedIn`](crate::error::Kind::NotLoggedIn) where there is none, and as [`Document::load`].
    pub fn load_existing(path: &Path) -> Result<Self> {
        let document = Self::load(path)?;
        if document.exists() {
            return Ok(document);
        }
        let message = format!("no configuration file at {}", path.display());
        Err(Error::not_logged_in(message).command("nanobot login"))
    }

    /// Reads what was found at this path.
    ///
    /// # Errors
    ///
    /// What is wrong with it as a config.
    pub fn parse(path: &Path, found: Option<Found>) -> Result<Self, Flaw> {
        let text = match &found {
            Some(found) => disk::text(&found.bytes)?,
            None => BLANK.to_owned(),
        };
        parse(&text)?;
        Ok(Self {
            path: path.to_owned(),
            text,
            found,
        })
    }

    /// A document that is not on the disk.
    #[cfg(test)]
    pub(in crate::config) fn of(text: &str) -> Self {
        parse(text).unwrap();
        Self {
            path: PathBuf::from("config.json"),
            text: text.to_owned(),
            found: None,
        }
    }

    /// The path it was loaded from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the file was there when it was loaded, or has been saved since.
    pub fn exists(&self) -> bool {
        self.found.is_some()
    }

    /// Whether there are edits that are not saved.
    pub fn is_changed(&self) -> bool {
        let saved = self.found.as_ref().map(|found| disk::text(&found.bytes));
        saved.map_or_else(
            || self.text != BLANK,
            |saved| saved != Ok(self.text.clone()),
        )
    }

    /// Whether the file begins with a byte order mark, which the next save leaves out.
    pub fn has_bom(&self) -> bool {
        self.found.as_ref().is_some_and(Found::has_bom)
    }

    /// The whole text, secrets included.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The permission bits of the file on the disk.
    pub fn mode(&self) -> Option<u32> {
        self.found.as_ref().map(|found| found.mode)
    }

    /// The text, read.
    pub fn parsed(&self) -> Parsed<'_> {
        match parse(&self.text) {
            Ok(parsed) => parsed,
            Err(flaw) => unreachable!("it was read before: {}", flaw.message),
        }
    }

    /// The object `channels.matrix`, if there is one.
    pub fn section(&self) -> Option<Object<'_>> {
        let [channels, matrix] = SECTION;
        self.parsed()
            .root
            .take_object(channels)?
            .take_object(matrix)
    }

    /// The place of a byte offset.
    pub fn place(&self, offset: usize) -> Position {
        Position::of(&self.text, offset)
    }

    /// The value at a dotted path such as `channels.matrix.userId` or `agents.defaults.model`; a
    /// name that has dots in it stands in double quotes.
    ///
    /// Known keys of `channels.matrix` are found in any of their spellings; where there are
    /// several, the camelCase one counts.
    pub fn get(&self, path: &str) -> Option<Value> {
        Some(self.find(&split(path))?.value.into())
    }

    /// The member at the end of these names.
    pub fn find(&self, names: &[&str]) -> Option<ObjectProp<'_>> {
        let (last, parents) = names.split_last()?;
        let mut object = self.parsed().root;
        for name in parents {
            object = object.take_object(name)?;
        }
        spellings(parents, last)
            .into_iter()
            .find_map(|spelling| object.take(spelling))
    }

    /// Where the value at a dotted path stands, by its key.
    pub fn position(&self, path: &str) -> Option<Position> {
        Some(self.place(self.find(&split(path))?.start()))
    }

    /// Sets the value at a dotted path and makes the objects on the way to it. Returns whether
    /// that changed anything.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`](crate::error::Kind::Config) when something on the way is not an object, or
    /// the file would grow over 8 MiB or nest too deeply.
    pub fn set(&mut self, path: &str, value: &Value) -> Result<bool> {
        if serde_json::from_str::<Value>(&value.to_string()).is_err() {
            let message = "the value nests objects and lists too deeply";
            return Err(Error::config(message));
        }
        let text = {
            let mut names = split(path);
            let found = self.find(&names);
            match &found {
                Some(found) if Value::from(found.value.clone()) == *value => return Ok(false),
                // In the spelling that is there.
                Some(found) => {
                    names.pop();
                    names.push(found.name.as_str());
                }
                None => self.refuse_way(&names)?,
            }
            edit::set(&self.text, &names, value)
        };
        self.accept(text)?;
        Ok(true)
    }

    /// Refuses a way to a key on which something stands that is not an object.
    fn refuse_way(&self, names: &[&str]) -> Result<()> {
        for depth in 1..names.len() {
            let Some(found) = self.find(&names[..depth]) else {
                return Ok(());
            };
            if found.value.as_object().is_none() {
                let message = format!(
                    "{}, {}: {} is {}, not an object",
                    self.path.display(),
                    self.place(found.start()),
                    names[..depth].join("."),
                    type_name(&found.value.into())
                );
                return Err(Error::config(message).hint("use another key, or unset this one first"));
            }
        }
        Ok(())
    }

    /// Takes away the key at a dotted path, in all its spellings, and the objects that it leaves
    /// empty. Returns whether it was there.
    ///
    /// # Errors
    ///
    /// None that a person could cause; the signature leaves room for one.
    pub fn unset(&mut self, path: &str) -> Result<bool> {
        let names = split(path);
        let Some((last, parents)) = names.split_last() else {
            return Ok(false);
        };
        let mut removed = false;
        for spelling in spellings(parents, last) {
            removed |= self.remove(&[parents, &[spelling]].concat())?;
        }
        Ok(removed)
    }

    fn remove(&mut self, names: &[&str]) -> Result<bool> {
        let Some(text) = edit::remove(&self.text, &self.parsed(), names) else {
            return Ok(false);
        };
        self.accept(Ok(text))?;
        Ok(true)
    }

    /// The spellings under which a key of `channels.matrix` stands in the file, the one that
    /// counts first, each with its place.
    pub fn spellings(&self, key: &'static Key) -> Vec<(&'static str, Position)> {
        let section = self.section();
        let stands = |spelling: &'static str| {
            let member = section.as_ref()?.get(spelling)?;
            Some((spelling, self.place(member.start())))
        };
        key.spellings().filter_map(stands).collect()
    }

    /// Sets a key of `channels.matrix`. Returns whether that changed anything.
    ///
    /// # Errors
    ///
    /// As for [`set`](Self::set).
    pub fn matrix_set(&mut self, key: &str, value: impl Into<Value>) -> Result<bool> {
        self.set(&in_section(key), &value.into())
    }

    /// Takes a key of `channels.matrix` away, in all its spellings. Returns whether it was there.
    ///
    /// # Errors
    ///
    /// As for [`unset`](Self::unset).
    pub fn matrix_unset(&mut self, key: &str) -> Result<bool> {
        self.unset(&in_section(key))
    }

    /// Takes away one spelling of a key of `channels.matrix` and leaves the others. Returns whether
    /// it was there.
    ///
    /// # Errors
    ///
    /// As for [`unset`](Self::unset).
    pub fn unset_spelling(&mut self, spelling: &str) -> Result<bool> {
        let [channels, matrix] = SECTION;
        self.remove(&[channels, matrix, spelling])
    }

    /// Gives the key at the end of these exact names another name, and leaves every other byte as
    /// it is. Returns whether it was there.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`](crate::error::Kind::Config) when its object has a key of that name already.
    pub fn rename(&mut self, names: &[&str], name: &str) -> Result<bool> {
        let Some(text) = edit::rename(&self.text, names, name).transpose() else {
            return Ok(false);
        };
        // A name that is there already is refused like any text that cannot be loaded.
        self.accept(text)?;
        Ok(true)
    }

    /// Takes over an edited text, which must be one that can be loaded again.
    fn accept(&mut self, text: Result<String, ParseError>) -> Result<()> {
        let failed = |error: ParseError| {
            Error::config(format!("cannot edit {}", self.path.display())).because(error)
        };
        let text = text.map_err(failed)?;
        if text.len() as u64 > LARGEST {
            let message = format!("{} would grow over 8 MiB", self.path.display());
            return Err(Error::config(message).hint("set a shorter value"));
        }
        parse(&text).map_err(|flaw| flaw.into_error(&self.path))?;
        self.text = text;
        Ok(())
    }

    /// Writes the document: a temporary file in the same directory, put in the old one's place
    /// when it is safely on the disk. Follows symbolic links, makes the directory (0700) if there
    /// is none, and makes the file 0600, which [`Saved::tightened`] tells.
    ///
    /// # Errors
    ///
    /// [`Kind::Failure`](crate::error::Kind::Failure) when the file changed since it was loaded or
    /// cannot be written (a full disk), [`Kind::Config`](crate::error::Kind::Config) when it is
    /// read-only or something else is in its place. The old file is then untouched.
    pub fn save(&mut self) -> Result<Saved> {
        let before = self.found.as_ref().map(|found| found.bytes.as_slice());
        let saved = save(&self.path, before, &self.text)?;
        self.found = Some(Found {
            bytes: self.text.clone().into_bytes(),
            mode: MODE,
        });
        Ok(saved)
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("path", &self.path)
            .field("exists", &self.exists())
            .finish_non_exhaustive()
    }
}

/// The names in a dotted path.
pub fn split(path: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = Some(path);
    while let Some(path) = rest {
        let quoted = path.strip_prefix('"').and_then(|path| path.split_once('"'));
        let (name, after) = match quoted {
            Some((name, "")) => (name, None),
            Some((name, after)) if after.starts_with('.') => (name, after.strip_prefix('.')),
            _ => match path.split_once('.') {
                Some((name, after)) => (name, Some(after)),
                None => (path, None),
            },
        };
        names.push(name);
        rest = after;
    }
    names
}

/// The path of a key of `channels.matrix`.
fn in_section(key: &str) -> String {
    format!("{}.{key}", SECTION.join("."))
}

/// The names under which a key may stand, the one that counts first.
fn spellings<'a>(parents: &[&str], name: &'a str) -> Vec<&'a str> {
    match keys::find(name) {
        Some(key) if parents == SECTION => key.spellings().collect(),
        _ => vec![name],
    }
}

#[cfg(test)]
mod edit_tests;
#[cfg(test)]
mod tests;
