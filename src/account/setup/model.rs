//! The model that answers: where it is, the key, and its name.

use serde_json::{Value, json};
use url::Url;

use super::{agent_options::at, run::Run};
use crate::{
    address::{is_loopback, pasted},
    config::Document,
    error::Result,
    terminal::{Choice, Question, or_stop},
    text::did_you_mean,
};

/// Where models are as a rule.
const SERVICES: [(&str, &str); 5] = [
    ("Ollama", "http://localhost:11434/v1"),
    ("LM Studio", "http://localhost:1234/v1"),
    ("OpenAI", "https://api.openai.com/v1"),
    ("Anthropic", "https://api.anthropic.com/v1"),
    ("OpenRouter", "https://openrouter.ai/api/v1"),
];
/// More models than that are not listed: their names are typed.
const MOST_LISTED: usize = 20;
/// A model's name while it is not known yet.
const NO_MODEL: &str = "model";

/// What a person wants to do where the list of models cannot be read.
#[derive(Clone, Copy)]
enum Next {
    Change,
    Retry,
    Type,
}

impl Run {
    /// Asks for what is missing of a model in the document, or for all of it where the person
    /// changes it.
    pub async fn ask_model(&self, document: &mut Document, mut changes: bool) -> Result<()> {
        if !changes && self.build(document).is_ok() {
            return Ok(());
        }
        let mut asks_place = changes || self.build(&with_model(document)?).is_err();
        loop {
            if asks_place {
                self.ask_service(document).await?;
            }
            if !changes && self.build(document).is_ok() {
                return Ok(());
            }
            let listing = self.build(&with_model(document)?)?;
            let models = listing.agent.models();
            let models = async {
                self.terminal
                    .during("Getting the list of models", models)
                    .await
            };
            let error = match or_stop(models).await {
                Ok(models) => return self.ask_model_name(document, &models).await,
                Err(error) => error,
            };
            self.say_why(&error);
            let question = Question::new("What next?", "--model");
            let choices = [
                Choice::new(Next::Change, "change").about("correct the address or the key"),
                Choice::new(Next::Retry, "try again").about("with the same settings"),
                Choice::new(Next::Type, "continue").about("type the model's name"),
            ];
            match self.terminal.choose(question, choices).await? {
                Next::Change => (asks_place, changes) = (true, true),
                Next::Retry => asks_place = false,
                Next::Type => return self.ask_model_name(document, &[]).await,
            }
        }
    }

    /// Asks where the model is, and for the key.
    async fn ask_service(&self, document: &mut Document) -> Result<()> {
        let before = text(document, "apiBase");
        let question = Question {
            why: "Any service or program with an OpenAI-compatible API.",
            ..Question::new("Where is the model?", "--api-base")
        };
        let current = before.iter().map(|base| {
            let current = Choice::new(Some(base.clone()), "current");
            current.about(base.clone())
        });
        let known =
            SERVICES.map(|(name, base)| Choice::new(Some(base.to_owned()), name).about(base));
        let other = Choice::new(None, "other").about("type its address");
        let choices = current.chain(known).chain([other]);
        let base = if let Some(base) = self.terminal.choose(question, choices).await? {
            base
        } else {
            let question = Question {
                default: before.as_deref(),
                ..Question::new("API address (https://example.org/v1)", "--api-base")
            };
            self.terminal.ask(question, read_address).await?
        };
        if before.as_ref() != Some(&base) {
            // A key goes only to the place that it was given for.
            document.unset(&at("apiKey"))?;
        }
        document.set(&at("apiBase"), &json!(base))?;
        let is_service = SERVICES.iter().any(|(_, known)| *known == base);
        let is_here = Url::parse(&base).is_ok_and(|url| is_loopback(&url));
        if !(is_service && is_here) {
            self.ask_key(document).await?;
        }
        Ok(())
    }

    async fn ask_key(&self, document: &mut Document) -> Result<()> {
        let words = if document.get(&at("apiKey")).is_some() {
            "API key (Enter keeps the current one)"
        } else {
            "API key (Enter for none)"
        };
        let question = Question {
            echo: false,
            default: Some(""),
            why: "Stored in the configuration file, which only you can read. ${NAME} stands for an \
                  environment variable.",
            ..Question::new(words, "--api-key-file")
        };
        let key = self.terminal.ask_text(question).await?;
        let key = pasted(&key);
        if !key.is_empty() {
            document.set(&at("apiKey"), &json!(key))?;
        }
        Ok(())
    }

    /// Asks for the name of the model, by a list where there is one.
    async fn ask_model_name(&self, document: &mut Document, models: &[String]) -> Result<()> {
        const FLAG: &str = "--model";
        let before = text(document, "model").or_else(|| self.options.agent.model.clone());
        let mut name = None;
        if !models.is_empty() && models.len() <= MOST_LISTED {
            let question = Question {
                default: before.as_deref(),
                ..Question::new("Which model?", FLAG)
            };
            let listed = models
                .iter()
                .map(|model| Choice::new(Some(model.clone()), model.clone()));
            let other = Choice::new(None, "other").about("type its name");
            name = self
                .terminal
                .choose(question, listed.chain([other]))
                .await?;
        } else if !models.is_empty() {
            self.terminal.note(&format!(
                "There are {} models to choose from.",
                models.len()
            ));
        }
        let name = if let Some(name) = name {
            name
        } else {
            let question = Question {
                default: before.as_deref(),
                ..Question::new("Model name", FLAG)
            };
            let is_checked = models.len() > MOST_LISTED;
            let read = |typed: &str| match pasted(typed) {
                name if is_checked && !models.contains(&name) => {
                    let meant = did_you_mean(&name, models.iter().map(String::as_str));
                    Err(format!("there is no model {name:?}{meant}"))
                }
                name => Ok(name),
            };
            self.terminal.ask(question, read).await?
        };
        document.set(&at("model"), &json!(name)).map(drop)
    }
}

/// The document with some model, for asking which ones there are.
fn with_model(document: &Document) -> Result<Document> {
    let mut document = document.clone();
    if document.get(&at("model")).is_none() {
        document.set(&at("model"), &json!(NO_MODEL))?;
    }
    Ok(document)
}

fn text(document: &Document, name: &str) -> Option<String> {
    match document.get(&at(name)) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// Reads the address of an API as people type and paste it.
pub fn read_address(typed: &str) -> Result<String, String> {
    let typed = pasted(typed);
    let trimmed = typed.trim_end_matches('/');
    let trimmed = ["/chat/completions", "/models"]
        .iter()
        .find_map(|path| trimmed.strip_suffix(path))
        .unwrap_or(trimmed);
    let with_scheme = |scheme: &str| Url::parse(&format!("{scheme}://{trimmed}"));
    let url = if trimmed.contains("://") {
        Url::parse(trimmed)
    } else {
        match with_scheme("http") {
            Ok(url) if is_loopback(&url) => Ok(url),
            _ => with_scheme("https"),
        }
    };
    match url {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
            Ok(url.as_str().trim_end_matches('/').to_owned())
        }
        _ => Err("that is not the URL of an API, such as https://example.org/v1".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_understood_however_it_was_copied() {
        for (typed, expected) in [
            ("https://h/v1", "https://h/v1"),
            (" \"https://h/v1/\" ", "https://h/v1"),
            ("https://h/v1/chat/completions", "https://h/v1"),
            ("localhost:11434/v1", "http://localhost:11434/v1"),
            ("api.example.org/v1", "https://api.example.org/v1"),
        ] {
            assert_eq!(read_address(typed).as_deref(), Ok(expected), "{typed}");
        }
        for typed in ["", "ftp://h", "my model"] {
            assert!(read_address(typed).is_err(), "{typed}");
        }
    }
}
