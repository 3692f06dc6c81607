//! What of a file is hidden, and showing the rest.

use std::{collections::HashSet, ops::Range};

use serde_json::{Map, Value};

use super::{
    Document,
    syntax::{Body, Member, Node},
};

/// What is shown in a secret's place.
pub const REDACTED: &str = "<redacted>";

/// What of a text is hidden, by the offsets at which it starts.
#[derive(Default)]
pub(super) struct Mask {
    pub(super) leaves: HashSet<usize>,
    pub(super) names: HashSet<usize>,
    /// Comments that stand together are hidden together.
    pub(super) comments: Vec<Range<usize>>,
}

impl Mask {
    /// Whether anything in this value is hidden.
    pub(super) fn hides(&self, node: &Node) -> bool {
        match &node.body {
            Body::List(nodes) => nodes.iter().any(|node| self.hides(node)),
            Body::Object(members) => members.iter().any(|member| self.hides(&member.node)),
            _ => self.leaves.contains(&node.span.start),
        }
    }

    /// The value with what is hidden replaced.
    pub(super) fn value(&self, node: &Node) -> Value {
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

    /// The text with what is hidden replaced.
    pub(super) fn text(&self, document: &Document) -> String {
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
