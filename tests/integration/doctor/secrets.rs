//! `secrets.*`: tokens in keyrings that do not work, and in two places at once.

use std::os::unix::net::UnixListener;
use std::process::Command;

use super::examined::{Examined, examine, examine_in};
use crate::harness::account::{Bot, PASSWORD};
use crate::harness::secret_service::SecretService;
use crate::harness::shared::shared_synapse;

/// A bot whose token is in the keyring of a desktop's session.
struct Desktop {
    bot: Bot,
    keyring: SecretService,
}

impl Desktop {
    /// Logs the bot in; `before` is done to the keyring first.
    async fn start(before: impl FnOnce(&SecretService)) -> Option<Self> {
        let synapse = shared_synapse().await;
        let bot = Bot::registered(synapse).await;
        let keyring = SecretService::start(&bot.home).await?;
        before(&keyring);
        let url = synapse.base_url();
        let arguments = ["login", "--homeserver", &url, "--user", &bot.user_id];
        let more = [
            "--password-stdin",
            "--allow-from",
            "*",
            "--token-store",
            "keyring",
        ];
        let mut command = bot.home.command(&[&arguments[..], &more].concat());
        keyring.open_to(&mut command);
        let output = bot.home.run_command(command, PASSWORD).await;
        output.expect_code(0);
        Some(Self { bot, keyring })
    }

    async fn examine(&self) -> Examined {
        let change = |command: &mut Command| self.keyring.open_to(command);
        examine_in(&self.bot.home, &[], change).await
    }
}

fn expect_unusable(examined: &Examined) {
    examined
        .expect_failed(&["secrets.keyring"])
        .expect_skipped("secrets.reboot", &["secrets.keyring"])
        .expect_skipped("config.login", &["secrets.keyring"])
        .expect_skipped("token.valid", &["secrets.keyring"])
        .expect_skipped("store.present", &["secrets.keyring"]);
    assert_eq!(examined.exit_code(), 1);
    let command = "nanobot login --token-store file";
    assert_eq!(examined.commands("secrets.keyring"), [command]);
}

#[tokio::test]
async fn a_token_in_a_working_keyring_is_fine_until_it_is_locked() {
    let Some(desktop) = Desktop::start(|_| ()).await else {
        return;
    };
    let examined = desktop.examine().await;
    examined
        .expect("secrets.source", "pass", "it comes from keyring")
        .expect(
            "secrets.keyring",
            "pass",
            "Secret Service, collection login works",
        )
        .expect_failed(&[]);
    assert_eq!(examined.ids("warn"), ["gateway.running"]);

    desktop.keyring.lock();
    let examined = desktop.examine().await;
    examined.expect("secrets.keyring", "fail", "locked");
    expect_unusable(&examined);
}

#[tokio::test]
async fn a_keyring_that_no_service_can_reach_is_the_one_failure() {
    let Some(desktop) = Desktop::start(|_| ()).await else {
        return;
    };
    // As in a service, which has no session of a desktop.
    let home = &desktop.bot.home;
    let examined = examine(home, &[]).await;
    examined.expect("secrets.keyring", "fail", "the keyring cannot be used");
    expect_unusable(&examined);

    // It accepts by being there: the system takes the connections for it.
    let path = home.user_dir().join("silent");
    let _listener = UnixListener::bind(&path).unwrap();
    let silent = |command: &mut Command| {
        let address = format!("unix:path={}", path.display());
        command.env("DBUS_SESSION_BUS_ADDRESS", address);
    };
    let examined = examine_in(home, &[], silent).await;
    examined.expect("secrets.keyring", "fail", "did not answer within 3 s");
    expect_unusable(&examined);
}

#[tokio::test]
async fn a_keyring_that_ends_with_its_session_is_warned_of() {
    let Some(desktop) = Desktop::start(SecretService::forget_at_the_end).await else {
        return;
    };
    let examined = desktop.examine().await;
    examined
        .expect("secrets.reboot", "warn", "loses its entries at a reboot")
        .expect_failed(&[]);
    let command = "nanobot login --token-store file";
    assert_eq!(examined.commands("secrets.reboot"), [command]);
}

#[tokio::test]
async fn an_emptied_keyring_sends_to_login() {
    let Some(desktop) = Desktop::start(|_| ()).await else {
        return;
    };
    desktop.bot.set("deviceId", "ANOTHER");
    let examined = desktop.examine().await;
    examined
        .expect("config.login", "fail", "is not in the keyring")
        .expect_failed(&["config.login"]);
    assert_eq!(examined.exit_code(), 4);
}

#[tokio::test]
async fn a_token_that_another_one_goes_before_is_found() {
    let bot = Bot::new(shared_synapse().await).await;
    bot.set("tokenStore", "keyring");
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect(
            "secrets.source",
            "warn",
            "the keyring that tokenStore names is not asked",
        )
        .expect_failed(&[]);

    bot.set("tokenStore", "file");
    let (token, forgotten) = (bot.token(), "a-token-that-was-forgotten-in-the-file");
    bot.set("accessToken", forgotten);
    let from_outside = |command: &mut Command| {
        command.env("NANOBOT_MATRIX_ACCESS_TOKEN", &token);
    };
    let examined = examine_in(&bot.home, &[], from_outside).await;
    examined
        .expect(
            "secrets.source",
            "warn",
            "from environment variable NANOBOT_MATRIX_ACCESS_TOKEN",
        )
        .expect("secrets.source", "warn", "overrides")
        .expect_failed(&[]);
    // Its fix works.
    let commands = examined.commands("secrets.source");
    assert_eq!(commands, ["nanobot config unset accessToken"]);
    let unset = ["config", "unset", "accessToken"];
    bot.home.run(&unset, "").await.expect_code(0);
    let examined = examine_in(&bot.home, &[], from_outside).await;
    examined
        .expect("secrets.source", "pass", "environment variable")
        .expect_failed(&[]);
    bot.home.assert_no_secret(&[PASSWORD, &token, forgotten]);
}
