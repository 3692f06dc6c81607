//! Mathematics (client-server API, "Mathematical messages"): `$x$` and `$$x$$`, which are LaTeX.

use pulldown_cmark::{Event, Options, Parser};

use super::html::write;

/// The parser's options for a text: with mathematics, unless a `$` of it is that of a price or a
/// variable, which only looks like it. Then the words around it are more than LaTeX.
pub fn options(text: &str, others: Options) -> Options {
    let with = others.union(Options::ENABLE_MATH);
    if !text.contains('$') {
        return others;
    }
    let is_other = |(event, range): (Event<'_>, std::ops::Range<usize>)| {
        let is_maths = matches!(event, Event::InlineMath(_) | Event::DisplayMath(_));
        let before = text[..range.start].chars().next_back();
        let behind = text[range.end..].chars().next();
        let is_within_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '$');
        is_maths && (is_within_word(before) || is_within_word(behind))
    };
    let mut events = Parser::new_ext(text, with).into_offset_iter();
    if events.any(is_other) { others } else { with }
}

/// The element of a formula, in a line of its own or among words. It shows its source where the
/// client knows no mathematics.
pub fn element(formula: &str, is_block: bool) -> String {
    let name = if is_block { "div" } else { "span" };
    let code = write([Event::Code(formula.trim().to_owned().into())]);
    let inner = code
        .trim_start_matches("<code>")
        .trim_end_matches("</code>");
    let source = inner.replace('"', "&quot;");
    format!("<{name} data-mx-maths=\"{source}\">{code}</{name}>")
}
