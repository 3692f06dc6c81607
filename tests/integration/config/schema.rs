//! The schema, judged by a validator that is not ours, says what the program says.

use serde_json::{Value, json};

use super::{config, home_with};
use crate::harness::bot::Home;
use crate::harness::process::Process;
use crate::harness::record::Record;
use crate::harness::shared::python;

/// Reads `{"schema": …, "values": […]}` and prints which of the values are valid.
const JUDGE: &str = "\
import json, sys
from jsonschema import Draft7Validator
given = json.load(sys.stdin)
Draft7Validator.check_schema(given['schema'])
judge = Draft7Validator(given['schema'])
print(json.dumps([judge.is_valid(value) for value in given['values']]))
";

async fn judged(schema: &Value, sections: &[Value]) -> Vec<bool> {
    let values: Vec<_> = sections
        .iter()
        .map(|section| json!({"channels": {"matrix": section}}))
        .collect();
    let mut command = python().command();
    command.args(["-c", JUDGE]);
    let process = Process::spawn(command, &Record::default());
    process.give(
        json!({"schema": schema, "values": values})
            .to_string()
            .as_bytes(),
    );
    let output = process
        .wait(crate::harness::eventually::PATIENCE)
        .await
        .expect_code(0);
    serde_json::from_value(output.json()).unwrap()
}

#[tokio::test]
async fn the_schema_agrees_with_the_program() {
    let home = Home::new();
    let output = config(&home, &["schema"]).await.expect_code(0);
    let schema = output.json();
    assert_eq!(
        config(&home, &["schema", "--json"]).await.json()["schema"],
        schema
    );
    let good = [
        json!({}),
        json!({"enabled": true, "user_id": "@a:b", "e2EeEnabled": "off", "mine": 5}),
        json!({"homeserver": "https://matrix.org/", "deviceId": "", "userId": ""}),
        json!({"homeserver": "https://example.org/matrix"}),
        json!({"homeserver": "${SERVER}", "maxMediaBytes": "1000", "streaming": 0}),
        json!({"maxMediaBytes": 20_971_520, "syncStopGraceSeconds": 86_400}),
        json!({"allowFrom": ["*", "@a:b", "${ME}"], "groupAllowFrom": ["!a:b", "#a:b"]}),
        json!({"groupPolicy": "allowlist", "proxy": "socks5://127.0.0.1:9050", "agent": {}}),
    ];
    let bad = [
        json!({"enabled": "perhaps"}),
        json!({"enabled": null}),
        json!({"maxMediaBytes": -1}),
        json!({"maxMediaBytes": 1.5}),
        json!({"syncStopGraceSeconds": 86_401}),
        json!({"homeserver": "matrix.org"}),
        json!({"homeserver": "https://u:p@matrix.org"}),
        json!({"homeserver": "https://matrix.org/_matrix/client"}),
        json!({"userId": "a:b"}),
        json!({"allowFrom": "@a:b"}),
        json!({"allowFrom": ["a"]}),
        json!({"groupAllowFrom": ["a:b"]}),
        json!({"groupPolicy": "closed"}),
        json!({"agent": "echo"}),
        json!({"accessToken": 5}),
    ];
    assert_eq!(judged(&schema, &good).await, vec![true; good.len()]);
    assert_eq!(judged(&schema, &bad).await, vec![false; bad.len()]);
    for (sections, code) in [(&good[..], 0), (&bad[..], 78)] {
        for section in sections {
            let home = home_with(&section.to_string());
            config(&home, &["validate"]).await.expect_code(code);
        }
    }
}
