//! The ways a homeserver lets people in (spec, "GET /_matrix/client/v3/login" and "OAuth 2.0 API").

use serde::Deserialize;
use serde_json::Value;

use super::words::tame;

/// The ways a homeserver lets people in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoginFlows {
    /// Login with a user name and a password.
    pub password: bool,
    /// Single sign-on in a browser.
    pub sso: bool,
    /// Login with a one-time token, the last step of single sign-on as a rule.
    pub token: bool,
    /// Who does the single sign-on.
    pub identity_providers: Vec<IdentityProvider>,
    /// The authentication service, when logins are delegated to OAuth 2.0.
    pub oauth: Option<OAuth>,
    /// The flow types as the server names them.
    pub types: Vec<String>,
}

/// A service that does single sign-on for a homeserver.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct IdentityProvider {
    /// The server's id for it.
    pub id: String,
    /// Its name for people.
    pub name: String,
}

/// The OAuth 2.0 service of a homeserver (spec, "Server metadata discovery").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth {
    /// Who issues the tokens.
    pub issuer: String,
    /// The whole metadata, endpoints included (RFC 8414).
    pub metadata: Value,
}

impl OAuth {
    /// Reads the metadata; it is only that when it names an issuer.
    pub(super) fn read(metadata: Value) -> Option<Self> {
        let issuer = metadata.get("issuer")?.as_str()?.to_owned();
        Some(Self { issuer, metadata })
    }
}

/// The answer of `GET /login`.
#[derive(Deserialize)]
pub(super) struct Offered {
    flows: Vec<Flow>,
}

#[derive(Deserialize)]
struct Flow {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    identity_providers: Vec<IdentityProvider>,
}

impl LoginFlows {
    /// Puts the two sources together.
    pub(super) fn new(offered: Option<Offered>, oauth: Option<OAuth>) -> Self {
        let mut flows = Self {
            oauth,
            ..Self::default()
        };
        for flow in offered.map(|offered| offered.flows).unwrap_or_default() {
            match flow.kind.as_str() {
                "m.login.password" => flows.password = true,
                "m.login.sso" => flows.sso = true,
                "m.login.token" => flows.token = true,
                _ => {}
            }
            flows.identity_providers.extend(flow.identity_providers);
            flows.types.push(flow.kind);
        }
        flows
    }

    /// What is offered, in words that fit after "it offers".
    #[must_use]
    pub fn describe(&self) -> String {
        let mut ways = Vec::new();
        if self.password {
            ways.push("a password".to_owned());
        }
        if self.sso {
            ways.push(self.describe_sso());
        }
        if let Some(oauth) = &self.oauth {
            ways.push(format!("OAuth 2.0 at {}", tame(&oauth.issuer, &[])));
        }
        // The token is the way back from single sign-on; alone, it is worth a word.
        if self.token && !self.sso {
            ways.push("a one-time login token".to_owned());
        }
        if ways.is_empty() {
            let only = |kind: &String| format!("only {}", tame(kind, &[]));
            ways = self.types.iter().map(only).collect();
        }
        match ways.split_last() {
            None => "no way to log in".to_owned(),
            Some((only, [])) => only.clone(),
            Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        }
    }

    fn describe_sso(&self) -> String {
        let names: Vec<_> = self
            .identity_providers
            .iter()
            .map(|provider| tame(&provider.name, &[]))
            .collect();
        if names.is_empty() {
            "single sign-on".to_owned()
        } else {
            format!("single sign-on ({})", names.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flows(json: &str, oauth: Option<&str>) -> LoginFlows {
        let oauth = oauth.and_then(|json| OAuth::read(serde_json::from_str(json).unwrap()));
        LoginFlows::new(Some(serde_json::from_str(json).unwrap()), oauth)
    }

    #[test]
    fn flows_are_read_and_told() {
        let found = flows(
            r#"{"flows":[{"type":"m.login.password"},{"type":"m.login.token"},
                {"type":"m.login.sso","identity_providers":[{"id":"g","name":"Google"},{"id":"h","name":"Git\u001bHub","brand":"x"}]},
                {"type":"m.login.application_service"}]}"#,
            Some(r#"{"issuer":"https://auth.example.org/"}"#),
        );
        assert!(found.password && found.sso && found.token);
        assert_eq!(
            found.describe(),
            "a password, single sign-on (Google, Git Hub) and OAuth 2.0 at https://auth.example.org/"
        );
    }

    #[test]
    fn unknown_and_absent_flows_have_words_too() {
        assert_eq!(
            flows(r#"{"flows":[]}"#, None).describe(),
            "no way to log in"
        );
        let odd = flows(r#"{"flows":[{"type":"org.example.magic"}]}"#, None);
        assert_eq!(odd.describe(), "only org.example.magic");
        assert_eq!(LoginFlows::new(None, OAuth::read(Value::Null)).oauth, None);
    }
}
