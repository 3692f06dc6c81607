//! The settings of the agent: its own section over what the file shares with the Python tool.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value, json};

use super::{
    chat::{Endpoint, Service},
    providers::{Provider, preset, provider},
};
use crate::{
    agent::{
        Surroundings,
        memory::{Budget, History},
    },
    config::Section,
    error::{Error, Remedy, Result},
    homeserver::base_of,
    text::shell_quote,
};

/// The longest time that anything is configured to, in seconds.
const LONGEST: usize = 86_400;
/// The most tokens that a model takes or gives, whatever is configured.
const MOST_CONTEXT: usize = 100_000_000;
/// How long a whole answer may take, in seconds, unless it is said.
const WHOLE: Duration = Duration::from_mins(5);
/// How long nothing may come: a model that is loaded first takes its time.
const IDLE: Duration = Duration::from_mins(2);
/// What is told of a conversation where the size of the model's context is not configured: every
/// model of today takes that.
const USUAL_TOKENS: usize = 16_000;
const USUAL_MESSAGES: usize = 200;
/// The most of it that is kept on the disk and told.
const MOST_TOKENS: usize = 5_000_000;
const MOST_MESSAGES: usize = 1_000_000;
/// How many pictures of earlier messages are shown again.
const USUAL_IMAGES: usize = 4;
const MOST_IMAGES: usize = 100;
/// What the size of a context leaves over for instructions, as in the Python tool.
const RESERVE: usize = 1024;
/// What an answer is taken to be where its longest is not configured, as in the Python tool.
const USUAL_ANSWER: usize = 8192;

/// The agent that asks a model.
#[derive(Debug)]
pub(super) struct OpenAi {
    /// The model's name as its place knows it.
    pub(super) model: String,
    pub(super) endpoint: Endpoint,
    /// What every request has beside the messages.
    pub(super) fields: Map<String, Value>,
    pub(super) system_prompt: Option<String>,
    pub(super) budget: Budget,
    pub(super) images: bool,
    /// Whether its answers may hold more than words.
    pub(super) actions: bool,
    /// How many pictures of earlier messages are shown again.
    pub(super) history_images: usize,
    pub(super) history: Arc<History>,
}

impl OpenAi {
    /// Takes its settings out of the section; what is absent there comes from the rest of the file.
    pub(super) fn read(section: &mut Section, surroundings: &Surroundings) -> Result<Self> {
        let mut preset = preset(surroundings, section.text("modelPreset")?)?;
        let model = section.text("model")?.or(preset.text("model")?);
        let model = model.ok_or_else(|| {
            Error::config("no model is named: channels.matrix.agent.model is missing")
                .command("nanobot config set agent.model MODEL")
        })?;
        let provider = match (section.text("provider")?, preset.text("provider")?) {
            // An address of one's own has nothing to do with any provider.
            (None, _) if section.has("apiBase") => {
                Provider::unknown("the API", section.path_of("apiKey"))
            }
            (named, of_preset) => {
                let name = named.or(of_preset);
                provider(surroundings, name.as_deref(), &model)?.ok_or_else(|| {
                    Error::config("no provider is configured for the model")
                        .hint("name its address in channels.matrix.agent.apiBase, or a provider with a key")
                        .command("nanobot config set providers.openai.apiKey --stdin")
                })?
            }
        };
        let provider = provider.with(section)?;
        provider.obstacle().map_or(Ok(()), Err)?;
        let model = provider.model(&model).to_owned();
        let (mut fields, answer) = generation(&mut [section, &mut preset], &model)?;
        fields.insert("model".to_owned(), json!(model));
        let stream = section.switch("stream")?.unwrap_or(true);
        fields.insert("stream".to_owned(), json!(stream));
        fields.extend(provider.body.clone());
        let context = preset.count("contextWindowTokens", MOST_CONTEXT)?;
        let mut start = Remedy::from("check apiBase and the network");
        if let Some(base) = &provider.base {
            let models = format!("{}/models", base_of(base));
            start = start.and_command(format!("curl -v {}", shell_quote(&models)));
        }
        let service = Service {
            whole: section.seconds("timeoutSeconds", LONGEST)?.unwrap_or(WHOLE),
            idle: section.seconds("idleSeconds", LONGEST)?.unwrap_or(IDLE),
            errors: &[],
            start,
            dropped: "look at the network and at the model's own log",
        };
        let history_images = section.amount("historyImages", MOST_IMAGES)?;
        Ok(Self {
            system_prompt: section.text("systemPrompt")?,
            images: section.switch("images")?.unwrap_or(true),
            actions: section.switch("actions")?.unwrap_or(false),
            history_images: history_images.unwrap_or(USUAL_IMAGES),
            budget: read_budget(section, answer, context.map(usize::from))?,
            endpoint: Endpoint::new(provider, service)?,
            history: Arc::new(History::of(&surroundings.directory)),
            model,
            fields,
        })
    }
}

/// How a model is to answer, as a request has it, and how long at most. The first of the sections
/// that says something counts; a wrong value is said wherever it is.
fn generation(
    sections: &mut [&mut Section],
    model: &str,
) -> Result<(Map<String, Value>, Option<usize>)> {
    let (mut most, mut temperature, mut effort) = (None, None, None);
    for section in sections {
        most = most.or(section.count("maxTokens", MOST_CONTEXT)?);
        temperature = temperature.or(section.number("temperature", 2.0)?);
        effort = effort.or(section.text("reasoningEffort")?);
    }
    let most = most.map(usize::from);
    let is_free = effort.is_none() && !reasons_by_itself(model);
    let fields = [
        (most_tokens_key(model), json!(most)),
        ("temperature", json!(temperature.filter(|_| is_free))),
        ("reasoning_effort", json!(effort)),
    ];
    // What is absent is left to the model.
    let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
    let fields = fields.map(|(key, value)| (key.to_owned(), value));
    Ok((fields.collect(), most))
}

/// What the longest answer of a model is called in a request.
pub(super) fn most_tokens_key(model: &str) -> &'static str {
    if reasons_by_itself(model) {
        "max_completion_tokens"
    } else {
        "max_tokens"
    }
}

fn read_budget(
    section: &mut Section,
    answer: Option<usize>,
    context: Option<usize>,
) -> Result<Budget> {
    let answer = answer.unwrap_or(USUAL_ANSWER);
    let usual = context.map_or(USUAL_TOKENS, |context| {
        context.saturating_sub(answer).saturating_sub(RESERVE)
    });
    let tokens = section.count("historyTokens", MOST_TOKENS)?;
    let messages = section.count("historyMessages", MOST_MESSAGES)?;
    Ok(Budget {
        tokens: tokens.map_or(usual.min(MOST_TOKENS), usize::from),
        messages: messages.map_or(USUAL_MESSAGES, usize::from),
    })
}

/// Whether a model takes `max_completion_tokens` and no temperature.
fn reasons_by_itself(model: &str) -> bool {
    let slug = model.rsplit('/').next().unwrap_or(model).to_lowercase();
    let is = |name: &str| {
        let rest = slug.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.']))
    };
    slug.contains("gpt-5") || ["o1", "o3", "o4"].into_iter().any(is)
}

/// Whether the model can be asked that the file names without a word in the agent's own section;
/// `None` where it names none.
///
/// # Errors
///
/// When it needs a variable that cannot be had, or a value is not as it must be.
pub(in crate::agent) fn shared(surroundings: &Surroundings) -> Result<Option<Result<()>>> {
    let mut preset = preset(surroundings, None)?;
    let (model, name) = (preset.text("model")?, preset.text("provider")?);
    // A wrong value is said, also where nothing else of it is used.
    generation(&mut [&mut preset], "")?;
    preset.count("contextWindowTokens", MOST_CONTEXT)?;
    let provider = match model {
        Some(model) => provider(surroundings, name.as_deref(), &model)?,
        None => None,
    };
    Ok(provider.map(|provider| provider.obstacle().map_or(Ok(()), Err)))
}
