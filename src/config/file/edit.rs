//! Edits of a text that change nothing but what was asked for.

use std::ops::Range;

use jsonc_parser::{
    ast::{self, Object},
    common::Ranged,
    cst::{CstInputValue, CstRootNode},
    errors::ParseError,
};
use serde_json::Value;

use super::syntax::{Parsed, options};

/// The text with this value at the end of these names; objects on the way to it are made.
pub fn set(text: &str, names: &[&str], value: &Value) -> Result<String, ParseError> {
    let root = CstRootNode::parse(text, &options())?;
    if let Some((name, parents)) = names.split_last() {
        let mut object = root.object_value_or_set();
        for name in parents {
            object = object.object_value_or_set(name);
        }
        match object.get(name) {
            Some(member) => member.set_value(input(value)),
            None => drop(object.append(name, input(value))),
        }
    }
    Ok(root.to_string())
}

/// The text in which the key at the end of these names has another name.
pub fn rename(text: &str, names: &[&str], name: &str) -> Result<Option<String>, ParseError> {
    let root = CstRootNode::parse(text, &options())?;
    let member = names.split_last().and_then(|(last, parents)| {
        let mut object = root.object_value()?;
        for name in parents {
            object = object.object_value(name)?;
        }
        object.get(last)
    });
    let literal = member.and_then(|member| member.name()?.as_string_lit());
    Ok(literal.map(|literal| {
        literal.set_raw_value(Value::from(name).to_string());
        root.to_string()
    }))
}

/// The text without the key at the end of these names, and without the objects that it leaves
/// empty. Comments stay; `None` where there is no such key.
pub fn remove(text: &str, parsed: &Parsed<'_>, names: &[&str]) -> Option<String> {
    let mut object = &parsed.root;
    let mut steps = Vec::with_capacity(names.len());
    for name in names {
        let mut members = object.properties.iter();
        let index = members.position(|member| member.name.as_str() == *name)?;
        steps.push((object, index));
        if let ast::Value::Object(inner) = &object.properties[index].value {
            object = inner;
        } else if steps.len() < names.len() {
            return None;
        }
    }
    let has_comment = |(object, index): &(&Object<'_>, usize)| {
        let mut comments = parsed.comments.iter();
        comments.any(|comment| is_in(comment, &object.properties[*index]))
    };
    // Each with the object that it is a member of.
    let way = steps.windows(2).rev();
    let emptied = way.take_while(|pair| pair[1].0.properties.len() == 1 && !has_comment(&pair[0]));
    let above = emptied.count();
    let (object, index) = steps[steps.len() - 1 - above];
    Some(without(text, &parsed.comments, object, index))
}

fn is_in(comment: &Range<usize>, what: &impl Ranged) -> bool {
    what.start() < comment.start && comment.end < what.end()
}

/// The text without a member of an object and what separates it from its neighbours. Of that the
/// comments stay, each with the white space before it.
fn without(text: &str, comments: &[Range<usize>], object: &Object<'_>, index: usize) -> String {
    let members = &object.properties;
    let member = &members[index];
    let (start, end) = match (index.checked_sub(1), members.get(index + 1)) {
        (_, Some(next)) => (member.start(), next.start()),
        (Some(last), None) => (members[last].end(), member.end()),
        (None, None) => (object.start() + 1, object.end() - 1),
    };
    let stays = |it: &&Range<usize>| start <= it.start && it.end <= end && !is_in(it, member);
    let spaced = |end: usize| text[..end].trim_end().len().max(start)..end;
    let mut pieces: Vec<_> = comments
        .iter()
        .filter(stays)
        .map(|comment| spaced(comment.start).start..comment.end)
        .collect();
    let rest = if pieces.is_empty() {
        end
    } else {
        spaced(end).start
    };
    pieces.push(rest..text.len());
    let mut left = text[..start].to_owned();
    let mut is_open = false;
    for piece in pieces {
        let piece = &text[piece];
        // What follows must not slip into a comment before it.
        if is_open && !piece.starts_with(['\n', '\r']) {
            left.push('\n');
        }
        left.push_str(piece);
        is_open = piece.trim_start().starts_with("//");
    }
    left
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(value) => CstInputValue::Bool(*value),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(items) => CstInputValue::Array(items.iter().map(input).collect()),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| (name.clone(), input(value));
            CstInputValue::Object(members.iter().map(member).collect())
        }
    }
}
