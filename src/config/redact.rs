//! The file without its secrets.

use std::ops::Range;

use serde_json::{Value, json};

use super::{
    Document, Typed, address,
    document::SECTION,
    key_path::{KeyPath, split},
    mask::{Mask, REDACTED},
    reading,
    schema::{self, KEYS, Key},
    sensitive::{
        announces_secret, counts_tokens, is_container_name, is_harmless, is_secret_name,
        is_telling_comment, looks_secret,
    },
    shape::Shape,
    suggest::nearest,
    syntax::{Body, Member, Node},
};

/// A hidden text at least this long is looked for elsewhere in the file too, in bytes.
const TRACEABLE: usize = 8;

impl Document {
    /// The whole text with every secret hidden. It has the same lines as the text itself.
    ///
    /// What stands under a secret's name is hidden, what looks like a secret, comments that speak
    /// of one, and whatever else repeats one of these.
    #[must_use]
    pub fn redacted_text(&self) -> String {
        self.mask().text(self)
    }

    /// The value at a path with every secret hidden.
    #[must_use]
    pub fn redacted(&self, path: &str) -> Option<Value> {
        let node = &self.find(&split(path))?.node;
        Some(self.mask().value(node))
    }

    /// The whole file as a value with every secret hidden.
    #[must_use]
    pub fn redacted_root(&self) -> Value {
        self.mask().value(self.root())
    }

    /// Whether there is a secret at a path or below it, by itself: what only repeats one from
    /// elsewhere does not count.
    #[must_use]
    pub fn is_secret(&self, path: &KeyPath) -> bool {
        let walk = Walk::through(self.root());
        let found = self.find(&path.names());
        found.is_some_and(|member| walk.mask.hides(&member.node))
    }

    fn mask(&self) -> Mask {
        let mut walk = Walk::through(self.root());
        walk.repetitions(self.root());
        walk.comments(self);
        walk.mask
    }
}

/// The value of a key with every secret hidden.
#[must_use]
pub fn redact(key: &Key, value: &Typed) -> Value {
    let [channels, matrix] = SECTION;
    let text = json!({channels: {matrix: {key.name: value.expose()}}}).to_string();
    let Ok(tree) = reading::tree(&text) else {
        return Value::from(REDACTED);
    };
    let mut walk = Walk::through(&tree.root);
    walk.repetitions(&tree.root);
    let section = |name| {
        tree.root
            .member(channels)?
            .node
            .member(matrix)?
            .node
            .member(name)
    };
    match section(key.name) {
        Some(member) => walk.mask.value(&member.node),
        None => Value::from(REDACTED),
    }
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
    mask: Mask,
    /// The hidden texts that are long enough to be looked for.
    secrets: Vec<String>,
}

impl Walk {
    fn through(root: &Node) -> Self {
        let mut walk = Self::default();
        walk.node(&[], root, Guard::Open);
        walk
    }

    fn node(&mut self, path: &[&str], node: &Node, guard: Guard) {
        match &node.body {
            Body::Object(members) => {
                for member in members {
                    self.member(path, member, guard);
                }
            }
            Body::List(nodes) => {
                let mut guards = guard;
                for node in nodes {
                    self.node(path, node, guards);
                    guards = match &node.body {
                        Body::Text(word) if announces_secret(word) => Guard::Secret,
                        _ => guard,
                    };
                }
            }
            Body::Text(text) => {
                if looks_secret(text) {
                    self.hide(node, text, Guard::Secret);
                } else if guard > Guard::Open && !is_harmless(text) {
                    self.hide(node, text, guard);
                }
            }
            Body::Number(number) if guard > Guard::Open => {
                self.hide(node, &number.to_string(), guard);
            }
            Body::Number(_) | Body::Bool(_) | Body::Null => {}
        }
    }

    fn member(&mut self, path: &[&str], member: &Member, outer: Guard) {
        let name = member.name.as_str();
        if looks_secret(name) {
            self.mask.names.insert(member.start);
        }
        let known = schema::find(name).filter(|_| path == SECTION);
        let is_secret = match (known, &member.node.body) {
            (Some(key), body) => is_secret_key(key, body),
            // A secret's name that was mistyped.
            (None, _) if path == SECTION && resembles_secret(name) => true,
            (None, Body::Number(_)) => is_secret_name(name) && !counts_tokens(name),
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
        self.node(&inside, &member.node, outer.max(guard));
    }

    fn hide(&mut self, node: &Node, text: &str, guard: Guard) {
        self.mask.leaves.insert(node.span.start);
        if guard == Guard::Secret && text.len() >= TRACEABLE {
            self.secrets.push(text.to_owned());
        }
    }

    fn repeats(&self, text: &str) -> bool {
        self.secrets.iter().any(|secret| text.contains(secret))
    }

    /// Hides names and texts that hold a secret found elsewhere.
    fn repetitions(&mut self, node: &Node) {
        match &node.body {
            Body::Object(members) => {
                for member in members {
                    if self.repeats(&member.name) {
                        self.mask.names.insert(member.start);
                    }
                    self.repetitions(&member.node);
                }
            }
            Body::List(nodes) => nodes.iter().for_each(|node| self.repetitions(node)),
            Body::Text(text) if self.repeats(text) => {
                self.mask.leaves.insert(node.span.start);
            }
            _ => {}
        }
    }

    /// Hides comments that speak of secrets. Those with nothing but white space between them are
    /// one: a secret may stand below the line that announces it.
    fn comments(&mut self, document: &Document) {
        let text = document.text();
        let mut groups: Vec<Vec<Range<usize>>> = Vec::new();
        for comment in document.comments() {
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
                self.mask.comments.extend(group);
            }
        }
    }
}

fn is_continued(text: &str, group: &[Range<usize>], comment: &Range<usize>) -> bool {
    let Some(last) = group.last() else {
        return false;
    };
    text[last.end..comment.start].trim().is_empty()
}

/// Whether the value of a key of the schema is secret. A proxy's is where it holds a password.
fn is_secret_key(key: &Key, body: &Body) -> bool {
    match (key.shape, body) {
        (Shape::Proxy, Body::Text(text)) => {
            text.contains('@') || address::check_proxy(text).is_err()
        }
        _ => key.is_secret(),
    }
}

fn resembles_secret(name: &str) -> bool {
    let names = KEYS.iter().flat_map(|key| key.spellings());
    nearest(name, names)
        .and_then(schema::find)
        .is_some_and(Key::is_secret)
}

#[cfg(test)]
mod tests;
