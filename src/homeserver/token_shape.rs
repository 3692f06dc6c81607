//! What an access token looks like, without asking anybody.
//!
//! Synapse and the Matrix Authentication Service end their tokens with check digits, so that a
//! token that was not copied whole is known before it is sent. Other servers' tokens are opaque.

use std::fmt;

use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::{ids::UserId, words::tame};
use crate::config::Secret;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// How the tokens with check digits begin, before an underscore.
const PREFIXES: [&str; 7] = ["syt", "syr", "mat", "mar", "mct", "mcr", "mpt"];
/// The most bytes that one wrong character can make of a prefix and its underscore.
const LONGEST_PREFIX: usize = 8;

/// What an access token looks like. It holds nothing that has to stay secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenShape {
    /// What surrounds it that does not belong to it.
    pub wrapping: Option<Wrapping>,
    /// What it is by itself.
    pub form: TokenForm,
}

/// What can surround a token that was copied carelessly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrapping {
    /// Spaces or line ends.
    Whitespace,
    /// Quotes, or the comma after them.
    Quotes,
    /// The word before a token in a header.
    Bearer,
}

/// What a token is, as far as its looks tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenForm {
    /// Nothing at all.
    Empty,
    /// A token of Synapse, whole.
    Synapse {
        /// What it is good for: [`TokenRole::Access`] or [`TokenRole::Refresh`].
        role: TokenRole,
        /// The localpart of the user it was made for, fit to be shown.
        localpart: String,
    },
    /// A token of the Matrix Authentication Service, whole.
    Mas(TokenRole),
    /// An old token of Synapse, or a guest's.
    Macaroon {
        /// Whether it is a guest's.
        guest: bool,
        /// The user it was made for, fit to be shown.
        user_id: Option<String>,
    },
    /// The beginning, or what else is left, of one of these.
    Damaged,
    /// It holds characters that no token has.
    Strange,
    /// A token that does not tell what it is, as other servers and application services have them.
    Opaque,
}

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenRole {
    /// To call the homeserver.
    Access,
    /// To call the homeserver, for a few minutes.
    ShortLived,
    /// To call the homeserver, made by hand for a program.
    Personal,
    /// To get another access token, and nothing else.
    Refresh,
}

/// What is wrong with an access token by its looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenDoubt {
    /// There is none.
    Missing,
    /// Something surrounds it.
    Wrapped(Wrapping),
    /// It was not copied whole, or mistyped.
    Damaged,
    /// It holds characters that no token has.
    Strange,
    /// It is a refresh token.
    Refresh,
    /// It expires within minutes.
    ShortLived,
    /// It is a guest's.
    Guest,
    /// It was made for another user.
    OtherUser {
        /// The localpart or the user id in it, fit to be shown.
        made_for: String,
    },
}

impl TokenShape {
    /// Looks at a token.
    #[must_use]
    pub fn of(token: &Secret) -> Self {
        let (inner, wrapping) = unwrap(token.expose());
        Self {
            wrapping,
            form: TokenForm::of(inner),
        }
    }

    /// What is wrong with this token as the access token of this user.
    #[must_use]
    pub fn doubts(&self, user_id: &str) -> Vec<TokenDoubt> {
        let wrapped = self.wrapping.map(TokenDoubt::Wrapped);
        wrapped
            .into_iter()
            .chain(self.form.doubt(user_id))
            .collect()
    }
}

impl TokenForm {
    fn of(token: &str) -> Self {
        if token.is_empty() {
            return Self::Empty;
        }
        if let Some(form) = checked(token).or_else(|| macaroon(token)) {
            return form;
        }
        if is_remains(token) {
            Self::Damaged
        } else if token.bytes().all(|byte| byte.is_ascii_graphic()) {
            Self::Opaque
        } else {
            Self::Strange
        }
    }

    fn doubt(&self, user_id: &str) -> Option<TokenDoubt> {
        let expected = UserId::parse(user_id).ok();
        let other = |made_for: &str, expected: &str| {
            (made_for != tame(expected, &[])).then(|| TokenDoubt::OtherUser {
                made_for: made_for.to_owned(),
            })
        };
        match self {
            Self::Empty => Some(TokenDoubt::Missing),
            Self::Damaged => Some(TokenDoubt::Damaged),
            Self::Strange => Some(TokenDoubt::Strange),
            Self::Synapse { role, localpart } => role
                .doubt()
                .or_else(|| other(localpart, expected?.localpart())),
            Self::Mas(role) => role.doubt(),
            Self::Macaroon { guest: true, .. } => Some(TokenDoubt::Guest),
            Self::Macaroon { user_id, .. } => other(user_id.as_ref()?, &expected?.to_string()),
            Self::Opaque => None,
        }
    }
}

impl TokenRole {
    fn doubt(self) -> Option<TokenDoubt> {
        match self {
            Self::Refresh => Some(TokenDoubt::Refresh),
            Self::ShortLived => Some(TokenDoubt::ShortLived),
            Self::Access | Self::Personal => None,
        }
    }
}

impl fmt::Display for TokenDoubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "there is no access token",
            Self::Wrapped(Wrapping::Whitespace) => "the access token has spaces around it",
            Self::Wrapped(Wrapping::Quotes) => "the access token has quotes or a comma around it",
            Self::Wrapped(Wrapping::Bearer) => "the access token has the word Bearer before it",
            Self::Damaged => {
                "the access token is damaged: a part of it is missing, or a character is wrong"
            }
            Self::Strange => "the access token holds characters that no token has",
            Self::Refresh => "this is a refresh token, not an access token",
            Self::ShortLived => "the access token is of the kind that expires within minutes",
            Self::Guest => "the access token is a guest's",
            Self::OtherUser { made_for } => {
                return write!(f, "the access token was made for another user, {made_for}");
            }
        })
    }
}

/// The token without what surrounds it, and the most telling part of that.
fn unwrap(text: &str) -> (&str, Option<Wrapping>) {
    const QUOTES: [char; 11] = ['"', '\'', '`', '“', '”', '„', '‘', '’', '«', '»', ','];
    let (mut inner, mut wrapping) = (text, None);
    loop {
        let (rest, found) = if inner.trim() != inner {
            (inner.trim(), Wrapping::Whitespace)
        } else if inner.trim_matches(QUOTES) != inner {
            (inner.trim_matches(QUOTES), Wrapping::Quotes)
        } else if let Some(rest) = after_bearer(inner) {
            (rest, Wrapping::Bearer)
        } else {
            return (inner, wrapping);
        };
        inner = rest;
        wrapping = wrapping.max(Some(found));
    }
}

fn after_bearer(text: &str) -> Option<&str> {
    let (word, rest) = text.split_once(char::is_whitespace)?;
    word.eq_ignore_ascii_case("bearer").then_some(rest)
}

/// A token whose check digits are right.
///
/// Synapse: `syt_<base64 localpart>_<20 letters>_<6 check digits>`; the service:
/// `mat_<30 letters and digits>_<6 check digits>`.
fn checked(token: &str) -> Option<TokenForm> {
    let (signed, digits) = token.rsplit_once('_')?;
    let parts: Vec<&str> = signed.split('_').collect();
    let is_random = |text: &str, length: usize, valid: fn(&u8) -> bool| {
        text.len() == length && text.bytes().all(|byte| valid(&byte))
    };
    match parts[..] {
        [prefix @ ("syt" | "syr"), localpart, random]
            if is_random(random, 20, u8::is_ascii_alphabetic)
                && digits.bytes().eq(check_digits(signed)) =>
        {
            let localpart = String::from_utf8(BASE64.decode(localpart).ok()?).ok()?;
            let role = match prefix {
                "syt" => TokenRole::Access,
                _ => TokenRole::Refresh,
            };
            Some(TokenForm::Synapse {
                role,
                localpart: tame(&localpart, &[]),
            })
        }
        // The service writes the same number with its last digit first, filled up from the left.
        [prefix, random]
            if is_random(random, 30, u8::is_ascii_alphanumeric)
                && digits.bytes().eq(reversed(check_digits(signed))) =>
        {
            mas_role(prefix).map(TokenForm::Mas)
        }
        _ => None,
    }
}

fn mas_role(prefix: &str) -> Option<TokenRole> {
    match prefix {
        "mat" => Some(TokenRole::ShortLived),
        "mct" => Some(TokenRole::Access),
        "mpt" => Some(TokenRole::Personal),
        "mar" | "mcr" => Some(TokenRole::Refresh),
        _ => None,
    }
}

/// The CRC-32 of a text in base 62, as Synapse writes it.
fn check_digits(text: &str) -> [u8; 6] {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        // A remainder of 62 is an index into 62 digits, and fits any integer.
        *digit = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits
}

/// The digits of a number the other way round, its leading zeros left where they are.
fn reversed(mut digits: [u8; 6]) -> [u8; 6] {
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    digits[zeros..].reverse();
    digits
}

/// An old token of Synapse: packets of a name and a value, each behind its length in hexadecimal.
fn macaroon(token: &str) -> Option<TokenForm> {
    let whole_groups = token.len() - token.len() % 4;
    let start = BASE64_URL.decode(token.get(..whole_groups)?).ok()?;
    if start.get(4..13) != Some(b"location ") {
        return None;
    }
    let bytes = BASE64_URL.decode(token).unwrap_or_default();
    let Some(packets) = packets(&bytes) else {
        return Some(TokenForm::Damaged);
    };
    let user_id = packets
        .iter()
        .find_map(|packet| packet.strip_prefix(b"cid user_id = "));
    Some(TokenForm::Macaroon {
        guest: packets.contains(&&b"cid guest = true"[..]),
        user_id: user_id.map(|id| tame(&String::from_utf8_lossy(id), &[])),
    })
}

/// The packets of a macaroon, which end with its signature.
fn packets(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut packets = Vec::new();
    while !bytes.is_empty() {
        let length = std::str::from_utf8(bytes.get(..4)?).ok()?;
        let length = usize::from_str_radix(length, 16).ok()?;
        packets.push(bytes.get(4..length)?.trim_ascii_end());
        bytes = bytes.get(length..)?;
    }
    let signature = packets.last()?.starts_with(b"signature ");
    signature.then_some(packets)
}

/// Whether a text looks like what is left of a token with check digits.
fn is_remains(text: &str) -> bool {
    let prefixes = || PREFIXES.iter().map(|prefix| format!("{prefix}_"));
    prefixes().any(|prefix| text.starts_with(&prefix) || prefix.starts_with(text))
        || prefixes().any(|prefix| {
            let rests = (0..=LONGEST_PREFIX).filter_map(|end| text.get(end..));
            rests
                .map(|rest| format!("{prefix}{rest}"))
                .any(|token| checked(&token).is_some())
        })
        || is_beheaded(text)
}

/// Whether a text is the end of a token of Synapse; by chance it is so once in a million.
fn is_beheaded(text: &str) -> bool {
    let mut parts = text.rsplit('_');
    let (digits, random, localpart) = (parts.next(), parts.next(), parts.next());
    digits.is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| BASE62.contains(&b)))
        && random.is_some_and(|random| {
            random.len() == 20 && random.bytes().all(|b| b.is_ascii_alphabetic())
        })
        && localpart.is_some()
        && parts.next().is_none()
}
