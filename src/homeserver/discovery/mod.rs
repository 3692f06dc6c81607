//! From what a person typed to a homeserver that answers (spec, "Server discovery").

mod well_known;

use url::Url;

use super::{
    api::{Homeserver, LoginFlows, VERSIONS},
    transport::{Call, Failure, Options, Reach, Result, TlsFault},
};
use crate::address::{OwnedServerName, ServerName, is_loopback, parse_server_name, parse_user_id};

/// A homeserver that was found and has answered.
#[derive(Clone, Debug)]
pub struct Discovery {
    /// How it was found.
    pub found_by: FoundBy,
    /// The ways it lets people in.
    pub flows: LoginFlows,
    /// The server itself, connected already. A redirect is followed in its base URL.
    pub homeserver: Homeserver,
}

/// How a homeserver was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// Its server name's `.well-known/matrix/client` names it.
    WellKnown,
    /// The name or URL that was given answers itself.
    Direct,
}

/// Finds the homeserver of a user ID (`@bot:example.org`), a server name or a URL.
///
/// # Errors
///
/// When the input is none of these, nothing answers, or what answers is no homeserver.
pub async fn discover(input: &str, options: &Options) -> Result<Discovery> {
    let input = input.trim();
    if input.contains("://") {
        return probe(Homeserver::new(input, options)?, FoundBy::Direct).await;
    }
    let name = server_name(input).map_err(|why| Failure::address(input, why))?;
    at_name(&name, options).await
}

/// The server's name, alone or as part of a user ID.
fn server_name(input: &str) -> Result<OwnedServerName, &'static str> {
    if input.starts_with('@') {
        return parse_user_id(input).map(|id| id.server_name().to_owned());
    }
    parse_server_name(input)
}

async fn at_name(name: &ServerName, options: &Options) -> Result<Discovery> {
    let has_port = name.port().is_some();
    // On this machine a port means a homeserver under test, and those speak plain HTTP as a rule.
    let mut local = None;
    if has_port && is_loopback(&https(name)?) {
        let plain = Homeserver::new(&format!("http://{name}"), options)?;
        match probe(plain, FoundBy::Direct).await {
            Err(failure) if may_be_tls(&failure) => local = Some(failure),
            settled => return settled,
        }
    }
    let direct = Homeserver::new(https(name)?.as_str(), options)?;
    let found = walk(direct, &well_known::location(name)?, has_port).await;
    found.map_err(|failure| match local {
        // The port speaks no TLS after all, so the plain answer is what matters.
        Some(local) if is_no_tls(&failure) => local,
        _ => failure,
    })
}

/// The URL of what a server name names.
fn https(name: &ServerName) -> Result<Url> {
    let url = Url::parse(&format!("https://{name}"));
    url.map_err(|_| Failure::address(name.as_str(), "cannot be a part of a URL"))
}

/// Whether a plain request may have failed because the port wants TLS.
fn may_be_tls(failure: &Failure) -> bool {
    match failure {
        Failure::NotMatrix { .. } => true,
        Failure::Unreachable { reach, .. } => matches!(reach, Reach::Broken(_)),
        _ => false,
    }
}

fn is_no_tls(failure: &Failure) -> bool {
    let not_tls = Reach::Tls(TlsFault::NotTls);
    matches!(failure, Failure::Unreachable { reach, .. } if *reach == not_tls)
}

/// Follows the well-known file, or else tries the name itself.
async fn walk(direct: Homeserver, file: &Url, has_port: bool) -> Result<Discovery> {
    match well_known::fetch(&direct.http, &Call::get(file.clone())).await {
        Ok(Some(base_url)) => named(Homeserver { base_url, ..direct }, file).await,
        Ok(None) => probe(direct, FoundBy::Direct).await,
        // The file would be on another port than the name's own, which may answer all the same.
        Err(Failure::Unreachable { .. }) if has_port => probe(direct, FoundBy::Direct).await,
        Err(failure) => Err(failure),
    }
}

/// Probes the homeserver that a well-known file names; if it is none, the file is at fault.
async fn named(homeserver: Homeserver, file: &Url) -> Result<Discovery> {
    let found = probe(homeserver, FoundBy::WellKnown).await;
    found.map_err(|failure| {
        let why = match failure {
            Failure::NotMatrix { server, what } => {
                format!("it names {server}, which answers, but not as a homeserver: {what}")
            }
            Failure::PlainHttp { url } => format!("it names {url}, which would be unencrypted"),
            other => return other,
        };
        Failure::WellKnown {
            url: file.to_string(),
            why,
        }
    })
}

/// Makes sure that a homeserver answers at its base URL, and asks how to log in.
async fn probe(homeserver: Homeserver, found_by: FoundBy) -> Result<Discovery> {
    let (_, source) = homeserver.versions_and_source().await?;
    let homeserver = Homeserver {
        base_url: settled(homeserver.base_url, source),
        ..homeserver
    };
    Ok(Discovery {
        flows: homeserver.login_flows().await?,
        found_by,
        homeserver,
    })
}

/// The base URL to use from now on: where a redirect led, if it led to the same question.
fn settled(base: Url, mut source: Url) -> Url {
    let Some(path) = source.path().strip_suffix(VERSIONS).map(str::to_owned) else {
        return base;
    };
    source.set_path(&path);
    source.set_query(None);
    source.set_fragment(None);
    source
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        address::parse_server_name,
        homeserver::fake::{Fake, closed, ok, redirect, text},
    };
    use axum::response::Response;
    use serde_json::json;

    type Make = Box<dyn Fn() -> Response + Send + Sync>;

    #[test]
    fn the_port_belongs_to_the_name_and_not_to_the_file() {
        for (name, host, direct) in [
            ("example.org", "example.org", "https://example.org/"),
            (
                "example.org:8448",
                "example.org",
                "https://example.org:8448/",
            ),
            ("[::1]:8448", "[::1]", "https://[::1]:8448/"),
        ] {
            let file = format!("https://{host}/.well-known/matrix/client");
            let name = parse_server_name(name).unwrap();
            assert_eq!(well_known::location(&name).unwrap().as_str(), file);
            assert_eq!(https(&name).unwrap().as_str(), direct);
        }
    }

    #[test]
    fn what_names_no_server_is_refused() {
        for input in ["bot:example.org", "bot@example.org", "", "@bot"] {
            assert!(server_name(input).is_err(), "{input}");
        }
        assert_eq!(
            server_name("@bot:localhost:8008").unwrap(),
            "localhost:8008"
        );
        assert_eq!(server_name("example.org").unwrap(), "example.org");
    }

    #[tokio::test]
    async fn credentials_in_a_url_are_not_repeated() {
        for input in [
            "https://me:canary@example.org",
            "ftp://me:canary@example.org",
            "https://me:canary@exa mple.org",
            "https://canary@",
        ] {
            let failure = discover(input, &Options::default()).await.unwrap_err();
            assert!(!format!("{failure} {failure:?}").contains("canary"));
        }
    }

    /// Walks from a fake well-known file to a fake homeserver on the same machine.
    async fn walked(file: &str, direct: &str, has_port: bool) -> Result<Discovery> {
        let file = format!("{file}/.well-known/matrix/client");
        let direct = Homeserver::new(direct, &Options::default())?;
        walk(direct, &Url::parse(&file).unwrap(), has_port).await
    }

    async fn file(make: impl Fn() -> Response + Send + Sync + 'static) -> Fake {
        Fake::new(move |seen| seen.path.ends_with("/matrix/client").then(&make)).await
    }

    fn naming(base: &str) -> impl Fn() -> Response + use<> {
        let json = json!({ "m.homeserver": { "base_url": base } });
        move || ok(&json)
    }

    #[tokio::test]
    async fn a_file_leads_to_the_homeserver_it_names() {
        let server = Fake::homeserver(|_| None).await;
        let file = file(naming(&format!("{}/", server.url))).await;
        let found = walked(&file.url, &closed().await, false).await.unwrap();
        assert_eq!(found.found_by, FoundBy::WellKnown);
        assert_eq!(
            found.homeserver.base_url.as_str(),
            format!("{}/", server.url)
        );
        assert!(found.flows.password);
    }

    /// A homeserver that lives below a path, on a server that has nothing elsewhere but what leads
    /// there.
    async fn below_a_path() -> Fake {
        Fake::new(|seen| {
            Some(match seen.path.strip_prefix("/a/matrix") {
                Some("/_matrix/client/versions") => ok(&json!({ "versions": ["v1.11"] })),
                Some("/_matrix/client/v3/login") => {
                    let flow = json!({ "type": "m.login.password" });
                    ok(&json!({ "flows": [flow, 5, { "type": 5 }] }))
                }
                None if seen.path.ends_with("/_matrix/client/versions") => {
                    redirect(308, "/a/matrix/_matrix/client/versions")
                }
                _ => text(404, "<html>"),
            })
        })
        .await
    }

    #[tokio::test]
    async fn a_homeserver_may_live_below_a_path() {
        let server = below_a_path().await;
        let base = format!("{}/a/matrix", server.url);
        // By a file, whatever editor saved it.
        let names = format!("\u{feff}{{\"m.homeserver\": {{\"base_url\": \"{base}//\"}}}}\n");
        let file = file(move || text(200, &names)).await;
        let by_file = walked(&file.url, &closed().await, false).await.unwrap();
        assert_eq!(by_file.found_by, FoundBy::WellKnown);
        let mut found = vec![by_file];
        // By its URL, and where a redirect leads.
        for given in [format!("{base}/"), base.clone(), server.url.clone()] {
            found.push(discover(&given, &Options::default()).await.unwrap());
        }
        for found in found {
            assert_eq!(found.homeserver.base_url.as_str(), base);
            assert!(found.flows.password);
        }
    }

    #[tokio::test]
    async fn without_a_file_the_name_itself_is_tried() {
        let server = Fake::homeserver(|_| None).await;
        let none = file(|| text(404, "<html>")).await;
        let found = walked(&none.url, &server.url, false).await.unwrap();
        assert_eq!(found.found_by, FoundBy::Direct);
        let found = walked(&closed().await, &server.url, true).await.unwrap();
        assert_eq!(found.found_by, FoundBy::Direct);
        let failure = walked(&closed().await, &server.url, false)
            .await
            .unwrap_err();
        assert!(matches!(failure, Failure::Unreachable { .. }), "{failure}");
    }

    #[tokio::test]
    async fn a_malformed_file_is_an_error_and_not_ignored() {
        let web = Fake::new(|_| Some(text(200, "<html>"))).await;
        let cases: Vec<(Make, &str)> = vec![
            (Box::new(|| text(200, "<html>")), "it is not JSON"),
            (Box::new(|| text(200, "")), "it is not JSON"),
            (Box::new(|| text(403, "{}")), "HTTP status 403"),
            (
                Box::new(|| ok(&json!({}))),
                "names no m.homeserver.base_url",
            ),
            (
                Box::new(|| ok(&json!({ "m.homeserver": { "base_url": 7 } }))),
                "is not a text",
            ),
            (Box::new(naming("matrix.example.org")), "it has no scheme"),
            (
                Box::new(naming("http://matrix.example.org")),
                "would be unencrypted",
            ),
            (Box::new(naming(&web.url)), "it sent a web page"),
        ];
        for (make, words) in cases {
            let file = file(make).await;
            let server = Fake::homeserver(|_| None).await;
            let failure = walked(&file.url, &server.url, false).await.unwrap_err();
            assert!(matches!(failure, Failure::WellKnown { .. }), "{failure}");
            assert!(failure.to_string().contains(words), "{failure}");
        }
    }

    #[tokio::test]
    async fn a_name_with_a_port_on_this_machine_speaks_plain_http() {
        let server = Fake::homeserver(|_| None).await;
        let port = server.url.rsplit(':').next().unwrap();
        for input in [
            format!("127.0.0.1:{port}"),
            format!("@bot:127.0.0.1:{port}"),
        ] {
            let found = discover(&input, &Options::default()).await.unwrap();
            assert_eq!(
                found.homeserver.base_url.as_str(),
                format!("{}/", server.url)
            );
        }
        let web = Fake::new(|_| Some(text(404, "<html>"))).await;
        let name = web.url.trim_start_matches("http://");
        let failure = discover(name, &Options::default()).await.unwrap_err();
        assert!(matches!(failure, Failure::NotMatrix { .. }), "{failure}");
    }
}
