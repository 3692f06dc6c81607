//! The elements of an answer's HTML. There are no others than these.

/// An element that is open: what opened it, what closes it, and what goes on with it in the next
/// event.
#[derive(Clone, Debug)]
pub(super) enum Element {
    /// One without attributes, by its name.
    Plain(&'static str),
    /// What has no element of its own.
    Nothing,
    /// A link, to this address as it stands in HTML.
    Link(String),
    /// A numbered list, with the number of its next item.
    Numbered(u64),
    /// A block of code.
    Code {
        /// Its language, as it stands in HTML.
        language: Option<String>,
        /// The marks around it in the text; none around code that is only indented.
        fence: String,
    },
    /// A table.
    Table {
        /// Its head as HTML, once it is known.
        head: String,
        /// Its head in the text.
        source: String,
    },
}

impl Element {
    pub(super) fn open(&self) -> String {
        match self {
            Self::Plain(name) => format!("<{name}>"),
            Self::Nothing => String::new(),
            Self::Link(href) => format!("<a href=\"{href}\" rel=\"noopener noreferrer\">"),
            Self::Numbered(1) => "<ol>".to_owned(),
            Self::Numbered(next) => format!("<ol start=\"{next}\">"),
            Self::Code { language: None, .. } => "<pre><code>".to_owned(),
            Self::Code {
                language: Some(language),
                ..
            } => format!("<pre><code class=\"language-{language}\">"),
            Self::Table { .. } => "<table>".to_owned(),
        }
    }

    /// What opens it once more, in the next event.
    pub(super) fn reopen(&self) -> String {
        match self {
            Self::Table { head, .. } => format!("<table>{head}"),
            _ => self.open(),
        }
    }

    pub(super) fn close(&self) -> String {
        match self {
            Self::Plain(name) => format!("</{name}>"),
            Self::Nothing => String::new(),
            Self::Link(_) => "</a>".to_owned(),
            Self::Numbered(_) => "</ol>".to_owned(),
            Self::Code { .. } => "</code></pre>".to_owned(),
            Self::Table { .. } => "</table>".to_owned(),
        }
    }

    /// What opens it once more in the text of the next event: whole lines.
    pub(super) fn reopen_source(&self) -> String {
        match self {
            Self::Code { fence, language } if !fence.is_empty() => {
                format!("{fence}{}\n", language.as_deref().unwrap_or_default())
            }
            Self::Table { source, .. } => source.clone(),
            _ => String::new(),
        }
    }

    /// The line that closes it in the text of an event that ends within it.
    pub(super) fn close_source(&self) -> &str {
        match self {
            Self::Code { fence, .. } => fence,
            _ => "",
        }
    }
}
