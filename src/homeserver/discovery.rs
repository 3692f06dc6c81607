//! From what a person typed to a homeserver that answers (spec, "Server discovery").

use std::sync::Arc;

use url::Url;

use super::{
    address::{Address, base_url},
    call::Call,
    failure::{Failure, Result},
    flows::LoginFlows,
    http::Http,
    ids::ServerName,
    options::{Options, is_loopback},
    reach::{Reach, TlsFault},
    server::{Homeserver, VERSIONS},
    versions::Versions,
    well_known,
};

/// A homeserver that was found and has answered.
#[derive(Clone, Debug)]
pub struct Discovery {
    /// Where its API lives.
    pub base_url: Url,
    /// How it was found.
    pub found_by: FoundBy,
    /// The spec versions it speaks.
    pub versions: Versions,
    /// The ways it lets people in.
    pub flows: LoginFlows,
    /// The server itself, connected already.
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

/// Finds the homeserver of a user id (`@bot:example.org`), a server name or a URL.
///
/// # Errors
///
/// When the input is none of these, nothing answers, or what answers is no homeserver.
pub async fn discover(input: &str, options: &Options) -> Result<Discovery> {
    match Address::parse(input)? {
        Address::Url(url) => at_url(url, options).await,
        Address::Name(name) => at_name(&name, options).await,
    }
}

async fn at_url(url: Url, options: &Options) -> Result<Discovery> {
    options.permit(&url)?;
    let http = Arc::new(Http::new(options, &url)?);
    probe(http, url, FoundBy::Direct).await
}

async fn at_name(name: &ServerName, options: &Options) -> Result<Discovery> {
    // On this machine a port means a homeserver under test, and those speak plain HTTP as a rule.
    let local = match local_url(name)? {
        Some(url) => match at_url(url, options).await {
            Err(failure) if may_be_tls(&failure) => Some(failure),
            settled => return settled,
        },
        None => None,
    };
    let routes = Routes::of(name)?;
    let http = Arc::new(Http::new(options, &routes.direct)?);
    let found = walk(http, &routes, name.port().is_some()).await;
    found.map_err(|failure| match local {
        // The port speaks no TLS after all, so the plain answer is what matters.
        Some(local) if is_no_tls(&failure) => local,
        _ => failure,
    })
}

/// The plain URL of a server name with a port on this machine.
fn local_url(name: &ServerName) -> Result<Option<Url>> {
    if name.port().is_none() {
        return Ok(None);
    }
    let url = base_url(&format!("http://{name}"))?;
    Ok(is_loopback(&url).then_some(url))
}

/// Whether a plain request may have failed because the port wants TLS.
fn may_be_tls(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::NotMatrix { .. }
            | Failure::Unreachable {
                reach: Reach::Broken(_),
                ..
            }
    )
}

fn is_no_tls(failure: &Failure) -> bool {
    let Failure::Unreachable { reach, .. } = failure else {
        return false;
    };
    *reach == Reach::Tls(TlsFault::NotTls)
}

/// The two places to look for a server name.
struct Routes {
    well_known: Url,
    direct: Url,
}

impl Routes {
    fn of(name: &ServerName) -> Result<Self> {
        Ok(Self {
            well_known: well_known::location(name)?,
            direct: base_url(&format!("https://{name}"))?,
        })
    }
}

/// Follows the well-known file, or else tries the name itself.
async fn walk(http: Arc<Http>, routes: &Routes, has_port: bool) -> Result<Discovery> {
    let file = Call::get(routes.well_known.clone());
    match well_known::fetch(&http, &file).await {
        Ok(Some(base)) => named(http, base, &routes.well_known).await,
        Ok(None) => probe(http, routes.direct.clone(), FoundBy::Direct).await,
        // The file would be on another port than the name's own, which may answer all the same.
        Err(Failure::Unreachable { .. }) if has_port => {
            probe(http, routes.direct.clone(), FoundBy::Direct).await
        }
        Err(failure) => Err(failure),
    }
}

/// Probes the homeserver that a well-known file names; if it is none, the file is at fault.
async fn named(http: Arc<Http>, base: Url, file: &Url) -> Result<Discovery> {
    probe(http, base.clone(), FoundBy::WellKnown)
        .await
        .map_err(|failure| match failure {
            Failure::NotMatrix { server, what } => Failure::WellKnown {
                url: file.to_string(),
                why: format!("it names {server}, which answers, but not as a homeserver: {what}"),
            },
            Failure::PlainHttp { url } => Failure::WellKnown {
                url: file.to_string(),
                why: format!("it names {url}, which would be unencrypted"),
            },
            other => other,
        })
}

/// Makes sure that a homeserver answers at a base URL, and asks how to log in.
async fn probe(http: Arc<Http>, base: Url, found_by: FoundBy) -> Result<Discovery> {
    let asked = Homeserver::with_http(Arc::clone(&http), base.clone());
    let (versions, source) = asked.versions_and_source().await?;
    let base_url = settled(base, &source);
    let homeserver = Homeserver::with_http(http, base_url.clone());
    Ok(Discovery {
        flows: homeserver.login_flows().await?,
        base_url,
        found_by,
        versions,
        homeserver,
    })
}

/// The base URL to use from now on: where a redirect led, if it led to the same question.
fn settled(base: Url, source: &Url) -> Url {
    match source.path().strip_suffix(VERSIONS) {
        Some(path) => {
            let mut url = source.clone();
            url.set_path(path);
            url.set_query(None);
            url.set_fragment(None);
            url
        }
        None => base,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::homeserver::fake::{Fake, closed, ok, text};
    use axum::response::Response;
    use serde_json::json;

    type Make = Box<dyn Fn() -> Response + Send + Sync>;

    fn routes(name: &str) -> (String, String) {
        let routes = Routes::of(&ServerName::parse(name).unwrap()).unwrap();
        (routes.well_known.to_string(), routes.direct.to_string())
    }

    #[test]
    fn the_port_belongs_to_the_name_and_not_to_the_file() {
        let file = |host: &str| format!("https://{host}/.well-known/matrix/client");
        for (name, host, direct) in [
            ("example.org", "example.org", "https://example.org/"),
            (
                "example.org:8448",
                "example.org",
                "https://example.org:8448/",
            ),
            ("[::1]:8448", "[::1]", "https://[::1]:8448/"),
        ] {
            assert_eq!(routes(name), (file(host), direct.to_owned()));
        }
    }

    /// Walks from a fake well-known file to a fake homeserver on the same machine.
    async fn walked(file: &str, direct: &str, has_port: bool) -> Result<Discovery> {
        let routes = Routes {
            well_known: Url::parse(&format!("{file}/.well-known/matrix/client")).unwrap(),
            direct: Url::parse(direct).unwrap(),
        };
        let http = Http::new(&Options::default(), &routes.direct).unwrap();
        walk(Arc::new(http), &routes, has_port).await
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
        assert_eq!(found.base_url.as_str(), format!("{}/", server.url));
        assert!(found.flows.password && found.versions.at_least(1, 11));
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
            (Box::new(naming("matrix.example.org")), "this is not a URL"),
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
            assert_eq!(found.base_url.as_str(), format!("{}/", server.url));
        }
        let web = Fake::new(|_| Some(text(404, "<html>"))).await;
        let name = web.url.trim_start_matches("http://");
        let failure = discover(name, &Options::default()).await.unwrap_err();
        assert!(matches!(failure, Failure::NotMatrix { .. }), "{failure}");
    }
}
