//! The ways a homeserver lets people in (spec, "GET /_matrix/client/v3/login" and "OAuth 2.0 API").

use serde_json::Value;

use crate::text::excerpt;

/// The ways a homeserver lets people in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoginFlows {
    /// Login with a user name and a password.
    pub password: bool,
    /// The flow types as the server names them.
    pub types: Vec<String>,
    /// The names of those who do the single sign-on.
    providers: Vec<String>,
    /// Who issues the tokens, when logins are delegated to OAuth 2.0 (spec, "Server metadata
    /// discovery").
    oauth_issuer: Option<String>,
}

impl LoginFlows {
    /// Puts the two sources together: the answer of `GET /login`, and the issuer.
    pub fn new(offered: &Value, oauth_issuer: Option<String>) -> Self {
        let mut flows = Self {
            oauth_issuer,
            ..Self::default()
        };
        for flow in offered["flows"].as_array().into_iter().flatten() {
            let Some(kind) = flow["type"].as_str() else {
                continue;
            };
            flows.password |= kind == "m.login.password";
            flows.types.push(kind.to_owned());
            let providers = flow["identity_providers"].as_array().into_iter().flatten();
            let names = providers.filter_map(|provider| provider["name"].as_str());
            flows.providers.extend(names.map(excerpt));
        }
        flows
    }

    /// What is offered, in words that fit after "it offers".
    pub fn describe(&self) -> String {
        let offers = |kind: &str| self.types.iter().any(|offered| offered == kind);
        let mut ways = Vec::new();
        if self.password {
            ways.push("a password".to_owned());
        }
        if offers("m.login.sso") {
            ways.push(match self.providers.join(", ") {
                names if names.is_empty() => "single sign-on".to_owned(),
                names => format!("single sign-on ({names})"),
            });
        }
        if let Some(issuer) = &self.oauth_issuer {
            ways.push(format!("OAuth 2.0 at {}", excerpt(issuer)));
        }
        // The token is the way back from single sign-on; alone, it is worth a word.
        if offers("m.login.token") && !offers("m.login.sso") {
            ways.push("a one-time login token".to_owned());
        }
        if ways.is_empty() {
            let only = |kind: &String| format!("only {}", excerpt(kind));
            ways = self.types.iter().map(only).collect();
        }
        match ways.split_last() {
            None => "no way to log in".to_owned(),
            Some((only, [])) => only.clone(),
            Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flows(json: &str, issuer: Option<&str>) -> LoginFlows {
        LoginFlows::new(
            &serde_json::from_str(json).unwrap(),
            issuer.map(str::to_owned),
        )
    }

    #[test]
    fn flows_are_read_and_told() {
        let found = flows(
            r#"{"flows":[{"type":"m.login.password"},{"type":"m.login.token"},
                {"type":"m.login.sso","identity_providers":[{"id":"g","name":"Google"},{"id":"h","name":"Git\u001bHub","brand":"x"}]},
                {"type":"m.login.application_service"}]}"#,
            Some("https://auth.example.org/"),
        );
        assert!(found.password);
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
    }
}
