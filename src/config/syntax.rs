//! From text to a tree that knows where everything stands.
//!
//! The language is JSON plus comments: what else the parser could read (trailing commas, single
//! quotes, hexadecimal numbers) the Python tool and every other JSON reader refuse.

use std::{collections::HashMap, ops::Range};

use jsonc_parser::{
    CollectOptions, CommentCollectionStrategy, ParseOptions, ParseStringErrorKind,
    ast::{self, ObjectProp},
    common::Ranged,
    errors::{ParseError, ParseErrorKind},
    parse_to_ast,
    tokens::{Token, TokenAndRange},
};
use serde_json::{Map, Number, Value};

use super::position::Position;

/// What is wrong with a text, and at which byte.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) offset: usize,
    pub(super) message: String,
}

impl Fault {
    fn new(offset: usize, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { offset, message }
    }
}

/// A whole text, read.
#[derive(Clone)]
pub(super) struct Tree {
    pub(super) root: Node,
    /// The bytes of every comment, in order.
    pub(super) comments: Vec<Range<usize>>,
}

/// A value and the bytes it takes up.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) span: Range<usize>,
    pub(super) body: Body,
}

/// What a value is.
#[derive(Clone)]
pub(super) enum Body {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Object(Vec<Member>),
}

/// A name and its value in an object.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) start: usize,
    /// Where the name's closing quote ends.
    pub(super) name_end: usize,
    pub(super) node: Node,
}

impl Member {
    /// The bytes from the name's quote to the end of the value.
    pub(super) fn span(&self) -> Range<usize> {
        self.start..self.node.span.end
    }
}

impl Node {
    /// The members, if this is an object.
    pub(super) fn members(&self) -> Option<&[Member]> {
        match &self.body {
            Body::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The member of this name, if this is an object that has it.
    pub(super) fn member(&self, name: &str) -> Option<&Member> {
        self.members()?.iter().find(|member| member.name == name)
    }

    /// What a person calls this sort of value.
    pub(super) fn type_name(&self) -> &'static str {
        type_name(&self.to_value())
    }

    /// The value without its place.
    pub(super) fn to_value(&self) -> Value {
        match &self.body {
            Body::Null => Value::Null,
            Body::Bool(value) => Value::Bool(*value),
            Body::Number(value) => Value::Number(value.clone()),
            Body::Text(value) => Value::String(value.clone()),
            Body::List(nodes) => nodes.iter().map(Self::to_value).collect(),
            Body::Object(members) => members
                .iter()
                .map(|member| (member.name.clone(), member.node.to_value()))
                .collect::<Map<_, _>>()
                .into(),
        }
    }
}

/// What a person calls this sort of value.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Reads a text.
pub(super) fn parse(text: &str) -> Result<Tree, Fault> {
    let collect = CollectOptions {
        comments: CommentCollectionStrategy::AsTokens,
        tokens: true,
    };
    let parsed = parse_to_ast(text, &collect, &options()).map_err(|error| explain(&error))?;
    let tokens = parsed.tokens.unwrap_or_default();
    check_strictness(text, &tokens)?;
    let comments = tokens
        .iter()
        .filter(|token| is_comment(&token.token))
        .map(|token| token.start()..token.end())
        .collect();
    let Some(value) = parsed.value else {
        return Err(Fault::new(0, "there is nothing in it"));
    };
    let root = convert(text, value)?;
    Ok(Tree { root, comments })
}

fn options() -> ParseOptions {
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

fn is_comment(token: &Token<'_>) -> bool {
    matches!(token, Token::CommentLine(_) | Token::CommentBlock(_))
}

/// Refuses what the parser lets through and JSON does not: exotic white space between tokens and
/// raw control characters inside strings.
fn check_strictness(text: &str, tokens: &[TokenAndRange<'_>]) -> Result<(), Fault> {
    let mut end = 0;
    for token in tokens {
        check_space(text, end..token.start())?;
        if matches!(token.token, Token::String(_)) {
            check_string(text, token.start()..token.end())?;
        }
        end = token.end();
    }
    check_space(text, end..text.len())
}

fn check_space(text: &str, gap: Range<usize>) -> Result<(), Fault> {
    let allowed = [' ', '\t', '\n', '\r'];
    match text[gap.clone()].find(|character| !allowed.contains(&character)) {
        None => Ok(()),
        Some(at) => Err(Fault::new(
            gap.start + at,
            "there is white space here that JSON does not know (such as a non-breaking space)",
        )),
    }
}

fn check_string(text: &str, span: Range<usize>) -> Result<(), Fault> {
    match text[span.clone()].find(|character| character < ' ') {
        None => Ok(()),
        Some(at) => Err(Fault::new(
            span.start + at,
            "a line break, tab or control character inside a string must be escaped (\\n, \\t)",
        )),
    }
}

fn convert(text: &str, value: ast::Value<'_>) -> Result<Node, Fault> {
    let span = value.start()..value.end();
    let body = match value {
        ast::Value::NullKeyword(_) => Body::Null,
        ast::Value::BooleanLit(literal) => Body::Bool(literal.value),
        ast::Value::StringLit(literal) => Body::Text(literal.value.into_owned()),
        ast::Value::NumberLit(literal) => match serde_json::from_str(literal.value) {
            Ok(number) => Body::Number(number),
            Err(_) => return Err(Fault::new(span.start, "this number is too large")),
        },
        ast::Value::Array(array) => Body::List(
            array
                .elements
                .into_iter()
                .map(|element| convert(text, element))
                .collect::<Result<_, _>>()?,
        ),
        ast::Value::Object(object) => Body::Object(convert_members(text, object.properties)?),
    };
    Ok(Node { span, body })
}

fn convert_members(text: &str, properties: Vec<ObjectProp<'_>>) -> Result<Vec<Member>, Fault> {
    let mut seen: HashMap<String, usize> = HashMap::with_capacity(properties.len());
    let mut members = Vec::with_capacity(properties.len());
    for property in properties {
        let (start, name_end) = (property.name.start(), property.name.end());
        let name = property.name.into_string();
        if let Some(first) = seen.insert(name.clone(), start) {
            let line = Position::of(text, first).line;
            return Err(Fault::new(
                start,
                format!("the key {name:?} is there twice, first on line {line}"),
            ));
        }
        let node = convert(text, property.value)?;
        members.push(Member {
            name,
            start,
            name_end,
            node,
        });
    }
    Ok(members)
}

/// The parser's complaint in our words: its own may carry a piece of a value, which can be secret.
fn explain(error: &ParseError) -> Fault {
    use ParseErrorKind as K;
    let message = match error.kind() {
        K::BareDecimalPointNumbersNotAllowed => "a number needs digits on both sides of its point",
        K::ExpectedColonAfterObjectKey => "a colon is missing after the key",
        K::ExpectedObjectValue => "a value is missing after the colon",
        K::ExpectedDigit
        | K::ExpectedDigitFollowingNegativeSign
        | K::ExpectedPlusMinusOrDigitInNumberLiteral => "this number is not complete",
        K::ExpectedStringObjectProperty => "a key must stand in double quotes",
        K::HexadecimalNumbersNotAllowed
        | K::NonFiniteNumbersNotAllowed
        | K::UnaryPlusNumbersNotAllowed => "this is not a number JSON knows",
        K::ExpectedComma => "a comma is missing",
        K::MultipleRootJsonValues => "there is more text after the end of the JSON value",
        K::SingleQuotedStringsNotAllowed => "strings need double quotes, not single ones",
        K::String(kind) => explain_string(kind),
        K::TrailingCommasNotAllowed => "there is a comma after the last entry",
        K::UnexpectedCloseBrace => "there is a closing } that nothing opened",
        K::UnexpectedCloseBracket => "there is a closing ] that nothing opened",
        K::UnexpectedColon => "there is a colon in the wrong place",
        K::UnexpectedComma => "there is a comma in the wrong place",
        K::UnexpectedWord => "a text must stand in double quotes",
        K::UnterminatedArray => "the list that starts here has no closing ]",
        K::UnterminatedCommentBlock => "the comment that starts here has no end",
        K::UnterminatedObject => "the object that starts here has no closing }",
        K::NestingDepthExceeded => "objects and lists are nested too deeply",
        K::CommentsNotAllowed | K::UnexpectedToken | K::UnexpectedTokenInObject | K::Custom(_) => {
            "this is not JSON"
        }
    };
    Fault::new(error.range().start, message)
}

fn explain_string(kind: &ParseStringErrorKind) -> &'static str {
    match kind {
        ParseStringErrorKind::UnterminatedStringLiteral => "the string that starts here has no end",
        ParseStringErrorKind::InvalidUnicodeEscapeSequence(_)
        | ParseStringErrorKind::ExpectedFourHexDigits => "this \\u escape is not a character",
        ParseStringErrorKind::InvalidEscape
        | ParseStringErrorKind::InvalidEscapeInDoubleQuoteString
        | ParseStringErrorKind::InvalidEscapeInSingleQuoteString
        | ParseStringErrorKind::ExpectedTwoHexDigits => {
            "this escape after \\ is not one JSON knows"
        }
    }
}

#[cfg(test)]
mod tests;
