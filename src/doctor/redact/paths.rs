//! Paths: the parts that every machine has are kept, the others are somebody's.

use super::{pseudonyms::Sort, scan::Scanner};

/// Names of directories and files that are the same everywhere.
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
    "config.json",
    "matrix-store",
    "media",
    "matrix",
    "nanobot.lock",
];
/// How the names of our own files begin.
const OURS: [&str; 3] = ["matrix-sdk-", "matrix-store.old-", "nanobot.sock"];
/// How paths of a homeserver's API begin.
const API: [&str; 3] = ["/_matrix", "/_synapse", "/.well-known"];

impl Scanner<'_> {
    /// A path at the beginning of a text: its length in bytes and what stands for it.
    pub(super) fn path(&self, text: &str) -> Option<(usize, String)> {
        if API.iter().any(|start| text.starts_with(start)) {
            return None;
        }
        let length = path_length(text);
        let path = &text[..length];
        let is_path = path.starts_with("~/") || (path.starts_with('/') && path.len() > 1);
        is_path.then(|| (length, self.path_name(path)))
    }

    /// What stands for a path.
    pub(super) fn path_name(&self, path: &str) -> String {
        let home = self.home().and_then(|home| path.strip_prefix(home));
        let inside = home.filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let (start, rest) = match inside {
            Some(rest) => ("~", rest),
            None => ("", path),
        };
        let names: Vec<_> = rest.split('/').map(|name| self.component(name)).collect();
        format!("{start}{}", names.join("/"))
    }

    fn component(&self, name: &str) -> String {
        if PLAIN.contains(&name) || OURS.iter().any(|start| name.starts_with(start)) {
            return name.to_owned();
        }
        match self.known_name(name) {
            Some(pseudonym) => pseudonym,
            None => self.pseudonym(Sort::Path, name),
        }
    }
}

/// How long a path at the beginning of a text is, in bytes, if it has no spaces in it.
pub(super) fn path_length(text: &str) -> usize {
    let ends = |c: char| c.is_whitespace() || "\"'`,;:()<>|*?".contains(c);
    let length = text.find(ends).unwrap_or(text.len());
    text[..length].trim_end_matches('.').len()
}
