//! The settings of the agent: its own section over what the file shares with the Python tool.

use std::time::Duration;

use serde_json::{Map, Value};

use super::budget::Budget;
use crate::{
    agent::{
        Surroundings,
        chat::{Endpoint, Limits, Wishes},
        providers::{Generation, Provider, preset, provider},
    },
    config::Section,
    error::{Error, Result},
};

/// The longest time that anything is configured to, in seconds.
const LONGEST: usize = 86_400;
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
/// What the size of a context leaves over for instructions, as in the Python tool.
const RESERVE: usize = 1024;
/// What an answer is taken to be where its longest is not configured, as in the Python tool.
const USUAL_ANSWER: usize = 8192;

#[derive(Debug)]
pub(super) struct Settings {
    /// The model's name as its place knows it.
    pub(super) model: String,
    pub(super) endpoint: Endpoint,
    pub(super) generation: Generation,
    pub(super) system_prompt: Option<String>,
    pub(super) budget: Budget,
    pub(super) images: bool,
    pub(super) stream: bool,
    pub(super) extra_body: Map<String, Value>,
}

impl Settings {
    /// Takes them out of the section; what is absent there comes from the rest of the file.
    pub(super) fn read(section: &mut Section, surroundings: &Surroundings) -> Result<Self> {
        let preset = preset(surroundings, section.text("modelPreset")?)?;
        let model = section.text("model")?.or(preset.model).ok_or_else(|| {
            Error::config("no model is named: channels.matrix.agent.model is missing")
                .hint("nanobot config set agent.model MODEL")
        })?;
        let provider = match section.text("provider")? {
            // An address of one's own has nothing to do with any provider.
            None if section.has("apiBase") => {
                Provider::unknown("custom", section.path_of("apiKey"))
            }
            named => {
                let name = named.or(preset.provider);
                let found = provider(surroundings, name.as_deref(), &model)?;
                found.ok_or_else(nobody)?
            }
        };
        let provider = provider.with(section)?;
        if let Some(obstacle) = provider.obstacle() {
            return Err(obstacle);
        }
        let generation = Generation::read(section)?.or(preset.generation);
        Ok(Self {
            model: provider.model(&model).to_owned(),
            system_prompt: section.text("systemPrompt")?,
            images: section.switch("images")?.unwrap_or(true),
            stream: section.switch("stream")?.unwrap_or(true),
            budget: read_budget(section, &generation, preset.context_tokens)?,
            extra_body: provider.body.clone(),
            endpoint: endpoint(section, provider)?,
            generation,
        })
    }
}

fn endpoint(section: &mut Section, provider: Provider) -> Result<Endpoint> {
    let limits = Limits {
        whole: section.seconds("timeoutSeconds", LONGEST)?.unwrap_or(WHOLE),
        idle: section.seconds("idleSeconds", LONGEST)?.unwrap_or(IDLE),
        ask_again: true,
    };
    Endpoint::new(Wishes {
        provider,
        limits,
        start: "check apiBase and the network: nanobot agent check",
        dropped: "look at the network and at the model's own log",
    })
}

fn read_budget(
    section: &mut Section,
    generation: &Generation,
    context: Option<usize>,
) -> Result<Budget> {
    let answer = generation.max_tokens.unwrap_or(USUAL_ANSWER);
    let usual = context.map_or(USUAL_TOKENS, |context| {
        context.saturating_sub(answer).saturating_sub(RESERVE)
    });
    let tokens = section
        .count("historyTokens", MOST_TOKENS)?
        .map(usize::from);
    let messages = section
        .count("historyMessages", MOST_MESSAGES)?
        .map(usize::from);
    Ok(Budget {
        tokens: tokens.unwrap_or(usual.min(MOST_TOKENS)),
        messages: messages.unwrap_or(USUAL_MESSAGES),
    })
}

fn nobody() -> Error {
    Error::config("no provider is configured for the model").hint(
        "name its address in channels.matrix.agent.apiBase, or a provider with a key: \
         nanobot config set providers.openai.apiKey --stdin",
    )
}

/// Whether a model takes `max_completion_tokens` and no temperature.
pub(super) fn reasons_by_itself(model: &str) -> bool {
    let slug = model.rsplit('/').next().unwrap_or(model).to_lowercase();
    let is = |name: &str| {
        let rest = slug.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.']))
    };
    slug.contains("gpt-5") || ["o1", "o3", "o4"].into_iter().any(is)
}

/// What the file shares with the Python tool says of who answers.
#[derive(Debug)]
pub(in crate::agent) enum Shared {
    /// Nothing.
    Nothing,
    /// A model that can be asked.
    Usable,
    /// A model that cannot be asked, and why.
    Unusable(Error),
}

/// Whether the file names a model that can be asked, without a word in the agent's own section.
///
/// # Errors
///
/// When it needs a variable that cannot be had, or a value is not as it must be.
pub(in crate::agent) fn shared(surroundings: &Surroundings) -> Result<Shared> {
    let preset = preset(surroundings, None)?;
    let Some(model) = preset.model else {
        return Ok(Shared::Nothing);
    };
    let Some(provider) = provider(surroundings, preset.provider.as_deref(), &model)? else {
        return Ok(Shared::Nothing);
    };
    Ok(provider.obstacle().map_or(Shared::Usable, Shared::Unusable))
}
