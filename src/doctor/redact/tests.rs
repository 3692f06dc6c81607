use std::collections::BTreeMap;

use arbtest::arbitrary::{self, Unstructured};
use serde_json::{Map, json};

use super::*;
use crate::{
    doctor::{
        redact::pseudonyms::Sort,
        report::{Remedy, Row, Status, tests::row},
    },
    error::Kind,
};

fn known(names: &[(Sort, &str)]) -> Known {
    let mut known = Known::default();
    for (sort, name) in names {
        known.add(*sort, Some(name));
    }
    known.home = Some("/home/ann".to_owned());
    known
}

fn scanned(known: Known, text: &str) -> String {
    let pseudonyms = Pseudonyms::new().unwrap();
    Scanner::new(known, &pseudonyms).text(text)
}

/// The text with an `x` for each hash.
fn redacted(text: &str) -> String {
    let known = known(&[
        (Sort::Device, "NANOBOT01"),
        (Sort::User, "nanobot"),
        (Sort::Server, "synapse"),
        (Sort::Name, "ann"),
        (Sort::Name, "Ann's phone"),
        (Sort::Path, "/srv/my bots/one"),
    ]);
    let mut text = scanned(known, text);
    let hash = |text: &str, start: usize| {
        let digits = &text[start..];
        digits
            .find(|c: char| !c.is_ascii_hexdigit())
            .unwrap_or(digits.len())
    };
    for word in [
        "user", "server", "room", "alias", "event", "device", "key", "media", "name", "path",
        "secret",
    ] {
        let mut from = 0;
        let sign = format!("{word}-");
        while let Some(at) = text[from..].find(&sign) {
            let start = from + at + sign.len();
            let length = hash(&text, start);
            if length >= 4 {
                text.replace_range(start..start + length, "x");
            }
            from = start;
        }
    }
    text
}

#[test]
fn what_tells_something_gets_a_name_that_does_not() {
    let key = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789+/AbCdE";
    let hash = "aZ09-_x".repeat(7)[..43].to_owned();
    for (text, expected) in [
        (
            "@bot:example.org, device ABCDEFGHIJ",
            "@user-x:server-x, device device-x",
        ),
        ("it is NANOBOT01's", "it is device-x's"),
        ("in !abc:example.org:8448.", "in !room-x:server-x:8448."),
        (&format!("in !{hash}: gone"), "in !room-x: gone"),
        (&format!("(${hash})"), "($event-x)"),
        ("#room:[::1]:80", "#alias-x:server-x:80"),
        (
            "https://u:p@matrix.example.org:8448/a?b",
            "https://secret-x@server-x:8448/a?b",
        ),
        ("http://[2001:db8::1]/x", "http://server-x/x"),
        (
            "http://synapse:8008/_matrix/client/versions",
            "http://server-x:8008/_matrix/client/versions",
        ),
        ("asked SYNAPSE twice", "asked server-x twice"),
        (
            "/_matrix/client/v3/user/%40bot%3Aa.org/filter",
            "/_matrix/client/v3/user/%40user-x%3Aserver-x/filter",
        ),
        ("10.1.2.3 and fe80::1: no", "server-x and server-x: no"),
        ("mail bob@example.org", "mail user-x@server-x"),
        ("mxc://example.org/AbCd123", "mxc://server-x/media-x"),
        ("no matrix.example.org!", "no server-x!"),
        (
            "its key is ed25519:NANOBOT01",
            "its key is ed25519:device-x",
        ),
        (key, "key-x"),
        ("syt_bm9uZQ_abcdefghijkl_012345", "secret-x"),
        (
            "there is no /home/ann/.nanobot/config.json",
            "there is no ~/.nanobot/config.json",
        ),
        ("/home/ann: gone", "~: gone"),
        (
            "/home/anna/bots/config.json",
            "/home/path-x/path-x/config.json",
        ),
        ("~/work/acme/config.json.", "~/path-x/path-x/config.json."),
        (
            "/srv/my bots/one/matrix-store is",
            "/srv/path-x/path-x/matrix-store is",
        ),
        ("'Ann's phone' and ann", "'name-x' and name-x"),
        ("NANOBOT01XY, xNANOBOT01", "NANOBOT01XY, xNANOBOT01"),
    ] {
        assert_eq!(redacted(text), expected, "{text}");
    }
}

#[test]
fn what_tells_nothing_stays() {
    for text in [
        "nanobot config set maxMediaBytes 1000",
        "config.present and e2ee.one-time-keys, token.valid.",
        "channels.matrix.allowForm, did you mean allowFrom?",
        "line 1, column 147: m.room.message",
        "it speaks version 1.11 of the Matrix API; 46356 MiB are free (0700)",
        "matrix-store/matrix-sdk-crypto.sqlite3",
        "set ${MATRIX_TOKEN} or $CREDENTIALS_DIRECTORY, and/or wait 1.5 s",
        "/tmp/nanobot/config.json and 12:34:56, std::fs, M_UNKNOWN_TOKEN",
        "Ein Gerät, e.g. one: über",
    ] {
        assert_eq!(redacted(text), text);
    }
}

/// Something that must not be seen, and whether a pattern alone finds it.
fn planted(u: &mut Unstructured<'_>) -> arbitrary::Result<(Option<Sort>, String)> {
    let mut word = |letters: &[u8], length: usize| -> arbitrary::Result<String> {
        let letter = |_| Ok(char::from(*u.choose(letters)?));
        (0..length).map(letter).collect()
    };
    let lower = b"abcdefghijklmnopqrstuvwxyz";
    let server = format!("{}.{}.org", word(lower, 6)?, word(lower, 5)?);
    let base64 = b"ABCDEFGHIJKLMNOPabcdefghijklmnop0123456789-_";
    let hash = format!("aA{}", word(base64, 41)?);
    let name = word(lower, 9)?;
    let device = word(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 7)?;
    Ok(match u.int_in_range(0..=11)? {
        0 => (None, format!("@{name}:{server}")),
        1 => (None, format!("!{name}:{server}")),
        2 => (None, format!("!{hash}")),
        3 => (None, format!("${hash}")),
        4 => (None, format!("#{name}:{server}")),
        5 => (None, server),
        6 => (None, format!("192.0.2.{}", u.int_in_range(0..=255)?)),
        7 => (None, format!("syt_{name}_{hash}")),
        8 => (None, format!("/srv/{name}/{device}")),
        9 => (Some(Sort::Device), device),
        10 => (Some(Sort::Name), format!("{name}'s {device}")),
        _ => (Some(Sort::Server), name),
    })
}

/// A row with this word in every text of it.
fn row_with(word: &str) -> Row {
    let mut evidence = Map::new();
    evidence.insert("it".to_owned(), json!(word));
    evidence.insert("in".to_owned(), json!([{word: [word]}]));
    Row {
        detail: format!("about {word}, ({word}) and\n'{word}'"),
        remedy: Some(Remedy {
            text: format!("look at {word}"),
            commands: vec![format!("nanobot config set x '{word}' --y={word}")],
            url: None,
        }),
        evidence,
        ..row("a.b", Status::Fail, Kind::Failure)
    }
}

#[test]
fn nothing_planted_survives_and_relations_do() {
    arbtest::arbtest(|u| {
        let mut words = BTreeMap::new();
        for _ in 0..u.int_in_range(1..=12)? {
            let (sort, word) = planted(u)?;
            words.insert(word, sort);
        }
        let mut known = known(&[]);
        for (word, sort) in &words {
            if let Some(sort) = sort {
                known.add(*sort, Some(word));
            }
        }
        let rows = words.keys().map(|word| row_with(word)).collect();
        let report = Report::new(rows, false).knowing(known).redacted().unwrap();
        let text = serde_json::to_string(&report).unwrap();
        let mut names = BTreeMap::new();
        for (word, row) in words.keys().zip(report.checks()) {
            for part in word.split(['@', '!', '#', '$', ':', '/']) {
                let tells = part.len() > 4 && part != "192.0.2";
                assert!(
                    !tells || !text.contains(part),
                    "{part} of {word} is in {text}"
                );
            }
            let name = row.evidence["it"].as_str().unwrap();
            assert_eq!(row.evidence["in"], json!([{name: [name]}]));
            assert_eq!(row.detail, format!("about {name}, ({name}) and\n'{name}'"));
            let command = &row.remedy.as_ref().unwrap().commands[0];
            assert_eq!(
                *command,
                format!("nanobot config set x '{name}' --y={name}")
            );
            assert_eq!(names.insert(name.to_owned(), word), None, "{text}");
        }
        Ok(())
    });
}

#[test]
fn the_parts_of_an_id_are_the_same_everywhere() {
    let text = "@ann:a.org !r:a.org https://A.org @bob:a.org @ann:b.org";
    let text = scanned(Known::default(), text);
    let parts: Vec<_> = text
        .split([' ', ':', '@', '!', '/'])
        .filter(|part| part.contains('-'))
        .collect();
    let [ann, server, _, same, also, bob, again, ann_too, other] = parts[..] else {
        panic!("{text}");
    };
    assert!(server == same && server == also && server == again && server != other);
    assert!(ann == ann_too && ann != bob);
}
