//! The modules of `src` and what each imports, read from the text.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A module's place below the crate, such as `["config", "keys"]`.
pub type Place = Vec<String>;

/// Every module of the product; modules of tests are left out.
pub struct Modules {
    texts: BTreeMap<Place, String>,
    /// What a module hands on under which name.
    handed_on: BTreeMap<Place, BTreeMap<String, Vec<String>>>,
}

impl Modules {
    /// Reads the files of a source directory.
    pub fn read(source: &Path) -> Self {
        let texts: BTreeMap<Place, String> = source_files(source)
            .into_iter()
            .map(|path| (place_of(source, &path), product(&path)))
            .collect();
        let handed_on = |text| {
            let public = uses(text).filter(|(is_public, _)| *is_public);
            let paths = public.flat_map(|(_, tree)| paths(tree));
            let named = paths.filter_map(|path| Some((path.last()?.clone(), path)));
            named.collect()
        };
        Self {
            handed_on: texts
                .iter()
                .map(|(place, text)| (place.clone(), handed_on(text)))
                .collect(),
            texts,
        }
    }

    /// The modules that a module imports, or names in a path.
    pub fn imports_of(&self, place: &Place) -> BTreeSet<Place> {
        let text = &self.texts[place];
        let used = uses(text).flat_map(|(_, tree)| paths(tree));
        let written = inline_paths(text);
        used.chain(written)
            .filter_map(|path| self.resolve(place, &path, 0))
            .filter(|import| import != place)
            .collect()
    }

    /// Every module's place.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.texts.keys()
    }

    /// A module's text, without its comments and its tests.
    pub fn text(&self, place: &Place) -> &str {
        &self.texts[place]
    }

    /// The module that a path leads to, through what modules hand on.
    fn resolve(&self, from: &Place, path: &[String], depth: usize) -> Option<Place> {
        let mut place = from.clone();
        let mut rest = path;
        match rest.first()?.as_str() {
            "crate" => {
                place.clear();
                rest = &rest[1..];
            }
            "self" => rest = &rest[1..],
            _ => {
                while rest.first().is_some_and(|word| word == "super") {
                    place.pop();
                    rest = &rest[1..];
                }
            }
        }
        let named = rest_of(&mut place, rest, &self.texts);
        // What begins with none of these words is another crate, unless it is a module here.
        let is_elsewhere = rest.len() == path.len() && named.len() == path.len();
        (!is_elsewhere).then(|| self.follow(place, named, depth))
    }

    /// The module where what has this name was made, if this one only hands it on.
    fn follow(&self, place: Place, named: &[String], depth: usize) -> Place {
        let onward = named
            .first()
            .and_then(|name| self.handed_on.get(&place)?.get(name));
        let further = onward
            .filter(|_| depth < 8)
            .and_then(|path| self.resolve(&place, path, depth + 1));
        further.unwrap_or(place)
    }
}

/// Goes down as long as the words are modules; what is left of them.
fn rest_of<'a>(
    place: &mut Place,
    mut rest: &'a [String],
    modules: &BTreeMap<Place, String>,
) -> &'a [String] {
    while let Some(word) = rest.first() {
        place.push(word.clone());
        if !modules.contains_key(place) {
            place.pop();
            break;
        }
        rest = &rest[1..];
    }
    rest
}

fn source_files(place: &Path) -> Vec<PathBuf> {
    if place.is_file() {
        return vec![place.to_owned()];
    }
    let entries = fs::read_dir(place).unwrap();
    let files = entries.flat_map(|entry| source_files(&entry.unwrap().path()));
    let is_source = |path: &PathBuf| path.extension().is_some_and(|end| end == "rs");
    files.filter(is_source).collect()
}

fn place_of(source: &Path, path: &Path) -> Place {
    let inside = path.strip_prefix(source).unwrap().with_extension("");
    let words = inside.iter().map(|word| word.to_str().unwrap().to_owned());
    let mut place: Place = words.collect();
    if matches!(place.last().map(String::as_str), Some("mod" | "lib")) {
        place.pop();
    }
    place
}

/// A file's text without comments, and up to its tests.
fn product(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join("\n");
    let (product, _) = code
        .split_once("#[cfg(test)]\nmod tests {")
        .unwrap_or((&code, ""));
    product.to_owned()
}

/// The trees of `use` statements, and whether each hands on what it names.
fn uses(text: &str) -> impl Iterator<Item = (bool, &str)> {
    let statements = text.split(';').filter_map(|statement| {
        let (before, tree) = statement.rsplit_once("use ")?;
        let begins = before.rsplit(['\n', '}', '{']).next()?.trim();
        let is_public = begins.starts_with("pub");
        (begins.is_empty() || is_public).then_some((is_public, tree))
    });
    statements.filter(|(_, tree)| !tree.contains('('))
}

/// The paths of a `use` tree, each as its words.
pub fn paths(tree: &str) -> Vec<Vec<String>> {
    let words = |text: &str| -> Vec<String> {
        let (path, _) = text.split_once(" as ").unwrap_or((text, ""));
        let words = path.split("::").map(str::trim);
        words
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let Some((before, inner)) = tree.split_once('{') else {
        return vec![words(tree)];
    };
    let inner = inner.rsplit_once('}').map_or(inner, |(inner, _)| inner);
    let (mut depth, mut items) = (0, vec![String::new()]);
    for character in inner.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        match (character, depth) {
            (',', 0) => items.push(String::new()),
            _ => items.last_mut().unwrap().push(character),
        }
    }
    let before = words(before);
    let items = items.iter().filter(|item| !item.trim().is_empty());
    items
        .flat_map(|item| paths(item))
        .map(|path| [&before[..], &path[..]].concat())
        .collect()
}

/// Paths that are written out in the code, such as `super::lock::acquire`.
fn inline_paths(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for start in ["crate::", "super::", "self::"] {
        for (at, _) in text.match_indices(start) {
            let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            let rest = &text[at..];
            let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            let path = &rest[..end];
            let words = path.split("::").filter(|word| !word.is_empty());
            found.push(words.map(str::to_owned).collect());
        }
    }
    found
}
