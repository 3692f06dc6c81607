//! What is exported is what the documentation, the rules and the board name, in both formats, and
//! nothing that could tell a person or a room.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::scene::Endpoint;
use crate::harness::account::{Bot, http_person};
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

/// A file of the repository.
pub fn file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Words that may be names of metrics of ours.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let is_ours = |word: &&str| word.starts_with("nanobot_") || word.starts_with("process_");
    let plain = |word: &str| {
        let parts = ["_bucket", "_count", "_sum"];
        let part = parts.iter().find_map(|part| word.strip_suffix(part));
        part.unwrap_or(word).to_owned()
    };
    words.filter(is_ours).map(plain).collect()
}

/// The expressions of the board.
pub fn board_expressions() -> Vec<String> {
    fn collect(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (key, value) in members {
                    match value {
                        Value::String(text) if key == "expr" => found.push(text.clone()),
                        value => collect(value, found),
                    }
                }
            }
            Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect(&board(), &mut found);
    let rate = |text: String| text.replace("$__rate_interval", "5m");
    found
        .into_iter()
        .map(|text| rate(text).replace("$instance", ".*"))
        .collect()
}

fn board() -> Value {
    serde_json::from_str(&file("contrib/grafana.json")).unwrap()
}

/// The expressions of the alerts.
pub fn alert_expressions() -> Vec<String> {
    let rules = file("contrib/prometheus/rules.yml");
    let lines = rules.lines().map(str::trim);
    let expressions = lines.filter_map(|line| line.strip_prefix("expr: "));
    expressions.map(str::to_owned).collect()
}

/// The names in the documentation's tables: of every bot's metrics, and of those that one with workers
/// has besides.
pub fn documented() -> [BTreeSet<String>; 2] {
    let page = file("docs/monitoring.md");
    let (usual, workers) = page.split_once("## Workers").unwrap();
    [usual, workers].map(|part| {
        let rows = part.lines().filter(|line| line.starts_with("| `"));
        let first = rows.filter_map(|row| row.split('|').nth(1));
        first.flat_map(names).collect()
    })
}

/// The names of the metrics on a page.
pub fn exported(page: &str) -> BTreeSet<String> {
    let typed = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    typed
        .flat_map(|line| names(line.split(' ').next().unwrap()))
        .collect()
}

#[test]
fn the_board_and_the_alerts_name_only_what_is_documented() {
    let documented: BTreeSet<_> = documented().into_iter().flatten().collect();
    assert!(documented.len() > 25, "{documented:?}");
    let expressions = [board_expressions(), alert_expressions()].concat();
    assert!(expressions.len() > 15, "{expressions:?}");
    for expression in expressions {
        let used = names(&expression);
        assert!(
            !used.is_empty() || expression.contains("up{"),
            "{expression}"
        );
        let unknown: Vec<_> = used.difference(&documented).collect();
        assert!(unknown.is_empty(), "{unknown:?} in {expression}");
    }
}

#[test]
fn the_boards_panels_have_ids_of_their_own_and_do_not_overlap() {
    let board = board();
    let panels = board["panels"].as_array().unwrap();
    let ids: BTreeSet<_> = panels
        .iter()
        .map(|panel| panel["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids.len(), panels.len());
    let mut cells = BTreeSet::new();
    for panel in panels {
        let at = |key: &str| panel["gridPos"][key].as_u64().unwrap();
        assert!(at("x") + at("w") <= 24, "{panel}");
        for x in at("x")..at("x") + at("w") {
            for y in at("y")..at("y") + at("h") {
                assert!(cells.insert((x, y)), "{panel}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_exported_is_documented_and_tells_nobody() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let endpoint = Endpoint::start(&bot, &[]).await;
    let ann = http_person(synapse, "ann").await;
    let room = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let question = ann.send_text(&room, "a secret question").await;
    ann.wait_for_reply(&room, &question, &bot.user_id).await;
    let answered = "nanobot_events_received_total{outcome=\"answered\"} 1";
    let classic = eventually("the answer counted", PATIENCE, async || {
        let reply = endpoint.get("/metrics").await;
        let is_counted = reply.text.lines().any(|line| line == answered);
        if is_counted {
            Ok(reply)
        } else {
            Err(reply.text)
        }
    })
    .await;
    assert!(
        classic
            .content_type
            .starts_with("text/plain; version=0.0.4")
    );
    let accept = "application/openmetrics-text;version=1.0.0;q=0.75,text/plain;q=0.5";
    let open = endpoint.try_get("/metrics", accept).await;
    let open = open.unwrap_or_else(|error| panic!("{error}"));
    assert!(
        open.content_type
            .starts_with("application/openmetrics-text; version=1.0.0")
    );
    assert!(open.text.ends_with("# EOF\n"));

    let [usual, _] = documented();
    assert_eq!(exported(&classic.text), usual);
    for line in [
        "nanobot_ready 1",
        "nanobot_condition{condition=\"keys\"} 1",
        "nanobot_answer_duration_seconds_count{result=\"answered\"} 1",
        "nanobot_send_duration_seconds_count{result=\"ok\"} 1",
        "nanobot_agent_requests_total{agent=\"echo\"} 1",
    ] {
        assert!(
            classic.text.lines().any(|told| told == line),
            "{line}: {}",
            classic.text
        );
    }
    for text in [&classic.text, &open.text] {
        for private in [
            ann.user_id(),
            &bot.user_id,
            &room,
            "secret question",
            &bot.device_id(),
        ] {
            assert!(!text.contains(private), "{private} in {text}");
        }
    }
    assert_eq!(endpoint.gateway.terminate().await, 0);
    bot.assert_no_secret();
}
