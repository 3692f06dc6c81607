//! What identifies the bot or its people, by its form.

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    sync::LazyLock,
};

use regex::Regex;

use crate::{config::looks_secret, doctor::checks::catalogue};

/// Something to find: each named group in it gets a pseudonym of the sort that it is named for.
pub struct Pattern {
    pub regex: Regex,
    /// Whether a sigil or a prefix says what it is.
    pub signed: bool,
}

/// Abbreviations in patterns; each may use those after it.
const SHORTHANDS: [(&str, &str); 11] = [
    // At the beginning of a word, or of something that has a sign there.
    ("START", r"(?-u:\b{start-half})"),
    ("BEGIN", "(?:^|[^WORD_MARK])"),
    ("SERVER", r"(?:\[[0-9A-Fa-f:.]+\]|HOST)"),
    ("HOST", "(?:[WORD.-]*[WORD])"),
    ("LOCAL", "[^SPACE\"`()<>,;:MARK]+?"),
    ("COLON", "(?::|%3[Aa])"),
    ("HASH", "[0-9A-Za-z_+/-]{40,}"),
    ("NO_PATH", "SPACE\"'`,;:()<>|*?MARK"),
    // Of a class of characters: letters and digits, white space, and what is hidden already. The
    // tables of Unicode are not built in.
    (
        "WORD",
        r"0-9A-Za-z\u{c0}-\u{1fff}\u{2c00}-\u{2dff}\u{3040}-\u{d7ff}\u{f900}-\u{effff}",
    ),
    ("SPACE", r" \t\r\n"),
    ("MARK", r"\u{f0000}-\u{10ffff}"),
];

/// Things with a sigil or a prefix, such as URLs, paths and IDs. A key may contain a slash: keys
/// are searched before paths.
const SIGNED: [&str; 12] = [
    "(?:^|[^WORD_MARK!$/])(?<key>[0-9A-Za-z+/_-]{43})=*(?:$|[^0-9A-Za-z+/=_-])",
    r#"://(?<secret>[^SPACE/?\#"'`,;<>()MARK]+)@"#,
    "://(?:[MARK]@)?(?<server>SERVER)",
    "mxc://[MARK](?::[0-9]+)?/(?<media>[WORD_-]+)",
    "BEGIN(?<path>~?/[^/NO_PATH](?:[^NO_PATH]*[^.NO_PATH])?)",
    "BEGIN(?:@|%40)(?<user>LOCAL)COLON(?<server>SERVER)",
    "BEGIN(?:!|%21)(?<room>LOCAL)COLON(?<server>SERVER)",
    "BEGIN(?:#|%23)(?<alias>LOCAL)COLON(?<server>SERVER)",
    r"BEGIN(?:\$|%24)(?<event>LOCAL)COLON(?<server>SERVER)",
    "BEGIN(?:!|%21)(?<room>HASH)",
    r"BEGIN(?:\$|%24)(?<event>HASH)",
    // Behind a slash that begins no path.
    "/(?<key>[0-9A-Za-z+_-]{43})=*(?:$|[^0-9A-Za-z+/=_-])",
];

/// Words that look like an identifier.
const WORDS: [&str; 6] = [
    "START(?<server>(?:[0-9A-Fa-f]{0,4}:){2,}[0-9A-Fa-f.]*[0-9A-Fa-f])",
    "START(?<server>(?:[0-9A-Fa-f]{1,4}:)+:)",
    "START(?<secret>[0-9A-Za-z](?:[0-9A-Za-z+_.-]*[0-9A-Za-z+_-])?)",
    "START(?<device>[0-9A-Z]{10})(?:$|[^WORD_])",
    "(?:^|[^WORD_.MARK-])(?<user>[WORD._+-]+)@(?<server>HOST)",
    "(?:^|[^WORD_.MARK-])(?<server>HOST)",
];

/// The patterns to look for before the known names, in their order.
pub static BEFORE_NAMES: LazyLock<Vec<Pattern>> = LazyLock::new(|| compiled(&SIGNED, true));
/// Those to look for after them.
pub static AFTER_NAMES: LazyLock<Vec<Pattern>> = LazyLock::new(|| compiled(&WORDS, false));

fn compiled(patterns: &[&str], signed: bool) -> Vec<Pattern> {
    let patterns = patterns.iter().map(|pattern| Pattern {
        // The tests compile every one of them.
        regex: Regex::new(&expanded(pattern)).expect("a pattern of ours can be compiled"),
        signed,
    });
    patterns.collect()
}

/// Whether something of this kind is what it looks like.
pub fn is_meant(sort: &str, text: &str, signed: bool) -> bool {
    match sort {
        "path" => !API.iter().any(|start| text.starts_with(start)),
        // 32 bytes in base 64.
        "key" => has(text, char::is_lowercase) && has(text, char::is_uppercase),
        "device" => has(text, char::is_uppercase),
        "secret" => signed || looks_secret(text),
        "server" => signed || is_host(text) || text.parse::<Ipv6Addr>().is_ok(),
        _ => true,
    }
}

fn has(text: &str, what: fn(char) -> bool) -> bool {
    text.contains(what)
}

/// A pattern whose shorthands are written out.
pub fn expanded(pattern: &str) -> String {
    let shorthands = SHORTHANDS.iter();
    shorthands.fold(pattern.to_owned(), |pattern, (name, meaning)| {
        pattern.replace(name, meaning)
    })
}

/// Ends of names of files, which look like those of domains.
const FILE_ENDS: [&str; 18] = [
    "conf", "crt", "db", "gz", "json", "lock", "log", "md", "pem", "py", "rs", "service", "sh",
    "sock", "sqlite", "toml", "txt", "xml",
];
/// First parts of dotted names of the Matrix specification and of the configuration.
const NAMESPACES: [&str; 3] = ["m", "channels", "nanobot"];

/// Names of directories that are the same everywhere, and of our own files.
const PLAIN: [&str; 38] = [
    "",
    ".",
    "..",
    "~",
    "bin",
    "dev",
    "etc",
    "home",
    "lib",
    "mnt",
    "opt",
    "private",
    "proc",
    "root",
    "run",
    "sbin",
    "srv",
    "sys",
    "tmp",
    "usr",
    "var",
    "local",
    "share",
    "state",
    "cache",
    "log",
    "systemd",
    "system",
    "user",
    "Users",
    ".config",
    ".nanobot",
    "nanobot",
    "media",
    "matrix",
    "config.json",
    "matrix-store",
    "nanobot.lock",
];
/// How the names of others of our own files begin.
const OURS: [&str; 3] = ["matrix-sdk-", "matrix-store.old-", "nanobot.sock"];
/// How paths of a homeserver's API begin.
const API: [&str; 3] = ["/_matrix", "/_synapse", "/.well-known"];

/// Whether a part of a path is on every machine, or of our own files.
pub fn is_plain(name: &str) -> bool {
    PLAIN.contains(&name) || OURS.iter().any(|start| name.starts_with(start))
}

/// Whether dotted words are the name or address of a machine, not of a file, a check or a key.
fn is_host(name: &str) -> bool {
    if name.parse::<Ipv4Addr>().is_ok() {
        return true;
    }
    let labels: Vec<_> = name.split('.').collect();
    let [first, .., last] = labels.as_slice() else {
        return false;
    };
    let is_top = last.starts_with("xn--")
        || (last.chars().count() > 1 && last.chars().all(char::is_alphabetic));
    let is_file = FILE_ENDS.contains(last) || last.starts_with("sqlite");
    is_top
        && !is_file
        && !labels.contains(&"")
        && !NAMESPACES.contains(first)
        && !catalogue().any(|check| check.category() == *first)
}
