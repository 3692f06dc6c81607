//! The access token in the system's keyring, and what happens where there is none.

mod recovery_key;

use std::fs;
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::account::{Bot, PASSWORD, http_person};
use crate::harness::bot::Home;
use crate::harness::eventually::PATIENCE;
use crate::harness::http_person::HttpPerson;
use crate::harness::output::Output;
use crate::harness::process::Process;
use crate::harness::room::RoomSpec;
use crate::harness::secret_service::SecretService;
use crate::harness::shared::shared_synapse;

/// More than the 3 s that a keyring may take, on a slow and busy machine.
const PROMPT: Duration = Duration::from_secs(8);

/// A bot in the session of a desktop.
struct Desktop {
    bot: Bot,
    keyring: SecretService,
}

impl Desktop {
    async fn start() -> Option<Self> {
        let bot = Bot::registered(shared_synapse().await).await;
        let keyring = SecretService::start(&bot.home).await?;
        Some(Self { bot, keyring })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.bot.home.command(arguments);
        self.keyring.open_to(&mut command);
        command
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, "").await
    }

    async fn run_with(&self, arguments: &[&str], stdin: &str) -> Output {
        let command = self.command(arguments);
        self.bot.home.run_command(command, stdin).await
    }

    async fn log_in(&self, more: &[&str]) -> Output {
        let url = shared_synapse().await.base_url();
        let user = &self.bot.user_id;
        let arguments = ["login", "--homeserver", &url, "--user", user];
        let arguments = [&arguments[..], &["--password-stdin"], more].concat();
        let command = self.command(&arguments);
        self.bot.home.run_command(command, PASSWORD).await
    }

    /// The token, as the only command that shows it does.
    fn token(&self) -> String {
        let mut command = self.command(&["config", "get", "accessToken", "--reveal"]);
        // Not recorded, since it is what no other output may hold.
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

#[tokio::test]
async fn a_token_in_the_keyring_is_used_and_removed() {
    let Some(desktop) = Desktop::start().await else {
        return;
    };
    let bot = &desktop.bot;
    let output = desktop.log_in(&["--token-store", "keyring"]).await;
    let output = output.expect_code(0);
    let words = "Access token stored in the keyring (Secret Service, collection login)";
    assert!(output.stdout.contains(words), "{output}");
    assert!(output.stderr.contains("systemd system service"), "{output}");
    assert!(!output.stderr.contains("restarts"), "{output}");
    assert_eq!(bot.setting("tokenStore"), "keyring");
    assert!(bot.setting("accessToken").is_null());
    assert_eq!(desktop.keyring.entries(), 1);
    let token = desktop.token();

    let status = desktop.run(&["login", "--status", "--json"]).await;
    let status = status.expect_code(0).json();
    assert_eq!(status["device_id"], bot.device_id());
    let origin = status["token_origin"].as_str().unwrap();
    assert!(origin.starts_with("keyring (entry \"@bot-"), "{origin}");
    assert!(status["expires"].is_null());

    let gateway = Process::spawn(desktop.command(&["gateway"]), bot.home.record());
    gateway.give(b"");
    gateway.expect_line("E2EE enabled", PATIENCE).await;
    let ann = http_person(shared_synapse().await, "ann").await;
    let room = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let question = ann.send_text(&room, "hello").await;
    ann.wait_for_reply(&room, &question, &bot.user_id).await;
    gateway.terminate().await.expect_code(0);

    let output = desktop.run(&["logout", "--json"]).await.expect_code(0);
    assert_eq!(output.json()["keyring_entry_removed"], true, "{output}");
    assert_eq!(desktop.keyring.entries(), 0);
    desktop.run(&["login", "--status"]).await.expect_code(4);
    bot.home.assert_no_secret(&[PASSWORD, &token]);
}

#[tokio::test]
async fn every_command_knows_where_the_token_is() {
    let Some(desktop) = Desktop::start().await else {
        return;
    };
    let output = desktop.log_in(&["--token-store", "auto", "--json"]).await;
    assert_eq!(output.expect_code(0).json()["token_store"], "keyring");
    let token = desktop.token();

    let output = desktop.run(&["config", "get", "accessToken"]).await;
    assert_eq!(output.expect_code(0).stdout, "<redacted>\n");
    // Neither of these asks the keyring.
    let home = &desktop.bot.home;
    let setting = async |pairs: &[(&str, &str)]| {
        let mut command = home.command(&["config", "list", "--json"]);
        command.envs(pairs.iter().copied());
        let document = home.run_command(command, "").await.expect_code(0).json();
        let settings = document["settings"].as_array().unwrap().clone();
        let mut settings = settings.into_iter();
        settings
            .find(|setting| setting["key"] == "accessToken")
            .unwrap()
    };
    home.run(&["config", "validate", "--strict"], "")
        .await
        .expect_code(0);
    let found = setting(&[]).await;
    let name = format!("{} {}", desktop.bot.user_id, desktop.bot.device_id());
    assert_eq!(found["origin"], json!({"kind": "keyring", "entry": name}));
    assert_eq!(found["value"], "<redacted>");
    let found = setting(&[("NANOBOT_MATRIX_ACCESS_TOKEN", "another")]).await;
    assert_eq!(found["origin"]["kind"], "environment");
    assert_eq!(found["shadowed"][0]["kind"], "keyring");
    // Another source goes before it, so that no bus is needed.
    let mut command = home.command(&["login", "--status"]);
    command.env("NANOBOT_MATRIX_ACCESS_TOKEN", &token);
    home.run_command(command, "").await.expect_code(0);
    // Where it cannot be reached, whoever needs it is told.
    for arguments in [&["login", "--status"][..], &["gateway"], &["logout"]] {
        let output = home.run(arguments, "").await.expect_code(1);
        assert!(output.stderr.contains("in the keyring"), "{output}");
        assert!(output.stderr.contains("--token-store file"), "{output}");
    }
    let output = home.run(&["config", "get", "accessToken"], "").await;
    assert!(output.expect_code(1).stderr.contains("in the keyring"));
    assert_eq!(desktop.keyring.entries(), 1);
    home.assert_no_secret(&[PASSWORD, &token]);
}

#[tokio::test]
async fn a_further_login_replaces_the_entry_and_one_to_the_file_removes_it() {
    let Some(desktop) = Desktop::start().await else {
        return;
    };
    let bot = &desktop.bot;
    // A file that is laid out by hand stays so.
    let mine =
        "{\n  // mine\n  \"channels\": {\"matrix\": {\"accessToken\": \"old\", \"mine\": 1}}\n}\n";
    bot.home.write_config(mine);
    let output = desktop.log_in(&["--token-store", "keyring"]).await;
    output.expect_code(0);
    let text = fs::read_to_string(bot.home.config_path()).unwrap();
    assert!(text.starts_with("{\n  // mine\n"), "{text}");
    assert!(!text.contains("accessToken"), "{text}");
    let (first, device) = (desktop.token(), device_of(&text));

    // Without the option, it stays as it is configured.
    desktop.log_in(&[]).await.expect_code(0);
    let second = desktop.token();
    assert_ne!(first, second);
    assert_eq!(desktop.keyring.entries(), 1);
    // Another device has another entry, and the old one goes.
    fs::remove_dir_all(bot.home.path().join("matrix-store")).unwrap();
    let output = desktop.log_in(&[]).await.expect_code(0);
    assert!(output.stderr.contains("Removed the old entry"), "{output}");
    let text = fs::read_to_string(bot.home.config_path()).unwrap();
    assert_ne!(device_of(&text), device);
    assert_eq!(desktop.keyring.entries(), 1);
    desktop.run(&["login", "--status"]).await.expect_code(0);

    let output = desktop.log_in(&["--token-store", "file"]).await;
    let output = output.expect_code(0);
    assert!(output.stdout.contains("in that file"), "{output}");
    assert_eq!(desktop.keyring.entries(), 0);
    let text = fs::read_to_string(bot.home.config_path()).unwrap();
    assert!(text.contains("accessToken") && !text.contains("tokenStore"));
    // No bus is needed any more.
    bot.home
        .run(&["login", "--status"], "")
        .await
        .expect_code(0);
    bot.home.assert_no_secret(&[PASSWORD, &first, &second]);
}

fn device_of(text: &str) -> String {
    let (_, rest) = text.split_once("\"deviceId\": \"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_keyring_that_was_emptied_sends_to_login() {
    let Some(desktop) = Desktop::start().await else {
        return;
    };
    let bot = &desktop.bot;
    let config = json!({"channels": {"matrix": {
        "enabled": true, "homeserver": shared_synapse().await.base_url(), "userId": bot.user_id,
        "deviceId": "GONE", "tokenStore": "keyring",
    }}});
    bot.home.write_config(&config.to_string());
    for arguments in [&["login", "--status"][..], &["gateway"], &["logout"]] {
        let output = desktop.run(arguments).await.expect_code(4);
        assert!(output.stderr.contains("is not in the keyring"), "{output}");
        assert!(output.stderr.contains("run `nanobot login`"), "{output}");
    }
    let output = desktop.run(&["config", "get", "accessToken"]).await;
    let output = output.expect_code(1);
    assert!(output.stderr.contains("run `nanobot login`"), "{output}");
}

#[tokio::test]
async fn a_keyring_that_does_not_last_is_warned_of_and_not_chosen() {
    let Some(desktop) = Desktop::start().await else {
        return;
    };
    desktop.keyring.forget_at_the_end();
    let output = desktop.log_in(&["--token-store", "auto"]).await;
    let output = output.expect_code(0);
    assert!(output.stderr.contains("does not outlive"), "{output}");
    assert!(desktop.bot.setting("accessToken").is_string());
    let output = desktop.log_in(&["--token-store", "keyring"]).await;
    let output = output.expect_code(0);
    assert!(output.stderr.contains("restarts"), "{output}");
    assert!(desktop.bot.setting("accessToken").is_null());
    desktop.run(&["login", "--status"]).await.expect_code(0);
}

#[tokio::test]
async fn a_locked_keyring_is_not_waited_for() {
    let Some(desktop) = Desktop::start().await else {
        return;
    };
    let output = desktop.log_in(&["--token-store", "keyring"]).await;
    output.expect_code(0);
    desktop.keyring.lock();
    for arguments in [&["gateway"][..], &["login", "--status"]] {
        let start = Instant::now();
        let output = desktop.run(arguments).await.expect_code(1);
        assert!(start.elapsed() < PROMPT, "{output}");
        assert!(output.stderr.contains("locked"), "{output}");
        assert!(output.stderr.contains("unlock the keyring"), "{output}");
    }
    let config = desktop.bot.home.config();
    let output = desktop.log_in(&["--token-store", "keyring"]).await;
    assert!(output.expect_code(1).stderr.contains("locked"));
    assert_eq!(desktop.bot.home.config(), config);
}

/// Runs a login that wants the keyring, where the homeserver is not there either: so it can only be
/// the keyring that was asked first.
async fn insist(home: &Home, bus: &str) -> Output {
    let arguments = ["login", "--homeserver", "http://127.0.0.1:9"];
    let more = ["--user", "bot", "--password-stdin", "--token-store"];
    let mut command = home.command(&[&arguments[..], &more, &["keyring"]].concat());
    command.env("DBUS_SESSION_BUS_ADDRESS", bus);
    let start = Instant::now();
    let output = home.run_command(command, PASSWORD).await.expect_code(1);
    assert!(start.elapsed() < PROMPT, "{output}");
    assert!(output.stderr.contains("cannot use the keyring"), "{output}");
    assert!(output.stderr.contains("--token-store file"), "{output}");
    assert!(!home.path().exists(), "{output}");
    output
}

#[tokio::test]
async fn without_a_bus_nothing_is_done() {
    let home = Home::new();
    insist(&home, "unix:path=/nowhere/bus").await;
    insist(&home, "nonsense").await;
    // As where nothing says what the bus is.
    insist(&home, "").await;
}

#[tokio::test]
async fn a_bus_that_never_answers_is_not_waited_for() {
    let home = Home::new();
    let path = home.user_dir().join("silent");
    // It accepts by being there: the system takes the connections for it.
    let _listener = UnixListener::bind(&path).unwrap();
    let output = insist(&home, &format!("unix:path={}", path.display())).await;
    assert!(output.stderr.contains("within 3 s"), "{output}");
}

#[tokio::test]
async fn auto_says_aloud_that_it_is_the_file() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let output = bot.log_in(&["--token-store", "auto"]).await;
    let output = output.expect_code(0);
    let words = "in the configuration: cannot use the keyring: ";
    assert!(output.stderr.contains(words), "{output}");
    assert!(output.stdout.contains("in that file"), "{output}");
    let account = HttpPerson::with_token(&synapse.base_url(), &bot.token()).await;
    assert_eq!(account.device_id(), bot.device_id());
    assert!(bot.setting("tokenStore").is_null());
}

#[tokio::test]
async fn the_same_without_questions_names_the_store() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let url = synapse.base_url();
    let more = ["--allow-from", "*", "--token-store", "auto"];
    let arguments = ["login", "--homeserver", &url, "--user", &bot.user_id];
    let terminal = bot.home.terminal(&[&arguments[..], &more].concat());
    for (question, answer) in [("Password", PASSWORD), ("Set up a recovery key", "no")] {
        terminal.expect(question, PATIENCE).await;
        terminal.send_line(answer).await;
    }
    assert_eq!(terminal.wait(PATIENCE).await, 0, "{}", terminal.screen());
    let screen = terminal.screen().replace("\r\n", "\n");
    let screen = screen.replace(" \\\n    ", " ");
    assert!(!screen.contains("Recovery key: "), "{screen}");
    let line = "--allow-from '*' --token-store auto --password-stdin";
    assert!(screen.contains(line), "{screen}");
}

#[tokio::test]
async fn the_default_is_the_file_and_is_said() {
    let bot = Bot::registered(shared_synapse().await).await;
    let output = bot.log_in(&["--json"]).await.expect_code(0);
    assert_eq!(output.json()["token_store"], "file");
    let output = bot.log_in(&[]).await.expect_code(0);
    assert!(output.stdout.contains("Access token stored in that file"));
    bot.home
        .run(&["login", "--status", "--token-store", "file"], "")
        .await
        .expect_code(2);
    bot.log_in(&["--token-store", "vault"]).await.expect_code(2);
}

#[tokio::test]
async fn a_reset_of_the_store_changes_the_token_in_the_keyring() {
    let Some(desktop) = Desktop::start().await else {
        return;
    };
    let bot = &desktop.bot;
    let output = desktop.log_in(&["--token-store", "keyring"]).await;
    output.expect_code(0);
    let (old_token, old_device) = (desktop.token(), bot.device_id());
    fs::remove_dir_all(bot.home.path().join("matrix-store")).unwrap();
    let reset = ["store", "reset", "--yes", "--password-stdin"];
    // Between the keyring and the journal, so that the second run finds both entries.
    let mut killed = desktop.command(&reset);
    killed.env("NANOBOT_CRASH_POINT", "reset-config");
    let killed = bot.home.run_command(killed, PASSWORD).await;
    assert_eq!(killed.code, 128 + 9, "{killed}");
    assert_eq!(desktop.keyring.entries(), 2);
    let output = desktop.run(&reset[..3]).await.expect_code(0);
    assert!(output.stdout.contains(&bot.device_id()), "{output}");
    assert_eq!(desktop.keyring.entries(), 1);
    assert_ne!(bot.device_id(), old_device);
    assert_ne!(desktop.token(), old_token);
    assert!(bot.setting("accessToken").is_null());
    desktop.run(&["login", "--status"]).await.expect_code(0);
    bot.home
        .assert_no_secret(&[PASSWORD, &old_token, &desktop.token()]);
}
