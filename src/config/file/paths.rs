//! Where things live: the config file and what stands beside it.

use std::path::{Path, PathBuf};

use crate::{
    config::Env,
    error::{Error, Kind, Result},
    files::directory_of,
};

/// The active config file; everything else lives in its directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    file: PathBuf,
    chosen_by: &'static str,
}

impl Paths {
    /// Finds the active config file: `--config`, else `NANOBOT_CONFIG`, else
    /// `NANOBOT_HOME/config.json`, else `~/.nanobot/config.json`.
    ///
    /// Empty variables count as absent. A leading `~/` in either variable means `HOME`, because a
    /// service manager or an `.env` file does not expand it.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when nothing is given and `HOME` is not set either, [`Kind::Usage`] when
    /// `--config` is empty.
    pub fn locate(config_flag: Option<&Path>, env: Env<'_>) -> Result<Self> {
        if let Some(file) = config_flag {
            if file.as_os_str().is_empty() {
                return Err(Error::new(Kind::Usage, "--config needs a file path"));
            }
            let (file, chosen_by) = (file.to_owned(), "--config");
            return Ok(Self { file, chosen_by });
        }
        for (chosen_by, name) in [
            ("NANOBOT_CONFIG", None),
            ("NANOBOT_HOME", Some("config.json")),
        ] {
            if let Some(place) = env(chosen_by).filter(|value| !value.is_empty()) {
                let mut file = expand_home(PathBuf::from(place), env)?;
                file.extend(name);
                return Ok(Self { file, chosen_by });
            }
        }
        Ok(Self::of(home(env)?.join(".nanobot").join("config.json")))
    }

    /// The places that belong to this config file.
    pub fn of(file: PathBuf) -> Self {
        Self {
            file,
            chosen_by: "default",
        }
    }

    /// What named the file: `--config`, a variable of the environment, or `default`.
    pub fn chosen_by(&self) -> &'static str {
        self.chosen_by
    }

    /// The config file.
    pub fn config_file(&self) -> &Path {
        &self.file
    }

    /// The directory of the config file, in which all our data lives.
    pub fn dir(&self) -> &Path {
        directory_of(&self.file)
    }

    /// The store of the Matrix session: encryption keys and sync state.
    pub fn store(&self) -> PathBuf {
        self.dir().join("matrix-store")
    }

    /// Where received media are kept.
    pub fn media(&self) -> PathBuf {
        self.dir().join("media").join("matrix")
    }
}

fn expand_home(path: PathBuf, env: Env<'_>) -> Result<PathBuf> {
    match path.strip_prefix("~") {
        Ok(rest) => Ok(home(env)?.join(rest)),
        Err(_) => Ok(path),
    }
}

fn home(env: Env<'_>) -> Result<PathBuf> {
    env("HOME")
        .filter(|home| !home.is_empty())
        .map(PathBuf::from)
        .ok_or_else(|| {
            Error::config("cannot find config.json: HOME is not set")
                .hint("use --config FILE, or set NANOBOT_HOME")
        })
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn locate(flag: Option<&str>, pairs: &[(&str, &str)]) -> Result<Paths> {
        let env = |name: &str| {
            let found = pairs.iter().find(|(key, _)| *key == name)?;
            Some(OsString::from(found.1))
        };
        Paths::locate(flag.map(Path::new), &env)
    }

    fn file(flag: Option<&str>, pairs: &[(&str, &str)]) -> String {
        let paths = locate(flag, pairs).unwrap();
        paths.config_file().to_str().unwrap().to_owned()
    }

    #[test]
    fn the_nearest_source_wins() {
        let mut pairs = vec![("HOME", "/h")];
        assert_eq!(file(None, &pairs), "/h/.nanobot/config.json");
        pairs.push(("NANOBOT_HOME", "/n"));
        assert_eq!(file(None, &pairs), "/n/config.json");
        pairs.push(("NANOBOT_CONFIG", "/c/x.json"));
        assert_eq!(file(None, &pairs), "/c/x.json");
        assert_eq!(file(Some("f.json"), &pairs), "f.json");
    }

    #[test]
    fn a_tilde_is_home_and_an_empty_variable_is_none() {
        let pairs = [
            ("HOME", "/h"),
            ("NANOBOT_CONFIG", ""),
            ("NANOBOT_HOME", "~/bot"),
        ];
        assert_eq!(file(None, &pairs), "/h/bot/config.json");
        assert_eq!(
            file(None, &[("HOME", "/h"), ("NANOBOT_HOME", "~x")]),
            "~x/config.json"
        );
    }

    #[test]
    fn everything_stands_beside_the_file() {
        let paths = Paths::of(PathBuf::from("/data/config.json"));
        assert_eq!(paths.dir(), Path::new("/data"));
        assert_eq!(paths.store(), Path::new("/data/matrix-store"));
        assert_eq!(paths.media(), Path::new("/data/media/matrix"));
        assert_eq!(Paths::of("config.json".into()).dir(), Path::new("."));
    }

    #[test]
    fn without_a_home_it_says_what_to_do() {
        let error = locate(None, &[]).unwrap_err();
        assert_eq!(error.kind(), Kind::Config);
        assert!(error.hint_text().unwrap().contains("--config"));
        assert_eq!(locate(Some(""), &[]).unwrap_err().kind(), Kind::Usage);
    }
}
