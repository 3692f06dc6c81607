//! From text to a tree that knows where everything stands.
//!
//! The language is JSON plus comments: what else the parser could read (trailing commas, single
//! quotes, hexadecimal numbers) the Python tool and every other JSON reader refuse.

use std::{collections::HashMap, fmt, ops::Range, path::Path};

use jsonc_parser::{
    CollectOptions, CommentCollectionStrategy, ParseOptions, ParseStringErrorKind,
    ast::{Object, Value},
    common::Ranged,
    errors::{ParseError, ParseErrorKind},
    parse_to_ast,
    tokens::{Token, TokenAndRange},
};
use serde::Serialize;
use serde_json::Number;

use crate::{
    config::keys::{SECTION, type_name},
    error::Error,
};

/// A place in a text as an editor shows it: both numbers count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl Position {
    /// The place of a byte offset; one past the end of the text is its last place.
    pub fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let mut place = Self { line: 1, column: 1 };
        let mut characters = before.chars().peekable();
        while let Some(character) = characters.next() {
            // A lone carriage return ends a line too, as it ends a comment.
            let ends_line = match character {
                '\n' => true,
                '\r' => characters.peek() != Some(&'\n'),
                _ => false,
            };
            if ends_line {
                place.line += 1;
                place.column = 1;
            } else {
                place.column += 1;
            }
        }
        place
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a file cannot be read as a config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Where it is, if it has a place.
    pub position: Option<Position>,
    /// A sentence without a full stop, which never quotes a value.
    pub message: String,
    /// What to do about it.
    pub fix: &'static str,
}

impl Flaw {
    fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        Self {
            position: Some(Position::of(text, offset)),
            message: message.into(),
            fix: "correct that line",
        }
    }

    /// The flaw of this file as an error.
    pub fn into_error(self, path: &Path) -> Error {
        let name = path.display();
        let message = match self.position {
            Some(place) => format!("{name}, {place}: {}", self.message),
            None => format!("{name}: {}", self.message),
        };
        Error::config(message).hint(format!("{}; the file was not changed", self.fix))
    }
}

/// A text, read.
pub struct Parsed<'a> {
    /// Its root object.
    pub root: Object<'a>,
    /// The bytes of every comment, in order.
    pub comments: Vec<Range<usize>>,
}

/// Reads the text of a config file: an object whose `channels` and `channels.matrix`, if they are
/// there, are objects too.
pub fn parse(text: &str) -> Result<Parsed<'_>, Flaw> {
    let collect = CollectOptions {
        comments: CommentCollectionStrategy::AsTokens,
        tokens: true,
    };
    let parsed = parse_to_ast(text, &collect, &options())
        .map_err(|error| Flaw::at(text, error.range().start, explain(&error)))?;
    let tokens = parsed.tokens.unwrap_or_default();
    check_strictness(text, &tokens)?;
    let Some(value) = parsed.value else {
        return Err(Flaw::at(text, 0, "the file is empty"));
    };
    check(text, &value)?;
    let Value::Object(root) = value else {
        let found = type_name(&value.clone().into());
        let message = format!("the file must contain a JSON object, not {found}");
        return Err(Flaw::at(text, value.start(), message));
    };
    check_sections(text, &root)?;
    let comments = tokens
        .iter()
        .filter(|token| matches!(token.token, Token::CommentLine(_) | Token::CommentBlock(_)))
        .map(|token| token.start()..token.end())
        .collect();
    Ok(Parsed { root, comments })
}

/// What of JSON's relatives is read.
pub fn options() -> ParseOptions {
    ParseOptions {
        allow_comments: true,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

fn check_sections(text: &str, root: &Object<'_>) -> Result<(), Flaw> {
    let mut object = root;
    for depth in 0..SECTION.len() {
        let Some(member) = object.get(SECTION[depth]) else {
            break;
        };
        let Value::Object(inner) = &member.value else {
            let name = SECTION[..=depth].join(".");
            let found = type_name(&member.value.clone().into());
            let message = format!("{name} must be an object, not {found}");
            return Err(Flaw::at(text, member.value.start(), message));
        };
        object = inner;
    }
    Ok(())
}

/// Refuses what the parser lets through and JSON does not: exotic white space between tokens and
/// raw control characters inside strings.
fn check_strictness(text: &str, tokens: &[TokenAndRange<'_>]) -> Result<(), Flaw> {
    let refuse = |span: Range<usize>, wrong: fn(char) -> bool, message: &str| {
        let found = text[span.clone()].find(wrong);
        found.map_or(Ok(()), |at| Err(Flaw::at(text, span.start + at, message)))
    };
    let exotic = |character| !matches!(character, ' ' | '\t' | '\n' | '\r');
    let space = "there is whitespace here that JSON does not allow (such as a non-breaking space)";
    let string =
        "a line break, tab or control character inside a string must be escaped (\\n, \\t)";
    let mut end = 0;
    for token in tokens {
        refuse(end..token.start(), exotic, space)?;
        if matches!(token.token, Token::String(_)) {
            refuse(
                token.start()..token.end(),
                |character| character < ' ',
                string,
            )?;
        }
        end = token.end();
    }
    refuse(end..text.len(), exotic, space)
}

/// Refuses numbers that nothing can hold, and keys that are there twice.
fn check(text: &str, value: &Value<'_>) -> Result<(), Flaw> {
    match value {
        Value::NumberLit(number) if number.value.parse::<Number>().is_err() => {
            Err(Flaw::at(text, number.start(), "this number is too large"))
        }
        Value::Array(array) => array
            .elements
            .iter()
            .try_for_each(|value| check(text, value)),
        Value::Object(object) => {
            let mut seen = HashMap::with_capacity(object.properties.len());
            for member in &object.properties {
                let name = member.name.as_str();
                if let Some(first) = seen.insert(name, member.start()) {
                    let line = Position::of(text, first).line;
                    let message = format!("duplicate key {name:?}, first set on line {line}");
                    return Err(Flaw::at(text, member.start(), message));
                }
                check(text, &member.value)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The parser's complaint in our words: its own may carry a piece of a value, which can be secret.
fn explain(error: &ParseError) -> &'static str {
    use ParseErrorKind as K;
    match error.kind() {
        K::BareDecimalPointNumbersNotAllowed => {
            "a number needs digits on both sides of the decimal point"
        }
        K::ExpectedColonAfterObjectKey => "a colon is missing after the key",
        K::ExpectedObjectValue => "a value is missing after the colon",
        K::ExpectedDigit
        | K::ExpectedDigitFollowingNegativeSign
        | K::ExpectedPlusMinusOrDigitInNumberLiteral => "this number is incomplete",
        K::ExpectedStringObjectProperty => "a key must be in double quotes",
        K::HexadecimalNumbersNotAllowed
        | K::NonFiniteNumbersNotAllowed
        | K::UnaryPlusNumbersNotAllowed => "this is not a valid JSON number",
        K::ExpectedComma => "a comma is missing",
        K::MultipleRootJsonValues => "there is more text after the end of the JSON value",
        K::SingleQuotedStringsNotAllowed => "a string must be in double quotes, not single quotes",
        K::String(kind) => explain_string(kind),
        K::TrailingCommasNotAllowed => "trailing comma after the last entry",
        K::UnexpectedCloseBrace => "unexpected closing }",
        K::UnexpectedCloseBracket => "unexpected closing ]",
        K::UnexpectedColon => "unexpected colon",
        K::UnexpectedComma => "unexpected comma",
        K::UnexpectedWord => "a string must be in double quotes",
        K::UnterminatedArray => "the list that starts here has no closing ]",
        K::UnterminatedCommentBlock => "the comment that starts here has no end",
        K::UnterminatedObject => "the object that starts here has no closing }",
        K::NestingDepthExceeded => "objects and lists are nested too deeply",
        K::CommentsNotAllowed | K::UnexpectedToken | K::UnexpectedTokenInObject => {
            "this is not JSON"
        }
    }
}

fn explain_string(kind: &ParseStringErrorKind) -> &'static str {
    match kind {
        ParseStringErrorKind::UnterminatedStringLiteral => "the string that starts here has no end",
        ParseStringErrorKind::InvalidUnicodeEscapeSequence(_)
        | ParseStringErrorKind::ExpectedFourHexDigits => "this \\u escape is not a valid character",
        ParseStringErrorKind::InvalidEscape
        | ParseStringErrorKind::InvalidEscapeInDoubleQuoteString
        | ParseStringErrorKind::InvalidEscapeInSingleQuoteString
        | ParseStringErrorKind::ExpectedTwoHexDigits => "this escape sequence is not valid JSON",
    }
}

#[cfg(test)]
mod tests;
