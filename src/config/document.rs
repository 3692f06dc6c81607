//! The config file as a document that loses nothing.

mod names;

use std::{
    fmt,
    ops::Range,
    path::{Path, PathBuf},
};

use serde_json::Value;

use self::names::{in_section, spellings, steps};
use super::{
    Position, edit,
    file::{self, Found},
    key_path::split,
    reading::{self, Flaw},
    save::{self, Saved},
    schema::Key,
    syntax::{Member, Node, Tree},
};
use crate::error::{Error, Kind, Result};

/// Where the keys of the Matrix channel are.
pub(super) const SECTION: [&str; 2] = ["channels", "matrix"];

/// A new document: what is on the disk after its first save, if nothing is set.
const BLANK: &str = "{}\n";

/// A `config.json` in memory. Edits change only what was asked for: comments, order, white space,
/// unknown keys and the sections of the Python tool stay as they are, byte for byte, and nothing
/// reaches the disk before [`save`](Self::save).
#[derive(Clone)]
pub struct Document {
    path: PathBuf,
    text: String,
    tree: Tree,
    /// What is on the disk.
    found: Option<Found>,
}

impl Document {
    /// Reads a config file. One that does not exist is an empty document.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it cannot be read, is larger than 8 MiB,
    /// or is not a JSON object (with comments) whose `channels` and `channels.matrix` are objects.
    /// The message names line and column and never quotes a value.
    pub fn load(path: &Path) -> Result<Self> {
        Self::parse(path, file::read(path)?).map_err(|flaw| flaw.into_error(path))
    }

    /// Reads what was found at this path.
    pub(super) fn parse(path: &Path, found: Option<Found>) -> std::result::Result<Self, Flaw> {
        let text = match &found {
            Some(found) => reading::text(&found.bytes)?,
            None => BLANK.to_owned(),
        };
        let tree = reading::tree(&text)?;
        Ok(Self {
            path: path.to_owned(),
            text,
            tree,
            found,
        })
    }

    /// The path it was loaded from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the file was there when it was loaded, or has been saved since.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.found.is_some()
    }

    /// Whether there are edits that are not saved.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        let saved = self.found.as_ref().map(|found| found.bytes.as_slice());
        saved.unwrap_or(BLANK.as_bytes()) != self.text.as_bytes()
    }

    /// The whole text, secrets included.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The permission bits of the file on the disk.
    #[must_use]
    pub fn mode(&self) -> Option<u32> {
        self.found.as_ref().map(|found| found.mode)
    }

    /// The value at a dotted path such as `channels.matrix.userId` or `agents.defaults.model`; a
    /// name that has dots in it stands in double quotes.
    ///
    /// Known keys of `channels.matrix` are found in any of their spellings; where there are
    /// several, the camelCase one counts.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Value> {
        Some(self.find(&split(path))?.node.to_value())
    }

    /// Where the value at a dotted path stands, by its key.
    #[must_use]
    pub fn position(&self, path: &str) -> Option<Position> {
        Some(self.place(self.find(&split(path))?.start))
    }

    /// Sets the value at a dotted path and makes the objects on the way to it. Returns whether
    /// that changed anything.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when something on the way is not an object, or
    /// the file would grow over 8 MiB or nest too deeply; [`Kind::Usage`] for a path with an empty
    /// name in it.
    pub fn set(&mut self, path: &str, value: &Value) -> Result<bool> {
        self.set_at(&split(path), value)
    }

    /// Takes away the key at a dotted path, in all its spellings, and objects that were made for
    /// it. Returns whether it was there.
    ///
    /// # Errors
    ///
    /// None that a person could cause; the signature leaves room for one.
    pub fn unset(&mut self, path: &str) -> Result<bool> {
        self.unset_at(&split(path))
    }

    /// The spellings under which a key of `channels.matrix` stands in the file, the one that
    /// counts first, each with its place.
    #[must_use]
    pub fn spellings(&self, key: &Key) -> Vec<(&'static str, Position)> {
        let section = self.section();
        let stands = |spelling: &'static str| {
            let member = section?.member(spelling)?;
            Some((spelling, self.place(member.start)))
        };
        key.spellings().filter_map(stands).collect()
    }

    /// The value of a key of `channels.matrix`.
    #[must_use]
    pub fn matrix_get(&self, key: &str) -> Option<Value> {
        Some(self.find(&in_section(key))?.node.to_value())
    }

    /// Sets a key of `channels.matrix`. Returns whether that changed anything.
    ///
    /// # Errors
    ///
    /// As for [`set`](Self::set).
    pub fn matrix_set(&mut self, key: &str, value: impl Into<Value>) -> Result<bool> {
        self.set_at(&in_section(key), &value.into())
    }

    /// Takes a key of `channels.matrix` away, in all its spellings. Returns whether it was there.
    ///
    /// # Errors
    ///
    /// As for [`unset`](Self::unset).
    pub fn matrix_unset(&mut self, key: &str) -> Result<bool> {
        self.unset_at(&in_section(key))
    }

    /// Takes away one spelling of a key of `channels.matrix` and leaves the others. Returns whether
    /// it was there.
    ///
    /// # Errors
    ///
    /// As for [`unset`](Self::unset).
    pub fn unset_spelling(&mut self, spelling: &str) -> Result<bool> {
        let [channels, matrix] = SECTION;
        self.remove_exactly(&[channels, matrix, spelling])
    }

    /// Gives the key at the end of these exact names another name, and leaves every other byte as
    /// it is. Returns whether it was there.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when its object has a key of that name already.
    pub fn rename(&mut self, path: &[&str], name: &str) -> Result<bool> {
        let Some((object, index)) = steps(&self.tree.root, path).and_then(|mut steps| steps.pop())
        else {
            return Ok(false);
        };
        let Some(member) = object.members().and_then(|members| members.get(index)) else {
            return Ok(false);
        };
        let text = edit::rename(&self.text, member, name);
        // A name that is there already is refused like any text that cannot be loaded.
        self.accept(text)?;
        Ok(true)
    }

    /// Writes the document: a temporary file in the same directory, put in the old one's place
    /// when it is safely on the disk. Follows symbolic links, makes the directory (0700) if there
    /// is none, and makes the file 0600, which [`Saved::tightened`] tells.
    ///
    /// # Errors
    ///
    /// [`Kind::Failure`] when the file changed since it was loaded or
    /// cannot be written (a full disk), [`Kind::Config`] when it is
    /// read-only or something else is in its place. The old file is then untouched.
    pub fn save(&mut self) -> Result<Saved> {
        let before = self.found.as_ref().map(|found| found.bytes.as_slice());
        let saved = save::save(&self.path, before, &self.text)?;
        self.found = Some(Found {
            bytes: self.text.clone().into_bytes(),
            mode: save::MODE,
        });
        Ok(saved)
    }

    /// A document that is not on the disk.
    #[cfg(test)]
    pub(super) fn of(text: &str) -> Self {
        let path = PathBuf::from("config.json");
        let tree = reading::tree(text).unwrap();
        Self {
            path,
            text: text.to_owned(),
            tree,
            found: None,
        }
    }

    /// The object `channels.matrix`, if there is one.
    pub(super) fn section(&self) -> Option<&Node> {
        Some(&self.find(&SECTION)?.node)
    }

    /// The root object.
    pub(super) fn root(&self) -> &Node {
        &self.tree.root
    }

    /// Where the first comment is.
    pub(super) fn first_comment(&self) -> Option<Position> {
        let comment = self.tree.comments.first()?;
        Some(self.place(comment.start))
    }

    /// The place of a byte offset.
    pub(super) fn place(&self, offset: usize) -> Position {
        Position::of(&self.text, offset)
    }

    /// Every comment's bytes.
    pub(super) fn comments(&self) -> &[Range<usize>] {
        &self.tree.comments
    }

    /// The member at the end of these names.
    pub(super) fn find(&self, path: &[&str]) -> Option<&Member> {
        let (last, parents) = path.split_last()?;
        let mut object = &self.tree.root;
        for name in parents {
            object = &object.member(name)?.node;
        }
        let mut spellings = spellings(parents, last).into_iter();
        spellings.find_map(|spelling| object.member(spelling))
    }

    fn set_at(&mut self, path: &[&str], value: &Value) -> Result<bool> {
        if path.iter().any(|name| name.is_empty()) {
            return Err(Error::new(
                Kind::Usage,
                "a key needs a name between its dots",
            ));
        }
        let root = &self.tree.root;
        let text = match self.find(path) {
            Some(member) if member.node.to_value() == *value => return Ok(false),
            Some(member) => edit::replace(&self.text, root, member, value),
            None => {
                let (object, names) = self.nearest(path)?;
                edit::insert(&self.text, root, object, names, value)
            }
        };
        self.accept(text)?;
        Ok(true)
    }

    /// The innermost object on the way that exists, and the names that are still missing in it.
    fn nearest<'a>(&self, path: &'a [&'a str]) -> Result<(&Node, &'a [&'a str])> {
        let mut object = &self.tree.root;
        for (index, name) in path.iter().enumerate() {
            let Some(member) = object.member(name) else {
                return Ok((object, &path[index..]));
            };
            object = &member.node;
            if object.members().is_none() {
                let place = self.place(member.start);
                let message = format!(
                    "{}, {place}: {} is {}, not an object",
                    self.path.display(),
                    path[..=index].join("."),
                    object.type_name()
                );
                return Err(
                    Error::config(message).hint("name another key, or unset this one first")
                );
            }
        }
        Err(Error::new(Kind::Usage, "no key was named"))
    }

    fn unset_at(&mut self, path: &[&str]) -> Result<bool> {
        let Some((last, parents)) = path.split_last() else {
            return Ok(false);
        };
        let mut removed = false;
        for spelling in spellings(parents, last) {
            let path: Vec<_> = parents.iter().copied().chain([spelling]).collect();
            removed |= self.remove_exactly(&path)?;
        }
        Ok(removed)
    }

    fn remove_exactly(&mut self, path: &[&str]) -> Result<bool> {
        let Some(steps) = steps(&self.tree.root, path) else {
            return Ok(false);
        };
        let text = edit::remove(&self.text, &steps);
        self.accept(text)?;
        Ok(true)
    }

    /// Takes over an edited text, which must be one that can be loaded again.
    fn accept(&mut self, text: String) -> Result<()> {
        if text.len() as u64 > file::LARGEST {
            let message = format!("{} would grow over 8 MiB", self.path.display());
            return Err(Error::config(message).hint("set a shorter value"));
        }
        self.tree = reading::tree(&text).map_err(|flaw| flaw.into_error(&self.path))?;
        self.text = text;
        Ok(())
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

#[cfg(test)]
mod tests;
