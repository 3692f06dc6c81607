//! `.well-known/matrix/client` (spec, "Well-known URI").

use serde_json::Value;
use url::Url;

use super::{
    address,
    call::Call,
    failure::{Failure, Result},
    http::Http,
    ids::ServerName,
    server::Homeserver,
    words::tame,
};

/// What a server name's `.well-known/matrix/client` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WellKnown {
    /// There is no such file, which is fine: the name itself is the homeserver then.
    Absent,
    /// It names the homeserver at this base URL.
    Names(Url),
    /// It is there, but of no use.
    Broken {
        /// The URL of the file.
        url: String,
        /// What is wrong with it, to follow a colon in a sentence.
        why: String,
    },
}

impl Homeserver {
    /// What the well-known file of a server name says, which may name this homeserver or another.
    /// Asked once, with the proxy and the patience of this one.
    ///
    /// # Errors
    ///
    /// When nothing answers where the file should be, or something in trouble.
    pub async fn well_known(&self, name: &ServerName) -> Result<WellKnown> {
        let url = location(name)?;
        let http = Http::new(self.http().options(), &url)?;
        read(&http, &url).await
    }
}

async fn read(http: &Http, url: &Url) -> Result<WellKnown> {
    // Most names that have no such file have no web server either, which is not worth waiting for.
    let why = match fetch(http, &Call::get(url.clone()).once()).await {
        Ok(None) => return Ok(WellKnown::Absent),
        Ok(Some(base)) => return Ok(WellKnown::Names(base)),
        Err(Failure::WellKnown { why, .. }) => why,
        Err(Failure::Redirect { target, why, .. }) => {
            format!("it redirects to {target}, which is not followed: {why}")
        }
        Err(Failure::TooLarge { .. }) => "it is too large".to_owned(),
        Err(other) => return Err(other),
    };
    Ok(WellKnown::Broken {
        url: url.to_string(),
        why,
    })
}

/// Where the file of a server name is. It is the host's own affair: the name's port plays no part.
pub(super) fn location(name: &ServerName) -> Result<Url> {
    let mut url = address::base_url(&format!("https://{}", name.host()))?;
    url.set_path("/.well-known/matrix/client");
    Ok(url)
}

/// The base URL that the well-known file asked for names: `None` when there is no file (`IGNORE`).
///
/// # Errors
///
/// For a file that is there and of no use (`FAIL_PROMPT`, `FAIL_ERROR`), and when nothing answers.
pub(super) async fn fetch(http: &Http, call: &Call<'_>) -> Result<Option<Url>> {
    let reply = http.send(call).await?;
    let fault = |why: &str| Failure::WellKnown {
        url: call.url.to_string(),
        why: why.to_owned(),
    };
    match reply.status.as_u16() {
        404 => return Ok(None),
        200 => {}
        status => return Err(fault(&format!("it answers with HTTP status {status}"))),
    }
    let file: Value = serde_json::from_slice(&reply.body).map_err(|_| fault("it is not JSON"))?;
    let base = file
        .pointer("/m.homeserver/base_url")
        .ok_or_else(|| fault("it names no m.homeserver.base_url"))?;
    let base = base
        .as_str()
        .ok_or_else(|| fault("its m.homeserver.base_url is not a text"))?;
    match address::base_url(base) {
        Ok(base) => Ok(Some(base)),
        Err(Failure::Address { input, why }) => Err(fault(&format!(
            "its m.homeserver.base_url is `{}`: {why}",
            tame(&input, &[])
        ))),
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use axum::response::Response;
    use serde_json::json;

    use super::*;
    use crate::homeserver::{
        Options,
        fake::{Fake, closed, ok, redirect, text},
    };

    async fn said(answer: impl Fn() -> Response + Send + Sync + 'static) -> WellKnown {
        let fake = Fake::new(move |_| Some(answer())).await;
        ask(&fake.url).await.unwrap()
    }

    async fn ask(host: &str) -> Result<WellKnown> {
        let url = Url::parse(&format!("{host}/.well-known/matrix/client")).unwrap();
        read(&Http::new(&Options::default(), &url)?, &url).await
    }

    #[tokio::test]
    async fn a_file_is_absent_names_a_homeserver_or_is_broken() {
        assert_eq!(said(|| text(404, "")).await, WellKnown::Absent);
        let base = "https://matrix.example.org/";
        let file = json!({ "m.homeserver": { "base_url": base } });
        let named = said(move || ok(&file)).await;
        assert_eq!(named, WellKnown::Names(Url::parse(base).unwrap()));
        for (answer, words) in [
            (text(200, "<html>"), "not JSON"),
            (text(403, ""), "403"),
            (redirect(302, "http://elsewhere.example.org/"), "plain HTTP"),
            (text(200, &" ".repeat(2 << 20)), "too large"),
        ] {
            let answer = std::sync::Mutex::new(Some(answer));
            let broken = said(move || answer.lock().unwrap().take().unwrap()).await;
            let WellKnown::Broken { why, .. } = broken else {
                panic!("{broken:?}");
            };
            assert!(why.contains(words), "{why}");
        }
    }

    #[tokio::test]
    async fn a_host_in_trouble_is_asked_once() {
        let fake = Fake::new(|_| Some(text(503, ""))).await;
        let failure = ask(&fake.url).await.unwrap_err();
        assert!(
            matches!(failure, Failure::ServerTrouble { .. }),
            "{failure}"
        );
        assert_eq!(fake.seen().len(), 1);
    }

    #[tokio::test]
    async fn a_host_that_does_not_answer_says_nothing() {
        let failure = ask(&closed().await).await.unwrap_err();
        assert!(matches!(failure, Failure::Unreachable { .. }), "{failure}");
    }
}
