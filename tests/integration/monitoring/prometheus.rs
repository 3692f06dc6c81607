//! A real Prometheus reads the metrics, and judges the rules and every expression. Skipped, aloud,
//! where it is not installed.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use reqwest::Client;
use serde_json::Value;

use super::exported::{alert_expressions, board_expressions};
use super::scene::Endpoint;
use crate::harness::account::Bot;
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::process::Process;
use crate::harness::record::Record;
use crate::harness::shared::shared_synapse;

/// Whether these programs are here; said aloud where not.
fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        // Not eprintln!, which the test runner would hold back.
        let _ = writeln!(
            std::io::stderr(),
            "tests: SKIPPED: there is no {program} here (Debian: apt install prometheus), so the \
             metrics were not read by one"
        );
    }
    found
}

fn promtool(arguments: &[&str], input: &str) -> (bool, String) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/prometheus");
    let mut child = Command::new("promtool")
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let words = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(words).unwrap())
}

#[test]
fn the_rules_hold_in_their_own_tests() {
    if !has("promtool") {
        return;
    }
    for arguments in [
        ["check", "rules", "rules.yml"],
        ["test", "rules", "rules_test.yml"],
    ] {
        let (is_well, words) = promtool(&arguments, "");
        assert!(is_well, "{words}");
    }
}

#[tokio::test]
async fn a_real_one_reads_it_and_answers_every_expression() {
    if !has("prometheus") || !has("promtool") {
        return;
    }
    let bot = Bot::new(shared_synapse().await).await;
    let endpoint = Endpoint::start(&bot, &[]).await;
    let (is_well, words) = promtool(&["check", "metrics"], &endpoint.get("/metrics").await.text);
    assert!(is_well && words.is_empty(), "{words}");

    let place = tempfile::tempdir().unwrap();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/prometheus/rules.yml");
    let target = endpoint.base.strip_prefix("http://").unwrap();
    let config = format!(
        "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: [{rules:?}]\n\
         scrape_configs:\n- job_name: nanobot\n  static_configs: [{{targets: [{target:?}]}}]\n"
    );
    let config_file = place.path().join("prometheus.yml");
    std::fs::write(&config_file, config).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut command = Command::new("prometheus");
    command
        .arg(format!("--config.file={}", config_file.display()))
        .arg(format!(
            "--storage.tsdb.path={}",
            place.path().join("data").display()
        ))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"));
    let _prometheus = Process::spawn(command, &Record::default());
    let client = Client::builder().no_proxy().build().unwrap();
    let ask = async |path: &str, query: &[(&str, &str)]| -> Result<Value, String> {
        let url = format!("http://127.0.0.1:{port}/api/v1/{path}");
        let url = url::Url::parse_with_params(&url, query).unwrap();
        let request = client.get(url).send().await;
        let document = request.map_err(|error| error.to_string())?.json().await;
        let document: Value = document.map_err(|error| error.to_string())?;
        assert_eq!(document["status"], "success", "{query:?}: {document}");
        Ok(document["data"].clone())
    };
    let query = async |expression: &str| ask("query", &[("query", expression)]).await;
    eventually("the metrics read", PATIENCE, async || {
        let targets = ask("targets", &[]).await?;
        let target = &targets["activeTargets"][0];
        let found = query("nanobot_ready").await?;
        let value = &found["result"][0]["value"][1];
        if target["health"] == "up" && value == "1" {
            return Ok(());
        }
        Err(format!("{target} {found}"))
    })
    .await;

    let metadata = ask("metadata", &[]).await.unwrap();
    let about = |name: &str| {
        (
            metadata[name][0]["type"].clone(),
            metadata[name][0]["help"].clone(),
        )
    };
    // OpenMetrics names the family, and its suffix is of the sample.
    let (kind, help) = about("nanobot_syncs");
    assert!(
        kind == "counter" && help.as_str().is_some_and(|it| it.len() > 10),
        "{metadata}"
    );
    assert_eq!(about("nanobot_sync_duration_seconds").0, "histogram");
    for expression in [board_expressions(), alert_expressions()].concat() {
        query(&expression).await.unwrap();
    }
    let rules = ask("rules", &[]).await.unwrap();
    let groups = rules["groups"].as_array().unwrap();
    let rules: Vec<_> = groups
        .iter()
        .flat_map(|group| group["rules"].as_array().unwrap())
        .collect();
    assert_eq!(rules.len(), alert_expressions().len());
    let firing: BTreeSet<_> = rules
        .iter()
        .filter(|rule| rule["state"] != "inactive")
        .collect::<Vec<_>>()
        .into_iter()
        .map(|rule| rule["name"].to_string())
        .collect();
    assert!(firing.is_empty(), "{firing:?}");
    assert_eq!(endpoint.gateway.terminate().await, 0);
}
