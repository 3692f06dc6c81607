//! Reports for strangers.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use super::formats::{faults, statuses};
use crate::harness::account::{Bot, PASSWORD};
use crate::harness::shared::shared_synapse;

#[tokio::test]
async fn a_report_for_others_tells_what_is_wrong_and_not_whose_it_is() {
    let bot = Bot::new(shared_synapse().await).await;
    bot.set("allowFrom", vec!["@secret-friend:friends.example"]);
    bot.set("groupAllowFrom", vec!["!secretroom:friends.example"]);
    bot.set("groupPolicy", "allowlist");
    // A device ID is a word like others.
    bot.set("deviceId", "Sesame");
    let file = bot.home.user_dir().join("report.json");
    let path = file.to_str().unwrap();
    let output = bot.home.run(&["doctor", "--report", path], "").await;
    let output = output.expect_code(1);
    assert!(output.stderr.contains(path), "{output}");
    assert!(output.stdout.contains("Sesame"), "{output}");
    let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode, 0o600);
    let written = fs::read_to_string(&file).unwrap();
    let report: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(
        faults(std::slice::from_ref(&report)).await,
        [Vec::<String>::new()]
    );
    let plain = bot.home.run(&["doctor", "--json"], "").await.json();
    assert_eq!(statuses(&report), statuses(&plain));

    let mut texts = vec![written];
    for format in ["text", "json", "junit", "github"] {
        let words = ["doctor", "-v", "--redact", "--format", format];
        let output = bot.home.run(&words, "").await.expect_code(1);
        texts.push(output.stdout);
    }
    let localpart = &bot.user_id[1..bot.user_id.find(':').unwrap()];
    let device = plain.to_string();
    let device = device.split("belongs to device ").nth(1).unwrap();
    let device = device.split([' ', ',']).next().unwrap();
    let place = bot.home.user_dir().to_str().unwrap();
    let token = bot.token();
    for text in &texts {
        for secret in [
            localpart,
            device,
            "Sesame",
            "127.0.0.1",
            "localhost",
            "secret-friend",
            "secretroom",
            "friends.example",
            place,
            &token,
            PASSWORD,
        ] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
        // The configured device and that of the token are still two.
        let devices: std::collections::BTreeSet<_> = text
            .split("device-")
            .skip(1)
            .filter_map(|rest| rest.get(..4))
            .filter(|hash| hash.chars().all(|c| c.is_ascii_hexdigit()))
            .collect();
        assert_eq!(devices.len(), 2, "{text}");
    }
    bot.assert_no_secret();
}

#[tokio::test]
async fn the_log_beside_a_redacted_report_is_redacted_too() {
    let bot = Bot::new(shared_synapse().await).await;
    let plain = bot.home.run(&["doctor", "-vv"], "").await;
    assert!(plain.stderr.contains("127.0.0.1"), "{plain}");
    let hidden = bot.home.run(&["doctor", "-vv", "--redact"], "").await;
    assert!(hidden.stderr.contains("server-"), "{hidden}");
    let localpart = bot.user_id[1..].split(':').next().unwrap();
    let place = bot.home.user_dir().to_str().unwrap();
    for secret in [localpart, &bot.device_id(), "127.0.0.1", place] {
        assert!(!hidden.stderr.contains(secret), "{secret} is in {hidden}");
    }
    fs::remove_file(bot.home.config_path()).unwrap();
    fs::create_dir(bot.home.config_path()).unwrap();
    let broken = bot
        .home
        .run(&["doctor", "-vv", "--redact", "--fix", "--yes"], "")
        .await;
    assert!(!broken.stderr.contains(place), "{broken}");
}

#[tokio::test]
async fn a_report_that_cannot_be_kept_is_told_before_anything_is_asked() {
    let bot = Bot::registered(shared_synapse().await).await;
    let directory = bot.home.user_dir().to_str().unwrap();
    for wrong in [directory, "/nonsense/report.json"] {
        let output = bot.home.run(&["doctor", "--report", wrong], "").await;
        let output = output.expect_code(1);
        assert!(
            output.stdout.is_empty() && output.stderr.contains(wrong),
            "{output}"
        );
    }
}
