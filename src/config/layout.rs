//! How a text is laid out, so that what we add looks like what is there.

use serde_json::Value;

use super::{
    syntax::Node,
    trivia::{is_newline, is_space},
};

/// The habits of one text.
pub(super) struct Layout {
    /// What ends a line.
    pub(super) newline: &'static str,
    /// One step of indentation.
    pub(super) unit: String,
}

/// How a value is written.
#[derive(Clone)]
pub(super) enum Style<'a> {
    /// On one line.
    Inline,
    /// Over several lines; the line it starts on has this indentation.
    Lines(&'a Layout, String),
}

impl Style<'_> {
    /// The style of what is inside a value of this style.
    fn inner(&self) -> Self {
        match self {
            Self::Inline => Self::Inline,
            Self::Lines(layout, indentation) => Self::Lines(layout, layout.deeper(indentation)),
        }
    }
}

impl Layout {
    /// The habits of this text: the newline of its first line and the indentation of the first
    /// member of its root beyond the root's own, two spaces where there is none.
    pub(super) fn of(text: &str, root: &Node) -> Self {
        let newline = match text.find('\n') {
            Some(at) if text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        };
        let unit = root
            .members()
            .and_then(<[_]>::first)
            .filter(|member| text[root.span.start..member.start].contains(is_newline))
            .map(|member| indentation_at(text, member.start))
            .and_then(|line| line.strip_prefix(indentation_at(text, root.span.start)))
            .filter(|indentation| !indentation.is_empty())
            .unwrap_or("  ")
            .to_owned();
        Self { newline, unit }
    }

    /// A new line of this indentation.
    pub(super) fn line(&self, indentation: &str) -> String {
        format!("{}{indentation}", self.newline)
    }

    /// One step further in.
    pub(super) fn deeper(&self, indentation: &str) -> String {
        format!("{indentation}{}", self.unit)
    }
}

/// The white space at the beginning of the line that holds this offset.
pub(super) fn indentation_at(text: &str, offset: usize) -> &str {
    let start = text[..offset].rfind(is_newline).map_or(0, |at| at + 1);
    let line = &text[start..];
    let length = line
        .find(|character| !is_space(character) || is_newline(character))
        .unwrap_or(line.len());
    &line[..length]
}

/// A string as JSON.
pub(super) fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

/// Writes a value. A list of plain values always stays on one line, as in the documentation.
pub(super) fn render(value: &Value, style: &Style<'_>) -> String {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let inner = style.inner();
            let entries = members
                .iter()
                .map(|(name, value)| format!("{}: {}", quoted(name), render(value, &inner)));
            enclose(style, ["{", "}"], &entries.collect::<Vec<_>>(), " ")
        }
        Value::Array(items) if !items.is_empty() => {
            let plain = !items.iter().any(|item| item.is_object() || item.is_array());
            let style = if plain { &Style::Inline } else { style };
            let inner = style.inner();
            let entries = items.iter().map(|item| render(item, &inner));
            enclose(style, ["[", "]"], &entries.collect::<Vec<_>>(), "")
        }
        plain => plain.to_string(),
    }
}

/// Puts entries between brackets; `padding` stands inside the brackets of a single line.
fn enclose(style: &Style<'_>, brackets: [&str; 2], entries: &[String], padding: &str) -> String {
    let [open, close] = brackets;
    match style {
        Style::Inline => format!("{open}{padding}{}{padding}{close}", entries.join(", ")),
        Style::Lines(layout, indentation) => {
            let line = layout.line(&layout.deeper(indentation));
            let entries = entries.join(&format!(",{line}"));
            format!("{open}{line}{entries}{}{close}", layout.line(indentation))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::syntax::parse, *};

    fn layout(text: &str) -> Layout {
        Layout::of(text, &parse(text).unwrap().root)
    }

    #[test]
    fn habits_are_read_from_the_text() {
        assert_eq!(layout("{\r\n\t\"a\": 1\r\n}").newline, "\r\n");
        assert_eq!(layout("{\r\n\t\"a\": 1\r\n}").unit, "\t");
        assert_eq!(layout("{\"a\": 1}").unit, "  ");
        assert_eq!(layout("{}").newline, "\n");
    }

    #[test]
    fn values_are_written_in_both_styles() {
        let value = json!({"a": [1, "x"], "b": {"c": []}});
        let inline = "{ \"a\": [1, \"x\"], \"b\": { \"c\": [] } }";
        assert_eq!(render(&value, &Style::Inline), inline);
        let layout = layout("{}");
        let lines = "{\n    \"a\": [1, \"x\"],\n    \"b\": {\n      \"c\": []\n    }\n  }";
        assert_eq!(render(&value, &Style::Lines(&layout, "  ".into())), lines);
    }
}
