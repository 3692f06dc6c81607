//! The keys of the configuration for people, in nanobot-config(5) and in a table.

use clap_mangen::roff::{Roff, bold, italic, roman};
use nanobot::testing::config::{KEYS, Key};

use super::page::table as markdown;

/// The table of keys in Markdown.
pub fn table() -> String {
    let rows = KEYS.iter().map(|key| {
        [
            format!("`{}`", key.name),
            key.kind.clone(),
            default(key).map_or_else(String::new, |text| format!("`{text}`")),
            key.about.clone(),
        ]
    });
    markdown(["Key", "Type", "Default", "Meaning"], rows)
}

/// The keys as nanobot-config(5) lists them.
pub fn keys() -> String {
    let mut page = Roff::new();
    for key in KEYS.iter() {
        page.control("TP", []);
        let mut head = vec![bold(key.name), roman(format!(" ({}", key.kind))];
        if let Some(default) = default(key) {
            head.push(roman(format!(", default {default}")));
        }
        head.push(roman(")"));
        page.text(head);
        page.text([roman(key.about.as_str())]);
        let other: Vec<_> = key.spellings().skip(1).collect();
        if !other.is_empty() {
            page.control("br", []);
            page.text([roman("Also: "), italic(other.join(", "))]);
        }
    }
    page.to_roff()
}

fn default(key: &Key) -> Option<String> {
    let value = key.default.as_ref()?;
    let text = value.as_str().map(str::to_owned);
    Some(text.unwrap_or_else(|| value.to_string()))
}
