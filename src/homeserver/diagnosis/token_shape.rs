//! What an access token looks like, without asking anybody.
//!
//! Synapse and the Matrix Authentication Service end their tokens with check digits, so that a
//! token that was not copied whole is known before it is sent. Other servers' tokens are opaque.

use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use crate::{
    address::{UserId, parse_user_id},
    config::Secret,
    text::excerpt,
};

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// How the tokens with check digits begin, before an underscore.
const PREFIXES: [&str; 7] = ["syt", "syr", "mat", "mar", "mct", "mcr", "mpt"];
/// The most bytes that one wrong character can make of a prefix and its underscore.
const LONGEST_PREFIX: usize = 8;

/// What is wrong with an access token by its looks. It holds nothing that has to stay secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum TokenFault {
    /// There is none.
    #[error("there is no access token")]
    Missing,
    /// Spaces or line ends surround it.
    #[error("the access token has spaces around it")]
    Whitespace,
    /// Quotes surround it, or the comma after them.
    #[error("the access token has quotes or a comma around it")]
    Quotes,
    /// The word before a token in a header was copied with it.
    #[error("the access token has the word Bearer before it")]
    Bearer,
    /// It was not copied whole, or mistyped.
    #[error("the access token is damaged: a part of it is missing, or a character is wrong")]
    Damaged,
    /// It holds characters that no token has.
    #[error("the access token holds characters that no token has")]
    Strange,
    /// It is a guest's.
    #[error("the access token is a guest's")]
    Guest,
    /// It only gets new access tokens.
    #[error("this is a refresh token, not an access token")]
    Refresh,
    /// It expires within minutes.
    #[error("the access token is of the kind that expires within minutes")]
    ShortLived,
    /// It was made for another user.
    #[error("the access token was made for another user, {made_for}")]
    OtherUser {
        /// The localpart or the user ID in it, fit to be shown.
        made_for: String,
    },
}

/// What is wrong with this token as the access token of this user, what surrounds it first.
pub fn token_faults(token: &Secret, user_id: &str) -> Vec<TokenFault> {
    let (token, wrapping) = unwrap(token.expose());
    let user_id = parse_user_id(user_id).ok();
    let fault = fault(token, user_id.as_deref());
    wrapping.into_iter().chain(fault).collect()
}

/// A token without what it was copied with.
pub fn bare_token(token: &Secret) -> Secret {
    Secret::new(unwrap(token.expose()).0)
}

fn fault(token: &str, user_id: Option<&UserId>) -> Option<TokenFault> {
    if token.is_empty() {
        return Some(TokenFault::Missing);
    }
    if let Some(judged) = checked(token, user_id).or_else(|| macaroon(token, user_id)) {
        return judged.err();
    }
    if is_remains(token) {
        return Some(TokenFault::Damaged);
    }
    let is_plain = token.bytes().all(|byte| byte.is_ascii_graphic());
    (!is_plain).then_some(TokenFault::Strange)
}

/// Compares the user that a token names with the one it should be for.
fn made_for(named: &str, expected: Option<&str>) -> Result<(), TokenFault> {
    let made_for = excerpt(named);
    match expected {
        Some(expected) if excerpt(expected) != made_for => Err(TokenFault::OtherUser { made_for }),
        _ => Ok(()),
    }
}

/// The token without what surrounds it, and the most telling part of that.
fn unwrap(text: &str) -> (&str, Option<TokenFault>) {
    const QUOTES: [char; 11] = ['"', '\'', '`', '“', '”', '„', '‘', '’', '«', '»', ','];
    let (mut inner, mut wrapping) = (text, None);
    loop {
        let (rest, found) = if inner.trim() != inner {
            (inner.trim(), TokenFault::Whitespace)
        } else if inner.trim_matches(QUOTES) != inner {
            (inner.trim_matches(QUOTES), TokenFault::Quotes)
        } else if let Some(rest) = after_bearer(inner) {
            (rest, TokenFault::Bearer)
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

/// Judges a token whose check digits are right; `None` for any other.
///
/// Synapse: `syt_<base64 localpart>_<20 letters>_<6 check digits>`; the service:
/// `mat_<30 letters and digits>_<6 check digits>`.
fn checked(token: &str, user_id: Option<&UserId>) -> Option<Result<(), TokenFault>> {
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
            Some(match prefix {
                "syt" => made_for(&localpart, user_id.map(UserId::localpart)),
                _ => Err(TokenFault::Refresh),
            })
        }
        // The service writes the same number with its last digit first, filled up from the left.
        [prefix, random]
            if is_random(random, 30, u8::is_ascii_alphanumeric)
                && digits.bytes().eq(reversed(check_digits(signed))) =>
        {
            match prefix {
                "mat" => Some(Err(TokenFault::ShortLived)),
                "mar" | "mcr" => Some(Err(TokenFault::Refresh)),
                // For clients of the old kind, and made by hand for a program.
                "mct" | "mpt" => Some(Ok(())),
                _ => None,
            }
        }
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

/// Judges an old token of Synapse: packets of a name and a value, each behind its length in
/// hexadecimal. `None` for any other token.
fn macaroon(token: &str, user_id: Option<&UserId>) -> Option<Result<(), TokenFault>> {
    let whole_groups = token.len() - token.len() % 4;
    let start = BASE64_URL.decode(token.get(..whole_groups)?).ok()?;
    if start.get(4..13) != Some(b"location ") {
        return None;
    }
    let bytes = BASE64_URL.decode(token).unwrap_or_default();
    let Some(packets) = packets(&bytes) else {
        return Some(Err(TokenFault::Damaged));
    };
    if packets.contains(&&b"cid guest = true"[..]) {
        return Some(Err(TokenFault::Guest));
    }
    let named = packets
        .iter()
        .find_map(|packet| packet.strip_prefix(b"cid user_id = "));
    Some(named.map_or(Ok(()), |id| {
        made_for(&String::from_utf8_lossy(id), user_id.map(UserId::as_str))
    }))
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
                .any(|token| checked(&token, None).is_some())
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
