//! The table of keys for people: nanobot-config(5) and the README's table.

use clap_mangen::roff::{Roff, bold, italic, roman};

use super::{
    schema::{KEYS, Key},
    shape::Shape,
};

/// The lines of the README between which [`markdown`] stands.
pub const README_MARKERS: [&str; 2] = [
    "<!-- config keys: generated, see src/config/manual.rs -->",
    "<!-- config keys: end -->",
];

const EXAMPLE: &str = r#"{
  "channels": {
    "matrix": {
      "enabled": true,
      "homeserver": "https://matrix.org",
      "userId": "@nanobot:matrix.org",
      "accessToken": "${MATRIX_TOKEN}",
      "deviceId": "NANOBOT01",
      "allowFrom": ["@you:matrix.org"],
      "groupPolicy": "mention"
    }
  }
}"#;

/// The table of keys in Markdown.
#[must_use]
pub fn markdown() -> String {
    let rows = KEYS.iter().map(|key| {
        let cells = [
            format!("`{}`", key.name),
            kind(key.shape),
            default(key).map_or_else(String::new, |text| format!("`{text}`")),
            key.about.to_owned(),
        ];
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        format!("| {} |\n", cells.join(" | "))
    });
    let head = "| Key | Type | Default | Meaning |\n| --- | --- | --- | --- |\n".to_owned();
    [head].into_iter().chain(rows).collect()
}

/// The manual page nanobot-config(5), checked in with the other pages.
#[must_use]
pub fn man_page() -> String {
    let mut page = Roff::new();
    page.control("TH", ["nanobot-config", "5", "", "nanobot", "File Formats"]);
    page.control("SH", ["NAME"]);
    page.text([roman("nanobot-config - the configuration file of nanobot")]);
    page.control("SH", ["SYNOPSIS"]);
    page.text([italic("~/.nanobot/config.json")]);
    description(&mut page);
    keys(&mut page);
    sources(&mut page);
    secrets(&mut page);
    environment(&mut page);
    example(&mut page);
    page.control("SH", ["SEE ALSO"]);
    page.text([
        bold("nanobot"),
        roman("(1), "),
        bold("nanobot-config"),
        roman("(1)"),
    ]);
    page.to_roff()
}

fn description(page: &mut Roff) {
    page.control("SH", ["DESCRIPTION"]);
    paragraphs(
        page,
        &[
            "The file is JSON. The keys of this page are in the object channels.matrix. The file is \
             shared with the Python tool nanobot, whose other sections are kept as they are. \
             Comments are read and kept; the Python tool refuses a file that has them.",
            "A key may also be written in snake_case, such as user_id. Where both are there, the \
             spelling of this page counts. Keys that are not on this page are kept and reported.",
            "nanobot config edits the file without changing anything else in it, and keeps it \
             readable by its owner alone. A running gateway reads it at its next start.",
        ],
    );
}

fn keys(page: &mut Roff) {
    page.control("SH", ["KEYS"]);
    for key in KEYS {
        page.control("TP", []);
        let mut head = vec![bold(key.name), roman(format!(" ({}", kind(key.shape)))];
        if let Some(default) = default(key) {
            head.push(roman(format!(", default {default}")));
        }
        head.push(roman(")"));
        page.text(head);
        page.text([roman(key.about)]);
        let other: Vec<_> = key.spellings().skip(1).collect();
        if !other.is_empty() {
            page.control("br", []);
            page.text([roman("Also: "), italic(other.join(", "))]);
        }
    }
}

fn sources(page: &mut Roff) {
    page.control("SH", ["WHERE A VALUE COMES FROM"]);
    page.text([roman("The first of these that has a key decides:")]);
    let credentials: Vec<_> = KEYS.iter().filter_map(|key| key.credential()).collect();
    let credentials = format!(
        "a systemd credential, a file in $CREDENTIALS_DIRECTORY: {}",
        credentials.join(" or ")
    );
    for (number, text) in [
        credentials.as_str(),
        "the environment variable NANOBOT_MATRIX_ and the key's name in upper case with \
         underscores, such as NANOBOT_MATRIX_USER_ID; a list is words between commas or a JSON \
         list; an empty variable does not count",
        "this file",
        "the Python tool's variable, such as NANOBOT_CHANNELS__MATRIX__USER_ID",
        "for accessToken, the system's keyring, where tokenStore is keyring",
        "the default",
    ]
    .into_iter()
    .enumerate()
    {
        page.control("IP", [format!("{}.", number + 1).as_str(), "4"]);
        page.text([roman(text)]);
    }
    page.control("PP", []);
    page.text([
        bold("nanobot config list"),
        roman(" shows for every key which one it was, and which others it hides."),
    ]);
    paragraphs(
        page,
        &[
            "In every text of the file, ${NAME} stands for a variable of the environment. One \
             that is not set is an error only where the value is needed.",
        ],
    );
}

fn secrets(page: &mut Roff) {
    page.control("SH", ["SECRETS"]);
    let secrets: Vec<_> = KEYS
        .iter()
        .filter(|key| key.is_secret())
        .map(|key| key.name)
        .collect();
    let text = format!(
        "{} are never shown, unless nanobot config get is given --reveal. nanobot config set reads \
         them from standard input: an argument could be seen by everyone on the machine.",
        join(&secrets)
    );
    let keyring = "With tokenStore keyring, the access token is not in the file but in the keyring of \
                   the desktop session (the Secret Service), in an entry of nanobot named after the \
                   user and the device. Only what runs in that session can read it; a systemd system \
                   service cannot. nanobot login --token-store changes it.";
    paragraphs(page, &[&text, keyring]);
}

fn environment(page: &mut Roff) {
    page.control("SH", ["ENVIRONMENT"]);
    for (name, about) in [
        (
            "NANOBOT_CONFIG",
            "The configuration file; --config goes before it.",
        ),
        (
            "NANOBOT_HOME",
            "The directory of config.json, where neither --config nor NANOBOT_CONFIG is given.",
        ),
        ("VISUAL, EDITOR", "The editor of nanobot config edit."),
    ] {
        page.control("TP", []);
        page.text([bold(name)]);
        page.text([roman(about)]);
    }
}

fn example(page: &mut Roff) {
    page.control("SH", ["EXAMPLE"]);
    page.control("nf", []);
    for line in EXAMPLE.lines() {
        page.text([roman(line)]);
    }
    page.control("fi", []);
}

fn paragraphs(page: &mut Roff, texts: &[&str]) {
    for text in texts {
        page.control("PP", []);
        page.text([roman(*text)]);
    }
}

/// What a value must be, in a few words.
fn kind(shape: Shape) -> String {
    match shape {
        Shape::Switch => "true or false".to_owned(),
        Shape::Count { unit, largest } if largest < u64::MAX => {
            format!("{unit}, at most {largest}")
        }
        Shape::Count { unit, .. } => unit.to_owned(),
        Shape::Text => "text".to_owned(),
        Shape::Secret => "secret text".to_owned(),
        Shape::Homeserver => "URL".to_owned(),
        Shape::Proxy => "URL, may be secret".to_owned(),
        Shape::UserId => "user id".to_owned(),
        Shape::Users => "list of user ids".to_owned(),
        Shape::Rooms => "list of room ids".to_owned(),
        Shape::Choice(words) => format!("one of {}", words.join(", ")),
        Shape::Section => "object".to_owned(),
    }
}

fn default(key: &Key) -> Option<String> {
    let value = key.preset()?.expose();
    Some(
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned),
    )
}

fn join(words: &[&str]) -> String {
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => (*last).to_owned(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Document, generated, validate};

    #[test]
    fn the_readme_has_this_table() {
        generated::check_between("README.md", README_MARKERS, &markdown());
    }

    #[test]
    fn the_example_is_valid() {
        let env = |name: &str| (name == "MATRIX_TOKEN").then(|| "t".into());
        assert_eq!(validate(&Document::of(EXAMPLE), &env), []);
    }
}
