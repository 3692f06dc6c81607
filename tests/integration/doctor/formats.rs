//! One report in every format, each read by what reads it elsewhere.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::examined::assert_commands_can_be_typed;
use super::situations::{Situation, situations};
use crate::harness::bot::Home;
use crate::harness::eventually::PATIENCE;
use crate::harness::process::Process;
use crate::harness::record::Record;
use crate::harness::shared::python;

const SCHEMA: &str = include_str!("../../../examples/report.schema.json");

/// Reads `{"schema": …, "values": […]}` and prints what is wrong with each of the values.
const JUDGE: &str = "\
import json, sys
from jsonschema import Draft202012Validator
given = json.load(sys.stdin)
Draft202012Validator.check_schema(given['schema'])
judge = Draft202012Validator(given['schema'])
print(json.dumps([[str(error)[:2000] for error in judge.iter_errors(value)] for value in given['values']]))
";

/// Reads JUnit documents with two parsers and prints their cases and the first's sums.
const JUNIT: &str = "\
import json, sys
import xml.etree.ElementTree as tree
from junitparser import JUnitXml, Failure, Skipped
result = []
for text in json.load(sys.stdin):
    root = tree.fromstring(text.encode())
    suites = JUnitXml.fromstring(text.encode())
    cases = {}
    for suite in suites:
        for case in suite:
            how = [type(item).__name__.lower() for item in case.result]
            how = how or (['output'] if case.system_out else ['pass'])
            text = case.result[0].text if case.result else case.system_out
            cases[case.name] = [case.classname, how[0], text or '', case.time]
    sums = [suites.tests, suites.failures, suites.skipped]
    counted = [sum(int(suite.get(name)) for suite in root) for name in ('tests', 'failures', 'skipped')]
    assert sums == counted == [int(root.get(name)) for name in ('tests', 'failures', 'skipped')]
    result.append({'sums': sums, 'cases': cases})
print(json.dumps(result))
";

async fn in_python(script: &str, input: &Value) -> Value {
    let mut command = python().command();
    command.args(["-c", script]);
    let process = Process::spawn(command, &Record::default());
    process.give(input.to_string().as_bytes());
    process.wait(PATIENCE).await.expect_code(0).json()
}

/// What the schema finds wrong with each of these documents.
pub async fn faults(documents: &[Value]) -> Vec<Vec<String>> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let input = json!({"schema": schema, "values": documents});
    serde_json::from_value(in_python(JUDGE, &input).await).unwrap()
}

/// How each check ended, in a report.
pub fn statuses(report: &Value) -> Vec<(String, String)> {
    let rows = report["checks"].as_array().unwrap().iter();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    rows.map(|row| (word(&row["id"]), word(&row["status"])))
        .collect()
}

#[tokio::test]
async fn the_exit_code_is_the_same_in_every_format() {
    const FORMATS: [&[&str]; 5] = [
        &[],
        &["--json"],
        &["--format=json"],
        &["--format=junit"],
        &["--format=github"],
    ];
    for situation in situations().await {
        for (format, quiet) in FORMATS.iter().zip([false, true].iter().cycle()) {
            for (strict, code) in [(false, situation.code), (true, situation.strict)] {
                let mut words = format.to_vec();
                words.extend(strict.then_some("--strict"));
                words.extend(quiet.then_some("-q"));
                let output = situation.doctor(&words).await;
                assert_eq!(output.code, code, "{}: {output}", situation.name);
            }
        }
        let quiet = situation.doctor(&["-q"]).await.expect_code(situation.code);
        let nothing_found = situation.strict == 0;
        let shown = quiet.stdout.is_empty();
        assert!(shown == nothing_found || situation.homeless, "{quiet}");
    }
}

#[tokio::test]
async fn every_document_follows_the_schema_however_it_is_asked_for() {
    let mut documents = Vec::new();
    for situation in situations().await {
        let json = situation.doctor(&["--json"]).await.json();
        let format = situation.doctor(&["--format", "json"]).await.json();
        if situation.homeless {
            assert_eq!(json, format);
            assert_eq!(json["error"]["kind"], "config");
        } else {
            assert_eq!(statuses(&json), statuses(&format), "{}", situation.name);
            assert_commands_can_be_typed(&json);
        }
        documents.extend([json, format]);
    }
    let home = Home::new();
    let wrong: [(&[&str], i32); 7] = [
        (&["--only", "nonsense"], 2),
        (&["--skip", "config.presnt"], 2),
        (&["--nonsense"], 2),
        (&["--timeout", "0"], 2),
        (&["--offline", "--wait"], 2),
        (&["--report", "/nonsense/report.json"], 1),
        (&["--list"], 0),
    ];
    for (words, code) in wrong {
        let mut answers = Vec::new();
        for json in [&["--json"][..], &["--format", "json"], &["--format=json"]] {
            let words = [&["doctor"], json, words].concat();
            let output = home.run(&words, "").await.expect_code(code);
            assert_eq!(output.json()["exit_code"], code, "{output}");
            answers.push(output.json());
        }
        for answer in &answers {
            assert_eq!(*answer, answers[0], "{words:?}");
        }
        documents.push(answers.swap_remove(0));
    }
    let found = faults(&documents).await;
    for (document, faults) in documents.iter().zip(found) {
        assert!(faults.is_empty(), "{faults:#?} in {document:#}");
    }
}

#[tokio::test]
async fn the_schema_is_strict() {
    let home = Home::new();
    let report = home.run(&["doctor", "--json"], "").await.json();
    let change = |path: &str, value: Value| {
        let mut changed = report.clone();
        let place = changed.pointer_mut(path).unwrap();
        match place.as_object_mut() {
            Some(object) if path.is_empty() => object.extend([("more".to_owned(), value)]),
            _ => *place = value,
        }
        changed
    };
    let wrong = [
        change("", json!(1)),
        change("/schema", json!("nanobot.report/2")),
        change("/ok", json!(true)),
        change("/exit_code", json!(2)),
        change("/summary/fail", json!(-1)),
        change("/checks/0/status", json!("broken")),
        change("/checks/0/status", json!("pass")),
        change("/checks/0/remedy", Value::Null),
        change("/checks/0/because", json!(["config.syntax"])),
        change("/checks/0/duration_ms", json!(0.5)),
        change("/checks/0/evidence", json!([])),
        change("/checks/0/id", json!("config")),
        json!({"ok": false, "exit_code": 1}),
        json!({"ok": false, "exit_code": 1, "error": {"kind": "other", "message": "x", "hint": null}}),
    ];
    let found = faults(&wrong).await;
    for (document, faults) in wrong.iter().zip(found) {
        assert!(!faults.is_empty(), "{document:#}");
    }
    assert_eq!(faults(&[report]).await, [Vec::<String>::new()]);
}

#[tokio::test]
async fn junit_says_to_its_parsers_what_the_report_says() {
    let (mut texts, mut expected) = (Vec::new(), Vec::new());
    for situation in reported().await {
        for strict in [&[][..], &["--strict"]] {
            let words = [strict, &["--format", "junit"]].concat();
            texts.push(situation.doctor(&words).await.stdout);
            let words = [strict, &["--json"]].concat();
            expected.push((situation.doctor(&words).await.json(), !strict.is_empty()));
        }
    }
    let parsed = in_python(JUNIT, &json!(texts)).await;
    for (parsed, (report, strict)) in parsed.as_array().unwrap().iter().zip(&expected) {
        let cases = parsed["cases"].as_object().unwrap();
        let rows = report["checks"].as_array().unwrap();
        assert_eq!(cases.len(), rows.len());
        for row in rows {
            let case = &cases[row["id"].as_str().unwrap()];
            let class = format!("nanobot.{}", row["category"].as_str().unwrap());
            assert_eq!(case[0], class);
            let how = match row["status"].as_str().unwrap() {
                "warn" if *strict => "failure",
                "warn" => "output",
                "fail" => "failure",
                "skip" => "skipped",
                _ => "pass",
            };
            assert_eq!(case[1], how, "{row:#}");
            for command in row["remedy"]["commands"].as_array().into_iter().flatten() {
                let text = case[2].as_str().unwrap();
                assert!(text.contains(command.as_str().unwrap()), "{text}");
            }
        }
        let summary = &report["summary"];
        let count = |name: &str| summary[name].as_u64().unwrap();
        let failures = count("fail") + if *strict { count("warn") } else { 0 };
        assert_eq!(parsed["sums"], json!([rows.len(), failures, count("skip")]));
    }
}

#[tokio::test]
async fn annotations_say_what_the_report_says() {
    for situation in reported().await {
        let text = situation.doctor(&["--format", "github"]).await.stdout;
        let report = situation.doctor(&["--json"]).await.json();
        let mut annotations: Vec<_> = text.lines().map(annotation).collect();
        let (level, title, _) = annotations.pop().unwrap();
        assert_eq!((level, title.as_str()), ("notice", "nanobot: doctor"));
        let rows = report["checks"].as_array().unwrap().iter();
        let findings: Vec<_> = rows.filter(|row| !row["remedy"].is_null()).collect();
        assert_eq!(annotations.len(), findings.len(), "{text}");
        for ((level, title, message), row) in annotations.iter().zip(findings) {
            let expected = if row["status"] == "fail" {
                "error"
            } else {
                "warning"
            };
            assert_eq!(*level, expected);
            assert_eq!(*title, format!("nanobot: {}", row["id"].as_str().unwrap()));
            let remedy = row["remedy"]["text"].as_str().unwrap();
            assert!(message.contains(&format!("\nfix: {remedy}")), "{message}");
            for command in row["remedy"]["commands"].as_array().unwrap() {
                let line = format!("\n  {}", command.as_str().unwrap());
                assert!(message.contains(&line), "{message}");
            }
        }
    }
}

async fn reported() -> Vec<Situation> {
    let mut situations = situations().await;
    situations.retain(|situation| !situation.homeless);
    situations
}

/// A workflow command as the runner reads it: its level, title and message, escapes undone.
fn annotation(line: &str) -> (&str, String, String) {
    let (head, data) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
    let (level, properties) = head.split_once(' ').unwrap();
    let properties: BTreeMap<_, _> = properties
        .split(',')
        .map(|property| property.split_once('=').unwrap())
        .collect();
    assert_eq!(properties.len(), 1, "{line}");
    let undo = |text: &str| {
        let text = text.replace("%0D", "\r").replace("%0A", "\n");
        text.replace("%3A", ":")
            .replace("%2C", ",")
            .replace("%25", "%")
    };
    (level, undo(properties["title"]), undo(data))
}
