//! A person over bare HTTP: unencrypted rooms, and what the server itself holds.

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::eventually::PATIENCE;

/// A logged-in user without encryption. Every method but [`HttpPerson::try_call`] panics, with the server's answer,
/// when it fails.
#[derive(Clone, Debug)]
pub struct HttpPerson {
    client: Client,
    base_url: Url,
    user_id: String,
    device_id: String,
    access_token: String,
}

/// An answer that was no success.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The HTTP status.
    pub status: StatusCode,
    /// The body, `null` where it is not JSON.
    pub body: Value,
}

impl HttpPerson {
    /// Registers a user and logs in.
    pub async fn register(base_url: &str, name: &str, password: &str) -> Self {
        let body =
            json!({"username": name, "password": password, "auth": {"type": "m.login.dummy"}});
        Self::enter(base_url, "register", body).await
    }

    /// Logs in on a new device.
    pub async fn login(base_url: &str, user: &str, password: &str) -> Self {
        let body = json!({
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": user},
            "password": password,
        });
        Self::enter(base_url, "login", body).await
    }

    /// Acts with somebody's token, e.g. that of the bot or of an encrypted person.
    pub async fn with_token(base_url: &str, access_token: &str) -> Self {
        let mut person = Self::nobody(base_url);
        access_token.clone_into(&mut person.access_token);
        let who = person.whoami().await;
        person.user_id = string(&who["user_id"]);
        person.device_id = string(&who["device_id"]);
        person
    }

    fn nobody(base_url: &str) -> Self {
        let client = Client::builder().no_proxy().timeout(PATIENCE).build();
        Self {
            client: client.expect("an HTTP client"),
            base_url: Url::parse(base_url).expect("an address"),
            user_id: String::new(),
            device_id: String::new(),
            access_token: String::new(),
        }
    }

    async fn enter(base_url: &str, how: &str, body: Value) -> Self {
        let mut person = Self::nobody(base_url);
        let answer = person.call(Method::POST, &["v3", how], Some(&body)).await;
        person.user_id = string(&answer["user_id"]);
        person.device_id = string(&answer["device_id"]);
        person.access_token = string(&answer["access_token"]);
        person
    }

    /// The full user ID.
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// The device the token belongs to.
    pub fn device_id(&self) -> &str {
        &self.device_id
    }

    /// The token.
    pub fn access_token(&self) -> &str {
        &self.access_token
    }

    /// Calls the client-server API; `path` holds the segments behind `/_matrix/client/`, unescaped.
    ///
    /// # Errors
    ///
    /// An answer that is no success.
    pub async fn try_call(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&Value>,
    ) -> Result<Value, Refused> {
        self.try_query(method, path, &[], body).await
    }

    /// As [`HttpPerson::try_call`], with query parameters.
    ///
    /// # Errors
    ///
    /// An answer that is no success.
    pub async fn try_query(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Value, Refused> {
        let mut url = self.base_url.clone();
        url.path_segments_mut()
            .expect("an http address")
            .pop_if_empty()
            .extend(["_matrix", "client"])
            .extend(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = self.client.request(method, url.clone());
        if !self.access_token.is_empty() {
            request = request.bearer_auth(&self.access_token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request
            .send()
            .await
            .unwrap_or_else(|e| panic!("{url}: {e:?}"));
        let status = answer.status();
        let body = answer.json().await.unwrap_or(Value::Null);
        if status.is_success() {
            Ok(body)
        } else {
            Err(Refused { status, body })
        }
    }

    /// Uploads a file in the clear, and returns its address.
    pub async fn upload(&self, bytes: Vec<u8>) -> String {
        let mut url = self.base_url.clone();
        url.path_segments_mut()
            .expect("an http address")
            .pop_if_empty()
            .extend(["_matrix", "media", "v3", "upload"]);
        let request = self.client.post(url).bearer_auth(&self.access_token);
        let answer = request.body(bytes).send().await.expect("an answer");
        let body: Value = answer.json().await.expect("JSON");
        body["content_uri"].as_str().expect("an address").to_owned()
    }

    /// As [`HttpPerson::try_call`], where a refusal is a mistake.
    pub async fn call(&self, method: Method, path: &[&str], body: Option<&Value>) -> Value {
        let answer = self.try_call(method.clone(), path, body).await;
        answer
            .unwrap_or_else(|refused| panic!("{method} {path:?} as {}: {refused:?}", self.user_id))
    }

    /// Whose token this is.
    pub async fn whoami(&self) -> Value {
        self.call(Method::GET, &["v3", "account", "whoami"], None)
            .await
    }

    /// Revokes this token; the server forgets the device and its keys.
    pub async fn logout(&self) {
        self.call(Method::POST, &["v3", "logout"], Some(&json!({})))
            .await;
    }

    /// The published keys of a device, `None` without any.
    pub async fn device_keys(&self, user_id: &str, device_id: &str) -> Option<Value> {
        let mut answer = self.query_keys(user_id).await;
        let keys = answer["device_keys"][user_id][device_id].take();
        (!keys.is_null()).then_some(keys)
    }

    /// The whole answer of `/keys/query` for one user: devices and cross-signing keys.
    pub async fn query_keys(&self, user_id: &str) -> Value {
        let body = json!({"device_keys": {user_id: []}});
        self.call(Method::POST, &["v3", "keys", "query"], Some(&body))
            .await
    }

    /// How many one-time keys the server holds for this token's own device.
    pub async fn one_time_key_count(&self) -> u64 {
        let answer = self
            .call(Method::POST, &["v3", "keys", "upload"], Some(&json!({})))
            .await;
        answer["one_time_key_counts"]["signed_curve25519"]
            .as_u64()
            .unwrap_or(0)
    }

    /// The ids of this user's devices.
    pub async fn device_ids(&self) -> Vec<String> {
        let answer = self.call(Method::GET, &["v3", "devices"], None).await;
        answer["devices"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|device| string(&device["device_id"]))
            .collect()
    }
}

/// A JSON string as it is.
pub fn string(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("not a string: {value}"))
        .to_owned()
}
