//! A gateway with a health endpoint, and asking it.

use std::fmt::Display;
use std::time::Duration;

use reqwest::Client;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::Value;

use crate::harness::account::Bot;
use crate::harness::bot::Gateway;
use crate::harness::eventually::{PATIENCE, eventually};

/// Within which every fault must be seen.
pub const SEEN: Duration = Duration::from_secs(30);

/// A gateway with a health endpoint on a free port.
pub struct Endpoint {
    pub gateway: Gateway,
    /// Such as `http://127.0.0.1:40123`.
    pub base: String,
    client: Client,
}

/// An answer of the endpoint.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub content_type: String,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The conditions that do not hold.
    pub fn missing(&self) -> Vec<String> {
        let document = self.json();
        let reasons = document["reasons"].as_array().unwrap();
        let condition = |reason: &Value| reason["condition"].as_str().unwrap().to_owned();
        reasons.iter().map(condition).collect()
    }
}

impl Endpoint {
    /// Starts the gateway of this bot, with more arguments, and waits until it is ready.
    pub async fn start(bot: &Bot, more: &[&str]) -> Self {
        let arguments = [&["--listen", "127.0.0.1:0"], more].concat();
        let gateway = Gateway::connected(&bot.home, &arguments).await;
        let line = gateway.expect_line("health checks and metrics on ", PATIENCE);
        let line = line.await.text;
        let (_, base) = line.rsplit_once(' ').unwrap();
        let endpoint = Self {
            base: base.to_owned(),
            gateway,
            client: Client::builder().no_proxy().build().unwrap(),
        };
        endpoint.ready(PATIENCE).await;
        endpoint
    }

    /// Asks for a page; the error of one that does not answer.
    pub async fn try_get(&self, page: &str, accept: &str) -> Result<Reply, impl Display> {
        let request = self.client.get(format!("{}{page}", self.base));
        let response = request.header(ACCEPT, accept).send().await?;
        let content_type = response.headers().get(CONTENT_TYPE);
        let content_type = content_type.map_or("", |value| value.to_str().unwrap());
        Ok::<_, reqwest::Error>(Reply {
            status: response.status().as_u16(),
            content_type: content_type.to_owned(),
            text: response.text().await?,
        })
    }

    pub async fn get(&self, page: &str) -> Reply {
        let reply = self.try_get(page, "*/*").await;
        reply.unwrap_or_else(|error| panic!("{page}: {error}"))
    }

    /// Waits until it is ready.
    pub async fn ready(&self, limit: Duration) {
        eventually("to be ready", limit, async || {
            let reply = self.get("/readyz").await;
            if reply.status == 200 {
                return Ok(());
            }
            Err(reply.text)
        })
        .await;
    }

    /// Waits until it is not ready for these reasons, and returns the last answer.
    pub async fn unready(&self, conditions: &[&str]) -> Reply {
        eventually(
            &format!("not to be ready: {conditions:?}"),
            SEEN,
            async || {
                let reply = self.get("/readyz").await;
                let missing = reply.missing();
                if conditions
                    .iter()
                    .all(|it| missing.iter().any(|told| told == it))
                {
                    assert_eq!(reply.status, 503, "{reply:?}");
                    return Ok(reply);
                }
                Err(reply.text)
            },
        )
        .await
    }
}
