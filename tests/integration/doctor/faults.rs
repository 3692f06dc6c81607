//! Each fault is fixed by pasting the first command that the doctor shows into a shell.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::examined::{Examined, examined};
use super::front::{Authority, Deed, Front, certificate, json, text};
use crate::harness::account::{Bot, LONG, PASSWORD, http_person};
use crate::harness::eventually::PATIENCE;
use crate::harness::http_person::HttpPerson;
use crate::harness::output::Output;
use crate::harness::process::Process;
use crate::harness::pty::Pty;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

/// The user that the programs run as that must not be root.
const NOBODY: u32 = 65534;
const BINARY: &str = env!("CARGO_BIN_EXE_nanobot");

/// A bot, and the shell of a person who answers what its programs ask.
struct Case {
    bot: Bot,
    /// What the doctor and the shell have in their environment.
    variables: Vec<(&'static str, String)>,
    /// The user of the doctor and of the commands that are not run with `sudo`.
    user: Option<u32>,
    /// The checks that are left out.
    skip: &'static str,
}

/// What a running gateway or another machine would be needed for.
const SKIP: &str = "gateway,homeserver.certificate";

impl Case {
    async fn new() -> Self {
        Self::of(Bot::new(shared_synapse().await).await)
    }

    fn of(bot: Bot) -> Self {
        let case = Self {
            bot,
            variables: Vec::new(),
            user: None,
            skip: SKIP,
        };
        let (password, good) = (case.bot.password_file(), case.good_config());
        let key = case.recovery_key();
        if case.bot.home.config_path().exists() {
            fs::copy(case.bot.home.config_path(), &good).unwrap();
        }
        // What a person types where the program asks.
        case.program(
            "nanobot",
            &format!(
                "case \"$1 $2\" in\n\
                 login*) set -- \"$@\" --no-input --password-file {password};;\n\
                 'store reset') set -- \"$@\" --yes --password-file {password};;\n\
                 'verify recovery') set -- \"$@\" --recovery-key-file {key};;\n\
                 'doctor --fix') set -- \"$@\" --yes;;\n\
                 esac\n\
                 EDITOR='cp {}' exec {BINARY} \"$@\"\n",
                good.display(),
                key = key.display()
            ),
        );
        case.program("sudo", "exec \"$@\"\n");
        case
    }

    /// What a person would write with the editor.
    fn good_config(&self) -> PathBuf {
        self.bot.home.user_dir().join("good.json")
    }

    fn recovery_key(&self) -> PathBuf {
        self.bot.home.user_dir().join("recovery-key.txt")
    }

    fn program(&self, name: &str, script: &str) {
        let directory = self.bot.home.user_dir().join("bin");
        fs::create_dir_all(&directory).unwrap();
        let path = directory.join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A command in the bot's environment.
    fn prepared(&self, mut command: Command) -> Command {
        for (name, value) in self.bot.home.command::<&str>(&[]).get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let path = std::env::var("PATH").unwrap();
        let bin = self.bot.home.user_dir().join("bin");
        command.env("PATH", format!("{}:{path}", bin.display()));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    async fn doctor(&self, options: &[&str]) -> Output {
        let mut command = Command::new(BINARY);
        command.args(["doctor", "--skip", self.skip]);
        command.args(options);
        let mut command = self.prepared(command);
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        self.bot.home.run_command(command, "").await
    }

    async fn examined(&self) -> Examined {
        examined(&self.doctor(&["--json"]).await)
    }

    /// The first command that a person sees, in all of its lines.
    async fn first_command(&self) -> String {
        let shown = self.doctor(&["-q"]).await.stdout;
        let mut lines = shown
            .lines()
            .skip_while(|line| !line.starts_with("         "));
        let mut command = String::new();
        for line in lines.by_ref() {
            command.push_str(line.trim_start());
            if !command.ends_with('\\') {
                break;
            }
            command.push('\n');
        }
        assert!(!command.is_empty(), "{shown}");
        command
    }

    /// Pastes a command into a shell, with this to read.
    async fn paste(&self, command: &str, input: &str) {
        let mut shell = Command::new("sh");
        shell.args(["-c", command]);
        let mut shell = self.prepared(shell);
        if let Some(user) = self.user.filter(|_| !command.starts_with("sudo ")) {
            shell.uid(user).gid(user);
        }
        if command.contains("config edit") {
            let terminal = Pty::spawn(&shell, self.bot.home.record());
            assert_eq!(terminal.wait(LONG).await, 0, "{}", terminal.screen());
            return;
        }
        let process = Process::spawn(shell, self.bot.home.record());
        process.give(input.as_bytes());
        process.wait(LONG).await.expect_code(0);
    }

    /// The doctor finds this, shows this command first, and finds nothing after it.
    async fn expect_fixed(&self, finding: &str, command: &str, input: &str) {
        self.expect_fixed_but(finding, command, input, &[]).await;
    }

    /// The same, where these findings are left: a command cannot bring back lost keys.
    async fn expect_fixed_but(&self, finding: &str, command: &str, input: &str, left: &[&str]) {
        let found = self.examined().await;
        let findings = [found.ids("fail"), found.ids("warn")].concat();
        assert!(findings.contains(&finding), "{:#}", found.report);
        let first = self.first_command().await;
        let typed = first.replace("\\\n", "");
        assert!(typed.starts_with(command), "{finding}: {first}");
        self.paste(&first, input).await;
        let healthy = self.examined().await;
        let findings = [healthy.ids("fail"), healthy.ids("warn")].concat();
        assert_eq!(findings, left, "{finding}: {:#}", healthy.report);
        self.bot.home.assert_no_secret(&[PASSWORD]);
    }

    fn store(&self) -> PathBuf {
        self.bot.home.path().join("matrix-store")
    }

    fn rename(&self, key: &str, other: &str) {
        self.bot.home.edit_config(|config| {
            let section = config["channels"]["matrix"].as_object_mut().unwrap();
            let value = section.remove(key).unwrap();
            section.insert(other.to_owned(), value);
        });
        chmod(&self.bot.home.config_path(), 0o600);
    }

    fn set(&self, key: &str, value: Value) {
        self.bot.set(key, value);
        chmod(&self.bot.home.config_path(), 0o600);
    }
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn edited_settings() {
    let case = Case::new().await;
    let device = case.bot.device_id();
    case.set("deviceId", json!("INVENTED"));
    case.expect_fixed("token.device", "nanobot login", "").await;
    assert_eq!(case.bot.device_id(), device, "the login was harmless");

    case.rename("allowFrom", "allowForm");
    case.expect_fixed("config.unknown-keys", "nanobot doctor --fix", "")
        .await;
    case.set("grouppolcy", json!("mention"));
    case.expect_fixed("config.unknown-keys", "nanobot doctor --fix", "")
        .await;
    case.set("colour", json!("blue"));
    case.expect_fixed("config.unknown-keys", "nanobot config edit", "")
        .await;
    fs::write(case.bot.home.config_path(), "{\"channels\": {,").unwrap();
    case.expect_fixed("config.syntax", "nanobot config edit", "")
        .await;
    case.set("enabled", json!(false));
    case.expect_fixed("config.enabled", "nanobot config set enabled true", "")
        .await;
    chmod(&case.bot.home.config_path(), 0o644);
    case.expect_fixed("config.permissions", "chmod 600 ", "")
        .await;
}

#[tokio::test]
async fn a_misspelled_allow_from_is_loud_when_the_gateway_starts() {
    let case = Case::new().await;
    case.rename("allowFrom", "allowForm");
    let invalid = case.bot.home.run(&["config", "validate"], "").await;
    assert_eq!(invalid.code, 78, "{invalid}");
    let gateway = case.bot.run().await;
    gateway.signal(rustix::process::Signal::TERM);
    let said = gateway.wait(PATIENCE).await;
    assert!(said.stderr.contains("OPEN TO EVERYONE"), "{said}");
}

#[tokio::test]
async fn a_token_that_was_revoked() {
    let case = Case::new().await;
    case.bot.account().await.logout().await;
    case.expect_fixed("token.valid", "nanobot login", "").await;
}

#[tokio::test]
async fn a_device_that_was_deleted() {
    let synapse = shared_synapse().await;
    let case = Case::new().await;
    let client = HttpPerson::login(&synapse.base_url(), &case.bot.user_id, PASSWORD).await;
    super::device::delete(&client, &case.bot).await;
    client.logout().await;
    case.expect_fixed("token.valid", "nanobot login", "").await;
}

#[tokio::test]
async fn a_store_that_was_deleted() {
    let case = Case::new().await;
    fs::remove_dir_all(case.store()).unwrap();
    let left = ["e2ee.verified"];
    case.expect_fixed_but("store.present", "nanobot store reset", "", &left)
        .await;
}

#[tokio::test]
async fn a_device_that_is_not_verified_and_a_recovery_key() {
    let bot = Bot::registered(shared_synapse().await).await;
    let case = Case::of(bot);
    let key = case.recovery_key();
    let key = ["--save-recovery-key", key.to_str().unwrap()];
    let login = [&["--allow-from", "*", "--recovery"][..], &key].concat();
    case.bot.log_in(&login).await.expect_code(0);
    fs::remove_dir_all(case.store()).unwrap();
    let left = ["e2ee.verified"];
    case.expect_fixed_but("store.present", "nanobot store reset", "", &left)
        .await;
    case.expect_fixed("e2ee.verified", "nanobot verify recovery", "")
        .await;
}

#[tokio::test]
async fn keys_that_are_missing() {
    let case = Case::new().await;
    for file in fs::read_dir(case.store()).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    let left = ["e2ee.verified"];
    case.expect_fixed_but("e2ee.keys-elsewhere", "nanobot store reset", "", &left)
        .await;
}

#[tokio::test]
async fn a_reset_that_was_not_finished() {
    let case = Case::new().await;
    let killed = case.bot.begin_reset(&["--force"], Some("reset-place"));
    assert_eq!(killed.wait(LONG).await.code, 128 + 9);
    case.expect_fixed("store.reset", "nanobot store reset", "")
        .await;
}

#[tokio::test]
async fn a_store_that_cannot_be_written() {
    let mut case = Case::new().await;
    let home = case.bot.home.user_dir().to_owned();
    if let Err(error) = give(&home, NOBODY) {
        eprintln!("skipped: only root can give files away ({error})");
        return;
    }
    case.user = Some(NOBODY);
    chmod(&case.store(), 0o500);
    case.expect_fixed("store.writable", "chmod -R u+rwX ", "")
        .await;
    // As after a run with sudo.
    give(&case.store(), 0).unwrap();
    case.expect_fixed("store.writable", "sudo chown -R nobody ", "")
        .await;
    chown(case.bot.home.path(), Some(0), Some(0)).unwrap();
    chmod(&case.bot.home.path(), 0o755);
    fs::remove_dir_all(case.store()).unwrap();
    let found = case.examined().await;
    let fix = found.commands("store.writable");
    assert!(
        fix[0].starts_with("sudo install -d -m 700 -o nobody "),
        "{fix:?}"
    );
}

/// Makes this user the owner of a directory and of all in it.
fn give(path: &Path, user: u32) -> std::io::Result<()> {
    chown(path, Some(user), Some(user))?;
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            give(&entry?.path(), user)?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_agent_without_its_key() {
    let mut case = Case::new().await;
    case.skip = "gateway,homeserver.certificate,agent.reachable,agent.authorised,agent.model";
    let agent = json!({"type": "openai", "model": "tiny", "provider": "openai"});
    case.set("agent", agent);
    let command = "nanobot config set providers.openai.apiKey --stdin";
    case.expect_fixed("agent.configured", command, "canary-key\n")
        .await;
}

#[tokio::test]
async fn a_list_that_lets_everyone_in() {
    let synapse = shared_synapse().await;
    let case = Case::new().await;
    let person = http_person(synapse, "ann").await;
    let gateway = case.bot.run().await;
    let room = person
        .create_room(&RoomSpec::direct(&case.bot.user_id))
        .await;
    person.wait_for_member(&room, &case.bot.user_id).await;
    assert_eq!(gateway.terminate().await, 0);
    case.set("allowFrom", json!([]));
    let command = format!("nanobot config set allowFrom --add {}", person.user_id());
    case.expect_fixed("access.open", &command, "").await;
}

#[tokio::test]
async fn a_wrong_homeserver_whose_name_knows_better() {
    let synapse = shared_synapse().await;
    let right = synapse.base_url();
    let named = right.clone();
    let authority = Authority::new("Our CA");
    let hosts = certificate(&["matrix.example.org", "localhost"]);
    let front = Front::secure(authority.identity(&hosts), move |asked| match asked.host {
        "localhost" => json(200, &json!({"m.homeserver": {"base_url": named}})),
        "matrix.example.org" => text(404, "nothing here"),
        _ => Deed::PassOn,
    })
    .await;
    let mut case = Case::new().await;
    let file = authority.file().to_str().unwrap().to_owned();
    case.variables = vec![("SSL_CERT_FILE", file)];
    case.set("proxy", json!(front.http()));
    case.set("homeserver", json!("https://matrix.example.org"));
    let command = format!("nanobot config set homeserver {right}");
    case.expect_fixed("homeserver.answers", &command, "").await;
}
