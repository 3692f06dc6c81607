use std::collections::BTreeSet;

use super::*;

fn known(names: &[(&'static str, &str)]) -> Known {
    let mut known = Known::default();
    for &(sort, name) in names {
        known.add(sort, Some(name));
    }
    known.home = Some("/home/ann".to_owned());
    known
}

fn scanned(known: Known, text: &str) -> String {
    Redactor::new(known).unwrap().text(text)
}

/// The text with an `x` for each hash.
fn redacted(text: &str) -> String {
    let known = known(&[
        ("device", "NANOBOT01"),
        ("user", "nanobot"),
        ("server", "synapse"),
        ("name", "ann"),
        ("name", "Ann's phone"),
        ("path", "/srv/my bots/one"),
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

#[test]
fn equal_things_have_one_name_and_different_ones_have_two() {
    let redactor = Redactor::new(Known::default()).unwrap();
    let things: Vec<_> = (0..3000).map(|number| number.to_string()).collect();
    let name = |thing: &String| redactor.pseudonym("room", thing);
    let names: Vec<_> = things.iter().map(name).collect();
    assert_eq!(things.iter().map(name).collect::<Vec<_>>(), names);
    let distinct: BTreeSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), things.len());
    assert!(names.iter().all(|name| name.starts_with("room-")));
}

#[test]
fn the_next_report_has_other_names() {
    // By chance they agree once in 65536 times, for all ten never.
    let names = || {
        let redactor = Redactor::new(Known::default()).unwrap();
        (0..10)
            .map(|number| redactor.pseudonym("user", &number.to_string()))
            .collect::<Vec<_>>()
    };
    assert_ne!(names(), names());
}

#[test]
fn a_key_behind_a_slash_is_one() {
    let key = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_-AbCdE";
    for before in ["/_matrix/client/v3/room_keys/keys/x/", "ed25519/"] {
        let expected = format!("{before}key-x");
        assert_eq!(redacted(&format!("{before}{key}")), expected);
    }
}

#[test]
fn a_long_word_is_hidden_whole_and_takes_no_longer_than_others() {
    for unit in ["a", "a.", "@", "/a", "1:", "!b", "A-"] {
        let word = unit.repeat(200_000);
        let start = std::time::Instant::now();
        let text = scanned(
            Known::default(),
            &format!("see {word} and @ann:example.org"),
        );
        assert!(
            start.elapsed() < std::time::Duration::from_secs(5),
            "{unit}"
        );
        assert!(text.starts_with("see text-"), "{unit}");
        assert!(text.contains(" and @user-"), "{text}");
    }
}
