//! Edits of a text that change nothing but what was asked for.
//!
//! Every edit is a set of byte ranges and what replaces them, so comments, order and white space
//! elsewhere stay as they are. A key that is added can be taken away again, in another process
//! too, and the text is then what it was. For that the way a key is added must tell what was
//! there before, and for the last key of an object it does so by white space alone:
//!
//! | before            | added                  | taken away       |
//! |-------------------|------------------------|------------------|
//! | no object         | `{⏎  "k": 1⏎}`         | the object goes  |
//! | no object, inline | `{ "k": 1 }`           | the object goes  |
//! | root `{}`         | `{⏎  "k": 1⏎}`         | `{}` stays       |
//! | `{}`              | `{␠⏎  "k": 1⏎}`        | `{}` stays       |
//! | `{}`, inline      | `{"k": 1}`             | `{}` stays       |
//! | `{⏎}`, `{ }`      | `{"k": 1⏎}`            | `{⏎}` stays      |

use std::ops::Range;

use serde_json::{Map, Value};

use super::{
    layout::{Layout, Style, indentation_at, quoted, render},
    syntax::{Member, Node},
    trivia::{Kind, Piece, is_newline, is_space, pieces},
};

/// A piece of the text and what takes its place.
struct Change(Range<usize>, String);

/// The text after a value was replaced.
pub(super) fn replace(text: &str, root: &Node, member: &Member, value: &Value) -> String {
    let layout = Layout::of(text, root);
    let indentation = indentation_at(text, member.start).to_owned();
    let style = if text[..member.start].contains(is_newline) {
        Style::Lines(&layout, indentation)
    } else {
        Style::Inline
    };
    apply(
        text,
        vec![Change(member.node.span.clone(), render(value, &style))],
    )
}

/// The text after a member was given another name.
pub(super) fn rename(text: &str, member: &Member, name: &str) -> String {
    apply(
        text,
        vec![Change(member.start..member.name_end, quoted(name))],
    )
}

/// The text after the last of `names` was added to `object`, with the objects that the names
/// before it stand for.
pub(super) fn insert(
    text: &str,
    root: &Node,
    object: &Node,
    names: &[&str],
    value: &Value,
) -> String {
    let Some((name, rest)) = names.split_first() else {
        return text.to_owned();
    };
    let value = rest.iter().rev().fold(value.clone(), |value, name| {
        Value::Object(Map::from_iter([((*name).to_owned(), value)]))
    });
    let layout = Layout::of(text, root);
    let changes = match object.members() {
        Some([.., last]) => insert_after(text, &layout, object, last, name, &value),
        _ => insert_first(text, &layout, root, object, name, &value),
    };
    apply(text, changes)
}

/// Adds a member behind the last one, and behind the comments on the last one's line.
fn insert_after(
    text: &str,
    layout: &Layout,
    object: &Node,
    last: &Member,
    name: &str,
    value: &Value,
) -> Vec<Change> {
    let end = last.node.span.end;
    let gap = pieces(text, end..object.span.end - 1);
    let comment = gap
        .iter()
        .take_while(|piece| piece.is_comment() || !text[piece.span.clone()].contains(is_newline))
        .filter(|piece| piece.is_comment())
        .last();
    let anchor = comment.map_or(end, |piece| piece.span.end);
    let behind_line_comment = comment.is_some_and(|piece| piece.kind == Kind::LineComment);
    let on_own_line = text[gap_before(object, last)].contains(is_newline);

    let added = if on_own_line || behind_line_comment {
        let indentation = indentation_at(text, last.start);
        let style = Style::Lines(layout, indentation.to_owned());
        let member = member(name, value, ": ", &style);
        format!("{}{member}", layout.line(indentation))
    } else {
        // `{"a":1}` keeps to its habit of leaving no space.
        let compact = text[..last.node.span.start].ends_with(':');
        let (before, colon) = if compact { ("", ":") } else { (" ", ": ") };
        format!("{before}{}", member(name, value, colon, &Style::Inline))
    };
    if anchor == end {
        return vec![Change(end..end, format!(",{added}"))];
    }
    vec![
        Change(end..end, ",".to_owned()),
        Change(anchor..anchor, added),
    ]
}

/// Adds the first member of an object; see the table above.
fn insert_first(
    text: &str,
    layout: &Layout,
    root: &Node,
    object: &Node,
    name: &str,
    value: &Value,
) -> Vec<Change> {
    let inside = object.span.start + 1..object.span.end - 1;
    let outer = indentation_at(text, object.span.start);
    let deeper = layout.deeper(outer);
    let lines = Style::Lines(layout, deeper.clone());
    let gap = pieces(text, inside.clone());
    if let Some(comment) = gap.iter().rfind(|piece| piece.is_comment()) {
        let at = comment.span.end;
        let added = if text[inside].contains(is_newline) {
            format!(
                "{}{}",
                layout.line(&deeper),
                member(name, value, ": ", &lines)
            )
        } else {
            format!(" {}", member(name, value, ": ", &Style::Inline))
        };
        return vec![Change(at..at, added)];
    }
    let is_root = object.span == root.span;
    let in_lines = is_root || text.contains(is_newline);
    let added = if inside.is_empty() && in_lines {
        let mark = if is_root { "" } else { " " };
        let member = member(name, value, ": ", &lines);
        format!(
            "{mark}{}{member}{}",
            layout.line(&deeper),
            layout.line(outer)
        )
    } else {
        member(name, value, ": ", &Style::Inline)
    };
    vec![Change(inside.start..inside.start, added)]
}

fn member(name: &str, value: &Value, colon: &str, style: &Style<'_>) -> String {
    format!("{}{colon}{}", quoted(name), render(value, style))
}

/// The text after a member was taken away. `path` leads to it from the root: each object on the
/// way with the place of the next step among its members.
pub(super) fn remove(text: &str, path: &[(&Node, usize)]) -> String {
    let (Some((root, _)), Some(((object, index), above))) = (path.first(), path.split_last())
    else {
        return text.to_owned();
    };
    let changes = match object.members().unwrap_or_default() {
        [only] => match emptied(
            text,
            &Layout::of(text, root),
            object,
            only,
            above.is_empty(),
        ) {
            Emptied::Gone => return remove(text, above),
            Emptied::Hollow => {
                let inside = object.span.start + 1..object.span.end - 1;
                vec![Change(inside, String::new())]
            }
            Emptied::Rest => remove_behind(text, object, only),
        },
        members => match (members.get(*index), members.get(index + 1)) {
            (Some(member), Some(next)) => remove_before(text, member, next),
            (Some(last), None) => remove_behind(text, object, last),
            (None, _) => Vec::new(),
        },
    };
    apply(text, changes)
}

/// What becomes of an object that loses its only member.
enum Emptied {
    /// It was made for that member.
    Gone,
    /// It was `{}` before.
    Hollow,
    /// It keeps what else is in it.
    Rest,
}

fn emptied(text: &str, layout: &Layout, object: &Node, only: &Member, is_root: bool) -> Emptied {
    let before = &text[object.span.start + 1..only.start];
    let after = &text[only.node.span.end..object.span.end - 1];
    let outer = indentation_at(text, object.span.start);
    let in_line = layout.line(&layout.deeper(outer));
    let closed = after == layout.line(outer);
    if closed && before == in_line {
        return if is_root {
            Emptied::Hollow
        } else {
            Emptied::Gone
        };
    }
    if closed && before.strip_prefix(' ') == Some(&in_line) && !is_root {
        return Emptied::Hollow;
    }
    if before == " " && after == " " && !is_root {
        return Emptied::Gone;
    }
    Emptied::Rest
}

/// Takes away the last member, with the comma and the white space before it.
fn remove_behind(text: &str, object: &Node, member: &Member) -> Vec<Change> {
    let gap = pieces(text, gap_before(object, member));
    let mut changes: Vec<_> = gap
        .iter()
        .filter(|piece| piece.kind == Kind::Mark)
        .map(|comma| Change(comma.span.clone(), String::new()))
        .collect();
    let mut span = member.span();
    match gap.as_slice() {
        // Whatever follows must not slip into the comment.
        [
            ..,
            Piece {
                kind: Kind::LineComment,
                ..
            },
            _,
        ] if !line_ends_at(text, span.end) => {}
        [.., space] if space.kind == Kind::Space => span.start = space.span.start,
        _ => {}
    }
    changes.push(Change(span, String::new()));
    changes
}

/// Takes away a member that another follows, with the comma and the white space behind it.
fn remove_before(text: &str, member: &Member, next: &Member) -> Vec<Change> {
    let mut changes = vec![Change(member.span(), String::new())];
    let mut behind_removed = true;
    for piece in pieces(text, member.node.span.end..next.start) {
        let remove = piece.kind == Kind::Mark || (piece.kind == Kind::Space && behind_removed);
        if remove {
            changes.push(Change(piece.span, String::new()));
        }
        behind_removed = remove;
    }
    changes
}

/// The bytes between a member and what stands before it: another member or the opening brace.
fn gap_before(object: &Node, member: &Member) -> Range<usize> {
    let members = object.members().unwrap_or_default();
    let start = members
        .iter()
        .map(|other| other.node.span.end)
        .rfind(|end| *end <= member.start)
        .unwrap_or(object.span.start + 1);
    start..member.start
}

/// Whether nothing but blanks follows on this line.
fn line_ends_at(text: &str, offset: usize) -> bool {
    text[offset..]
        .chars()
        .find(|character| !is_space(*character) || is_newline(*character))
        .is_none_or(is_newline)
}

/// Makes the changes, which do not overlap and are in the order of the text.
fn apply(text: &str, changes: Vec<Change>) -> String {
    let mut edited = String::with_capacity(text.len());
    let mut end = 0;
    for Change(span, replacement) in changes {
        edited.push_str(&text[end..span.start]);
        edited.push_str(&replacement);
        end = span.end;
    }
    edited + &text[end..]
}

#[cfg(test)]
mod tests;
