//! The harness against itself: a tool that cannot fail proves nothing.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use rustix::process::{Pid, test_kill_process};
use serde_json::json;

use crate::harness::bot::Home;
use crate::harness::entry::Wanted;
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::http_person::HttpPerson;
use crate::harness::message;
use crate::harness::person::Person;
use crate::harness::process::Process;
use crate::harness::pty::{Modes, Pty, plain};
use crate::harness::record::{Record, assert_no_secret_in};
use crate::harness::room::RoomSpec;
use crate::harness::shared::{new_name, own_synapse, python, shared_synapse};
use crate::harness::synapse::Config;

async fn person(name: &str) -> Person {
    let synapse = shared_synapse().await;
    let name = new_name(name);
    synapse.register(&name, "a password").await.unwrap();
    Person::login(&synapse.base_url(), &name, "a password").await
}

async fn http_person(name: &str) -> HttpPerson {
    HttpPerson::register(
        &shared_synapse().await.base_url(),
        &new_name(name),
        "a password",
    )
    .await
}

fn python_program(source: &str) -> Command {
    let mut command = python().command();
    command.args(["-c", source]);
    command
}

fn panics(what: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(what)).is_err()
}

fn is_alive(pid: u32) -> bool {
    // A process that ended stays in the table until somebody takes notice, which for an orphan may be nobody.
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"));
    if stat.is_ok_and(|stat| stat.contains(") Z ")) {
        return false;
    }
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    test_kill_process(pid).is_ok()
}

#[tokio::test]
async fn a_homeserver_stops_restarts_and_hangs_on_request() {
    let mut synapse = own_synapse(Config::default()).await;
    let alice = HttpPerson::register(&synapse.base_url(), "alice", "a password").await;
    assert_eq!(alice.user_id(), format!("@alice:{}", synapse.server_name()));
    assert!(
        synapse
            .register("alice", "again")
            .await
            .unwrap_err()
            .contains("M_USER_IN_USE")
    );

    let versions = format!("{}/_matrix/client/versions", synapse.base_url());
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_millis(500))
        .build()
        .unwrap();
    synapse.pause();
    assert!(client.get(&versions).send().await.unwrap_err().is_timeout());
    synapse.resume();
    eventually("an answer after the pause", PATIENCE, || async {
        client.get(&versions).send().await
    })
    .await;

    synapse.pause();
    synapse.stop().await.unwrap();
    assert!(client.get(&versions).send().await.unwrap_err().is_connect());
    synapse.restart().await.unwrap();
    assert_eq!(alice.whoami().await["user_id"], alice.user_id());
    let pid = synapse.pid().unwrap();
    drop(synapse);
    assert!(!is_alive(pid));
}

#[tokio::test]
async fn a_homeserver_differs_as_configured() {
    let config = Config {
        default_rate_limits: true,
        max_upload_size: Some(12_345),
        password_login: false,
        ..Config::default()
    };
    let synapse = own_synapse(config).await;
    let alice = HttpPerson::register(&synapse.base_url(), "alice", "a password").await;
    let media = alice
        .call(Method::GET, &["v1", "media", "config"], None)
        .await;
    assert_eq!(media["m.upload.size"], 12_345);
    let flows = alice
        .call(Method::GET, &["v3", "login"], None)
        .await
        .to_string();
    assert!(!flows.contains("m.login.password"), "{flows}");

    let room = alice.create_room(&RoomSpec::group(&[])).await;
    for number in 0.. {
        assert!(number < 100, "no rate limit");
        let path = [
            "v3",
            "rooms",
            &room,
            "send",
            "m.room.message",
            &new_name("transaction"),
        ];
        let answer = alice
            .try_call(Method::PUT, &path, Some(&message::text("hello")))
            .await;
        if let Err(refused) = answer {
            assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
            break;
        }
    }
}

/// Runs itself a second time, as a test run that holds one of everything, and kills that.
#[tokio::test]
async fn a_killed_test_run_leaves_nothing_running() {
    const ROLE: &str = "HARNESS_SELFTEST_HOLDS_EVERYTHING";
    const PAUSE: &str = "import os, signal; print('pid', os.getpid(), flush=True); signal.pause()";
    if std::env::var_os(ROLE).is_some() {
        let synapse = shared_synapse().await;
        let alice = person("alice").await;
        let program = Process::spawn(python_program(PAUSE), &Record::default());
        let terminal = Pty::spawn(&python_program(PAUSE), &Record::default());
        terminal.expect("\n", PATIENCE).await;
        let in_terminal = terminal.screen().trim().replace("pid ", "");
        let (server, client, program) = (synapse.pid().unwrap(), alice.pid(), program.pid());
        let dir = synapse.log_path().parent().unwrap().display().to_string();
        println!("\nholding {dir} {server} {client} {program} {in_terminal}");
        std::thread::park();
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    let name = concat!(module_path!(), "::a_killed_test_run_leaves_nothing_running");
    let (_, name) = name.split_once("::").unwrap();
    command
        .args(["--exact", name, "--nocapture"])
        .env(ROLE, "1");
    let run = Process::spawn(command, &Record::default());
    let line = run.expect_line("holding ", PATIENCE).await.text;
    let [_, dir, pids @ ..] = &line.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{line}")
    };
    let pids: Vec<u32> = pids.iter().map(|pid| pid.parse().unwrap()).collect();
    assert_eq!(pids.len(), 4, "{line}");
    assert!(pids.iter().all(|&pid| is_alive(pid)) && fs::exists(dir).unwrap());

    run.kill().await;
    eventually("the end of everything", PATIENCE, || async {
        let left: Vec<_> = pids.iter().filter(|&&pid| is_alive(pid)).collect();
        let gone = left.is_empty() && !fs::exists(dir).unwrap();
        gone.then_some(())
            .ok_or_else(|| format!("{left:?} of {line}"))
    })
    .await;
}

#[tokio::test]
async fn two_people_chat_encrypted_from_the_invitation_on() {
    let (alice, bob) = tokio::join!(person("alice"), person("bob"));
    let room = alice
        .create_room(&RoomSpec::direct(bob.user_id()).encrypted())
        .await;
    // Sent before bob joins, as Element does.
    let first = alice.send_text(&room, "with the invitation").await;
    assert_eq!(
        bob.wait_for_invite(Some(alice.user_id()), PATIENCE).await,
        room
    );
    bob.join(&room).await;
    let wanted = Wanted {
        body: Some("with the invitation"),
        ..Wanted::default()
    };
    let seen = bob.wait_for(&room, &wanted, PATIENCE).await;
    assert!(
        seen.decrypted && !seen.undecryptable && !seen.verified,
        "{seen:?}"
    );
    assert_eq!(seen.event_id, first);
    assert_eq!(seen.sender_device.as_deref(), Some(alice.device_id()));

    bob.send_reply(&room, &first, "an answer").await;
    let reply = alice.wait_for_reply(&room, &first, bob.user_id()).await;
    assert_eq!(
        (reply.body.as_deref(), reply.decrypted),
        (Some("an answer"), true)
    );

    // The server saw none of it.
    let server =
        HttpPerson::with_token(&shared_synapse().await.base_url(), alice.access_token()).await;
    let events = server.events(&room).await;
    let stored: Vec<_> = events
        .iter()
        .filter(|event| event["type"] == "m.room.encrypted")
        .collect();
    assert_eq!(stored.len(), 2);
    assert!(
        !events
            .iter()
            .any(|event| event.to_string().contains("with the invitation"))
    );
}

#[tokio::test]
async fn what_cannot_be_decrypted_is_reported_so() {
    let (alice, bob) = tokio::join!(person("alice"), person("bob"));
    let room = alice.create_room(&RoomSpec::group(&[]).encrypted()).await;
    let early = alice.send_text(&room, "before bob").await;
    alice.invite(&room, bob.user_id()).await;
    bob.join(&room).await;
    let late = alice.send_text(&room, "with bob").await;
    let decrypted = Wanted {
        decrypted: Some(true),
        ..Wanted::default()
    };
    assert_eq!(
        bob.wait_for(&room, &decrypted, PATIENCE).await.event_id,
        late
    );
    let undecryptable = Wanted {
        undecryptable: Some(true),
        ..Wanted::default()
    };
    let entry = bob.wait_for(&room, &undecryptable, PATIENCE).await;
    assert_eq!((entry.event_id, entry.body), (early, None));
}

#[tokio::test]
async fn a_long_gap_is_filled_in_order() {
    let (alice, bob) = tokio::join!(person("alice"), person("bob"));
    let room = alice
        .create_room(&RoomSpec::direct(bob.user_id()).encrypted())
        .await;
    bob.wait_for_invite(None, PATIENCE).await;
    bob.join(&room).await;
    alice.wait_for_member(&room, bob.user_id()).await;
    bob.set_online(false).await;
    // More than the 100 events Synapse puts into one sync.
    let bodies: Vec<String> = (0..130).map(|number| format!("message {number}")).collect();
    let ids = alice.send_many(&room, &bodies, false).await;
    bob.set_online(true).await;
    let from_alice = Wanted {
        sender: Some(alice.user_id()),
        decrypted: Some(true),
        ..Wanted::default()
    };
    let entries = bob.wait_for_many(&room, &from_alice, 130, PATIENCE).await;
    let seen: Vec<_> = entries.iter().map(|entry| &entry.event_id).collect();
    assert_eq!(seen, ids.iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn new_devices_and_new_sessions_are_noticed() {
    let (alice, bob) = tokio::join!(person("alice"), person("bob"));
    let room = alice
        .create_room(&RoomSpec::direct(bob.user_id()).encrypted())
        .await;
    bob.wait_for_invite(None, PATIENCE).await;
    bob.join(&room).await;
    alice.send_text(&room, "to one device").await;
    alice.rotate_session(&room).await;
    alice.send_text(&room, "in another session").await;

    let base_url = shared_synapse().await.base_url();
    let second = Person::login(&base_url, bob.user_id(), "a password").await;
    let device = alice
        .wait_for_device(bob.user_id(), second.device_id())
        .await;
    let alice_http = HttpPerson::with_token(&base_url, alice.access_token()).await;
    let published = alice_http
        .device_keys(bob.user_id(), second.device_id())
        .await
        .unwrap();
    assert_eq!(
        published["keys"][format!("ed25519:{}", second.device_id())],
        device.ed25519
    );
    let last = alice.send_text(&room, "to both devices").await;
    for client in [&bob, &second] {
        let wanted = Wanted {
            body: Some("to both devices"),
            ..Wanted::default()
        };
        assert_eq!(
            client.wait_for(&room, &wanted, PATIENCE).await.event_id,
            last
        );
    }

    let sessions: std::collections::BTreeSet<_> = alice_http
        .events(&room)
        .await
        .iter()
        .filter_map(|event| event["content"]["session_id"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(
        sessions.len(),
        3,
        "one at first, one by rotation, one for the new device"
    );
}

#[tokio::test]
async fn files_edits_and_redactions_arrive() {
    let (alice, bob) = tokio::join!(person("alice"), person("bob"));
    let room = alice
        .create_room(&RoomSpec::direct(bob.user_id()).encrypted().named("files"))
        .await;
    bob.wait_for_invite(None, PATIENCE).await;
    bob.join(&room).await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("picture.png");
    fs::write(&path, b"not really a picture").unwrap();
    alice
        .send_file(
            &room,
            &path,
            "image/png",
            json!({"msgtype": "m.image", "info": {"size": 1}}),
        )
        .await;
    let wanted = Wanted {
        msgtype: Some("m.image"),
        ..Wanted::default()
    };
    let image = bob.wait_for(&room, &wanted, PATIENCE).await;
    assert_eq!(image.content["info"]["size"], 1);
    assert!(image.content["file"]["key"].is_object() && image.content["url"].is_null());

    let original = alice.send_text(&room, "tpyo").await;
    alice
        .send(&room, "m.room.message", message::edit(&original, "typo"))
        .await;
    let relation = json!({"m.relates_to": {"rel_type": "m.replace", "event_id": original}});
    let wanted = Wanted {
        content: Some(relation),
        ..Wanted::default()
    };
    assert_eq!(
        bob.wait_for(&room, &wanted, PATIENCE).await.content["m.new_content"]["body"],
        "typo"
    );
    alice.redact(&room, &original).await;
    let wanted = Wanted {
        kind: Some("m.room.redaction"),
        after: Some(&original),
        ..Wanted::default()
    };
    bob.wait_for(&room, &wanted, PATIENCE).await;
    bob.leave(&room).await;
    bob.forget(&room).await;
}

#[tokio::test]
async fn a_client_survives_a_restart_of_the_homeserver() {
    let mut synapse = own_synapse(Config::default()).await;
    synapse.register("alice", "a password").await.unwrap();
    let alice = Person::login(&synapse.base_url(), "alice", "a password").await;
    let room = alice.create_room(&RoomSpec::group(&[]).encrypted()).await;
    synapse.restart().await.unwrap();
    let sent = alice.send_text(&room, "still here").await;
    let wanted = Wanted {
        body: Some("still here"),
        decrypted: Some(true),
        ..Wanted::default()
    };
    assert_eq!(
        alice.wait_for(&room, &wanted, PATIENCE).await.event_id,
        sent
    );
}

#[tokio::test]
async fn people_without_encryption_chat_too() {
    let (alice, bob) = tokio::join!(http_person("alice"), http_person("bob"));
    let powers = json!({"users": {bob.user_id(): 7}});
    let spec = RoomSpec::group(&[bob.user_id()]).with("power_level_content_override", powers);
    let room = alice.create_room(&spec).await;
    assert_eq!(
        alice.membership(&room, bob.user_id()).await.as_deref(),
        Some("invite")
    );
    bob.join(&room).await;
    alice.wait_for_member(&room, bob.user_id()).await;
    let question = alice.send_text(&room, "a question").await;
    bob.send(
        &room,
        "m.room.message",
        &message::reply(&question, "an answer"),
    )
    .await;
    let reply = alice.wait_for_reply(&room, &question, bob.user_id()).await;
    assert_eq!(reply["content"]["body"], "an answer");
    let levels = bob.state(&room, "m.room.power_levels", "").await.unwrap();
    assert_eq!(levels["users"][bob.user_id()], 7);
    assert_eq!(bob.joined_rooms().await, [room]);

    bob.logout().await;
    let refused = bob
        .try_call(Method::GET, &["v3", "account", "whoami"], None)
        .await
        .unwrap_err();
    assert_eq!(
        (refused.status, &refused.body["errcode"]),
        (StatusCode::UNAUTHORIZED, &json!("M_UNKNOWN_TOKEN"))
    );
}

#[tokio::test]
async fn a_terminal_shows_what_is_typed_but_for_passwords() {
    let program = python_program(
        "import getpass, os\nname = input('Name: ')\npassword = getpass.getpass()\n\
         print(f'\\x1b[1m{name}\\x1b[0m, {len(password)} letters,', os.environ['GREETING'])\nraise SystemExit(7)",
    );
    let mut program = program;
    program.env("GREETING", "hello");
    let record = Record::default();
    let terminal = Pty::spawn(&program, &record);
    terminal.expect("Name: ", PATIENCE).await;
    assert_eq!(terminal.modes().await, Modes::SANE);
    terminal.send_line("alice").await;
    terminal.expect("Password: ", PATIENCE).await;
    terminal.expect_no_echo().await;
    terminal.send_line("secret words").await;
    terminal
        .expect("alice, 12 letters, hello\n", PATIENCE)
        .await;
    assert_eq!(terminal.wait(PATIENCE).await, 7);
    assert!(terminal.raw_screen().contains("\x1b[1malice\x1b[0m"));
    assert!(
        terminal.screen().contains("Name: alice\n"),
        "what is typed is shown"
    );
    record.assert_no_secret(&["secret words"]);
    assert!(
        panics(|| record.assert_no_secret(&["alice, 12"]))
            || panics(|| record.assert_no_secret(&["letters"]))
    );
    assert_eq!(terminal.modes().await, Modes::SANE);
    assert_eq!(
        plain("\x1b]0;title\x07a\x1b[2Kb\x1b]8;;\x1b\\c\r\n"),
        "abc\n"
    );
}

#[tokio::test]
async fn ctrl_c_reaches_a_program_in_a_terminal_and_its_traces_are_seen() {
    let source = "import signal, sys, termios, time\n\
                  def end(*_):\n if sys.argv[1] == 'tidy': print('\\x1b[?25h'); termios.tcsetattr(0, 0, before)\n raise SystemExit(130)\n\
                  before = termios.tcgetattr(0)\nnow = termios.tcgetattr(0)\nnow[3] &= ~termios.ECHO\n\
                  termios.tcsetattr(0, 0, now)\nsignal.signal(signal.SIGINT, end)\n\
                  print('\\x1b[?25lready')\nwhile True: signal.pause()";
    for (manners, is_tidy) in [("tidy", true), ("untidy", false)] {
        let mut program = python_program(source);
        program.arg(manners);
        let terminal = Pty::spawn(&program, &Record::default());
        terminal.expect("ready", PATIENCE).await;
        assert!(!terminal.modes().await.echo && !terminal.cursor_visible());
        terminal.send(b"\x03").await;
        assert_eq!(terminal.wait(PATIENCE).await, 130);
        assert_eq!(terminal.modes().await == Modes::SANE, is_tidy);
        assert_eq!(terminal.cursor_visible(), is_tidy);
    }
}

#[tokio::test]
async fn the_output_of_programs_is_awaited_and_recorded() {
    let home = Home::new();
    let source = "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(3))\n\
                  print('to stdout', sys.stdin.read(), flush=True)\nprint('to stderr', file=sys.stderr, flush=True)\n\
                  while True: signal.pause()";
    let program = Process::spawn(python_program(source), home.record());
    program.give(b"a token");
    let (first, second) = (
        program.expect_line("to stdout a token", PATIENCE).await,
        program.expect_line("to stderr", PATIENCE).await,
    );
    assert!(!first.is_error && second.is_error);
    let output = program.terminate().await.expect_code(3);
    assert_eq!(
        (&*output.stdout, &*output.stderr),
        ("to stdout a token\n", "to stderr\n")
    );
    home.assert_no_secret(&["something else"]);
    assert!(panics(|| home.assert_no_secret(&["a token"])));

    home.write_config("{\"accessToken\": \"a token\"}");
    assert_no_secret_in(home.user_dir(), &["something else"]);
    assert!(panics(|| assert_no_secret_in(
        home.user_dir(),
        &["a token"]
    )));

    let program = Process::spawn(
        python_program("import signal; signal.pause()"),
        home.record(),
    );
    let pid = program.pid();
    drop(program);
    assert!(!is_alive(pid));
    let program = Process::spawn(python_program("print('the last words')"), home.record());
    let waiting = tokio::spawn(async move { program.expect_line("never printed", PATIENCE).await });
    let error = waiting.await.unwrap_err().into_panic();
    assert!(
        error
            .downcast_ref::<String>()
            .unwrap()
            .contains("the last words")
    );
}
