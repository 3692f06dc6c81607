//! The file without its secrets.

use std::{collections::HashSet, ops::Range};

use serde_json::{Map, Value, json};

use super::{
    Document, Typed, address,
    document::SECTION,
    key_path::{KeyPath, split},
    reading,
    schema::{self, KEYS, Key},
    sensitive::{
        announces_secret, counts_tokens, is_harmless, is_secret_name, is_telling_comment,
        looks_secret,
    },
    shape::Shape,
    suggest::nearest,
    syntax::{Body, Member, Node},
};

/// What is shown in a secret's place.
pub const REDACTED: &str = "<redacted>";

/// A hidden text at least this long is looked for elsewhere in the file too, in bytes.
const TRACEABLE: usize = 6;

impl Document {
    /// The whole text with every secret hidden. It has the same lines as the text itself.
    ///
    /// What stands under a secret's name is hidden, what looks like a secret, comments that speak
    /// of one, and whatever else repeats one of these.
    #[must_use]
    pub fn redacted_text(&self) -> String {
        Mask::of(self).text(self)
    }

    /// The value at a path with every secret hidden.
    #[must_use]
    pub fn redacted(&self, path: &str) -> Option<Value> {
        let node = &self.find(&split(path))?.node;
        Some(Mask::of(self).value(node))
    }

    /// The whole file as a value with every secret hidden.
    #[must_use]
    pub fn redacted_root(&self) -> Value {
        Mask::of(self).value(self.root())
    }

    /// Whether there is a secret at a path or below it.
    #[must_use]
    pub fn is_secret(&self, path: &KeyPath) -> bool {
        let mask = Mask::of(self);
        let found = self.find(&path.names());
        found.is_some_and(|member| mask.hides(&member.node))
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
    let mask = Walk::through(&tree.root).mask;
    let section = |name| {
        tree.root
            .member(channels)?
            .node
            .member(matrix)?
            .node
            .member(name)
    };
    match section(key.name) {
        Some(member) => mask.value(&member.node),
        None => Value::from(REDACTED),
    }
}

/// What of a text is hidden, by the offsets at which it starts.
#[derive(Default)]
struct Mask {
    leaves: HashSet<usize>,
    names: HashSet<usize>,
    /// Comments that stand together are hidden together.
    comments: Vec<Range<usize>>,
}

impl Mask {
    fn of(document: &Document) -> Self {
        let mut walk = Walk::through(document.root());
        walk.comments(document);
        walk.mask
    }

    fn hides(&self, node: &Node) -> bool {
        match &node.body {
            Body::List(nodes) => nodes.iter().any(|node| self.hides(node)),
            Body::Object(members) => members.iter().any(|member| self.hides(&member.node)),
            _ => self.leaves.contains(&node.span.start),
        }
    }

    fn value(&self, node: &Node) -> Value {
        match &node.body {
            Body::List(nodes) => nodes.iter().map(|node| self.value(node)).collect(),
            Body::Object(members) => {
                let shown = |member: &Member| (self.name(member), self.value(&member.node));
                members.iter().map(shown).collect::<Map<_, _>>().into()
            }
            _ if self.leaves.contains(&node.span.start) => Value::from(REDACTED),
            _ => node.to_value(),
        }
    }

    fn name(&self, member: &Member) -> String {
        if self.names.contains(&member.start) {
            REDACTED.to_owned()
        } else {
            member.name.clone()
        }
    }

    fn text(&self, document: &Document) -> String {
        let text = document.text();
        let mut hidden = Vec::new();
        self.spans(text, document.root(), &mut hidden);
        let quoted = format!("\"{REDACTED}\"");
        let mut hidden: Vec<_> = hidden
            .into_iter()
            .map(|span| (span, quoted.clone()))
            .collect();
        for comment in &self.comments {
            hidden.push((comment.clone(), hide_comment(&text[comment.clone()])));
        }
        hidden.sort_by_key(|(span, _)| span.start);
        let mut shown = String::with_capacity(text.len());
        let mut end = 0;
        for (span, replacement) in hidden {
            shown.push_str(&text[end..span.start]);
            shown.push_str(&replacement);
            end = span.end;
        }
        shown + &text[end..]
    }

    fn spans(&self, text: &str, node: &Node, hidden: &mut Vec<Range<usize>>) {
        match &node.body {
            Body::List(nodes) => nodes.iter().for_each(|node| self.spans(text, node, hidden)),
            Body::Object(members) => {
                for member in members {
                    if self.names.contains(&member.start) {
                        hidden.push(member.start..end_of_name(text, member.start));
                    }
                    self.spans(text, &member.node, hidden);
                }
            }
            _ if self.leaves.contains(&node.span.start) => hidden.push(node.span.clone()),
            _ => {}
        }
    }
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
        walk.node(&[], root, false);
        walk.repetitions(root);
        walk
    }

    fn node(&mut self, path: &[&str], node: &Node, hidden: bool) {
        match &node.body {
            Body::Object(members) => {
                for member in members {
                    self.member(path, member, hidden);
                }
            }
            Body::List(nodes) => {
                let mut announced = false;
                for node in nodes {
                    self.node(path, node, hidden || announced);
                    announced = matches!(&node.body, Body::Text(word) if announces_secret(word));
                }
            }
            Body::Text(text) => {
                if (hidden && !is_harmless(text)) || looks_secret(text) {
                    self.hide(node, text);
                }
            }
            Body::Number(number) if hidden => self.hide(node, &number.to_string()),
            Body::Number(_) | Body::Bool(_) | Body::Null => {}
        }
    }

    fn member(&mut self, path: &[&str], member: &Member, hidden: bool) {
        let name = member.name.as_str();
        if looks_secret(name) {
            self.mask.names.insert(member.start);
        }
        let known = schema::find(name).filter(|_| path == SECTION);
        let secret = match (known, &member.node.body) {
            (Some(key), body) => is_secret_key(key, body),
            // A secret's name that was mistyped.
            (None, _) if path == SECTION && resembles_secret(name) => true,
            (None, Body::Number(_)) => is_secret_name(name) && !counts_tokens(name),
            (None, _) => is_secret_name(name),
        };
        let inside: Vec<_> = path.iter().copied().chain([name]).collect();
        self.node(&inside, &member.node, hidden || secret);
    }

    fn hide(&mut self, node: &Node, text: &str) {
        self.mask.leaves.insert(node.span.start);
        if text.len() >= TRACEABLE {
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

/// A comment of as many lines in its place.
fn hide_comment(comment: &str) -> String {
    if comment.starts_with("//") {
        return format!("// {REDACTED}");
    }
    format!(
        "/* {REDACTED} {}*/",
        "\n".repeat(comment.matches('\n').count())
    )
}

/// Where a name that starts at this quote ends.
fn end_of_name(text: &str, start: usize) -> usize {
    let mut escaped = false;
    for (offset, byte) in text.bytes().enumerate().skip(start + 1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return offset + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests;
