//! What tokens look like, whole and otherwise.

use super::super::{TokenFault, token_faults};
use crate::config::Secret;

/// Made by Synapse's own code.
const ACCESS: &str = "syt_Ym90_abcdefghijklmnopqrst_3pm1om";
const REFRESH: &str = "syr_Ym90_abcdefghijklmnopqrst_1zzHcd";
const LEADING_ZEROS: &str = "syt_Ym90_abcdefghijklmnokfaaa_00yvOm";
const UMLAUT: &str = "syt_YsO2fj8_abcdefghijklmnopqrst_2aX9SQ";
const GUEST: &str = "MDAxOWxvY2F0aW9uIGV4YW1wbGUub3JnCjAwMTNpZGVudGlmaWVyIGtleQowMDEwY2lkIGdlbiA9IDEKMDAxNmNpZCB0eXBlID0gYWNjZXNzCjAwMjFjaWQgdXNlcl9pZCA9IEAxOmV4YW1wbGUub3JnCjAwMjFjaWQgbm9uY2UgPSBaQ1JjWGRlODN-QWhAQlJCCjAwMTVjaWQgZ3Vlc3QgPSB0cnVlCjAwMmZzaWduYXR1cmUgPpUqGtblByaAGavfsdJRsfavlQkDW96DB0URNnha2HYK";
const OLD: &str = "MDAxOWxvY2F0aW9uIGV4YW1wbGUub3JnCjAwMTNpZGVudGlmaWVyIGtleQowMDEwY2lkIGdlbiA9IDEKMDAyM2NpZCB1c2VyX2lkID0gQGJvdDpleGFtcGxlLm9yZwowMDE2Y2lkIHR5cGUgPSBhY2Nlc3MKMDAxMmNpZCBub25jZSA9IHgKMDAyZnNpZ25hdHVyZSAN0Nm4xv78u2YDv_mlHk0FNwg4kiNMZciuiXRJC1RBWQo";
/// Made by the rule of the Matrix Authentication Service, in another language.
const MAS: [(&str, Option<TokenFault>); 5] = [
    (
        "mat_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0_6M73j2",
        Some(TokenFault::ShortLived),
    ),
    (
        "mar_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0_Huqg34",
        Some(TokenFault::Refresh),
    ),
    ("mct_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0_K6KkY4", None),
    (
        "mcr_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0_For9E3",
        Some(TokenFault::Refresh),
    ),
    ("mpt_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0_tMbcG2", None),
];
const BOT: &str = "@bot:example.org";

fn doubts(token: &str) -> Vec<TokenFault> {
    token_faults(&Secret::new(token), BOT)
}

fn other(made_for: &str) -> TokenFault {
    TokenFault::OtherUser {
        made_for: made_for.to_owned(),
    }
}

#[test]
fn whole_tokens_tell_what_they_are() {
    let of_eve = |token| token_faults(&Secret::new(token), "@eve:example.org");
    for (token, localpart) in [
        (ACCESS, "bot"),
        (LEADING_ZEROS, "bot"),
        (UMLAUT, "bö~?"),
        (OLD, BOT),
    ] {
        assert_eq!(of_eve(token), [other(localpart)], "{token}");
    }
    assert_eq!(of_eve(REFRESH), [TokenFault::Refresh]);
    assert_eq!(of_eve(GUEST), [TokenFault::Guest]);
    for (token, fault) in MAS {
        let found = of_eve(token);
        assert_eq!(found, fault.into_iter().collect::<Vec<_>>(), "{token}");
    }
}

#[test]
fn a_good_token_leaves_no_doubt() {
    for token in [ACCESS, LEADING_ZEROS, OLD, MAS[2].0, MAS[4].0] {
        assert_eq!(doubts(token), [], "{token}");
    }
    // Of other servers and of application services.
    for token in [
        "zR2yeFoVQ8OmsCMYRzqMUgy4mJ8Sw7cN",
        "kLp3_Xv-99aaQmv2Yc_pBq8uT0hJwE-4sDfGhJkLzXc",
        "7cfb4e8f55c94e0d94ab0aa0fd3a1e1a1a9d6b5e",
        "matter",
        "sync_token",
    ] {
        assert_eq!(doubts(token), [], "{token}");
    }
}

#[test]
fn each_fault_has_its_name() {
    for (token, expected) in [
        ("", TokenFault::Missing),
        (REFRESH, TokenFault::Refresh),
        (MAS[0].0, TokenFault::ShortLived),
        (MAS[1].0, TokenFault::Refresh),
        (GUEST, TokenFault::Guest),
        (UMLAUT, other("bö~?")),
        ("syt_", TokenFault::Damaged),
        ("sy", TokenFault::Damaged),
        (&OLD[..OLD.len() - 4], TokenFault::Damaged),
        (&ACCESS[4..], TokenFault::Damaged),
        (&ACCESS[6..], TokenFault::Damaged),
        ("opaque\u{7}token", TokenFault::Strange),
        ("opaqué", TokenFault::Strange),
    ] {
        assert_eq!(doubts(token), [expected], "{token}");
    }
    assert_eq!(token_faults(&Secret::new(ACCESS), "not an id"), []);
}

#[test]
fn what_surrounds_a_token_is_named_and_the_token_still_read() {
    for (text, wrapping) in [
        (format!(" {ACCESS}\n"), TokenFault::Whitespace),
        (format!("\"{ACCESS}\","), TokenFault::Quotes),
        (format!("“{ACCESS}”"), TokenFault::Quotes),
        (format!("bearer  {ACCESS}"), TokenFault::Bearer),
        (format!("'Bearer {ACCESS} '"), TokenFault::Bearer),
    ] {
        assert_eq!(doubts(&text), [wrapping], "{text}");
    }
    assert_eq!(doubts("\"\"").last(), Some(&TokenFault::Missing));
}

/// A token with check digits, and one character of it chosen to go wrong.
fn choose(
    u: &mut arbtest::arbitrary::Unstructured,
) -> arbtest::arbitrary::Result<(&'static str, usize)> {
    let tokens = [ACCESS, LEADING_ZEROS, MAS[2].0, MAS[4].0];
    let token = *u.choose(&tokens)?;
    Ok((token, u.choose_index(token.len())?))
}

/// Any character, often one that could stand in a token.
fn character(u: &mut arbtest::arbitrary::Unstructured) -> arbtest::arbitrary::Result<char> {
    if u.arbitrary()? {
        return u.arbitrary();
    }
    let usual: Vec<char> = ('0'..='9')
        .chain('A'..='Z')
        .chain('a'..='z')
        .chain(['_', '+', '/'])
        .collect();
    u.choose(&usual).copied()
}

#[test]
fn any_wrong_character_is_noticed() {
    arbtest::arbtest(|u| {
        let (token, place) = choose(u)?;
        let wrong = character(u)?;
        let (before, after) = token.split_at(place);
        let inserted = format!("{before}{wrong}{after}");
        assert_ne!(doubts(&inserted), [], "{inserted:?}");
        let changed = format!("{before}{wrong}{}", &after[1..]);
        if changed != token {
            assert_ne!(doubts(&changed), [], "{changed:?}");
        }
        Ok(())
    });
}

#[test]
fn any_missing_part_is_noticed() {
    for (token, _) in MAS.into_iter().chain([(ACCESS, None)]) {
        for place in 0..token.len() {
            assert_ne!(doubts(&token[..place]), [], "{token} to {place}");
            let deleted = format!("{}{}", &token[..place], &token[place + 1..]);
            assert_ne!(doubts(&deleted), [], "{deleted}");
        }
    }
    // What is shorter does not say yet that it is one.
    for place in 20..OLD.len() {
        assert_ne!(doubts(&OLD[..place]), [], "{place}");
    }
}

#[test]
fn no_text_is_too_much_and_no_sentence_quotes_it() {
    arbtest::arbtest(|u| {
        let text: String = u.arbitrary()?;
        let token = match u.int_in_range(0..=3)? {
            0 => format!("syt_{text}"),
            1 => format!("MDAxOWxvY2F0aW9uI{text}"),
            2 => format!("canary{text}canary\u{e9}"),
            _ => text,
        };
        for doubt in doubts(&token) {
            let sentence = doubt.to_string();
            assert!(!sentence.contains("canary"), "{sentence}");
            assert!(!sentence.contains(char::is_control), "{sentence}");
        }
        Ok(())
    });
    for token in [ACCESS, REFRESH, GUEST, UMLAUT] {
        let secret = &token[token.len() - 16..];
        let found = doubts(&format!("\"{token}"));
        assert!(!format!("{found:?}").contains(secret));
    }
}
