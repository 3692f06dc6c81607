//! `.well-known/matrix/client` (spec, "Well-known URI").

use serde_json::Value;
use url::Url;

use crate::{
    address::{ServerName, parse_homeserver},
    homeserver::{
        api::Homeserver,
        transport::{Call, Failure, Http, Result, shown_address},
    },
};

impl Homeserver {
    /// The homeserver's URL that the well-known file of a server name names, which may be this one
    /// or another; `None` where there is no such file, which is fine: the name itself is the
    /// homeserver then. Asked once, with the proxy and the patience of this one.
    ///
    /// # Errors
    ///
    /// [`Failure::WellKnown`] for a file of no use; when nothing answers where the file should be,
    /// or something in trouble.
    pub async fn well_known(&self, name: &ServerName) -> Result<Option<Url>> {
        let url = location(name)?;
        ask(&Http::new(&self.http.options, &url)?, url).await
    }
}

async fn ask(http: &Http, url: Url) -> Result<Option<Url>> {
    // Most names that have no such file have no web server either, which is not worth waiting for.
    let once = Call {
        repeatable: false,
        ..Call::get(url)
    };
    fetch(http, &once).await
}

/// Where the file of a server name is. It is the host's own affair: the name's port plays no part.
pub(super) fn location(name: &ServerName) -> Result<Url> {
    let url = format!("https://{}/.well-known/matrix/client", name.host());
    Url::parse(&url).map_err(|_| Failure::address(name.as_str(), "cannot be a part of a URL"))
}

/// The base URL that the well-known file asked for names: `None` when there is no file (`IGNORE`).
///
/// # Errors
///
/// For a file that is there and of no use (`FAIL_PROMPT`, `FAIL_ERROR`), and when nothing answers.
pub(super) async fn fetch(http: &Http, call: &Call<'_>) -> Result<Option<Url>> {
    let fault = |why: &str| Failure::WellKnown {
        url: call.url.to_string(),
        why: why.to_owned(),
    };
    let reply = http.send(call).await.map_err(|failure| match failure {
        Failure::NotMatrix { what, .. } => fault(&what),
        Failure::TooLong { mebibytes, .. } => fault(&format!("it is longer than {mebibytes} MiB")),
        Failure::Redirect { target, why, .. } => fault(&format!(
            "it redirects to {target}, which is not followed: {why}"
        )),
        other => other,
    })?;
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
    parse_homeserver(base).map(Some).map_err(|why| {
        let base = shown_address(base);
        fault(&format!("its m.homeserver.base_url is `{base}`: it {why}"))
    })
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

    async fn said(answer: impl Fn() -> Response + Send + Sync + 'static) -> Result<Option<Url>> {
        let fake = Fake::new(move |_| Some(answer())).await;
        asked(&fake.url).await
    }

    async fn asked(host: &str) -> Result<Option<Url>> {
        let url = Url::parse(&format!("{host}/.well-known/matrix/client")).unwrap();
        ask(&Http::new(&Options::default(), &url)?, url).await
    }

    #[tokio::test]
    async fn a_file_is_absent_names_a_homeserver_or_is_broken() {
        assert_eq!(said(|| text(404, "")).await, Ok(None));
        let base = "https://matrix.example.org/";
        let file = json!({ "m.homeserver": { "base_url": base } });
        let named = said(move || ok(&file)).await;
        assert_eq!(named, Ok(Some(Url::parse(base).unwrap())));
        for (answer, words) in [
            (text(200, "<html>"), "not JSON"),
            (text(403, ""), "403"),
            (redirect(302, "http://elsewhere.example.org/"), "plain HTTP"),
            (text(200, &" ".repeat(2 << 20)), "longer than 1 MiB"),
        ] {
            let answer = std::sync::Mutex::new(Some(answer));
            let broken = said(move || answer.lock().unwrap().take().unwrap()).await;
            let Err(Failure::WellKnown { why, .. }) = broken else {
                panic!("{broken:?}");
            };
            assert!(why.contains(words), "{why}");
        }
    }

    #[tokio::test]
    async fn a_host_in_trouble_is_asked_once() {
        let fake = Fake::new(|_| Some(text(503, ""))).await;
        let failure = asked(&fake.url).await.unwrap_err();
        assert!(
            matches!(failure, Failure::ServerTrouble { .. }),
            "{failure}"
        );
        assert_eq!(fake.seen().len(), 1);
    }

    #[tokio::test]
    async fn a_host_that_does_not_answer_says_nothing() {
        let failure = asked(&closed().await).await.unwrap_err();
        assert!(matches!(failure, Failure::Unreachable { .. }), "{failure}");
    }
}
