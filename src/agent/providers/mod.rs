//! Where a model is to be had: what the file has under `agents.defaults`, `modelPresets` and
//! `providers`, read as the Python tool reads it.

mod choice;
mod table;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};
use url::Url;

use self::{
    choice::{Choice, fold, found, named},
    table::{SPECS, Sort, Strips},
};
use super::Surroundings;
use crate::{
    config::{Secret, Section, did_you_mean},
    error::{Error, Result},
};

/// The keys of a provider that count here.
const KEYS: [&str; 7] = [
    "apiKey",
    "apiBase",
    "apiType",
    "extraHeaders",
    "extraBody",
    "extraQuery",
    "proxy",
];
/// The keys of `agents.defaults` and of a preset that count here.
const PRESET_KEYS: [&str; 7] = [
    "modelPreset",
    "model",
    "provider",
    "maxTokens",
    "contextWindowTokens",
    "temperature",
    "reasoningEffort",
];

/// Which model answers, and how, as far as the shared part of the file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Preset {
    pub(super) model: Option<String>,
    /// The provider's name, where one is named.
    pub(super) provider: Option<String>,
    pub(super) generation: Generation,
    /// How many tokens the model takes and gives, all together.
    pub(super) context_tokens: Option<usize>,
}

/// How a model is to answer. What is absent is left to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Generation {
    pub(super) max_tokens: Option<usize>,
    pub(super) temperature: Option<f64>,
    pub(super) reasoning_effort: Option<String>,
}

/// The most tokens that anything is configured to.
const MOST_TOKENS: usize = 100_000_000;

impl Generation {
    /// Takes them out of a section.
    pub(super) fn read(section: &mut Section) -> Result<Self> {
        Ok(Self {
            max_tokens: section.count("maxTokens", MOST_TOKENS)?.map(usize::from),
            temperature: section.number("temperature", 2.0)?,
            reasoning_effort: section.text("reasoningEffort")?,
        })
    }

    /// These, and where one is absent, the others' one.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            max_tokens: self.max_tokens.or(other.max_tokens),
            temperature: self.temperature.or(other.temperature),
            reasoning_effort: self.reasoning_effort.or(other.reasoning_effort),
        }
    }
}

/// A provider that speaks OpenAI's chat API.
#[derive(Clone, Debug)]
pub(super) struct Provider {
    /// Its name, as a person knows it.
    pub(super) name: String,
    pub(super) base: Option<Url>,
    pub(super) key: Option<Secret>,
    /// Where the key is, or would be, in the file.
    pub(super) key_path: String,
    pub(super) headers: Vec<(String, Secret)>,
    pub(super) query: Vec<(String, Secret)>,
    pub(super) body: Map<String, Value>,
    pub(super) proxy: Option<Secret>,
    /// Whether it wants a key as a rule.
    wants_key: bool,
    /// What it speaks instead of OpenAI's chat API.
    foreign: Option<&'static str>,
    strips: Strips,
}

impl Provider {
    /// One that nothing is known of yet, whose key would be here.
    pub(super) fn unknown(name: &str, key_path: String) -> Self {
        Self {
            name: name.to_owned(),
            base: None,
            key: None,
            key_path,
            headers: Vec::new(),
            query: Vec::new(),
            body: Map::new(),
            proxy: None,
            wants_key: false,
            foreign: None,
            strips: Strips::Nothing,
        }
    }

    /// What a section says of its address and of what is sent there goes before what is known.
    ///
    /// # Errors
    ///
    /// Where a value is not as it must be.
    pub(super) fn with(mut self, section: &mut Section) -> Result<Self> {
        if let Some(base) = section.url("apiBase")? {
            self.base = Some(base);
            // Who names another address knows what is spoken there, and whether for a key.
            (self.foreign, self.wants_key) = (None, false);
        }
        if let Some(key) = section.secret("apiKey")? {
            self.key = Some(key);
            self.key_path = section.path_of("apiKey");
        }
        self.headers
            .extend(section.texts("extraHeaders")?.unwrap_or_default());
        self.query
            .extend(section.texts("extraQuery")?.unwrap_or_default());
        self.body.extend(section.object("extraBody")?);
        self.proxy = section.secret("proxy")?.or(self.proxy);
        Ok(self)
    }

    /// Why it cannot be asked as it is configured, and what to set.
    pub(super) fn obstacle(&self) -> Option<Error> {
        let Self { name, key_path, .. } = self;
        let (message, hint) = if let Some(speaks) = self.foreign {
            let message = format!(
                "the provider {name} is not OpenAI-compatible: it takes {speaks}, which nanobot \
                 does not speak"
            );
            let hint = "name another provider, or an OpenAI-compatible address of this one in \
                        channels.matrix.agent.apiBase, or let the Python tool answer: nanobot \
                        config set agent.type nanobot";
            (message, hint.to_owned())
        } else if self.base.is_none() {
            let base = format!("providers.{name}.apiBase");
            let hint = format!("nanobot config set {base} https://…");
            (
                format!("the provider {name} has no address: {base} is missing"),
                hint,
            )
        } else if self.wants_key && self.key.is_none() {
            let hint = format!("nanobot config set {key_path} --stdin");
            (
                format!("the provider {name} has no key: {key_path} is missing"),
                hint,
            )
        } else {
            return None;
        };
        Some(Error::config(message).hint(hint))
    }

    /// The model's name as this provider knows it.
    pub(super) fn model<'a>(&self, model: &'a str) -> &'a str {
        let Some((prefix, rest)) = model.split_once('/') else {
            return model;
        };
        match self.strips {
            Strips::All => model.rsplit('/').next().unwrap_or(model),
            Strips::Names(names) if names.contains(&fold(prefix).as_str()) => rest,
            // One that the file made up is named by itself.
            Strips::Nothing if is_made_up(&self.name) && fold(prefix) == fold(&self.name) => rest,
            Strips::Names(_) | Strips::Nothing => model,
        }
    }
}

fn is_made_up(name: &str) -> bool {
    SPECS.iter().all(|spec| spec.name != fold(name))
}

/// What the file says on the model: the preset of this name, or else the one that
/// `agents.defaults` names, or else `agents.defaults` itself.
///
/// # Errors
///
/// Where there is no such preset, or a value is not as it must be.
pub(super) fn preset(surroundings: &Surroundings, wanted: Option<String>) -> Result<Preset> {
    let Surroundings {
        document,
        environment,
        ..
    } = surroundings;
    let defaults = document.get("agents.defaults");
    let shared = |path: &str, object: Option<&Value>| {
        Section::shared(path, object, &PRESET_KEYS, environment)
    };
    let mut defaults = shared("agents.defaults", defaults.as_ref())?;
    let name = match wanted {
        Some(name) => Some(name),
        None => defaults.text("modelPreset")?,
    };
    let Some(name) = name.filter(|name| name != "default") else {
        return read_preset(defaults);
    };
    let presets = document.get("modelPresets");
    let presets = presets.or_else(|| document.get("model_presets"));
    let presets = presets.as_ref().and_then(Value::as_object);
    if let Some(found) = presets.and_then(|presets| presets.get(&name)) {
        return read_preset(shared(&format!("modelPresets.{name}"), Some(found))?);
    }
    let known = presets.into_iter().flatten();
    let meant = did_you_mean(&name, known.map(|(name, _)| name.as_str()));
    let message = format!("modelPresets has no preset {name:?}{meant}");
    Err(Error::config(message).hint("name one that is there, or leave modelPreset out"))
}

fn read_preset(mut section: Section) -> Result<Preset> {
    let provider = section.text("provider")?;
    let context_tokens = section.count("contextWindowTokens", MOST_TOKENS)?;
    Ok(Preset {
        model: section.text("model")?,
        provider: provider.filter(|name| name != "auto"),
        generation: Generation::read(&mut section)?,
        context_tokens: context_tokens.map(usize::from),
    })
}

/// The provider of this name, or else the one that this model belongs to. `None` where none is
/// named and none found. It may not be one that can be asked: [`Provider::obstacle`].
///
/// # Errors
///
/// Where there is none of that name, or a value is not as it must be.
pub(super) fn provider(
    surroundings: &Surroundings,
    name: Option<&str>,
    model: &str,
) -> Result<Option<Provider>> {
    let providers = match surroundings.document.get("providers") {
        Some(Value::Object(members)) => members,
        None | Some(Value::Null) => Map::new(),
        Some(_) => return Err(Error::config("providers must be an object")),
    };
    let choice = match name {
        None => found(&providers, model),
        Some(name) => Some(named(&providers, name).ok_or_else(|| no_such(&providers, name))?),
    };
    choice
        .map(|choice| read_provider(surroundings, &choice))
        .transpose()
}

fn read_provider(surroundings: &Surroundings, choice: &Choice<'_>) -> Result<Provider> {
    let path = format!("providers.{}", choice.name);
    let mut section = Section::shared(&path, choice.entry, &KEYS, &surroundings.environment)?;
    if section.text("apiType")?.as_deref() == Some("responses") {
        let message =
            format!("{path}.apiType asks for OpenAI's responses API, which is not spoken");
        return Err(Error::config(message).hint("leave it out; chat completions are then used"));
    }
    let unknown = Provider::unknown(choice.name, section.path_of("apiKey"));
    let Some(spec) = choice.spec else {
        return unknown.with(&mut section);
    };
    let known = Provider {
        base: spec.base.and_then(|base| Url::parse(base).ok()),
        wants_key: matches!(spec.sort, Sort::Service | Sort::Gateway),
        strips: spec.strips,
        ..unknown
    };
    Ok(Provider {
        foreign: spec.foreign,
        ..known.with(&mut section)?
    })
}

fn no_such(providers: &Map<String, Value>, name: &str) -> Error {
    let known = SPECS.iter().map(|spec| spec.name);
    let meant = did_you_mean(name, known.chain(providers.keys().map(String::as_str)));
    Error::config(format!("there is no provider {name:?}{meant}")).hint(format!(
        "name one that is known, or give providers.{name} an apiBase"
    ))
}
