//! All the places a key's value can come from, in the order in which they count: systemd
//! credential, environment, config file, the Python tool's environment, which only fills gaps, and
//! the keyring.

use std::{fs::File, io, path::PathBuf};

use jsonc_parser::common::Ranged;
use serde_json::Value;

use super::{Origin, Problem, Setting};
use crate::{
    config::{
        Env,
        file::Document,
        keys::{self, KEYS, Key, TokenStore},
        placeholder,
        secrets::Entry,
    },
    files::{only_secret, read_text},
};

/// No credential is longer, in bytes.
const LONGEST: u64 = 64 * 1024;

/// A value as one source has it; `null` where that source says "empty", which is absent, and where
/// it is the keyring, which was not asked.
type Source = (Origin, Result<Value, Problem>);

/// Every key as it is in effect, in the order of the schema.
pub fn settings(document: &Document, env: Env<'_>) -> Vec<Setting> {
    let setting = |key: &'static Key| {
        let mut sources = sources(document, key, env).into_iter();
        let (origin, value) = sources.next().unwrap_or_else(|| {
            let default = key.default.clone().unwrap_or_default();
            (Origin::Default, Ok(default))
        });
        Setting {
            key,
            origin,
            value,
            shadowed: sources.map(|(origin, _)| origin).collect(),
        }
    };
    KEYS.iter().map(setting).collect()
}

/// Every source that has something for this key, the one that counts first.
fn sources(document: &Document, key: &'static Key, env: Env<'_>) -> Vec<Source> {
    let mut sources = Vec::new();
    sources.extend(credential(key, env));
    sources.extend(variable(key, key.variable(), env));
    sources.extend(literals(document, key, env));
    sources.extend(variable(key, key.python_variable(), env));
    sources.extend(keyring(document, key, env));
    sources
}

/// Where the configuration says that the access token is in the keyring. It is not asked here:
/// most commands do not need the token, and a keyring can take seconds.
fn keyring(document: &Document, key: &Key, env: Env<'_>) -> Option<Source> {
    if key.name != "accessToken" {
        return None;
    }
    let text = |name| {
        let mut sources = sources(document, keys::find(name)?, env).into_iter();
        let (_, value) = sources.next()?;
        value.ok()?.as_str().map(str::to_owned)
    };
    if text("tokenStore")? != TokenStore::Keyring.name() {
        return None;
    }
    let entry = Entry::of(&text("userId")?, &text("deviceId")?);
    Some((Origin::Keyring { entry }, Ok(Value::Null)))
}

fn credential(key: &Key, env: Env<'_>) -> Option<Source> {
    let dir = env("CREDENTIALS_DIRECTORY").filter(|dir| !dir.is_empty())?;
    let path = PathBuf::from(dir).join(key.credential()?);
    let invalid = |words: String| Err(Problem::Invalid(words));
    let value = match File::open(&path).and_then(|file| read_text(file, LONGEST)) {
        Ok(None) => invalid("is longer than 64 KiB".to_owned()),
        Ok(Some(text)) => match only_secret(&text) {
            "" => return None,
            text => outside(key, text),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => invalid(format!("cannot be read: {error}")),
    };
    Some((Origin::Credential { path }, value))
}

fn variable(key: &Key, variable: String, env: Env<'_>) -> Option<Source> {
    // An empty variable is an absent one: emptying the list of who may talk to the bot, say,
    // would let everyone in.
    let text = env(&variable).filter(|text| !text.is_empty())?;
    let value = match text.into_string() {
        Ok(text) => outside(key, &text),
        Err(_) => Err(Problem::Invalid("is not valid UTF-8".to_owned())),
    };
    Some((Origin::Environment { variable }, value))
}

fn outside(key: &Key, text: &str) -> Result<Value, Problem> {
    let value = key.from_text(text).and_then(|value| key.read(&value));
    value.map_err(Problem::Invalid)
}

/// What the file has, under each spelling of the key.
fn literals(document: &Document, key: &'static Key, env: Env<'_>) -> Vec<Source> {
    let Some(mut section) = document.section() else {
        return Vec::new();
    };
    let found = |spelling| {
        let member = section.take(spelling)?;
        let origin = Origin::File {
            path: document.path().to_owned(),
            position: document.place(member.start()),
        };
        let mut value = Value::from(member.value);
        let filled = placeholder::fill(&mut value, env).map_err(Problem::Missing);
        Some((
            origin,
            filled.and_then(|()| key.read(&value).map_err(Problem::Invalid)),
        ))
    };
    key.spellings().filter_map(found).collect()
}
