//! What is said about each check: the sections of the pages in `docs/checks/`.

use std::{collections::BTreeMap, sync::LazyLock};

/// A page for each category.
const PAGES: [&str; 13] = [
    include_str!("../../docs/checks/access.md"),
    include_str!("../../docs/checks/agent.md"),
    include_str!("../../docs/checks/clock.md"),
    include_str!("../../docs/checks/config.md"),
    include_str!("../../docs/checks/device.md"),
    include_str!("../../docs/checks/doctor.md"),
    include_str!("../../docs/checks/e2ee.md"),
    include_str!("../../docs/checks/gateway.md"),
    include_str!("../../docs/checks/homeserver.md"),
    include_str!("../../docs/checks/live.md"),
    include_str!("../../docs/checks/secrets.md"),
    include_str!("../../docs/checks/store.md"),
    include_str!("../../docs/checks/token.md"),
];

/// What is said about a check.
#[derive(Clone, Debug, Default)]
pub struct Explanation {
    /// The good state, in a sentence.
    pub title: &'static str,
    /// What is checked.
    pub meaning: String,
    /// What happens to the bot otherwise.
    pub matters: String,
    /// Common causes of a finding, the most frequent first.
    pub causes: Vec<String>,
    /// How to fix it as a rule, in a sentence.
    pub fix: String,
    /// Commands to copy, in their order.
    pub commands: Vec<&'static str>,
}

/// What a category of checks is about, in a sentence.
pub fn about(category: &str) -> &'static str {
    let pages = PAGES.iter().filter_map(|page| page.strip_prefix("# "));
    let mut pages = pages.filter_map(|page| page.split_once("\n\n"));
    let page = pages.find(|(name, _)| *name == category);
    page.and_then(|(_, text)| text.split("\n\n").next())
        .unwrap_or_default()
}

/// Every explanation, by the name of its check. A section that has not the form of the others is
/// left out: a test finds it.
pub static EXPLANATIONS: LazyLock<BTreeMap<&str, Explanation>> = LazyLock::new(|| {
    sections()
        .filter_map(|section| read(section).ok())
        .collect()
});

fn sections() -> impl Iterator<Item = &'static str> {
    PAGES.iter().flat_map(|page| page.split("\n## ").skip(1))
}

/// Reads a section: name, title, meaning, why it matters, causes, what to do, commands.
///
/// # Errors
///
/// Says what is not there.
fn read(section: &'static str) -> Result<(&'static str, Explanation), &'static str> {
    let mut blocks = section.trim_end().split("\n\n");
    let mut next = |start: &str, missing| {
        let block = blocks.next().and_then(|block| block.strip_prefix(start));
        block.ok_or(missing)
    };
    let name = next("", "a name")?;
    let title = next("**", "a title")?.trim_end_matches("**");
    let meaning = line(next("", "a meaning")?);
    let matters = line(next("**Why it matters:** ", "why it matters")?);
    next("**Common causes:**", "common causes")?;
    let causes = next("- ", "a list of causes")?;
    let fix = line(next("**How to fix it:** ", "how to fix it")?);
    let commands = next("```console\n", "commands").unwrap_or_default();
    let explanation = Explanation {
        title,
        meaning,
        matters,
        causes: causes.split("\n- ").map(line).collect(),
        fix,
        commands: commands.trim_end_matches("\n```").lines().collect(),
    };
    match next("", "") {
        Ok(_) => Err("its end"),
        Err(_) => Ok((name, explanation)),
    }
}

/// Lines of a paragraph as one.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_has_the_same_form() {
        for section in sections() {
            let read = read(section).map(|_| ());
            assert_eq!(read, Ok(()), "is missing in: {section}");
        }
        assert_eq!(
            EXPLANATIONS.len(),
            sections().count(),
            "a name is there twice"
        );
    }
}
