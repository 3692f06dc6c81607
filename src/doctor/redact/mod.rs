//! Pseudonyms for everything that identifies the bot or its people, the same one for the same thing
//! wherever it occurs in a report, so that the report can be shown to strangers.

mod known;
mod patterns;

use std::{
    cell::RefCell,
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use regex::{Captures, Regex, RegexBuilder};
use sha2::{Digest, Sha256};

pub use self::known::Known;
use self::patterns::{AFTER_NAMES, BEFORE_NAMES, Pattern, expanded, is_meant, is_plain};
use crate::{
    doctor::checks::catalogue,
    error::{Error, Result},
};

/// The fewest digits of a pseudonym's hash that are shown: enough for a report, too few to try all
/// names that exist against.
const DIGITS: usize = 4;
/// The first placeholder of hidden text, so that no later pattern matches it again.
const MARK: u32 = 0xF_0000;
/// The most bytes that looking for all known names may take: an account can have very many devices.
const LARGEST: usize = 256 << 20;
/// Longer words, in bytes, are hidden as a whole: a search in one word takes time by the square of
/// its length.
const LONGEST_WORD: usize = 512;

/// Replaces identifying names with pseudonyms, such as `user-3f2a`: a hash with a new salt for
/// each report.
pub struct Redactor {
    known: Known,
    /// The known paths, which are found before anything else.
    paths: Option<Pattern>,
    /// All other known names, where no pattern has found them.
    names: Option<Pattern>,
    salt: [u8; 32],
    /// The meaning of each pseudonym.
    given: RefCell<BTreeMap<String, (String, String)>>,
}

impl Redactor {
    /// # Errors
    ///
    /// When the system has no random numbers, and a pseudonym could be guessed back; and where too
    /// many names are known to look for them all.
    pub fn new(mut known: Known) -> Result<Self> {
        // A name that our own texts use identifies nobody, and they would be unreadable without it.
        let vocabulary = vocabulary();
        known.names.retain(|(_, name)| !vocabulary.contains(name));
        // The longest first: one may be a part of another.
        known.names.sort_by_key(|(_, name)| Reverse(name.len()));
        let mut seen = BTreeSet::new();
        known.names.retain(|name| seen.insert(name.clone()));
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).map_err(|error| {
            Error::failure("the system gives no random numbers, so nothing can be redacted")
                .because(error)
        })?;
        Ok(Self {
            paths: known.pattern("path", |sort| sort == "path")?,
            names: known.pattern("name", |sort| sort != "path")?,
            known,
            salt,
            given: RefCell::default(),
        })
    }

    /// The text with pseudonyms.
    pub fn text(&self, text: &str) -> String {
        let mut hidden = Vec::new();
        let is_mark = |c: char| u32::from(c) >= MARK;
        let mut text = self.hide_long_words(&text.replace(is_mark, "?"), &mut hidden);
        let patterns = self.paths.iter().chain(BEFORE_NAMES.iter());
        for pattern in patterns.chain(&self.names).chain(AFTER_NAMES.iter()) {
            text = self.hide(&text, pattern, &mut hidden);
        }
        let shown = |c: char| match hidden.get((u32::from(c).wrapping_sub(MARK)) as usize) {
            Some(pseudonym) => String::clone(pseudonym),
            None => c.to_string(),
        };
        text.chars().map(shown).collect()
    }

    /// Replaces words that are too long to be searched by marks.
    fn hide_long_words(&self, text: &str, hidden: &mut Vec<String>) -> String {
        let words = text.split_inclusive([' ', '\n', '\t', '\r']).map(|piece| {
            let word = piece.trim_end_matches([' ', '\n', '\t', '\r']);
            if word.len() <= LONGEST_WORD {
                return piece.to_owned();
            }
            let mark = mark(hidden.len());
            hidden.push(self.pseudonym("text", word));
            format!("{mark}{}", &piece[word.len()..])
        });
        words.collect()
    }

    /// Puts marks in the place of what a pattern finds.
    fn hide(&self, text: &str, pattern: &Pattern, hidden: &mut Vec<String>) -> String {
        let (mut result, mut done, mut from) = (String::new(), 0, 0);
        while let Some(found) = pattern.regex.captures_at(text, from) {
            let groups: Vec<_> = groups(&pattern.regex, &found).collect();
            let Some((sort, last)) = groups.last() else {
                break;
            };
            if !is_meant(sort, last.as_str(), pattern.signed) {
                // Something else may begin inside of it.
                let skipped = text[last.start()..]
                    .chars()
                    .next()
                    .map_or(1, char::len_utf8);
                from = last.start() + skipped;
                continue;
            }
            for (sort, group) in &groups {
                result.push_str(&text[done..group.start()]);
                result.push(mark(hidden.len()));
                hidden.push(self.name(sort, group.as_str()));
                done = group.end();
            }
            from = last.end();
        }
        result + &text[done..]
    }

    /// The pseudonym of something of this kind.
    fn name(&self, sort: &str, text: &str) -> String {
        match sort {
            "name" => self.pseudonym(self.known.sort_of(text).unwrap_or(sort), text),
            "path" => self.path(text),
            _ => self.pseudonym(sort, text),
        }
    }

    /// The pseudonym of a path: the parts that every machine has are kept.
    fn path(&self, path: &str) -> String {
        let home = self.known.home.as_deref();
        let inside = home.and_then(|home| path.strip_prefix(home));
        let inside = inside.filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let start = if inside.is_some() { "~" } else { "" };
        let names = inside.unwrap_or(path).split('/').map(|name| {
            if is_plain(name) {
                name.to_owned()
            } else {
                self.pseudonym(self.known.sort_of(name).unwrap_or("path"), name)
            }
        });
        let names: Vec<_> = names.collect();
        format!("{start}{}", names.join("/"))
    }

    /// The pseudonym of a thing; that of another one never is the same.
    fn pseudonym(&self, sort: &str, thing: &str) -> String {
        let thing = match sort {
            "server" => thing.trim_matches(['[', ']']).to_lowercase(),
            _ => thing.to_owned(),
        };
        let salted = Sha256::new().chain_update(self.salt).chain_update(sort);
        let salted = salted.chain_update([0]).chain_update(&thing);
        let hash = format!("{:x}", salted.finalize());
        let thing = (sort.to_owned(), thing);
        let mut given = self.given.borrow_mut();
        let mut names = (DIGITS..=hash.len()).map(|n| format!("{sort}-{}", &hash[..n]));
        let free = names.find(|name| given.get(name).is_none_or(|taken| *taken == thing));
        // Two hashes that agree in all of their digits do not occur.
        let name = free.unwrap_or(hash);
        given.insert(name.clone(), thing);
        name
    }
}

/// The mark of the hidden thing of this number.
fn mark(number: usize) -> char {
    let mark = MARK + u32::try_from(number).unwrap_or(u32::MAX - MARK);
    char::from_u32(mark).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The named groups of what was found, in their order, with the sorts that they are named for.
fn groups<'t>(
    regex: &'t Regex,
    found: &Captures<'t>,
) -> impl Iterator<Item = (&'t str, regex::Match<'t>)> {
    let names = regex.capture_names().flatten();
    names.filter_map(|name| Some((name, found.name(name)?)))
}

impl Known {
    /// Finds the known names of some sorts.
    fn pattern(&self, group: &str, wanted: fn(&str) -> bool) -> Result<Option<Pattern>> {
        let names = self.names.iter().filter(|(sort, _)| wanted(sort));
        let names = names.map(|(sort, name)| {
            let (of_server, of_path) = (*sort == "server", *sort == "path");
            let letter = |c: char| match c {
                'a'..='z' | 'A'..='Z' if of_server => {
                    format!("[{}{}]", c.to_ascii_lowercase(), c.to_ascii_uppercase())
                }
                _ => regex::escape(c.encode_utf8(&mut [0; 4])),
            };
            let mut pattern: String = name.chars().map(letter).collect();
            if name.ends_with(char::is_alphanumeric) {
                pattern.push_str(r"(?-u:\b{end-half})");
            }
            if of_path {
                pattern.push_str(&expanded("(?:/(?:[^NO_PATH]*[^.NO_PATH])?)?"));
            }
            pattern
        });
        let names: Vec<_> = names.collect();
        if names.is_empty() {
            return Ok(None);
        }
        let pattern = format!("{}(?<{group}>{})", expanded("START"), names.join("|"));
        let regex = RegexBuilder::new(&pattern).size_limit(LARGEST).build();
        let regex = regex.map_err(|error| {
            Error::failure("too many names are known to redact them").because(error)
        })?;
        let signed = true;
        Ok(Some(Pattern { regex, signed }))
    }

    /// What sort of name this is, if it is known.
    fn sort_of(&self, name: &str) -> Option<&'static str> {
        let same = |(sort, known): &&(&str, String)| {
            known == name || (*sort == "server" && known.eq_ignore_ascii_case(name))
        };
        self.names.iter().find(same).map(|(sort, _)| *sort)
    }
}

/// The words of our own texts.
fn vocabulary() -> BTreeSet<String> {
    let texts = catalogue().flat_map(|check| {
        let said = check.explanation();
        let sentences = [
            check.id,
            said.title,
            &said.meaning,
            &said.matters,
            &said.fix,
        ];
        let causes = said.causes.iter().map(String::as_str);
        let commands = said.commands.iter().copied();
        sentences.into_iter().chain(causes).chain(commands)
    });
    let words = texts.flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    words.chain(["root"]).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
