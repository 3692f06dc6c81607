//! A text that must never be printed.

use std::{borrow::Borrow, fmt};

use serde::Deserialize;

/// A password, an access token, or anything else that only the homeserver may see.
///
/// It has no `Display` and no `Serialize`, and its `Debug` is redacted, so it cannot reach a log,
/// a report or an error by accident.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Secret(String);

impl Secret {
    /// Takes a text into custody.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that has to send or write it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text without these secrets.
    pub fn redact(text: &str, secrets: &[impl Borrow<Self>]) -> String {
        let secrets = secrets.iter().map(|secret| secret.borrow().expose());
        secrets
            .filter(|secret| !secret.is_empty())
            .fold(text.to_owned(), |text, secret| {
                text.replace(secret, "[redacted]")
            })
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_tells_nothing() {
        let secret = Secret::new("canary");
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_eq!(secret.expose(), "canary");
        let secrets = [&secret, &Secret::new("")];
        assert_eq!(Secret::redact("a canary", &secrets), "a [redacted]");
    }
}
