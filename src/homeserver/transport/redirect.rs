//! Which redirects are followed, and which never.

use reqwest::{Method, StatusCode, header::HeaderMap};
use url::Url;

use super::{
    call::Call,
    failure::{Failure, Result},
    url::base_of,
};

/// The most redirects in a row that are followed.
pub const MOST: usize = 5;

/// Where an answer sends us: `None` when it is not a redirect.
///
/// # Errors
///
/// For a redirect that must not be followed.
pub fn target(
    call: &Call<'_>,
    from: &Url,
    status: StatusCode,
    headers: &HeaderMap,
) -> Result<Option<Url>> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = headers
        .get("location")
        .and_then(|value| value.to_str().ok());
    let Some(to) = location.and_then(|location| from.join(location).ok()) else {
        return Err(Failure::NotMatrix {
            server: base_of(from),
            what: "it redirects to nowhere".to_owned(),
        });
    };
    match forbidden(call, from, &to, status) {
        Some(why) => Err(refusal(from, &to, why)),
        None => Ok(Some(to)),
    }
}

/// The refusal of a redirect, for this reason.
pub fn refusal(from: &Url, to: &Url, why: &'static str) -> Failure {
    Failure::Redirect {
        server: base_of(from),
        target: base_of(to),
        why,
    }
}

/// The rule that forbids a redirect, if any.
fn forbidden(call: &Call<'_>, from: &Url, to: &Url, status: StatusCode) -> Option<&'static str> {
    if !matches!(to.scheme(), "http" | "https") {
        return Some("it leads out of the web");
    }
    if from.scheme() == "https" && to.scheme() == "http" {
        return Some("it leads from HTTPS to plain HTTP");
    }
    if !to.username().is_empty() || to.password().is_some() {
        return Some("it holds a user name or password");
    }
    if call.is_confidential() && from.origin() != to.origin() {
        return Some("passwords and tokens are not handed on to another server");
    }
    // 301, 302 and 303 turn a POST into a GET (RFC 9110, section 15.4).
    if call.method != Method::GET && !matches!(status.as_u16(), 307 | 308) {
        return Some("it would change the request");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{super::call::Body, *};
    use crate::config::Secret;

    fn follow(call: &Call<'_>, from: &str, to: &str, status: u16) -> Result<Option<Url>> {
        let mut headers = HeaderMap::new();
        headers.insert("location", to.parse().unwrap());
        let status = StatusCode::from_u16(status).unwrap();
        target(call, &Url::parse(from).unwrap(), status, &headers)
    }

    fn get() -> Call<'static> {
        Call::get(Url::parse("https://a/").unwrap())
    }

    #[test]
    fn open_requests_follow_to_other_servers_but_never_down_to_http() {
        let next = follow(&get(), "https://a/x", "https://b/y", 302).unwrap();
        assert_eq!(next.unwrap().as_str(), "https://b/y");
        let next = follow(&get(), "http://a/x", "https://a/x", 301).unwrap();
        assert_eq!(next.unwrap().as_str(), "https://a/x");
        for to in [
            "http://a/x",
            "http://localhost/x",
            "file:///etc/passwd",
            "https://u:p@b/",
        ] {
            assert!(follow(&get(), "https://a/x", to, 302).is_err(), "{to}");
        }
    }

    #[test]
    fn a_token_stays_with_its_origin() {
        let token = Secret::new("canary".to_owned());
        let call = Call {
            token: Some(&token),
            ..get()
        };
        assert!(follow(&call, "https://a/x", "/y", 302).unwrap().is_some());
        for to in ["https://b/x", "https://a:8448/x", "//b/x"] {
            assert!(follow(&call, "https://a/x", to, 302).is_err(), "{to}");
        }
    }

    #[test]
    fn a_post_is_repeated_only_whole_and_only_at_home() {
        let call = Call::post(
            Url::parse("https://a/").unwrap(),
            Body::Json(serde_json::json!({})),
        );
        assert!(follow(&call, "https://a/x", "/y", 307).unwrap().is_some());
        assert!(follow(&call, "https://a/x", "/y", 302).is_err());
        assert!(follow(&call, "https://a/x", "https://b/y", 307).is_err());
    }

    #[test]
    fn other_answers_are_no_redirects() {
        assert_eq!(follow(&get(), "https://a/x", "https://b/y", 200), Ok(None));
        assert_eq!(follow(&get(), "https://a/x", "https://b/y", 304), Ok(None));
    }

    #[test]
    fn an_error_shows_no_query_of_the_target() {
        let failure = follow(&get(), "https://a/x", "http://b/y?token=canary", 302).unwrap_err();
        assert!(!failure.to_string().contains("canary"), "{failure}");
    }
}
