//! The settings of the agent.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    environment::Environment,
    program::{Name, Program},
};
use crate::{config::Section, error::Result};

/// How long the program may take where the configuration does not say.
const TIME_LIMIT: Duration = Duration::from_mins(2);
/// The longest it may be allowed to take, in seconds.
const LONGEST: usize = 24 * 60 * 60;
/// The most messages of a conversation that it may want to see again.
const MOST_HISTORY: usize = 100;

/// What the section says.
pub(super) struct Settings {
    pub(super) program: Program,
    pub(super) attachments_from: Vec<PathBuf>,
    pub(super) history: Option<NonZeroUsize>,
}

/// Takes the agent's keys out of the section. Relative paths start at this directory, that of the
/// configuration.
pub(super) fn read(section: &mut Section, home: &Path) -> Result<Settings> {
    // A program may work elsewhere than this one was started.
    let home = std::path::absolute(home).unwrap_or_else(|_| home.to_owned());
    let (name, arguments) = command(section, &home)?;
    let directory = section.text("workingDirectory")?;
    let directory = directory.map_or_else(|| home.clone(), |directory| home.join(directory));
    let attachments_from = directories(section, &home)?;
    Ok(Settings {
        program: Program {
            name,
            arguments,
            directory,
            environment: Environment::read(section, std::env::vars_os())?,
            time_limit: section
                .seconds("timeoutSeconds", LONGEST)?
                .unwrap_or(TIME_LIMIT),
        },
        attachments_from: attachments_from
            .iter()
            .map(|path| home.join(path))
            .collect(),
        history: section.count("history", MOST_HISTORY)?,
    })
}

/// The directories from which files may be sent.
fn directories(section: &mut Section, home: &Path) -> Result<Vec<PathBuf>> {
    const KEY: &str = "attachmentsFrom";
    let listed = section.list(KEY)?.unwrap_or_default();
    let directories: Vec<_> = listed.iter().map(|path| home.join(path)).collect();
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if directories
        .iter()
        .any(|path| real(home).starts_with(real(path)))
    {
        let must = "directories that do not hold this configuration: it has the bot's keys";
        return Err(section.wrong(KEY, must));
    }
    Ok(directories)
}

/// The program and its arguments.
fn command(section: &mut Section, home: &Path) -> Result<(Name, Vec<String>)> {
    let words = section.list("command")?;
    let script = section.text("shell")?;
    match (words, script) {
        (Some(words), None) => match words.split_first() {
            Some((name, arguments)) if !name.is_empty() => {
                Ok((Name::new(name, home), arguments.to_vec()))
            }
            _ => Err(section.wrong("command", "a list that begins with a program")),
        },
        (None, Some(script)) => Ok((Name::Shell, vec!["-c".to_owned(), script])),
        (None, None) => Err(section.wrong(
            "command",
            "a list of a program and its arguments, or \"shell\" a text for sh",
        )),
        (Some(_), Some(_)) => Err(section.wrong("shell", "absent beside \"command\"")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::config::Secret;

    fn settings(keys: &Value) -> Result<Settings> {
        let object = Secret::new(keys.to_string());
        let mut section = Section::new("a", Some(&object)).unwrap();
        let settings = read(&mut section, Path::new("/home/bot"))?;
        section.finish()?;
        Ok(settings)
    }

    #[test]
    fn relative_paths_start_at_the_configuration() {
        let read = settings(&json!({
            "command": ["./bot.sh", "./x"], "workingDirectory": "work",
            "attachmentsFrom": ["out", "/srv/out"], "history": 5, "timeoutSeconds": 7,
        }))
        .unwrap();
        let program = read.program;
        assert_eq!(program.describe(), "the program `./bot.sh`");
        assert_eq!(program.arguments, ["./x"]);
        assert_eq!(program.directory, Path::new("/home/bot/work"));
        assert_eq!(program.time_limit, Duration::from_secs(7));
        let directories = ["/home/bot/out", "/srv/out"].map(PathBuf::from);
        assert_eq!(read.attachments_from, directories);
        assert_eq!(read.history, NonZeroUsize::new(5));
    }

    #[test]
    fn a_shell_runs_only_what_was_meant_for_it() {
        let program = settings(&json!({"shell": "echo $HOME"})).unwrap().program;
        assert_eq!(program.arguments, ["-c", "echo $HOME"]);
        assert!(!program.describe().contains("echo"), "it may be secret");
        assert_eq!(program.time_limit, TIME_LIMIT);
        let program = settings(&json!({"command": ["echo", "$HOME"]})).unwrap();
        assert_eq!(program.program.arguments, ["$HOME"]);
    }

    #[test]
    fn there_is_one_command_and_nothing_unknown() {
        for keys in [
            json!({}),
            json!({"command": []}),
            json!({"command": [""]}),
            json!({"command": "echo"}),
            json!({"command": ["echo"], "shell": "echo"}),
            json!({"command": ["echo"], "history": 101}),
            json!({"command": ["echo"], "timeoutSeconds": 0}),
            json!({"command": ["echo"], "workingdir": "x"}),
            json!({"command": ["echo"], "attachmentsFrom": ["."]}),
            json!({"command": ["echo"], "attachmentsFrom": ["out", "/home"]}),
        ] {
            assert!(settings(&keys).is_err(), "{keys}");
        }
    }
}
