//! The agent in `nanobot setup`: asked for what it needs, tried, and never a failure in silence.

use std::fs;

use serde_json::json;

use super::dialogue::converse;
use super::{set_up, steps};
use crate::harness::account::{Bot, LONG, PASSWORD};
use crate::harness::model::{Manner, Model};
use crate::harness::shared::shared_synapse;

/// A bot that is set up but for its agent.
async fn without_agent() -> Bot {
    let bot = Bot::registered(shared_synapse().await).await;
    let login = ["--allow-from", "@ann:localhost"];
    bot.log_in(&login).await.expect_code(0);
    bot.set("senderTrust", "signed");
    bot
}

const REST: [&str; 3] = ["setup", "--no-recovery", "--no-greeting"];

#[tokio::test]
async fn a_model_is_chosen_from_the_services_own_list_and_tried() {
    let bot = without_agent().await;
    let model = Model::start().await;
    model.require_key("canary-key");
    model.set_models(Some(vec!["tiny", "large"]));
    let terminal = bot.home.terminal(&REST);
    let (down, to_other) = ("\x1b[B", "\x1b[B".repeat(5));
    let pasted = format!(" '{}/chat/completions' ", model.url());
    model.next(Manner::error(429, "insufficient_quota", "no credit"));
    model.next(Manner::Say("Good morning!".to_owned()));
    let dialogue = [
        ("Who answers?", &*"\x1b[B".repeat(3)),
        ("Where is the model?", &to_other),
        ("API address", &pasted),
        ("API key", "canary-wrong"),
        // The key is refused: address and key are asked for again.
        ("What next?", ""),
        ("Where is the model?", ""),
        ("API key (Enter keeps", " canary-key "),
        ("Which model?", down),
        // There is no credit left for the question: it is asked again.
        ("What next?", down),
    ];
    converse(&terminal, &dialogue).await;
    assert_eq!(terminal.wait(LONG).await, 0, "{}", terminal.screen());
    let screen = terminal.screen();
    for told in [
        "does not accept the key",
        "no credit",
        "Good morning!",
        "--api-key-file",
    ] {
        assert!(screen.contains(told), "no {told:?} in {screen}");
    }
    let expected = json!({"type": "openai", "apiBase": model.url(), "apiKey": "canary-key",
        "model": "large"});
    assert_eq!(bot.setting("agent"), expected);
    bot.home.assert_no_secret(&["canary"]);
}

#[tokio::test]
async fn a_person_can_go_on_without_an_agent_or_take_another() {
    let bot = without_agent().await;
    let terminal = bot
        .home
        .terminal(&[&REST[..], &["--command", "no-such-program -x"]].concat());
    let dialogue = [
        ("What next?", ""),
        (
            "Program, with its arguments [no-such-program -x]",
            "neither-is-this",
        ),
        // Another agent, and that is the echo.
        ("What next?", "\x1b[B\x1b[B"),
        ("Who answers?", "\x1b[A"),
    ];
    converse(&terminal, &dialogue).await;
    assert_eq!(terminal.wait(LONG).await, 0, "{}", terminal.screen());
    assert_eq!(bot.setting("agent"), json!({"type": "echo"}));

    let terminal = bot
        .home
        .terminal(&[&REST[..], &["--command", "no-such-program"]].concat());
    let go_on = "\x1b[B\x1b[B\x1b[B";
    converse(&terminal, &[("What next?", go_on)]).await;
    assert_eq!(terminal.wait(LONG).await, 0, "{}", terminal.screen());
    let screen = terminal.screen();
    assert!(screen.contains("! agent"), "{screen}");
    assert!(screen.contains("- greeting"), "{screen}");
}

#[tokio::test]
async fn workers_are_found_through_their_broker() {
    let bot = without_agent().await;
    let terminal = bot
        .home
        .terminal(&[&REST[..], &["--agent", "nats"]].concat());
    let question = "NATS servers (tls://nats.example.org:4222): ";
    let dialogue = [
        (question, "http://nowhere"),
        (question, "127.0.0.1:9, nats://localhost:9"),
        ("What next?", "\x1b[B\x1b[B\x1b[B"),
    ];
    converse(&terminal, &dialogue).await;
    assert_eq!(terminal.wait(LONG).await, 0, "{}", terminal.screen());
    let expected = json!({"type": "nats", "servers": ["127.0.0.1:9", "nats://localhost:9"]});
    assert_eq!(bot.setting("agent"), expected);
    let screen = terminal.screen();
    assert!(screen.contains("servers must be a list"), "{screen}");
    let words: Vec<_> = screen
        .split_whitespace()
        .filter(|word| *word != "\\")
        .collect();
    let servers = "--agent nats --nats-server 127.0.0.1:9 --nats-server nats://localhost:9";
    assert!(words.join(" ").contains(servers), "{screen}");

    let bot = without_agent().await;
    let basics = ["setup", "--no-input", "--agent", "nats"];
    let output = bot.home.run(&basics, "").await.expect_code(2);
    assert!(output.stderr.contains("--nats-server"), "{output}");
}

#[tokio::test]
async fn a_script_gives_all_of_it_and_an_agent_that_fails_is_a_failure() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let model = Model::start().await;
    model.require_key("canary-key");
    let key = bot.home.user_dir().join("key.txt");
    fs::write(&key, "canary-key\r\n").unwrap();
    let key = key.to_str().unwrap();
    let basics = ["--allow-from", "*", "--no-recovery", "--json"];
    let (base, file) = (["--api-base", model.url()], ["--api-key-file", key]);
    for (more, code) in [
        (vec!["--command", "no-such-program"], 1),
        (
            vec!["--api-base", "http://127.0.0.1:9/v1", "--model", "tiny"],
            69,
        ),
        ([&base[..], &["--model", "tiny"]].concat(), 1),
        ([&base[..], &file, &["--model", "other"]].concat(), 1),
    ] {
        let output = set_up(synapse, &bot, &[&basics[..], &more].concat()).await;
        let document = output.expect_code(code).json();
        assert_eq!(
            steps(&document).last().unwrap(),
            "agent failed",
            "{document:#}"
        );
    }
    let all = [&base[..], &file, &["--model", "tiny"]].concat();
    let output = set_up(synapse, &bot, &[&basics[..], &all].concat()).await;
    let document = output.expect_code(0).json();
    let command = document["command"].as_str().unwrap();
    let expected = format!(
        "--agent openai --model tiny --api-base {} --api-key-file {key}",
        model.url()
    );
    assert!(command.contains(&expected), "{command}");
    // No question was asked of the model.
    assert!(model.asked().is_empty());

    let program = ["--command", "/bin/echo 'Hello there'"];
    let output = set_up(synapse, &bot, &[&basics[..], &program].concat()).await;
    let document = output.expect_code(0).json();
    let command = document["command"].as_str().unwrap();
    assert!(command.contains("--agent command --command"), "{command}");
    let expected = json!({"type": "command", "command": ["/bin/echo", "Hello there"]});
    assert_eq!(bot.setting("agent"), expected);
    bot.home.assert_no_secret(&["canary-key", PASSWORD]);
}

#[tokio::test]
async fn a_recovery_key_that_cannot_be_saved_any_more_is_a_failure() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let basics = ["--allow-from", "*", "--recovery"];
    set_up(synapse, &bot, &basics).await.expect_code(0);
    let file = bot.home.user_dir().join("key.txt");
    let saving = ["--save-recovery-key", file.to_str().unwrap()];
    let output = set_up(synapse, &bot, &[&basics[..], &saving].concat()).await;
    let output = output.expect_code(1);
    assert!(output.stderr.contains("cannot be saved"), "{output}");
    assert!(output.stdout.contains("Next steps:"), "{output}");
}
