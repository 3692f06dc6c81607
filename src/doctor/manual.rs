//! The catalogue for people: nanobot-checks(7) and the README's tables.

use std::collections::BTreeSet;

use clap_mangen::roff::{Roff, bold, italic, roman};

use super::{check::Check, checks::catalogue};

/// The lines of the README between which [`symptoms`] stands.
pub const SYMPTOM_MARKERS: [&str; 2] = [
    "<!-- symptoms: generated, see src/doctor/manual.rs -->",
    "<!-- symptoms: end -->",
];
/// The lines of the README between which [`checks`] stands.
pub const CHECK_MARKERS: [&str; 2] = [
    "<!-- checks: generated, see src/doctor/manual.rs -->",
    "<!-- checks: end -->",
];

/// What people notice, and the checks or categories that tell why.
const SYMPTOMS: [(&str, &[&str]); 11] = [
    (
        "The gateway does not start",
        &["config", "store", "token", "e2ee"],
    ),
    (
        "The bot does not answer anyone",
        &[
            "gateway.running",
            "access",
            "config.enabled",
            "token.valid",
            "homeserver",
        ],
    ),
    (
        "It does not answer in one room",
        &["access", "e2ee.undecryptable", "gateway.parked"],
    ),
    (
        "It answered, and then fell silent",
        &[
            "gateway.sync",
            "gateway.errors",
            "gateway.sending",
            "gateway.backlog",
            "token.soft-logout",
        ],
    ),
    (
        "It only says that its model cannot be asked, or echoes",
        &["agent"],
    ),
    (
        "\"Unable to decrypt\", on either side",
        &["e2ee", "device.exists", "store.account"],
    ),
    (
        "The bot's device changed, or its store was deleted",
        &["e2ee.keys-elsewhere", "store.present", "token.device"],
    ),
    (
        "It cannot reach the homeserver",
        &[
            "homeserver.dns",
            "homeserver.connect",
            "homeserver.tls",
            "homeserver.proxy",
            "homeserver.answers",
        ],
    ),
    ("It is slow", &["homeserver.latency", "gateway.backlog"]),
    (
        "Files are refused or do not arrive",
        &["homeserver.upload-limit", "store.disk-space"],
    ),
    (
        "A change of the configuration has no effect",
        &[
            "config.unknown-keys",
            "config.spelling",
            "config.variables",
            "gateway.configuration",
        ],
    ),
];

/// Symptoms and the checks that tell their cause, as a table in Markdown.
#[must_use]
pub fn symptoms() -> String {
    let rows = SYMPTOMS.map(|(symptom, checks)| {
        let asked = format!("`nanobot doctor --only {}`", checks.join(","));
        row([symptom, &asked])
    });
    table(["What you notice", "Ask"], rows)
}

/// Every check and its remedy, as a table in Markdown.
#[must_use]
pub fn checks() -> String {
    let rows = catalogue().map(|check| {
        let commands = check.remedy.commands.iter();
        let commands: Vec<_> = commands.map(|command| format!("<br>`{command}`")).collect();
        let causes = check.explanation.causes.join("; ");
        row([
            &format!("`{}`", check.id),
            check.title,
            &causes,
            &format!("{}{}", check.remedy.text, commands.concat()),
        ])
    });
    table(
        ["Check", "What should hold", "Why it may not", "What to do"],
        rows,
    )
}

fn table<const N: usize>(heads: [&str; N], rows: impl IntoIterator<Item = String>) -> String {
    let head = [row(heads), row([const { "---" }; N])];
    head.into_iter().chain(rows).collect()
}

fn row<const N: usize>(cells: [&str; N]) -> String {
    let cells = cells.map(|cell| cell.replace('|', "\\|"));
    format!("| {} |\n", cells.join(" | "))
}

/// The manual page nanobot-checks(7), checked in with the other pages.
#[must_use]
pub fn man_page() -> String {
    let mut page = Roff::new();
    page.control(
        "TH",
        ["nanobot-checks", "7", "", "nanobot", "Miscellaneous"],
    );
    page.control("SH", ["NAME"]);
    page.text([roman("nanobot-checks - what nanobot doctor looks at")]);
    page.control("SH", ["DESCRIPTION"]);
    page.text([
        bold("nanobot doctor"),
        roman(" makes these checks. "),
        bold("nanobot explain"),
        roman(" prints the same texts. The name of a check never changes and is never given to another one."),
    ]);
    let mut categories: Vec<_> = catalogue().map(Check::category).collect();
    let mut seen = BTreeSet::new();
    categories.retain(|category| seen.insert(*category));
    for category in categories {
        page.control("SH", [category.to_uppercase().as_str()]);
        for check in catalogue().filter(|check| check.category() == category) {
            explain(&mut page, check);
        }
    }
    page.control("SH", ["SEE ALSO"]);
    let pages = [("nanobot-doctor", "(1), "), ("nanobot-explain", "(1), ")];
    let pages = pages.into_iter().chain([("nanobot-config", "(5)")]);
    page.text(
        pages
            .flat_map(|(name, section)| [italic(name), roman(section)])
            .collect::<Vec<_>>(),
    );
    // Not every formatter reads UTF-8.
    page.to_roff().replace('…', "...")
}

fn explain(page: &mut Roff, check: &Check) {
    page.control("SS", [check.id]);
    page.text([bold(check.title), roman(".")]);
    for text in [check.explanation.meaning, check.explanation.matters] {
        page.control("PP", []);
        page.text([roman(text)]);
    }
    page.control("PP", []);
    page.text([roman("Usual causes:")]);
    for cause in check.explanation.causes {
        page.control("IP", ["\\(bu", "2"]);
        page.text([roman(*cause)]);
    }
    page.control("PP", []);
    page.text([roman("What to do: "), roman(check.remedy.text)]);
    for command in check.remedy.commands {
        page.control("br", []);
        page.text([bold(*command)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::generated;

    #[test]
    fn the_readme_has_these_tables() {
        generated::check_between("README.md", SYMPTOM_MARKERS, &symptoms());
        generated::check_between("README.md", CHECK_MARKERS, &checks());
    }

    #[test]
    fn a_symptom_leads_to_checks_that_are_there() {
        for name in SYMPTOMS.iter().flat_map(|(_, checks)| *checks) {
            let mut checks = catalogue();
            let found = checks.any(|check| check.id == *name || check.category() == *name);
            assert!(found, "{name}");
        }
    }
}
