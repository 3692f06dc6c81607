//! From the bytes of a config file to its tree, or what is wrong with them and where.

use std::path::Path;

use super::{
    Position,
    document::SECTION,
    syntax::{self, Fault, Node, Tree},
};
use crate::error::Error;

/// Why a file cannot be read as a config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flaw {
    /// Where it is, if it has a place.
    pub(super) position: Option<Position>,
    /// A sentence without a full stop, which never quotes a value.
    pub(super) message: String,
    pub(super) fix: &'static str,
}

impl Flaw {
    /// The flaw of this file as an error.
    pub(super) fn into_error(self, path: &Path) -> Error {
        let name = path.display();
        let message = match self.position {
            Some(place) => format!("{name}, {place}: {}", self.message),
            None => format!("{name}: {}", self.message),
        };
        Error::config(message).hint(format!("{}; the file was not changed", self.fix))
    }
}

/// The text of a config file.
pub(super) fn text(bytes: &[u8]) -> Result<String, Flaw> {
    let flaw = |position, message: &str, fix| Flaw {
        position,
        message: message.to_owned(),
        fix,
    };
    let start = Some(Position { line: 1, column: 1 });
    let without_bom = "save it as UTF-8 without a byte order mark";
    if bytes.starts_with(b"\xef\xbb\xbf") {
        let message = "it begins with a byte order mark (BOM)";
        return Err(flaw(start, message, without_bom));
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        let message = "it is UTF-16 text (a BOM says so)";
        return Err(flaw(start, message, without_bom));
    }
    let text = str::from_utf8(bytes).map_err(|error| {
        let good = error.valid_up_to();
        let before = String::from_utf8_lossy(&bytes[..good]);
        let place = Position::of(&before, good);
        flaw(Some(place), "this is not UTF-8 text", "save it as UTF-8")
    })?;
    if text.trim().is_empty() {
        let fix = "delete it, or write {} into it";
        return Err(flaw(None, "the file is empty", fix));
    }
    Ok(text.to_owned())
}

/// The tree of a config file's text: an object whose `channels` and `channels.matrix`, if they
/// are there, are objects too.
pub(super) fn tree(text: &str) -> Result<Tree, Flaw> {
    let flaw = |fault: Fault| Flaw {
        position: Some(Position::of(text, fault.offset)),
        message: fault.message,
        fix: "correct that line",
    };
    let tree = syntax::parse(text).map_err(flaw)?;
    check_object("the file must hold an object, not", 0, &tree.root).map_err(flaw)?;
    let mut object = &tree.root;
    for depth in 0..SECTION.len() {
        let Some(member) = object.member(SECTION[depth]) else {
            break;
        };
        let words = format!("{} must be an object, not", SECTION[..=depth].join("."));
        check_object(&words, member.start, &member.node).map_err(flaw)?;
        object = &member.node;
    }
    Ok(tree)
}

fn check_object(words: &str, offset: usize, node: &Node) -> Result<(), Fault> {
    match node.members() {
        Some(_) => Ok(()),
        None => Err(Fault {
            offset: offset.max(node.span.start),
            message: format!("{words} {}", node.type_name()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_refused() {
        let words = |bytes: &[u8]| {
            let error = text(bytes).unwrap_err().into_error(Path::new("c.json"));
            assert!(error.hint_text().is_some());
            error.to_string()
        };
        assert!(words(b"\xef\xbb\xbf{}").contains("BOM"));
        assert!(words(b"\xff\xfe{\0}\0").contains("UTF-16"));
        assert!(words(b"{\n \"\xc3\"}").contains("line 2, column 3"));
        assert!(words(b"").contains("empty"));
        assert!(words(b" \n").contains("empty"));
    }
}
