//! nanobot-checks(7): what is said about every check of the doctor.

use clap_mangen::roff::{Roff, bold, italic, roman};
use nanobot::testing::doctor::{Check, catalogue};

use super::page::{begin, paragraphs};

/// The page.
pub fn man_page() -> String {
    let about = "the checks of nanobot doctor";
    let mut page = begin("nanobot-checks", "7", "Miscellaneous", about);
    page.control("SH", ["DESCRIPTION"]);
    page.text([
        bold("nanobot doctor"),
        roman(" runs these checks. "),
        bold("nanobot explain"),
        roman(" prints the same texts. The ID of a check never changes and is never reused."),
    ]);
    let mut categories: Vec<_> = Vec::new();
    for check in catalogue() {
        if !categories.contains(&check.category()) {
            categories.push(check.category());
        }
    }
    for category in categories {
        page.control("SH", [category.to_uppercase().as_str()]);
        for check in catalogue().filter(|check| check.category() == category) {
            explain(&mut page, check);
        }
    }
    page.control("SH", ["SEE ALSO"]);
    page.text([
        italic("nanobot-doctor"),
        roman("(1), "),
        italic("nanobot-explain"),
        roman("(1), "),
        italic("nanobot-config"),
        roman("(5)"),
    ]);
    // Not every formatter reads UTF-8.
    page.to_roff().replace('…', "...")
}

fn explain(page: &mut Roff, check: &Check) {
    let said = check.explanation();
    page.control("SS", [check.id]);
    page.text([bold(said.title), roman(".")]);
    paragraphs(page, &[&said.meaning, &said.matters, "Common causes:"]);
    for cause in &said.causes {
        page.control("IP", ["\\(bu", "2"]);
        page.text([roman(cause)]);
    }
    page.control("PP", []);
    page.text([roman("How to fix it: "), roman(&said.fix)]);
    for command in &said.commands {
        page.control("br", []);
        page.text([bold(*command)]);
    }
}
