//! A homeserver before login.

use std::{collections::BTreeMap, sync::Arc};

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::flows::LoginFlows;
use crate::{
    address::parse_homeserver,
    homeserver::transport::{Call, Failure, Http, Options, Reply, Result, base_of, endpoint},
};

/// The path that tells a homeserver from everything else.
pub const VERSIONS: &str = "/_matrix/client/versions";

/// A homeserver, known by its base URL. Cheap to clone; clones share connections.
#[derive(Clone, Debug)]
pub struct Homeserver {
    pub(in crate::homeserver) http: Arc<Http>,
    /// The base URL.
    pub base_url: Url,
}

impl Homeserver {
    /// A homeserver at this base URL. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// For a URL that cannot be one, plain HTTP that is not allowed, and an unusable proxy.
    pub fn new(base_url: &str, options: &Options) -> Result<Self> {
        let base_url = parse_homeserver(base_url).map_err(|why| Failure::address(base_url, why))?;
        options.permit(&base_url)?;
        let http = Arc::new(Http::new(options, &base_url)?);
        Ok(Self { http, base_url })
    }

    /// The base URL as a person writes it: without a slash at its end.
    pub fn name(&self) -> String {
        base_of(&self.base_url)
    }

    pub(in crate::homeserver) fn url(&self, path: &str) -> Url {
        endpoint(&self.base_url, path)
    }

    /// Asks for what needs no token.
    pub(in crate::homeserver) async fn get(&self, path: &str) -> Result<Reply> {
        self.http.send(&Call::get(self.url(path))).await
    }

    /// The spec versions it speaks (spec, "GET /_matrix/client/versions").
    ///
    /// # Errors
    ///
    /// When it cannot be reached or is no homeserver.
    pub async fn versions(&self) -> Result<Versions> {
        let (versions, _) = self.versions_and_source().await?;
        Ok(versions)
    }

    /// The versions, and the URL that answered in the end.
    pub(in crate::homeserver) async fn versions_and_source(&self) -> Result<(Versions, Url)> {
        let reply = self.get(VERSIONS).await?;
        // A homeserver never refuses this question, whatever error object it dresses that in.
        if !reply.status.is_success() {
            return Err(reply.not_matrix());
        }
        Ok((reply.json()?, reply.url))
    }

    /// The ways it lets people in (spec, "GET /_matrix/client/v3/login" and "OAuth 2.0 API").
    ///
    /// # Errors
    ///
    /// When it cannot be reached or is no homeserver.
    pub async fn login_flows(&self) -> Result<LoginFlows> {
        let (offered, metadata) = tokio::try_join!(
            self.get("/_matrix/client/v3/login"),
            self.get("/_matrix/client/v1/auth_metadata")
        )?;
        // Under delegated authentication a server may have no login of its own.
        let flows: Value = match offered.errcode() {
            "M_UNRECOGNIZED" => json!({ "flows": [] }),
            _ => offered.json()?,
        };
        if !flows["flows"].is_array() {
            return Err(offered.not_matrix());
        }
        // Most servers do not know this question, and what stands in front of them words its
        // refusal in many ways.
        let metadata: Value = metadata.json().unwrap_or_default();
        let issuer = metadata["issuer"].as_str();
        Ok(LoginFlows::new(&flows, issuer.map(str::to_owned)))
    }
}

/// The spec versions and unstable features a homeserver speaks.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Versions {
    /// The versions as the server names them, such as `v1.11` or `r0.6.1`.
    pub versions: Vec<String>,
    #[serde(default)]
    unstable_features: BTreeMap<String, Value>,
}

impl Versions {
    /// Whether the server speaks this version or a later one, as in `at_least(1, 11)`.
    pub fn at_least(&self, major: u32, minor: u32) -> bool {
        self.newest().is_some_and(|newest| newest >= (major, minor))
    }

    /// The newest version it speaks, as `(major, minor)`; the `r0` line counts as major 0.
    pub fn newest(&self) -> Option<(u32, u32)> {
        self.versions
            .iter()
            .filter_map(|version| read(version))
            .max()
    }

    /// Whether media can be asked for with a token, as newer media must be (spec, "Authenticated
    /// media", since Matrix 1.11).
    pub fn authenticated_media(&self) -> bool {
        self.at_least(1, 11) || self.has_feature("org.matrix.msc3916.stable")
    }

    /// Whether the server has switched on an unstable feature.
    pub fn has_feature(&self, name: &str) -> bool {
        self.unstable_features.get(name) == Some(&Value::Bool(true))
    }
}

/// `v1.11` and `r0.6.1` as numbers.
fn read(version: &str) -> Option<(u32, u32)> {
    let numbers = version.strip_prefix(['v', 'r'])?;
    let mut parts = numbers.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        let versions: Versions = serde_json::from_str(
            r#"{"versions":["r0.6.1","v1.2","v1.11","nonsense"],"unstable_features":{"a":true,"b":false,"c":1}}"#,
        )
        .unwrap();
        assert_eq!(versions.newest(), Some((1, 11)));
        assert!(versions.at_least(1, 9));
        assert!(!versions.at_least(1, 12));
        assert!(versions.has_feature("a"));
        assert!(!versions.has_feature("b") && !versions.has_feature("c"));
    }

    #[test]
    fn media_behind_a_token_are_a_version_or_a_feature() {
        let media = |json: &str| {
            let versions: Versions = serde_json::from_str(json).unwrap();
            versions.authenticated_media()
        };
        assert!(media(r#"{"versions":["v1.11"]}"#));
        assert!(!media(r#"{"versions":["v1.10"]}"#));
        assert!(media(
            r#"{"versions":["v1.10"],"unstable_features":{"org.matrix.msc3916.stable":true}}"#
        ));
    }
}
