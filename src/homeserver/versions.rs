//! The spec versions a homeserver speaks (spec, "GET /_matrix/client/versions").

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

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
    #[must_use]
    pub fn at_least(&self, major: u32, minor: u32) -> bool {
        self.newest().is_some_and(|newest| newest >= (major, minor))
    }

    /// The newest version it speaks, as `(major, minor)`; the `r0` line counts as major 0.
    #[must_use]
    pub fn newest(&self) -> Option<(u32, u32)> {
        self.versions
            .iter()
            .filter_map(|version| read(version))
            .max()
    }

    /// Whether media can be asked for with a token, as newer media must be (spec, "Authenticated
    /// media", since Matrix 1.11).
    #[must_use]
    pub fn authenticated_media(&self) -> bool {
        self.at_least(1, 11) || self.has_feature("org.matrix.msc3916.stable")
    }

    /// Whether the server has switched on an unstable feature.
    #[must_use]
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
