//! The file without its secrets.

mod diff;

use std::{collections::BTreeMap, ops::Range};

use jsonc_parser::{
    CollectOptions,
    ast::{ObjectProp, Value},
    common::Ranged,
    parse_to_ast,
};
use serde_json::{Value as Json, json};

pub use self::diff::diff;
use super::{
    file::{Document, Parsed, options, parse, split},
    keys::{self, KEYS, Key, SECTION},
    secrets::{
        announces_secret, counts_tokens, is_container_name, is_harmless, is_secret_name,
        is_telling_comment, looks_secret,
    },
    values::KeyPath,
};
use crate::{address::check_proxy, text::nearest};

/// What is shown in a secret's place.
pub const REDACTED: &str = "<redacted>";

/// A hidden text at least this long is looked for elsewhere in the file too, in bytes.
const TRACEABLE: usize = 8;

impl Document {
    /// The whole text with every secret hidden. It has the same lines as the text itself.
    ///
    /// What stands under a secret's name is hidden, what looks like a secret, comments that speak
    /// of one, and whatever else repeats one of these.
    pub fn redacted_text(&self) -> String {
        let text = self.text();
        Walk::whole(text, &self.parsed()).shown(text, 0..text.len())
    }

    /// The value at a path with every secret hidden.
    pub fn redacted(&self, path: &str) -> Option<Json> {
        let value = self.find(&split(path))?.value;
        let walk = Walk::whole(self.text(), &self.parsed());
        Some(walk.redacted(self.text(), value.start()..value.end()))
    }

    /// The whole file as a value with every secret hidden.
    pub fn redacted_root(&self) -> Json {
        let text = self.text();
        Walk::whole(text, &self.parsed()).redacted(text, 0..text.len())
    }

    /// Whether there is a secret at a path or below it, by itself: what only repeats one from
    /// elsewhere does not count.
    pub fn is_secret(&self, path: &KeyPath) -> bool {
        let walk = Walk::through(&self.parsed());
        let found = self.find(&path.names()).map(|member| member.value);
        found.is_some_and(|it| walk.hidden.range(it.start()..it.end()).next().is_some())
    }
}

/// The value of a key with every secret hidden.
pub fn redact(key: &Key, value: &Json) -> Json {
    let [channels, matrix] = SECTION;
    let text = json!({channels: {matrix: {key.name: value}}}).to_string();
    let Ok(parsed) = parse(&text) else {
        return REDACTED.into();
    };
    let mut shown = Walk::whole(&text, &parsed).redacted(&text, 0..text.len());
    shown[channels][matrix][key.name].take()
}

/// What is known of a value from where it stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Guard {
    /// Nothing.
    Open,
    /// It stands among things that may be secret: it is hidden and not looked for elsewhere.
    Private,
    /// It is secret.
    Secret,
}

/// Finds what is secret.
#[derive(Default)]
struct Walk {
    /// The values, names and comments that are hidden: where each starts and ends in the text.
    hidden: BTreeMap<usize, usize>,
    /// The hidden texts that are long enough to be looked for.
    secrets: Vec<String>,
}

impl Walk {
    fn through(parsed: &Parsed<'_>) -> Self {
        let mut walk = Self::default();
        for member in &parsed.root.properties {
            walk.member(&[], member, Guard::Open);
        }
        walk
    }

    fn whole(text: &str, parsed: &Parsed<'_>) -> Self {
        let mut walk = Self::through(parsed);
        walk.repetitions(&Value::Object(parsed.root.clone()));
        walk.comments(text, &parsed.comments);
        walk
    }

    /// A part of the text with what is hidden replaced.
    fn shown(&self, text: &str, part: Range<usize>) -> String {
        let (mut shown, mut end) = (String::new(), part.start);
        for (&start, &next) in self.hidden.range(part.clone()) {
            shown.push_str(&text[end..start]);
            shown.push_str(&stand_in(&text[start..next]));
            end = next;
        }
        shown + &text[end..part.end]
    }

    /// As [`Self::shown`], read. Names that are hidden may be the same then.
    fn redacted(&self, text: &str, part: Range<usize>) -> Json {
        let shown = self.shown(text, part);
        let read = parse_to_ast(&shown, &CollectOptions::default(), &options());
        let value = read.ok().and_then(|read| read.value);
        value.map_or_else(|| REDACTED.into(), Json::from)
    }

    fn value(&mut self, path: &[&str], value: &Value<'_>, guard: Guard) {
        match value {
            Value::Object(object) => {
                for member in &object.properties {
                    self.member(path, member, guard);
                }
            }
            Value::Array(array) => {
                let mut guards = guard;
                for entry in &array.elements {
                    self.value(path, entry, guards);
                    guards = match entry {
                        Value::StringLit(word) if announces_secret(&word.value) => Guard::Secret,
                        _ => guard,
                    };
                }
            }
            Value::StringLit(text) => {
                if looks_secret(&text.value) {
                    self.hide_value(value, &text.value, Guard::Secret);
                } else if guard > Guard::Open && !is_harmless(&text.value) {
                    self.hide_value(value, &text.value, guard);
                }
            }
            Value::NumberLit(number) if guard > Guard::Open => {
                self.hide_value(value, number.value, guard);
            }
            _ => {}
        }
    }

    fn member(&mut self, path: &[&str], member: &ObjectProp<'_>, outer: Guard) {
        let name = member.name.as_str();
        if looks_secret(name) {
            self.hide(&member.name);
        }
        let known = keys::find(name).filter(|_| path == SECTION);
        let is_secret = match (known, &member.value) {
            (Some(key), value) => is_secret_key(key, value),
            // A secret's name that was mistyped.
            (None, _) if path == SECTION && resembles_secret(name) => true,
            (None, Value::NumberLit(_)) => is_secret_name(name) && !counts_tokens(name),
            (None, _) => is_secret_name(name),
        };
        let inside: Vec<_> = path.iter().copied().chain([name]).collect();
        let guard = if is_secret {
            Guard::Secret
        } else if known.is_none() && is_container_name(name) {
            Guard::Private
        } else {
            Guard::Open
        };
        self.value(&inside, &member.value, outer.max(guard));
    }

    fn hide(&mut self, what: &impl Ranged) {
        self.hidden.insert(what.start(), what.end());
    }

    fn hide_value(&mut self, value: &Value<'_>, text: &str, guard: Guard) {
        self.hide(value);
        if guard == Guard::Secret && text.len() >= TRACEABLE {
            self.secrets.push(text.to_owned());
        }
    }

    fn repeats(&self, text: &str) -> bool {
        self.secrets.iter().any(|secret| text.contains(secret))
    }

    /// Hides names and texts that hold a secret found elsewhere.
    fn repetitions(&mut self, value: &Value<'_>) {
        match value {
            Value::Object(object) => {
                for member in &object.properties {
                    if self.repeats(member.name.as_str()) {
                        self.hide(&member.name);
                    }
                    self.repetitions(&member.value);
                }
            }
            Value::Array(array) => array
                .elements
                .iter()
                .for_each(|value| self.repetitions(value)),
            Value::StringLit(text) if self.repeats(&text.value) => self.hide(text),
            _ => {}
        }
    }

    /// Hides comments that speak of secrets. Those with nothing but white space between them are
    /// one: a secret may stand below the line that announces it.
    fn comments(&mut self, text: &str, comments: &[Range<usize>]) {
        let mut groups: Vec<Vec<Range<usize>>> = Vec::new();
        for comment in comments {
            match groups.last_mut() {
                Some(group) if is_continued(text, group, comment) => group.push(comment.clone()),
                _ => groups.push(vec![comment.clone()]),
            }
        }
        for group in groups {
            let tells = |span: &Range<usize>| {
                let comment = &text[span.clone()];
                is_telling_comment(comment) || self.repeats(comment)
            };
            if group.iter().any(tells) {
                self.hidden
                    .extend(group.into_iter().map(|span| (span.start, span.end)));
            }
        }
    }
}

/// What is shown in the place of a name, a value, or a comment of as many lines.
fn stand_in(hidden: &str) -> String {
    if hidden.starts_with("//") {
        format!("// {REDACTED}")
    } else if hidden.starts_with("/*") {
        let lines = "\n".repeat(hidden.matches('\n').count());
        format!("/* {REDACTED} {lines}*/")
    } else {
        format!("\"{REDACTED}\"")
    }
}

fn is_continued(text: &str, group: &[Range<usize>], comment: &Range<usize>) -> bool {
    let Some(last) = group.last() else {
        return false;
    };
    text[last.end..comment.start].trim().is_empty()
}

/// Whether the value of a key of the schema is secret. A proxy's is where it holds a password.
fn is_secret_key(key: &Key, value: &Value<'_>) -> bool {
    match value {
        Value::StringLit(text) if key.name == "proxy" => {
            text.value.contains('@') || check_proxy(&text.value).is_err()
        }
        _ => key.is_secret(),
    }
}

fn resembles_secret(name: &str) -> bool {
    let names = KEYS.iter().flat_map(Key::spellings);
    nearest(name, names)
        .and_then(keys::find)
        .is_some_and(Key::is_secret)
}

#[cfg(test)]
mod tests;
