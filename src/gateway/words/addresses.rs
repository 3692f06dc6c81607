//! Finding bare web addresses in words.

use std::ops::Range;

/// Where the addresses are.
pub(super) fn addresses(words: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut done = 0;
    for (start, _) in words.match_indices("http") {
        let is_word = words[..start]
            .chars()
            .next_back()
            .is_none_or(|before| !before.is_alphanumeric());
        if start >= done
            && is_word
            && let Some(length) = length(&words[start..])
        {
            done = start + length;
            found.push(start..done);
        }
    }
    found
}

/// Bytes of the address that a text begins with.
fn length(text: &str) -> Option<usize> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))?;
    let scheme = text.len() - rest.len();
    let ends = |c: char| c.is_whitespace() || c.is_control() || "<>\"`|\\^{}".contains(c);
    let address = &text[..scheme + rest.find(ends).unwrap_or(rest.len())];
    let address = without_punctuation(address);
    (address.len() > scheme).then_some(address.len())
}

/// The address without what belongs to the sentence around it.
fn without_punctuation(address: &str) -> &str {
    let (mut opened, mut closed) = (0, 0);
    for character in address.chars() {
        opened += usize::from(character == '(');
        closed += usize::from(character == ')');
    }
    let mut address = address;
    while let Some(last) = address.chars().next_back() {
        match last {
            ')' if closed > opened => closed -= 1,
            '.' | ',' | ':' | ';' | '!' | '?' | '\'' | '*' | '_' | '~' | ']' | '…' | '。' => {}
            _ => break,
        }
        address = &address[..address.len() - last.len_utf8()];
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(words: &str) -> Vec<&str> {
        addresses(words).into_iter().map(|at| &words[at]).collect()
    }

    #[test]
    fn an_address_ends_before_the_sentence_goes_on() {
        assert_eq!(
            found(
                "see https://a.org/x?y=1&z=2. Or (http://b.org/c_(d)), https://ü.org/é! xhttp://no"
            ),
            [
                "https://a.org/x?y=1&z=2",
                "http://b.org/c_(d)",
                "https://ü.org/é"
            ]
        );
        assert!(found("http:// https://... httpx://a http:/a").is_empty());
    }

    #[test]
    fn any_words_have_addresses_within_them() {
        arbtest::arbtest(|u| {
            let words: String = u.arbitrary()?;
            for address in found(&format!("https://{words} http://a {words}")) {
                assert!(address.starts_with("http"));
            }
            Ok(())
        });
    }
}
