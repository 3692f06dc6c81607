//! The environment that the program runs in.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
};

use serde_json::Value;

use crate::{
    config::{Secret, Section},
    error::Result,
};

/// What any program needs to work as at home, and what holds no secret.
const HARMLESS: [&str; 11] = [
    "HOME",
    "LANG",
    "LANGUAGE",
    "LOGNAME",
    "PATH",
    "SHELL",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TMPDIR",
    "TZ",
    "USER",
];

/// The program's variables.
#[derive(Clone, Debug, Default)]
pub(super) struct Environment {
    inherited: Inherited,
    configured: BTreeMap<String, Secret>,
}

/// Variables that are handed on as they are.
#[derive(Clone, Default)]
struct Inherited(BTreeMap<OsString, OsString>);

impl std::fmt::Debug for Inherited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Which variables are handed on.
enum Wish {
    Harmless,
    /// All but our own, which may hold the bot's secrets.
    All,
    Named(Vec<String>),
}

impl Environment {
    /// Takes `environment` and `inheritEnvironment` out of the section; `ours` are the variables
    /// that this program runs with.
    pub(super) fn read(
        section: &mut Section,
        ours: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Self> {
        let configured = section.texts("environment")?.unwrap_or_default();
        let strange = |name: &String| name.is_empty() || name.contains(['=', '\0']);
        if configured.keys().any(strange) {
            return Err(section.wrong("environment", "an object whose keys name variables"));
        }
        let wish = wish(section)?;
        let inherited = ours.filter(|(name, _)| wish.takes(name)).collect();
        Ok(Self {
            inherited: Inherited(inherited),
            configured,
        })
    }

    /// All variables; those that the configuration sets come last.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        let inherited = self.inherited.0.iter();
        let configured = self.configured.iter();
        inherited
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
            .chain(configured.map(|(name, value)| (OsStr::new(name), OsStr::new(value.expose()))))
    }

    /// One of them.
    pub(super) fn get(&self, name: &str) -> Option<&OsStr> {
        match self.configured.get(name) {
            Some(value) => Some(OsStr::new(value.expose())),
            None => self
                .inherited
                .0
                .get(OsStr::new(name))
                .map(OsString::as_os_str),
        }
    }

    /// The values that the configuration sets: they may be secret.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.configured.values()
    }
}

fn wish(section: &mut Section) -> Result<Wish> {
    const KEY: &str = "inheritEnvironment";
    let wrong = |section: &Section| {
        Err(section.wrong(KEY, "true, false or a list of the names of variables"))
    };
    match section.take(KEY) {
        None => Ok(Wish::Harmless),
        Some(Value::Bool(true)) => Ok(Wish::All),
        Some(Value::Bool(false)) => Ok(Wish::Named(Vec::new())),
        Some(Value::Array(names)) => {
            let names = names.into_iter().map(|name| match name {
                Value::String(name) => Some(name),
                _ => None,
            });
            match names.collect() {
                Some(names) => Ok(Wish::Named(names)),
                None => wrong(section),
            }
        }
        Some(_) => wrong(section),
    }
}

impl Wish {
    fn takes(&self, name: &OsStr) -> bool {
        let lossy = name.to_string_lossy();
        match self {
            Self::Harmless => HARMLESS.contains(&&*lossy) || lossy.starts_with("LC_"),
            Self::All => !lossy.starts_with("NANOBOT_"),
            Self::Named(names) => names.iter().any(|wanted| name == wanted.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(keys: &Value) -> Result<Environment> {
        let ours = [
            ("PATH", "/bin"),
            ("LC_ALL", "C"),
            ("TOKEN", "canary"),
            ("NANOBOT_X", "canary"),
        ];
        let object = Secret::new(keys.to_string());
        let mut section = Section::new("a", Some(&object)).unwrap();
        let ours = ours.map(|(name, value)| (name.into(), value.into()));
        let environment = Environment::read(&mut section, ours.into_iter())?;
        section.finish()?;
        Ok(environment)
    }

    fn names(keys: &Value) -> Vec<String> {
        let environment = read(keys).unwrap();
        let names = environment.variables();
        names
            .map(|(name, _)| name.to_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn what_is_not_asked_for_is_handed_on_only_where_it_is_harmless() {
        assert_eq!(names(&json!({})), ["LC_ALL", "PATH"]);
        assert_eq!(names(&json!({"inheritEnvironment": false})), [""; 0]);
        let all = names(&json!({"inheritEnvironment": true}));
        assert_eq!(all, ["LC_ALL", "PATH", "TOKEN"]);
        let named = names(&json!({"inheritEnvironment": ["NANOBOT_X", "NOT_THERE"]}));
        assert_eq!(named, ["NANOBOT_X"]);
    }

    #[test]
    fn what_the_configuration_sets_counts_and_is_not_shown() {
        let environment = read(&json!({"environment": {"PATH": "canary"}})).unwrap();
        assert_eq!(environment.get("PATH"), Some(OsStr::new("canary")));
        let last = environment.variables().last().unwrap();
        assert_eq!(last, (OsStr::new("PATH"), OsStr::new("canary")));
        assert!(!format!("{environment:?}").contains("canary"));
        let all = read(&json!({"inheritEnvironment": ["TOKEN"]})).unwrap();
        assert!(!format!("{all:?}").contains("canary"));
    }

    #[test]
    fn what_is_no_environment_is_refused() {
        for keys in [
            json!({"environment": {"A=B": "x"}}),
            json!({"environment": {"": "x"}}),
            json!({"environment": {"A": 5}}),
            json!({"environment": ["A"]}),
            json!({"inheritEnvironment": "all"}),
            json!({"inheritEnvironment": [5]}),
        ] {
            let said = read(&keys).unwrap_err().to_string();
            assert!(said.starts_with("a."), "{said}");
        }
    }
}
