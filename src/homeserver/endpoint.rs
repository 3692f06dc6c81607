//! Builds and takes apart the URLs of the API.

use url::Url;

use super::failure::{Failure, Result};

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// The URL of an API path below a base URL, which may have a path of its own.
pub(super) fn endpoint(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url
}

/// One path segment, percent-encoded so that it can never be read as several.
///
/// # Errors
///
/// For an empty segment and for `.` and `..`, which URLs cannot carry, encoded or not.
pub(super) fn segment(text: &str) -> Result<String> {
    if matches!(text, "" | "." | "..") {
        return Err(Failure::Address {
            input: text.to_owned(),
            why: "this cannot be an id",
        });
    }
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => {
                encoded.push('%');
                encoded.push(char::from(HEX[usize::from(byte >> 4)]));
                encoded.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
    Ok(encoded)
}

/// A URL without credentials, query, fragment and API path: what a person calls the homeserver.
pub(super) fn base_of(url: &Url) -> String {
    let path = url.path();
    let end = ["/_matrix/", "/.well-known/"]
        .iter()
        .filter_map(|start| path.find(start))
        .min()
        .unwrap_or(path.len());
    let origin = url.origin().ascii_serialization();
    format!("{origin}{}", path[..end].trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn paths_are_appended_to_the_base() {
        for (base, expected) in [
            ("https://h", "https://h/_matrix/x"),
            ("https://h/", "https://h/_matrix/x"),
            ("https://h:1/sub//", "https://h:1/sub/_matrix/x"),
        ] {
            assert_eq!(endpoint(&url(base), "/_matrix/x").as_str(), expected);
        }
    }

    #[test]
    fn a_segment_stays_one_segment() {
        let encoded = segment("a/../b?c#d%2F é").unwrap();
        assert_eq!(encoded, "a%2F..%2Fb%3Fc%23d%252F%20%C3%A9");
        let full = endpoint(&url("https://h"), &format!("/devices/{encoded}"));
        assert_eq!(full.path(), "/devices/a%2F..%2Fb%3Fc%23d%252F%20%C3%A9");
        for text in ["", ".", ".."] {
            assert!(segment(text).is_err());
        }
    }

    #[test]
    fn the_base_of_an_api_url_is_what_was_typed() {
        for (full, base) in [
            (
                "https://me:pw@h/sub/_matrix/client/versions?x=1",
                "https://h/sub",
            ),
            ("https://h/.well-known/matrix/client", "https://h"),
            ("https://h:8448/", "https://h:8448"),
        ] {
            assert_eq!(base_of(&url(full)), base);
        }
    }
}
