//! Finds in a text what tells who and where the bot is.

use std::{cmp::Reverse, collections::BTreeSet};

use super::{
    known::Known,
    paths::path_length,
    pseudonyms::{Pseudonyms, Sort},
    shape::{Server, colon, host, ipv6, is_device, is_host, is_key, run, server},
};
use crate::{config::looks_secret, doctor::checks::catalogue};

/// How ids begin, as they are and as URLs write it.
const SIGILS: [(Sort, [&str; 2]); 4] = [
    (Sort::User, ["@", "%40"]),
    (Sort::Room, ["!", "%21"]),
    (Sort::Alias, ["#", "%23"]),
    (Sort::Event, ["$", "%24"]),
];
/// An id without a server is a hash at least this long, in characters.
const HASH: usize = 40;

/// Replaces what tells anything by pseudonyms.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    known: Known,
    pseudonyms: &'a Pseudonyms,
}

/// How many bytes are replaced, and by what.
type Found = Option<(usize, String)>;

impl<'a> Scanner<'a> {
    pub(super) fn new(mut known: Known, pseudonyms: &'a Pseudonyms) -> Self {
        // A name that our own texts use tells nothing, and they would be unreadable without it.
        let vocabulary = vocabulary();
        known
            .names
            .retain(|(_, name)| !vocabulary.contains(name.as_str()));
        // The longest first: one may be a part of another.
        known.names.sort_by_key(|(_, name)| Reverse(name.len()));
        Self { known, pseudonyms }
    }

    /// The text with pseudonyms.
    pub(super) fn text(&self, text: &str) -> String {
        let (mut result, mut rest, mut before) = (String::new(), text, ' ');
        while let Some(first) = rest.chars().next() {
            if let Some((length, name)) = self.find(before, rest) {
                result.push_str(&name);
                rest = &rest[length..];
                // What follows at once belongs to it.
                before = 'x';
            } else {
                result.push(first);
                rest = &rest[first.len_utf8()..];
                before = first;
            }
        }
        result
    }

    fn find(&self, before: char, text: &str) -> Found {
        let first = text.chars().next()?;
        let inside = before.is_alphanumeric() || before == '_';
        if inside && first.is_alphanumeric() {
            return None;
        }
        if let Some(found) = self.known_at(text) {
            return Some(found);
        }
        match first {
            '@' | '!' | '#' | '$' | '%' if !inside => self.id(text),
            '/' | '~' if !inside => self.path(text),
            ':' if !inside => self.ipv6(text),
            _ if first.is_alphanumeric() => self.word(before, text),
            _ => None,
        }
    }

    fn known_at(&self, text: &str) -> Found {
        let mut names = self.known.names.iter();
        names.find_map(|(sort, name)| {
            let start = text.get(..name.len())?;
            let same = start == name || (*sort == Sort::Server && start.eq_ignore_ascii_case(name));
            let rest = &text[name.len()..];
            let ends = !name.ends_with(char::is_alphanumeric)
                || !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
            if !same || !ends {
                return None;
            }
            Some(match sort {
                Sort::Path => {
                    let more = if rest.starts_with('/') {
                        path_length(rest)
                    } else {
                        0
                    };
                    let length = name.len() + more;
                    (length, self.path_name(&text[..length]))
                }
                Sort::Server => (name.len(), self.host_name(name)),
                sort => (name.len(), self.pseudonym(*sort, name)),
            })
        })
    }

    /// The pseudonym of a word that is known.
    pub(super) fn known_name(&self, word: &str) -> Option<String> {
        let (length, name) = self.known_at(word)?;
        (length == word.len()).then_some(name)
    }

    pub(super) fn home(&self) -> Option<&str> {
        self.known.home.as_deref()
    }

    pub(super) fn pseudonym(&self, sort: Sort, thing: &str) -> String {
        self.pseudonyms.of(sort, thing)
    }

    fn host_name(&self, host: &str) -> String {
        self.pseudonym(Sort::Server, &host.to_lowercase())
    }

    fn server_name(&self, server: &Server<'_>) -> String {
        format!("{}{}", self.host_name(server.host), server.port)
    }

    /// An id with its sigil: of a user, a room, an alias or an event.
    fn id(&self, text: &str) -> Found {
        let (sort, sigil) = SIGILS.iter().find_map(|(sort, sigils)| {
            let sigil = sigils.iter().find(|sigil| text.starts_with(**sigil))?;
            Some((*sort, *sigil))
        })?;
        let rest = &text[sigil.len()..];
        let name = local(rest);
        let after = &rest[name.len()..];
        let with_server = colon(after).and_then(|length| {
            let server = server(&after[length..])?;
            Some((&after[..length], server))
        });
        if let Some((colon, server)) = with_server
            && !name.is_empty()
        {
            let length = sigil.len() + name.len() + colon.len() + server.length;
            let name = self.pseudonym(sort, name);
            let server = self.server_name(&server);
            return Some((length, format!("{sigil}{name}{colon}{server}")));
        }
        let is_hashed = matches!(sort, Sort::Room | Sort::Event);
        let hash = run(rest, |c| c.is_ascii_alphanumeric() || "-_+/".contains(c));
        (is_hashed && hash.len() >= HASH).then(|| {
            let name = self.pseudonym(sort, hash);
            (sigil.len() + hash.len(), format!("{sigil}{name}"))
        })
    }

    fn word(&self, before: char, text: &str) -> Found {
        // The rest of a longer name was looked at with its beginning.
        let begins = !".-_".contains(before);
        let dotted = || begins.then(|| self.address(text)).flatten();
        self.url(text)
            .or_else(|| self.ipv6(text))
            .or_else(|| self.opaque(text))
            .or_else(dotted)
    }

    /// The host of a URL, and who is named before it.
    fn url(&self, text: &str) -> Found {
        let scheme = run(text, |c| c.is_ascii_alphanumeric() || "+.-".contains(c));
        let rest = text[scheme.len()..].strip_prefix("://")?;
        let authority = run(rest, |c| !c.is_whitespace() && !"/?#\"'`,;<>()".contains(c));
        let (user, at) = match authority.rsplit_once('@') {
            Some((user, _)) => (self.pseudonym(Sort::Secret, user) + "@", user.len() + 1),
            None => (String::new(), 0),
        };
        let server = server(&rest[at..])?;
        let mut length = scheme.len() + "://".len() + at + server.length;
        let mut name = format!("{scheme}://{user}{}", self.server_name(&server));
        if scheme == "mxc"
            && let Some(media) = text[length..].strip_prefix('/')
        {
            let media = run(media, |c| c.is_alphanumeric() || c == '-' || c == '_');
            length += 1 + media.len();
            name = format!("{name}/{}", self.pseudonym(Sort::Media, media));
        }
        Some((length, name))
    }

    /// A dotted name or address of a machine, or an address of mail.
    fn address(&self, text: &str) -> Found {
        let user = run(text, |c| c.is_alphanumeric() || "._+-".contains(c));
        let mail = text[user.len()..].strip_prefix('@').and_then(server);
        if let Some(server) = mail.filter(|server| is_host(server.host)) {
            let length = user.len() + 1 + server.length;
            let name = self.pseudonym(Sort::User, user);
            return Some((length, format!("{name}@{}", self.server_name(&server))));
        }
        let host = host(text);
        is_host(host).then(|| (host.len(), self.host_name(host)))
    }

    fn ipv6(&self, text: &str) -> Found {
        let address = ipv6(text)?;
        Some((address.len(), self.host_name(address)))
    }

    /// A key, a token, or the id of a device.
    fn opaque(&self, text: &str) -> Found {
        let belongs =
            |more: &'static str| move |c: char| c.is_ascii_alphanumeric() || more.contains(c);
        let long = run(text, belongs("+/=_-"));
        if is_key(long) {
            return Some((
                long.len(),
                self.pseudonym(Sort::Key, long.trim_end_matches('=')),
            ));
        }
        let word = run(text, belongs("+_.-")).trim_end_matches('.');
        if looks_secret(word) {
            return Some((word.len(), self.pseudonym(Sort::Secret, word)));
        }
        let word = run(text, |c| c.is_alphanumeric() || c == '_');
        is_device(word).then(|| (word.len(), self.pseudonym(Sort::Device, word)))
    }
}

/// The part of an id between its sigil and its colon.
fn local(text: &str) -> &str {
    let ends = |c: char| c.is_whitespace() || "\"`()<>,;:".contains(c);
    let length = text.find(ends).unwrap_or(text.len());
    let encoded = text.find("%3A").or_else(|| text.find("%3a"));
    &text[..encoded.unwrap_or(length).min(length)]
}

/// The words of our own texts.
fn vocabulary() -> BTreeSet<&'static str> {
    let texts = catalogue().flat_map(|check| {
        let explanation = check.explanation;
        let sentences = [
            check.id,
            check.title,
            explanation.meaning,
            explanation.matters,
        ];
        sentences
            .into_iter()
            .chain(explanation.causes.iter().copied())
            .chain([check.remedy.text])
            .chain(check.remedy.commands.iter().copied())
    });
    let words = texts.flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    words.chain(["root"]).collect()
}
