//! All the places a key's value can come from, in the order in which they count: systemd
//! credential, environment, config file, the Python tool's environment, which only fills gaps, and
//! the keyring.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{
    Document, Entry, Env, Origin, TokenStore, placeholder,
    schema::{self, Key},
    setting::Problem,
    shape::Typed,
};

/// No credential is longer, in bytes.
const LONGEST: u64 = 64 * 1024;

/// A value as one source has it; `None` where that source says "empty", which is absent, and where
/// it is the keyring, which was not asked.
pub(super) struct Source {
    pub(super) origin: Origin,
    pub(super) value: Result<Option<Typed>, Problem>,
}

/// Every source that has something for this key, the one that counts first.
pub(super) fn sources(document: &Document, key: &Key, env: Env<'_>) -> Vec<Source> {
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
    if key.name != schema::ACCESS_TOKEN.name {
        return None;
    }
    let text = |key| match sources(document, key, env).into_iter().next()?.value {
        Ok(Some(Typed::Text(text))) => Some(text),
        _ => None,
    };
    if text(&schema::TOKEN_STORE)? != TokenStore::Keyring.name() {
        return None;
    }
    let entry = Entry::of(&text(&schema::USER_ID)?, &text(&schema::DEVICE_ID)?);
    Some(Source {
        origin: Origin::Keyring { entry },
        value: Ok(None),
    })
}

fn credential(key: &Key, env: Env<'_>) -> Option<Source> {
    let dir = env("CREDENTIALS_DIRECTORY").filter(|dir| !dir.is_empty())?;
    let path = PathBuf::from(dir).join(key.credential()?);
    let value = match read_bounded(&path) {
        Ok(text) if text.len() as u64 > LONGEST => Err("is longer than 64 KiB".to_owned()),
        // Files end with a line break, secrets do not.
        Ok(text) => match text.trim_end_matches(['\r', '\n']) {
            "" => return None,
            text => key.shape.read_str(text),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => Err(format!("cannot be read: {error}")),
    };
    Some(Source {
        origin: Origin::Credential { path },
        value: value.map_err(Problem::Invalid),
    })
}

fn read_bounded(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?
        .take(LONGEST + 1)
        .read_to_string(&mut text)?;
    Ok(text)
}

fn variable(key: &Key, variable: String, env: Env<'_>) -> Option<Source> {
    // An empty variable is an absent one: emptying the list of who may talk to the bot, say,
    // would let everyone in.
    let text = env(&variable).filter(|text| !text.is_empty())?;
    let value = match text.into_string() {
        Ok(text) => key.shape.read_str(&text).map_err(Problem::Invalid),
        Err(_) => Err(Problem::Invalid("is not UTF-8 text".to_owned())),
    };
    Some(Source {
        origin: Origin::Environment { variable },
        value,
    })
}

/// What the file has, under each spelling of the key.
fn literals<'a>(
    document: &'a Document,
    key: &'a Key,
    env: Env<'a>,
) -> impl Iterator<Item = Source> + 'a {
    let section = document.section();
    key.spellings().filter_map(move |spelling| {
        let member = section?.member(spelling)?;
        Some(Source {
            origin: Origin::File {
                path: document.path().to_owned(),
                position: document.place(member.start),
            },
            value: literal(key, member.node.to_value(), env),
        })
    })
}

fn literal(key: &Key, mut value: Value, env: Env<'_>) -> Result<Option<Typed>, Problem> {
    placeholder::fill(&mut value, env).map_err(|missing| Problem::Missing {
        variable: missing.variable,
        why: missing.why,
    })?;
    key.shape.read(&value).map_err(Problem::Invalid)
}
