//! Room keys out of a store and into another, and through files of an independent client.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::harness::account::{Bot, LONG, person};
use crate::harness::bot::Gateway;
use crate::harness::eventually::PATIENCE;
use crate::harness::output::Output;
use crate::harness::person::Person;
use crate::harness::process::Process;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

/// Must never be seen in any output.
const PASSPHRASE: &str = "canary-passphrase-of-the-file";

/// Runs `nanobot store …` with the passphrase on standard input. A debug build takes its time over
/// the passphrase.
async fn store(bot: &Bot, arguments: &[&str]) -> Output {
    store_with(bot, arguments, PASSPHRASE).await
}

async fn store_with(bot: &Bot, arguments: &[&str], passphrase: &str) -> Output {
    let command = bot.home.command(&[&["store", "-vvv"], arguments].concat());
    let process = Process::spawn(command, bot.home.record());
    process.give(passphrase.as_bytes());
    process.wait(LONG).await
}

/// The one archived store of this bot.
fn archive(bot: &Bot) -> PathBuf {
    let entries = fs::read_dir(bot.home.path()).unwrap();
    let mut archives = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains("matrix-store.old-"));
    let archive = archives.next().unwrap();
    assert_eq!(archives.next(), None);
    archive
}

/// All files of a directory with what is in them.
fn files(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(directory).unwrap();
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// Nothing is left in the bot's directory of what was made on the way.
fn assert_no_copies(bot: &Bot) {
    let entries = fs::read_dir(bot.home.path()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name());
    let copies = names.filter(|name| name.to_string_lossy().contains("copy"));
    assert_eq!(copies.count(), 0);
}

/// What a bot and a person have said to each other in an encrypted room. The gateway runs.
struct Talk {
    bot: Bot,
    gateway: Gateway,
    ann: Person,
    room: String,
    question: String,
}

impl Talk {
    async fn about(words: &str) -> Self {
        let synapse = shared_synapse().await;
        let bot = Bot::new(synapse).await;
        let gateway = bot.run().await;
        let ann = person(synapse, "ann").await;
        let room = RoomSpec::direct(&bot.user_id).encrypted();
        let room = ann.create_room(&room).await;
        let question = ann.send_text(&room, words).await;
        ann.wait_for_reply(&room, &question, &bot.user_id).await;
        Self {
            bot,
            gateway,
            ann,
            room,
            question,
        }
    }
}

/// A bot with a second device, and a message that only its first device has the key of: it waits
/// in the journal. The gateway is stopped.
struct Waiting {
    bot: Bot,
    ann: Person,
    room: String,
    question: String,
}

impl Waiting {
    async fn new() -> Self {
        let Talk {
            bot,
            gateway,
            ann,
            room,
            ..
        } = Talk::about("to the first device").await;
        assert_eq!(gateway.terminate().await, 0);

        // From here on ann's client does not learn of the bot's devices.
        ann.set_online(false).await;
        ann.send_text(&room, "ends the sync that is under way")
            .await;
        ann.until_idle().await;
        // An archived store that the login does not see, which would take over its keys.
        let store = bot.home.path().join("matrix-store");
        let aside = bot.home.user_dir().join("aside");
        fs::rename(&store, &aside).unwrap();
        bot.log_in(&["--allow-from", "*"]).await.expect_code(0);
        fs::rename(&aside, store.with_extension("old-1790000000")).unwrap();

        let gateway = bot.run().await;
        let question = ann.send_text(&room, "to the first device again").await;
        gateway
            .expect_line("cannot decrypt a message yet", PATIENCE)
            .await;
        assert_eq!(gateway.terminate().await, 0);
        Self {
            bot,
            ann,
            room,
            question,
        }
    }

    /// The next gateway answers what waited.
    async fn assert_answered(&self) {
        let _gateway = Gateway::connected(&self.bot.home, &[]).await;
        self.ann.set_online(true).await;
        let reply = self
            .ann
            .wait_for_reply(&self.room, &self.question, &self.bot.user_id)
            .await;
        assert!(reply.decrypted, "{reply:?}");
    }
}

#[tokio::test]
async fn what_another_client_exported_decrypts_what_waits_for_it() {
    let waiting = Waiting::new().await;
    let bot = &waiting.bot;
    let file = bot.home.user_dir().join("from-nio.txt");
    waiting.ann.export_keys(&file, PASSPHRASE).await;
    let file = file.to_str().unwrap();
    let import = ["import-keys", file, "--passphrase-stdin"];

    let wrong = store_with(bot, &import, "canary-of-another-file").await;
    let wrong = wrong.expect_code(1);
    assert!(wrong.stderr.contains("passphrase is wrong"), "{wrong}");

    let before = store(bot, &["status", "--json"])
        .await
        .expect_code(0)
        .json();
    let done = store(bot, &[&import[..], &["--json"]].concat()).await;
    let done = done.expect_code(0).json();
    let given = done["room_keys"].as_u64().unwrap();
    let new = done["new"].as_u64().unwrap();
    assert!(given >= 1 && new >= 1 && new <= given, "{done}");
    assert_eq!(done["waiting_messages"], 1);
    let after = store(bot, &["status", "--json"])
        .await
        .expect_code(0)
        .json();
    let count = |status: &serde_json::Value| status["room_keys"].as_u64().unwrap();
    assert_eq!(count(&after), count(&before) + new);

    let again = store(bot, &import).await.expect_code(0);
    assert!(again.stdout.contains("0 of them new"), "{again}");
    // It cannot be told whose device a key is of that came in a file, and the bot took it itself.
    bot.set("senderTrust", "signed");
    waiting.assert_answered().await;
    bot.home.assert_no_secret(&["canary"]);
}

#[tokio::test]
async fn an_archived_store_gives_its_keys_and_stays_as_it_is() {
    let waiting = Waiting::new().await;
    let bot = &waiting.bot;
    let archive = archive(bot);
    let untouched = files(&archive);
    let name = archive.file_name().unwrap().to_str().unwrap();

    let status = store(bot, &["status", "--json"])
        .await
        .expect_code(0)
        .json();
    let listed = &status["archives"][0];
    assert_eq!(listed["user_id"], bot.user_id);
    assert_ne!(listed["device_id"], bot.device_id());
    assert!(listed["room_keys"].as_u64() >= Some(1), "{listed}");
    assert!(listed["archived_at"].as_str().unwrap().starts_with("20"));

    let file = bot.home.user_dir().join("keys.txt");
    let export = ["export-keys", file.to_str().unwrap(), "--passphrase-stdin"];
    let export = [&export[..], &["--from", name, "--json"]].concat();
    let exported = store(bot, &export).await.expect_code(0).json();
    assert_eq!(exported["room_keys"], listed["room_keys"]);

    let done = store(bot, &["import-keys", "--from", name, "--json"]).await;
    let done = done.expect_code(0).json();
    assert_eq!(done["room_keys"], listed["room_keys"]);
    let file = ["import-keys", file.to_str().unwrap(), "--passphrase-stdin"];
    let same = store(bot, &file).await.expect_code(0);
    assert!(same.stdout.contains("0 of them new"), "{same}");
    assert!(files(&archive) == untouched, "the archive has changed");
    assert_no_copies(bot);
    waiting.assert_answered().await;
}

#[tokio::test]
async fn another_client_reads_the_past_with_what_the_bot_exported() {
    let Talk {
        bot,
        gateway,
        ann,
        room,
        question,
    } = Talk::about("for the record").await;
    let file = bot.home.user_dir().join("keys.txt");
    let path = file.to_str().unwrap();
    let export = ["export-keys", path, "--passphrase-stdin"];

    let busy = store(&bot, &export).await.expect_code(5);
    assert!(busy.stderr.contains("in use by another nanobot"), "{busy}");
    assert!(!file.exists());
    let busy = store(&bot, &["import-keys", path, "--passphrase-stdin"]).await;
    busy.expect_code(5);
    assert_eq!(gateway.terminate().await, 0);

    let done = store(&bot, &export).await.expect_code(0);
    assert!(done.stdout.contains("of 1 room"), "{done}");
    let mode = file.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let url = shared_synapse().await.base_url();
    let second = Person::login(&url, ann.user_id(), "a password").await;
    let undecryptable = async || {
        let timeline = second.timeline(&room).await;
        let hidden = timeline.iter().filter(|event| event.undecryptable);
        hidden.count()
    };
    assert_eq!(undecryptable().await, 2);
    second.import_keys(&file, PASSPHRASE).await;
    assert_eq!(undecryptable().await, 0);
    let timeline = second.timeline(&room).await;
    let read = timeline.iter().find(|event| event.event_id == question);
    assert_eq!(read.unwrap().body.as_deref(), Some("for the record"));
    bot.home.assert_no_secret(&["canary"]);
}

#[tokio::test]
async fn a_file_that_is_there_is_kept_unless_it_is_to_be_replaced() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let path = bot.home.user_dir().join("keys.txt");
    let file = path.to_str().unwrap();
    let empty = store(&bot, &["export-keys", file, "--passphrase-stdin"]).await;
    let empty = empty.expect_code(1);
    assert!(empty.stderr.contains("there are no room keys"), "{empty}");

    fs::write(&path, "mine").unwrap();
    let kept = store(&bot, &["export-keys", file, "--passphrase-stdin"]).await;
    let kept = kept.expect_code(1);
    assert!(kept.stderr.contains("--force"), "{kept}");
    assert_eq!(fs::read(&path).unwrap(), b"mine");

    let no_export = store(&bot, &["import-keys", file, "--passphrase-stdin"]).await;
    let no_export = no_export.expect_code(1);
    assert!(
        no_export.stderr.contains("no file of exported room keys"),
        "{no_export}"
    );
    let nowhere = bot
        .home
        .run(&["store", "import-keys", "--from", "old"], "")
        .await;
    let nowhere = nowhere.expect_code(1);
    assert!(
        nowhere.stderr.contains("no archived store old"),
        "{nowhere}"
    );
    let unasked = bot.home.run(&["store", "import-keys", file], "").await;
    let unasked = unasked.expect_code(2);
    assert!(unasked.stderr.contains("--passphrase-stdin"), "{unasked}");
    let neither = bot.home.run(&["store", "import-keys"], "").await;
    neither.expect_code(2);
}

#[tokio::test]
async fn a_new_passphrase_is_typed_twice_and_never_shown() {
    let Talk { bot, gateway, .. } = Talk::about("hello").await;
    assert_eq!(gateway.terminate().await, 0);

    let path = bot.home.user_dir().join("keys.txt");
    fs::write(&path, "old").unwrap();
    let arguments = ["store", "export-keys", path.to_str().unwrap(), "--force"];
    let terminal = bot.home.terminal(&arguments);
    terminal.expect("New passphrase", PATIENCE).await;
    terminal.expect_no_echo().await;
    terminal.send_line(PASSPHRASE).await;
    terminal.expect("Repeat the passphrase", PATIENCE).await;
    terminal.send_line("canary-mistyped").await;
    terminal.expect("do not match", PATIENCE).await;
    terminal.send(b"\x03").await;
    assert_eq!(terminal.wait(PATIENCE).await, 130);
    assert_eq!(fs::read(&path).unwrap(), b"old");

    let terminal = bot.home.terminal(&arguments);
    for question in ["New passphrase", "Repeat the passphrase"] {
        terminal.expect(question, PATIENCE).await;
        terminal.send_line(PASSPHRASE).await;
    }
    assert_eq!(terminal.wait(LONG).await, 0, "{}", terminal.screen());
    assert!(fs::read_to_string(&path).unwrap().starts_with("-----BEGIN"));
    let mode = path.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    bot.home.assert_no_secret(&["canary"]);
}
