//! Where a model is to be had: what the file has under `agents.defaults`, `modelPresets` and
//! `providers`, read as the Python tool reads it.

mod choice;
mod table;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};
use url::Url;

use self::{
    choice::{Choice, all, found, named},
    table::{Sort, Spec, fold},
};
use crate::{
    agent::Surroundings,
    config::{Secret, Section},
    error::{Error, Result},
    text::did_you_mean,
};

/// A provider that speaks OpenAI's chat API.
#[derive(Clone, Debug, Default)]
pub struct Provider {
    /// Its name, as a person knows it.
    pub name: String,
    pub base: Option<Url>,
    pub key: Option<Secret>,
    /// Where the key is, or would be, in the file.
    pub key_path: String,
    pub headers: Vec<(String, Secret)>,
    pub query: Vec<(String, Secret)>,
    pub body: Map<String, Value>,
    pub proxy: Option<Secret>,
    /// What is known of it.
    spec: Spec,
}

impl Provider {
    /// One that nothing is known of yet, whose key would be here.
    pub fn unknown(name: &str, key_path: String) -> Self {
        Self {
            name: name.to_owned(),
            key_path,
            ..Self::default()
        }
    }

    /// What a section says of its address and of what is sent there goes before what is known.
    ///
    /// # Errors
    ///
    /// Where a value is not as it must be.
    pub fn with(mut self, section: &mut Section) -> Result<Self> {
        if let Some(base) = section.url("apiBase")? {
            self.base = Some(base);
            // Who names another address knows what is spoken there, and whether for a key.
            (self.spec.speaks, self.spec.sort) = (None, Sort::Custom);
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
    pub fn obstacle(&self) -> Option<Error> {
        let name = &self.name;
        if let Some(speaks) = &self.spec.speaks {
            let message = format!(
                "the provider {name} is not OpenAI-compatible: it takes {speaks}, which nanobot \
                 does not speak"
            );
            let hint = "name another provider, or an OpenAI-compatible address of this one in \
                        channels.matrix.agent.apiBase, or let the Python tool answer";
            let error = Error::config(message).hint(hint);
            return Some(error.command("nanobot config set agent.type nanobot"));
        }
        let wants_key = matches!(self.spec.sort, Sort::Service | Sort::Gateway);
        let (what, path, value) = if self.base.is_none() {
            ("address", format!("providers.{name}.apiBase"), "https://…")
        } else if wants_key && self.key.is_none() {
            ("key", self.key_path.clone(), "--stdin")
        } else {
            return None;
        };
        let message = format!("the provider {name} has no {what}: {path} is missing");
        let command = format!("nanobot config set {path} {value}");
        Some(Error::config(message).command(command))
    }

    /// The model's name as this provider knows it.
    pub fn model<'a>(&self, model: &'a str) -> &'a str {
        let Some((prefix, rest)) = model.split_once('/') else {
            return model;
        };
        let strips = |name: &str| self.spec.strips.iter().any(|stripped| stripped == name);
        if strips("*") {
            model.rsplit('/').next().unwrap_or(model)
        } else if strips(&fold(prefix)) {
            rest
        } else {
            model
        }
    }
}

/// What the file says on the model: the preset of this name, or else the one that
/// `agents.defaults` names, or else `agents.defaults` itself.
///
/// # Errors
///
/// Where there is no such preset, or a value is not as it must be.
pub fn preset(surroundings: &Surroundings, wanted: Option<String>) -> Result<Section> {
    let Surroundings {
        document,
        environment,
        ..
    } = surroundings;
    let defaults = document.get("agents.defaults");
    let mut defaults = Section::shared("agents.defaults", defaults.as_ref(), *environment)?;
    let name = match wanted {
        Some(name) => Some(name),
        None => defaults.text("modelPreset")?,
    };
    let Some(name) = name.filter(|name| name != "default") else {
        return Ok(defaults);
    };
    let presets = document.get("modelPresets");
    let presets = presets.or_else(|| document.get("model_presets"));
    let presets = presets.as_ref().and_then(Value::as_object);
    if let Some(found) = presets.and_then(|presets| presets.get(&name)) {
        return Section::shared(format!("modelPresets.{name}"), Some(found), *environment);
    }
    let known = presets.into_iter().flatten();
    let meant = did_you_mean(&name, known.map(|(name, _)| name.as_str()));
    let message = format!("modelPresets has no preset {name:?}{meant}");
    Err(Error::config(message).hint("name one that is there, or leave modelPreset out"))
}

/// The provider of this name, or else the one that this model belongs to. `None` where none is
/// named and none found. It may not be one that can be asked: [`Provider::obstacle`].
///
/// # Errors
///
/// Where there is none of that name, or a value is not as it must be.
pub fn provider(
    surroundings: &Surroundings,
    name: Option<&str>,
    model: &str,
) -> Result<Option<Provider>> {
    let providers = match surroundings.document.get("providers") {
        Some(Value::Object(members)) => members,
        None | Some(Value::Null) => Map::new(),
        Some(_) => return Err(Error::config("providers must be an object")),
    };
    let all = all(&providers);
    let choice = match name.filter(|name| *name != "auto") {
        None => found(&all, model),
        Some(name) => Some(named(&all, name).ok_or_else(|| {
            let meant = did_you_mean(name, all.iter().map(|choice| choice.name));
            Error::config(format!("there is no provider {name:?}{meant}")).hint(format!(
                "name one that is known, or give providers.{name} an apiBase"
            ))
        })?),
    };
    choice
        .map(|choice| read_provider(surroundings, choice))
        .transpose()
}

fn read_provider(surroundings: &Surroundings, choice: Choice<'_>) -> Result<Provider> {
    let path = format!("providers.{}", choice.name);
    let mut section = Section::shared(&path, choice.entry, surroundings.environment)?;
    if section.text("apiType")?.as_deref() == Some("responses") {
        let message =
            format!("{path}.apiType asks for OpenAI's responses API, which is not spoken");
        return Err(Error::config(message).hint("leave it out; chat completions are then used"));
    }
    let spec = choice.spec.into_owned();
    let mut provider = Provider::unknown(choice.name, section.path_of("apiKey"));
    provider.base = spec.base.as_deref().and_then(|base| Url::parse(base).ok());
    let speaks = spec.speaks.clone();
    provider.spec = spec;
    provider = provider.with(&mut section)?;
    // Another address of its own does not change what it speaks.
    provider.spec.speaks = speaks;
    Ok(provider)
}
