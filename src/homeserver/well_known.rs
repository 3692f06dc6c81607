//! `.well-known/matrix/client` (spec, "Well-known URI").

use serde_json::Value;
use url::Url;

use super::{
    address,
    call::Call,
    failure::{Failure, Result},
    http::Http,
    words::tame,
};

/// The base URL that a server's well-known file names: `None` when there is no file (`IGNORE`).
///
/// # Errors
///
/// For a file that is there and of no use (`FAIL_PROMPT`, `FAIL_ERROR`), and when nothing answers.
pub(super) async fn fetch(http: &Http, url: &Url) -> Result<Option<Url>> {
    let reply = http.send(&Call::get(url.clone())).await?;
    let fault = |why: &str| Failure::WellKnown {
        url: url.to_string(),
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
