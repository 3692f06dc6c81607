//! Whether a place could answer: there, authorised, its model known.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use super::{
    endpoint::Endpoint,
    fault::{Fault, Why},
};
use crate::{
    agent::{Check, Draft},
    error::{Error, Result},
    text::{clean_line, did_you_mean},
};

/// How long everything may take but a question; the doctor waits little longer.
const PATIENCE: Duration = Duration::from_secs(8);
/// The most bytes of a list of models.
const LARGEST: usize = 8 * 1024 * 1024;

async fn in_time<T>(coming: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let came = timeout(PATIENCE, coming).await;
    came.unwrap_or_else(|_| Err(Fault::new(Why::Stalled, "did not answer within 8 s")))
}

impl Endpoint {
    /// Checks the place, and that it has this model, where one is to be had. Where nothing else can
    /// tell, this question is asked, if there is one.
    pub async fn check(&self, model: Option<&str>, question: Option<&Value>) -> Vec<Check> {
        let learnt = match (in_time(self.learn(model)).await, question) {
            (Ok(checks), Some(question)) if checks.iter().any(|check| check.is_open) => {
                self.try_out(question).await
            }
            (learnt, _) => learnt,
        };
        let reachable = Check::new("reachable", Ok(format!("{} answers", self.name)));
        let error = |fault| self.failure(fault).error;
        match learnt {
            Ok(checks) => [reachable].into_iter().chain(checks).collect(),
            Err(fault) if fault.why == Why::Unauthorised => {
                vec![reachable, Check::new("authorised", Err(error(&fault)))]
            }
            Err(fault) => vec![Check::new("reachable", Err(error(&fault)))],
        }
    }

    /// Whether anything answers there, at little cost to both: what it answers does not matter,
    /// unless it is in trouble, or a proxy that has nobody behind it.
    pub async fn reach(&self) -> Result<()> {
        let asked = match self.send(self.head("models"), PATIENCE).await {
            // Not everything that answers knows this question.
            Err(fault) if fault.why == Why::Trouble => {
                self.send(self.get("models"), PATIENCE).await
            }
            asked => asked,
        };
        let absent = [Why::Unreachable, Why::Stalled, Why::Dropped, Why::Trouble];
        match asked {
            Err(fault) if absent.contains(&fault.why) => Err(self.failure(&fault).error),
            _ => Ok(()),
        }
    }

    /// The models of this place, by the names that a configuration has; none where it has no list.
    pub async fn list_models(&self) -> Result<Vec<String>> {
        match in_time(self.models()).await {
            Err(fault) if fault.why == Why::NoModel => Ok(Vec::new()),
            Err(fault) => Err(self.failure(&fault).error),
            Ok(models) => {
                let name = |id: &String| clean_line(id.strip_prefix("models/").unwrap_or(id));
                Ok(models.iter().map(name).collect())
            }
        }
    }

    /// What can be learnt of the key and of the model without a question.
    async fn learn(&self, model: Option<&str>) -> Result<Vec<Check>, Fault> {
        let untold = match self.models().await {
            Ok(models) if models.is_empty() => "its list of models is empty",
            Ok(models) => {
                let key = Ok("its list of models may be read".to_owned());
                let known = self.known(model, &models).await;
                let checks = [Check::new("authorised", key), Check::new("model", known)];
                return Ok(checks.into());
            }
            Err(fault) if fault.why == Why::NoModel => "it has no list of models",
            Err(fault) if fault.why == Why::Unauthorised => {
                "its list of models may not be read with this key"
            }
            Err(fault) => return Err(fault),
        };
        self.takes_questions().await?;
        let untold = format!("{untold}, so only a question could tell");
        let open = |id| Check {
            is_open: true,
            ..Check::new(id, Ok(untold.clone()))
        };
        Ok(["authorised", "model"].map(open).into())
    }

    /// Asks it, and tells what can be learnt from that.
    async fn try_out(&self, question: &Value) -> Result<Vec<Check>, Fault> {
        let (draft, _) = Draft::new();
        let told = || Ok("a question of one token was answered".to_owned());
        let model = match self.ask(question, &draft).await {
            Err(fault) if fault.why == Why::NoModel => Err(self.failure(&fault).error),
            // One token is seldom a word.
            Err(fault) if !matches!(fault.why, Why::UsedUp | Why::Empty) => return Err(fault),
            _ => told(),
        };
        let checks = [Check::new("authorised", told()), Check::new("model", model)];
        Ok(checks.into())
    }

    /// The models of this place, as far as its list has names.
    async fn models(&self) -> Result<Vec<String>, Fault> {
        let response = self.send(self.get("models"), PATIENCE).await?;
        let (body, ended) = self.read(response, PATIENCE, LARGEST).await;
        ended?;
        let no_list = |_| Fault::new(Why::Garbage, "sent something that is no list of models");
        let list: Value = serde_json::from_slice(&body).map_err(no_list)?;
        let forms = [&list, &list["data"], &list["models"]];
        let models = forms.into_iter().find_map(Value::as_array);
        let name = |model: &Value| {
            let forms = [model, &model["id"], &model["name"]];
            forms.into_iter().find_map(Value::as_str).map(str::to_owned)
        };
        Ok(models.into_iter().flatten().filter_map(name).collect())
    }

    /// Whether there is a place for questions at this address, and for this key: there, one without
    /// words is refused in another way than where there is none.
    async fn takes_questions(&self) -> Result<(), Fault> {
        let empty = self.post("chat/completions", &json!({}));
        match self.send(empty, PATIENCE).await {
            Err(fault) if matches!(fault.why, Why::NoModel | Why::Unauthorised) => Err(fault),
            _ => Ok(()),
        }
    }

    /// Whether a model is there: in the list, or known all the same, as other names of one are.
    async fn known(&self, model: Option<&str>, models: &[String]) -> Result<String> {
        let Some(model) = model else {
            let first = models.first().map_or("a model", String::as_str);
            return Ok(clean_line(first));
        };
        let names = models
            .iter()
            .map(|id| id.strip_prefix("models/").unwrap_or(id));
        let same = |name: &str| name == model || name.strip_suffix(":latest") == Some(model);
        let path = format!("models/{}", model.replace('/', "%2F"));
        if names.clone().any(same) || self.send(self.get(&path), PATIENCE).await.is_ok() {
            return Ok(model.to_owned());
        }
        let meant = did_you_mean(model, names);
        let message = format!("{} does not have the model {model:?}{meant}", self.name);
        let error = Error::failure(clean_line(&message)).hint("name one that it has");
        Err(error.command("nanobot config set agent.model MODEL"))
    }
}
