//! Reads what a person typed to name a homeserver.

use url::Url;

use super::{
    failure::{Failure, Result},
    ids::{ServerName, UserId},
    words::tame,
};

/// What a person named.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// The server's name, alone or as part of a user id.
    Name(ServerName),
    /// The URL of the API itself.
    Url(Url),
}

impl Address {
    /// Tells a user id, a server name and a URL apart.
    pub(super) fn parse(input: &str) -> Result<Self> {
        let input = input.trim();
        if input.contains("://") {
            return base_url(input).map(Self::Url);
        }
        let name = if input.starts_with('@') {
            UserId::parse(input).map(|id| id.server_name().clone())
        } else {
            ServerName::parse(input)
        };
        name.map(Self::Name).map_err(|why| bad(input, why))
    }
}

/// Reads the URL of a homeserver, strictly: it becomes the beginning of every other URL.
pub(super) fn base_url(input: &str) -> Result<Url> {
    let fault = |why| bad(input, why);
    let url = Url::parse(input.trim()).map_err(|_| fault("this is not a URL"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(fault("it must not hold a user name or password"));
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err(fault("a homeserver's URL begins with https://"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(fault("it names no host"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(fault("leave out everything from ? or # on"));
    }
    if format!("{}/", url.path()).contains("/_matrix/") {
        return Err(fault("leave out everything from /_matrix on"));
    }
    Ok(url)
}

fn bad(input: &str, why: &'static str) -> Failure {
    // What stands before an @ in a URL is a password, even in a URL that cannot be read.
    let shown = match input.split_once("://") {
        Some((scheme, rest)) if rest.contains('@') => &format!("{scheme}://…"),
        _ => input,
    };
    Failure::Address {
        input: tame(shown, &[]),
        why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_names_and_urls_are_told_apart() {
        let name = |text| Address::Name(ServerName::parse(text).unwrap());
        let read = |text| Address::parse(text).unwrap();
        assert_eq!(read(" @bot:example.org\n"), name("example.org"));
        assert_eq!(read("@bot:localhost:8008"), name("localhost:8008"));
        assert_eq!(read("example.org"), name("example.org"));
        let url = Url::parse("https://m.example.org/").unwrap();
        assert_eq!(read("https://m.example.org"), Address::Url(url));
    }

    #[test]
    fn urls_that_would_mislead_are_refused() {
        for input in [
            "ftp://example.org",
            "matrix://example.org",
            "https://",
            "https://example.org/?a",
            "https://example.org/#/login",
            "https://example.org/_matrix/client/versions",
            "https://example.org/_matrix",
            "https://exa mple.org",
            "bot:example.org",
            "bot@example.org",
            "",
        ] {
            assert!(Address::parse(input).is_err(), "{input}");
        }
    }

    #[test]
    fn credentials_in_a_url_are_not_repeated() {
        for input in [
            "https://me:canary@example.org",
            "ftp://me:canary@example.org",
            "https://me:canary@exa mple.org",
            "https://canary@",
        ] {
            let failure = Address::parse(input).unwrap_err();
            assert!(
                !format!("{failure} {failure:?}").contains("canary"),
                "{failure}"
            );
        }
    }
}
