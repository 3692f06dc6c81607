//! From names to the places in a tree.

use super::{
    super::{schema, syntax::Node},
    SECTION,
};

/// The names that lead to a key of `channels.matrix`.
pub(super) fn in_section(key: &str) -> Vec<&str> {
    SECTION.into_iter().chain(key.split('.')).collect()
}

/// The names under which a key may stand, the one that counts first.
pub(super) fn spellings<'a>(parents: &[&str], name: &'a str) -> Vec<&'a str> {
    match schema::find(name) {
        Some(key) if parents == SECTION => key.spellings().collect(),
        _ => vec![name],
    }
}

/// Every object on the way to a key, with the place of the next step among its members.
pub(super) fn steps<'a>(root: &'a Node, path: &[&str]) -> Option<Vec<(&'a Node, usize)>> {
    let mut object = root;
    let mut steps = Vec::with_capacity(path.len());
    for name in path {
        let members = object.members()?;
        let index = members.iter().position(|member| member.name == *name)?;
        steps.push((object, index));
        object = &members[index].node;
    }
    Some(steps)
}
