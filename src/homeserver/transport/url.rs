//! Builds and takes apart the URLs of the API.

use url::{Url, form_urlencoded::byte_serialize};

use super::failure::{Failure, Result};

/// The URL of an API path below a base URL, which may have a path of its own.
pub fn endpoint(base: &Url, path: &str) -> Url {
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
pub fn segment(text: &str) -> Result<String> {
    if matches!(text, "" | "." | "..") {
        return Err(Failure::Address {
            input: text.to_owned(),
            why: "cannot be an id",
        });
    }
    let encoded: String = byte_serialize(text.as_bytes()).collect();
    // A space is a plus in forms only.
    Ok(encoded.replace('+', "%20"))
}

/// A URL without credentials, query, fragment and API path: what a person calls the homeserver.
pub fn base_of(url: &Url) -> String {
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
