//! Whether a place could answer: there, authorised, its model known. Nothing is asked of a model.

use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::json;
use tokio::time::{Instant, timeout_at};

use super::{
    endpoint::Endpoint,
    fault::{Fault, Why},
};
use crate::{
    agent::Check,
    config::did_you_mean,
    error::{Error, Result},
    terminal::clean_line,
};

/// How long everything may take; the doctor waits little longer.
const PATIENCE: Duration = Duration::from_secs(8);
/// The most bytes of a list of models.
const LARGEST: usize = 8 * 1024 * 1024;

#[derive(Deserialize)]
struct List {
    data: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    id: String,
}

/// What is known of the models.
enum Models {
    /// All of them.
    Listed(Vec<String>),
    /// The place has no list.
    Unlisted,
}

impl Endpoint {
    /// Checks the place, and that it has this model, where one is to be had.
    pub(in crate::agent) async fn check(&self, model: Option<&str>) -> Vec<Check> {
        let service = self.service();
        let end = Instant::now() + PATIENCE;
        let listed = timeout_at(end, self.models()).await;
        let listed =
            listed.unwrap_or_else(|_| Err(Fault::new(Why::Stalled, "did not answer within 8 s")));
        let reachable = Check {
            id: "reachable",
            outcome: Ok(format!("{} answers", self.name())),
        };
        let authorised = |outcome| Check {
            id: "authorised",
            outcome,
        };
        match listed {
            Ok(Models::Listed(models)) => {
                let key = authorised(Ok("its list of models may be read".to_owned()));
                let outcome = self.known(model, &models, end).await;
                let model = Check {
                    id: "model",
                    outcome,
                };
                vec![reachable, key, model]
            }
            Ok(Models::Unlisted) => {
                let cannot = "it has no list of models, so only a question could tell";
                let model = Check {
                    id: "model",
                    outcome: Ok(cannot.to_owned()),
                };
                vec![reachable, authorised(Ok(cannot.to_owned())), model]
            }
            Err(fault) if fault.why == Why::Unauthorised => {
                vec![reachable, authorised(Err(fault.error(&service)))]
            }
            Err(fault) => vec![Check {
                id: "reachable",
                outcome: Err(fault.error(&service)),
            }],
        }
    }

    async fn models(&self) -> Result<Models, Fault> {
        let mut response = self.send(self.get("models"), PATIENCE).await?;
        let absent = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED];
        if absent.contains(&response.status()) {
            self.takes_questions().await?;
            return Ok(Models::Unlisted);
        }
        self.refuse_failed(&mut response).await?;
        let mut body = Vec::new();
        while let Some(bytes) = self.next_chunk(&mut response, PATIENCE).await? {
            body.extend_from_slice(&bytes);
            if body.len() > LARGEST {
                return Err(Fault::new(
                    Why::Garbage,
                    "sent a list of models of more than 8 MiB",
                ));
            }
        }
        let list: List = serde_json::from_slice(&body)
            .map_err(|_| Fault::new(Why::Garbage, "sent something that is no list of models"))?;
        Ok(Models::Listed(
            list.data.into_iter().map(|model| model.id).collect(),
        ))
    }

    /// Whether there is a place for questions at this address: there, one without words is refused
    /// in another way than where there is nothing.
    async fn takes_questions(&self) -> Result<(), Fault> {
        let empty = self.post("chat/completions", &json!({}));
        let mut response = self.send(empty, PATIENCE).await?;
        match self.refuse_failed(&mut response).await {
            Err(fault) if matches!(fault.why, Why::NoModel | Why::Unauthorised) => Err(fault),
            _ => Ok(()),
        }
    }

    /// Whether a model is there: in the list, or known all the same, as other names of one are.
    async fn known(&self, model: Option<&str>, models: &[String], end: Instant) -> Result<String> {
        let Some(model) = model else {
            let first = models.first().map_or("a model", String::as_str);
            return Ok(clean_line(first));
        };
        let names = models
            .iter()
            .map(|id| id.strip_prefix("models/").unwrap_or(id));
        let same = |name: &str| name == model || name.strip_suffix(":latest") == Some(model);
        if names.clone().any(same) || self.has(model, end).await {
            return Ok(model.to_owned());
        }
        let meant = did_you_mean(model, names);
        let message = format!("{} does not have the model {model:?}{meant}", self.name());
        Err(Error::failure(clean_line(&message))
            .hint("name one that it has: nanobot config set agent.model MODEL"))
    }

    /// Whether it knows a model that is not in its list, such as a short name of one.
    async fn has(&self, model: &str, end: Instant) -> bool {
        let path = format!("models/{}", model.replace('/', "%2F"));
        let asked = timeout_at(end, self.send(self.get(&path), PATIENCE)).await;
        matches!(asked, Ok(Ok(response)) if response.status().is_success())
    }
}
