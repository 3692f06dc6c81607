//! The gateway's own preflight, by the program and in the surroundings that the service will have.

use std::{
    ffi::OsString,
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, chown},
    path::Path,
};

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use super::{
    definition::{Account, Definition, Level},
    manager::Machine,
    runner::{CommandLine, Ran, Surroundings},
};
use crate::{
    error::{Error, Kind, Result},
    files::only_secret,
};

/// Where service managers look for programs.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// What a user's manager hands on: the keyring is reached through it.
const OF_A_SESSION: [&str; 4] = [
    "DBUS_SESSION_BUS_ADDRESS",
    "LANG",
    "USER",
    "XDG_RUNTIME_DIR",
];
/// The credential that an access token is handed over as.
const CREDENTIAL: &str = "nanobot-matrix-access-token";

/// How the check ended that would have the service fail later.
#[derive(Debug)]
pub enum Checked {
    Sound,
    /// It would wait for the homeserver.
    Away(String),
    /// A gateway runs already, so that not everything could be looked at.
    InUse(String),
    /// This user cannot look at it.
    NotOurs,
}

/// What the gateway prints when it does not start.
#[derive(Deserialize)]
struct Failed {
    kind: Kind,
    message: String,
    hint: Option<String>,
}

/// Asks the program whether the gateway could start.
///
/// # Errors
///
/// What it would fail with, whenever it is started.
pub fn check(service: &Definition, machine: &Machine<'_>) -> Result<Checked> {
    let identity = match &service.account {
        Account::Itself => None,
        Account::Owner(owner) => Some((owner.uid, owner.gid)),
        Account::Dynamic(_) => owner_of(&service.directory),
    };
    let is_ours = |(uid, _)| machine.uid == 0 || uid == machine.uid;
    if !identity.is_none_or(is_ours) {
        return Ok(Checked::NotOurs);
    }
    let mut command = CommandLine::new(&service.program, &service.check_arguments());
    // They are there as long as it runs.
    let credentials = credentials(service, identity)?;
    match (&service.account, identity) {
        (Account::Dynamic(state), Some((1.., _))) => {
            command = in_its_directory(service, state, &command);
        }
        _ => {
            command.surroundings = Some(Surroundings {
                identity: identity.filter(|(uid, _)| *uid != machine.uid),
                environment: environment(service, machine, credentials.as_ref())?,
            });
        }
    }
    let Some(ran) = machine.runner.run(&command)? else {
        let message = format!("there is no program {}", service.program);
        return Err(Error::failure(message).hint("give --program FILE"));
    };
    judge(&ran)
}

/// The same by systemd: once it has made a user for the service, nobody else gets at its directory
/// as that user.
fn in_its_directory(service: &Definition, state: &str, command: &CommandLine) -> CommandLine {
    let mut line = CommandLine::new("systemd-run", &["--quiet", "--pipe", "--wait", "--collect"]);
    let mut set = |name: &str, value: &str| {
        line.arguments
            .push(format!("--property={name}={value}").into());
    };
    set("DynamicUser", "yes");
    set("User", &service.name);
    set("StateDirectory", state);
    set("StateDirectoryMode", "0700");
    if let Some(file) = &service.access_token {
        set("LoadCredential", &format!("{CREDENTIAL}:{file}"));
    }
    if let Some(file) = &service.environment_file {
        set("EnvironmentFile", file);
    }
    let home = format!("--setenv=NANOBOT_HOME={}", service.directory);
    line.arguments
        .extend([home.into(), "--".into(), command.program.clone()]);
    line.arguments.extend(command.arguments.iter().cloned());
    line
}

fn judge(ran: &Ran) -> Result<Checked> {
    if ran.is_success() {
        return Ok(Checked::Sound);
    }
    let document: Value = serde_json::from_str(ran.stdout.trim()).unwrap_or_default();
    let failed = Failed::deserialize(&document["error"]).map_err(|_| {
        let why = ran.complaint();
        Error::failure(format!(
            "cannot check whether the gateway could start: {why}"
        ))
    })?;
    match failed.kind {
        Kind::Unreachable => Ok(Checked::Away(failed.message)),
        Kind::StoreInUse => Ok(Checked::InUse(failed.message)),
        kind => {
            let error = Error::new(kind, format!("the service would fail: {}", failed.message));
            Err(match failed.hint {
                Some(hint) => error.hint(hint),
                None => error,
            })
        }
    }
}

fn owner_of(directory: &str) -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt;
    let found = fs::metadata(directory).ok()?;
    Some((found.uid(), found.gid()))
}

/// The credentials of the service, as its manager would lay them down.
fn credentials(service: &Definition, owner: Option<(u32, u32)>) -> Result<Option<TempDir>> {
    let Some(file) = &service.access_token else {
        return Ok(None);
    };
    let cannot = |error| Error::failure(format!("cannot read {file}")).because(error);
    let token = fs::read_to_string(file).map_err(cannot)?;
    let directory = tempfile::tempdir().map_err(cannot)?;
    let copy = directory.path().join(CREDENTIAL);
    fs::write(&copy, only_secret(&token)).map_err(cannot)?;
    for path in [directory.path(), &copy] {
        if let Some((uid, gid)) = owner {
            chown(path, Some(uid), Some(gid)).map_err(cannot)?;
        }
        let mode = if path == copy { 0o400 } else { 0o700 };
        fs::set_permissions(path, Permissions::from_mode(mode)).map_err(cannot)?;
    }
    Ok(Some(directory))
}

/// The variables of the service.
fn environment(
    service: &Definition,
    machine: &Machine<'_>,
    credentials: Option<&TempDir>,
) -> Result<Vec<(OsString, OsString)>> {
    let path = service.path.as_deref().unwrap_or(PATH);
    let mut variables: Vec<(OsString, OsString)> = vec![("PATH".into(), path.into())];
    let mut set = |name: &str, value: OsString| variables.push((name.into(), value));
    match &service.account {
        Account::Itself => {
            let handed_on = OF_A_SESSION.iter().chain(&["HOME"]);
            for name in handed_on {
                if let Some(value) = (machine.env)(name) {
                    set(name, value);
                }
            }
        }
        Account::Owner(owner) => set("HOME", owner.home.clone().into()),
        Account::Dynamic(_) => set("NANOBOT_HOME", service.directory.clone().into()),
    }
    if let Some(directory) = credentials {
        set("CREDENTIALS_DIRECTORY", directory.path().into());
    }
    if let Some(file) = &service.environment_file {
        let cannot = |error| Error::failure(format!("cannot read {file}")).because(error);
        let text = fs::read_to_string(Path::new(file)).map_err(cannot)?;
        for (name, value) in assignments(&text) {
            set(name, value.into());
        }
    }
    debug_assert!(service.level == Level::System || service.account == Account::Itself);
    Ok(variables)
}

/// What a file of variables says, as `systemd.exec(5)` reads it; lines that go on are not known.
fn assignments(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.starts_with(['#', ';']));
    lines
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| {
            let value = value.trim();
            let quoted = ['"', '\'']
                .into_iter()
                .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
            (name.trim(), quoted.unwrap_or(value))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_variables_is_read_as_systemd_does() {
        let text = "# x\nA=1\n; y\n B = 'two words' \nC=\"x=y\"\nnothing\nD=";
        let read: Vec<_> = assignments(text).collect();
        assert_eq!(
            read,
            [("A", "1"), ("B", "two words"), ("C", "x=y"), ("D", "")]
        );
    }

    #[test]
    fn what_only_the_service_may_see_is_checked_by_its_manager() {
        let check = CommandLine::new("/usr/bin/nanobot", &["gateway", "--check", "--json"]);
        let service = Definition {
            name: "work".to_owned(),
            level: Level::System,
            program: "/usr/bin/nanobot".to_owned(),
            config: None,
            directory: "/var/lib/bot".to_owned(),
            account: Account::Dynamic("bot".to_owned()),
            access_token: Some("/etc/token".to_owned()),
            environment_file: None,
            is_confined: true,
            path: None,
        };
        let line = in_its_directory(&service, "bot", &check).to_string();
        for part in [
            "systemd-run --quiet --pipe --wait --collect ",
            "--property=User=work' ",
            "--property=StateDirectory=bot' ",
            "--property=LoadCredential=nanobot-matrix-access-token:/etc/token' ",
            "--setenv=NANOBOT_HOME=/var/lib/bot' -- /usr/bin/nanobot gateway --check --json",
        ] {
            assert!(line.contains(part), "{part} is not in {line}");
        }
    }

    #[test]
    fn what_may_help_later_is_no_error() {
        let ran = |code: u8, kind: &str| Ran {
            code: Some(code.into()),
            stdout: format!(
                r#"{{"ok":false,"error":{{"kind":"{kind}","message":"m","hint":"h"}}}}"#
            ),
            stderr: String::new(),
        };
        let judged = |code, kind| judge(&ran(code, kind));
        assert!(matches!(judged(69, "unreachable"), Ok(Checked::Away(said)) if said == "m"));
        assert!(matches!(judged(5, "store_in_use"), Ok(Checked::InUse(_))));
        for (code, kind) in [(78, "config"), (4, "not_logged_in"), (1, "failure")] {
            let error = judged(code, kind).unwrap_err();
            assert_eq!(error.kind().exit_code(), code);
            assert_eq!(error.to_string(), "the service would fail: m");
            assert_eq!(error.hint_text().as_deref(), Some("h"));
        }
        let strange = Ran {
            code: Some(2),
            stderr: "no such option".to_owned(),
            ..Ran::default()
        };
        assert!(
            judge(&strange)
                .unwrap_err()
                .to_string()
                .ends_with("no such option")
        );
    }
}
