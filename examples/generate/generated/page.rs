//! What pages of the manual and tables are made of.

use clap_mangen::roff::{Inline, Roff, bold, roman};

/// Begins a page of another section than 1.
pub fn begin(name: &str, section: &str, manual: &str, about: &str) -> Roff {
    let mut page = Roff::new();
    page.control("TH", [name, section, "", "nanobot", manual]);
    page.control("SH", ["NAME"]);
    page.text([roman(format!("{name} - {about}"))]);
    page
}

/// Names and what each is, under a heading.
pub fn section<'a>(
    page: &mut Roff,
    heading: &str,
    entries: impl IntoIterator<Item = (&'a str, &'a str)>,
) {
    page.control("SH", [heading]);
    for (name, about) in entries {
        entry(page, bold(name), about);
    }
}

/// A name and what it is.
pub fn entry(page: &mut Roff, name: Inline, about: &str) {
    page.control("TP", []);
    page.text([name]);
    page.text([roman(about)]);
}

/// A paragraph of each text.
pub fn paragraphs(page: &mut Roff, texts: &[&str]) {
    for text in texts {
        page.control("PP", []);
        page.text([roman(*text)]);
    }
}

/// A table in Markdown.
pub fn table<const N: usize>(
    heads: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let head = [
        heads.map(str::to_owned),
        [const { "---" }; N].map(str::to_owned),
    ];
    head.into_iter().chain(rows).map(row).collect()
}

fn row<const N: usize>(cells: [String; N]) -> String {
    let cells = cells.map(|cell| cell.replace('|', "\\|"));
    format!("| {} |\n", cells.join(" | "))
}
