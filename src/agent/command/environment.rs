//! The environment that the program runs in.

use std::{collections::BTreeMap, ffi::OsString, fmt};

use serde::Deserialize;

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

/// What a service manager tells this program alone: who else had it could speak in its name, or read
/// its credentials.
const OF_THE_SERVICE: [&str; 4] = [
    "CREDENTIALS_DIRECTORY",
    "NOTIFY_SOCKET",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
];

/// The program's variables.
#[derive(Clone, Default)]
pub(super) struct Environment {
    pub(super) variables: BTreeMap<OsString, OsString>,
    /// The values that the configuration sets: they may be secret.
    pub(super) secrets: Vec<Secret>,
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

/// Which variables are handed on, where that is said.
#[derive(Deserialize)]
#[serde(untagged)]
enum Inherit {
    /// All but our own, which may hold the bot's secrets; or none.
    All(bool),
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
        let must = "true, false or a list of the names of variables";
        let inherit: Option<Inherit> = section.any("inheritEnvironment", must)?;
        let is_inherited = |name: &str| match &inherit {
            None => HARMLESS.contains(&name) || name.starts_with("LC_"),
            Some(Inherit::All(all)) => *all && !name.starts_with("NANOBOT_"),
            Some(Inherit::Named(names)) => names.iter().any(|wanted| wanted == name),
        };
        let is_of_service =
            |name: &str| OF_THE_SERVICE.contains(&name) || name.starts_with("LISTEN_");
        let inherited = ours.filter(|(name, _)| {
            let name = name.to_string_lossy();
            is_inherited(&name) && !is_of_service(&name)
        });
        let mut variables: BTreeMap<_, _> = inherited.collect();
        let secrets = configured.values().cloned().collect();
        let set = configured.into_iter();
        variables.extend(set.map(|(name, value)| (name.into(), value.expose().into())));
        Ok(Self { variables, secrets })
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use serde_json::{Value, json};

    use super::*;

    fn read(keys: &Value) -> Result<Environment> {
        let ours = [
            ("PATH", "/bin"),
            ("LC_ALL", "C"),
            ("TOKEN", "canary"),
            ("NANOBOT_X", "canary"),
            ("NOTIFY_SOCKET", "canary"),
            ("LISTEN_FDS", "canary"),
            ("CREDENTIALS_DIRECTORY", "canary"),
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
        let names = environment.variables.into_keys();
        names.map(|name| name.into_string().unwrap()).collect()
    }

    #[test]
    fn what_is_not_asked_for_is_handed_on_only_where_it_is_harmless() {
        assert_eq!(names(&json!({})), ["LC_ALL", "PATH"]);
        assert_eq!(names(&json!({"inheritEnvironment": false})), [""; 0]);
        let all = names(&json!({"inheritEnvironment": true}));
        assert_eq!(all, ["LC_ALL", "PATH", "TOKEN"]);
        let named = ["NANOBOT_X", "NOT_THERE", "NOTIFY_SOCKET", "LISTEN_FDS"];
        let named = names(&json!({"inheritEnvironment": named}));
        assert_eq!(named, ["NANOBOT_X"]);
    }

    #[test]
    fn what_the_configuration_sets_counts_and_is_not_shown() {
        let environment = read(&json!({"environment": {"PATH": "canary"}})).unwrap();
        assert_eq!(environment.variables[OsStr::new("PATH")], "canary");
        assert_eq!(environment.secrets, [Secret::new("canary")]);
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
