//! Text and addresses in HTML, and their length in JSON.

use super::clean::is_unwanted;

/// The schemes that a link may have.
const SCHEMES: [&str; 4] = ["https", "http", "matrix", "mailto"];
/// The longest address in bytes that is linked.
const LONGEST_ADDRESS: usize = 2048;

/// Words as they stand in HTML. What Markdown's entities brought in that is not to be said is
/// left out.
pub(super) fn escape_words(words: &str) -> String {
    let mut escaped = String::with_capacity(words.len());
    for character in words.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            _ if is_unwanted(character) => {}
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Words as they stand in an attribute.
pub(super) fn escape_value(words: &str) -> String {
    escape_words(words).replace('"', "&quot;")
}

/// An address as it stands in `href`; `None` where it is not one that may be linked.
pub(super) fn link(address: &str) -> Option<String> {
    let (scheme, _) = address.split_once(':')?;
    let allowed = SCHEMES.iter().any(|it| it.eq_ignore_ascii_case(scheme));
    allowed.then(|| encode(address))?
}

/// An address as it stands in `src`; `None` where it is not one of the homeserver's own files.
pub(super) fn picture(address: &str) -> Option<String> {
    address.starts_with("mxc://").then(|| encode(address))?
}

fn encode(address: &str) -> Option<String> {
    let mut encoded = String::with_capacity(address.len());
    for character in address.chars() {
        match character {
            '"' => encoded.push_str("%22"),
            '<' => encoded.push_str("%3C"),
            '>' => encoded.push_str("%3E"),
            '&' => encoded.push_str("&amp;"),
            _ if character.is_whitespace() => encoded.push_str("%20"),
            _ if is_unwanted(character) => {}
            _ => encoded.push(character),
        }
    }
    (encoded.len() <= LONGEST_ADDRESS).then_some(encoded)
}

/// Bytes of a text within a JSON string.
pub(super) fn json_length(text: &str) -> usize {
    let length = |byte| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 2,
        0..=0x1f => 6,
        _ => 1,
    };
    text.bytes().map(length).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_schemes_are_linked() {
        for address in [
            "https://a.org/?a=1",
            "HTTP://a.org",
            "mailto:a@b.org",
            "matrix:u/a:b.org",
        ] {
            assert!(link(address).is_some(), "{address}");
        }
        for address in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            " javascript:alert(1)",
            "java\tscript:alert(1)",
            "data:text/html,<script>",
            "vbscript:x",
            "file:///etc/passwd",
            "//a.org",
            "page.html",
            "\u{1}https://a.org",
        ] {
            assert_eq!(link(address), None, "{address}");
        }
        assert_eq!(link(&format!("https://{}", "a".repeat(3000))), None);
    }

    #[test]
    fn an_address_cannot_leave_its_attribute() {
        assert_eq!(
            link("https://a/\" onclick=\"x\u{202e}<>&'").unwrap(),
            "https://a/%22%20onclick=%22x%3C%3E&amp;'"
        );
        assert_eq!(picture("https://a.org/a.png"), None);
        assert_eq!(picture("mxc://a.org/a").unwrap(), "mxc://a.org/a");
    }

    #[test]
    fn the_length_is_that_of_the_json() {
        arbtest::arbtest(|u| {
            let text: String = u.arbitrary()?;
            let json = serde_json::to_string(&text).unwrap();
            assert_eq!(json_length(&text), json.len() - 2);
            Ok(())
        });
    }
}
