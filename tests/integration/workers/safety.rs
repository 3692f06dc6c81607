//! A network that others listen to: TLS, logins, permissions and sealing.

use std::fs;

use futures_util::{FutureExt, StreamExt};
use nanobot::testing::agent::{Attachment, Content, Sort};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use super::scene::{Scene, ask, command, question, until, words};
use crate::harness::bot::Home;
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::nats::Broker;

const KEY: &str = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LTMyMzI=";
/// The pair of the documentation of NATS.
const NKEY: &str = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";
const SEED: &str = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
const OTHER_KEY: &str = "b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXItMzI=";

/// A broker's configuration with TLS, and where its authority's certificate is.
fn tls(directory: &std::path::Path) -> (String, String) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = certificate.signed_by(&key, &authority).unwrap();
    let write = |name: &str, text: &str| {
        let path = directory.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let ca = write("ca.pem", &authority.pem());
    let certificate = write("cert.pem", &certificate.pem());
    let key = write("key.pem", &key.serialize_pem());
    let configuration = format!("tls {{ cert_file: {certificate:?}, key_file: {key:?} }}\n");
    (configuration, ca)
}

/// What the program prints for the broker's configuration.
async fn printed_permissions() -> String {
    let home = Home::new();
    let print = async || {
        let printed = home.run(&["worker", "--print-permissions"], "").await;
        printed.expect_code(0).stdout
    };
    let usual = print().await;
    // Where the broker is, its passwords need not be known.
    for role in ["worker", "agent"] {
        let settings = json!({"queue": "garden", "password": "${NOWHERE}"});
        home.write_config(&json!({"channels": {"matrix": {role: settings}}}).to_string());
        assert_eq!(
            print().await,
            usual
                .replace("nanobot.nanobot", "nanobot.garden")
                .replace("NANOBOT_nanobot", "NANOBOT_garden")
                .replace("_INBOX_nanobot", "_INBOX_garden")
                .replace("queue \"nanobot\"", "queue \"garden\"")
        );
    }
    usual
}

fn login(user: &str) -> Value {
    json!({"user": user, "password": format!("{user}-canary")})
}

const PASSWORDS: [(&str, &str); 2] = [
    ("GATEWAY_PASSWORD", "gateway-canary"),
    ("WORKER_PASSWORD", "worker-canary"),
];

#[tokio::test]
async fn with_tls_logins_and_the_printed_permissions_everything_works_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let (tls, ca) = tls(directory.path());
    let configuration = format!("{tls}{}", printed_permissions().await);
    let mut broker = Broker::with(&configuration, &PASSWORDS).await;
    // Lost, and made again by a gateway that may do no more.
    broker.kill().await;
    broker.restart().await;
    let scene = Scene::of(broker, json!({"caFile": ca, "tls": true}));
    let gateway = scene.gateway_with(&login("gateway"));
    let mut agent = command("");
    let out = tempfile::tempdir().unwrap();
    fs::write(out.path().join("a.txt"), "abc").unwrap();
    agent["attachmentsFrom"] = json!([out.path()]);
    agent["shell"] = json!(format!(
        "cat >/dev/null; sleep 3; printf '{{\"text\": \"x\", \"attachments\": [\"{}/a.txt\"]}}'",
        out.path().display()
    ));
    let worker = scene.begin_worker(agent, &login("worker"));
    worker.process.expect_line("is ready", PATIENCE).await;
    let mut asked = question("one", "?");
    let path = scene.home.path().join("in.txt");
    fs::write(&path, "in").unwrap();
    asked.attachments = vec![Attachment {
        sort: Sort::File,
        name: "in.txt".to_owned(),
        mimetype: "text/plain".to_owned(),
        voice_ms: None,
        quoted: false,
        content: Content::Kept { path, size: 2 },
    }];
    let answer = tokio::time::timeout(PATIENCE, ask(&gateway, asked)).await;
    let answer = answer.unwrap_or_else(|_| {
        let (broker, worker) = (scene.broker.log(), worker.process.stderr());
        panic!("{broker}\n{worker}\n{:?}", gateway.workers())
    });
    let answer = answer.unwrap().unwrap();
    assert_eq!(answer.text, "x");
    assert_eq!(
        fs::read_to_string(&answer.attachments[0].path).unwrap(),
        "abc"
    );
    // It took longer than a worker may be silent.
    until(&gateway, "the worker", |known| {
        known.running.iter().any(|worker| worker.answered == 1)
    })
    .await;
    let known = gateway.workers().unwrap();
    assert_eq!(known.broker_fault, None);
    gateway.forget("cli:one").await.unwrap();
    let gone = ask(&gateway, question("gone", "?"));
    // One was to be answered, one to be forgotten.
    let took = worker.process.expect_lines("took question", 3, PATIENCE);
    took.await;
    gone.abort();
    worker
        .process
        .expect_line("stopped a question", PATIENCE)
        .await;
    let log = scene.broker.log();
    assert!(!log.to_lowercase().contains("violation"), "{log}");

    // A worker's login serves for nothing but working.
    let options = async_nats::ConnectOptions::with_user_and_password(
        "worker".to_owned(),
        "worker-canary".to_owned(),
    )
    .add_root_certificates(ca.clone().into())
    .custom_inbox_prefix("_INBOX_nanobot_worker");
    let client = options.connect(scene.broker.address()).await.unwrap();
    let context = async_nats::jetstream::new(client.clone());
    for subject in ["nanobot.nanobot.job.x", "nanobot.nanobot.stop.x"] {
        client.publish(subject, "{}".into()).await.unwrap();
    }
    let mut others = client.subscribe("_INBOX_nanobot_gateway.>").await.unwrap();
    client.flush().await.unwrap();
    assert!(context.delete_stream("NANOBOT_nanobot_JOBS").await.is_err());
    eventually("the violations", PATIENCE, || async {
        let log = scene.broker.log();
        let count = log.matches("Violation").count();
        if count >= 4 { Ok(()) } else { Err(log) }
    })
    .await;
    assert!(others.next().now_or_never().is_none());
    worker.home.assert_no_secret(&["worker-canary"]);
}

#[tokio::test]
async fn whoever_is_not_let_in_is_told_why() {
    let directory = tempfile::tempdir().unwrap();
    let (tls, ca) = tls(directory.path());
    let configuration = format!("{tls}authorization {{ users: [ {{ nkey: {NKEY} }} ] }}\n");
    let broker = Broker::with(&configuration, &[]).await;
    let file = directory.path().join("seed.nk");
    fs::write(&file, format!("{SEED}\n")).unwrap();
    let scene = Scene::of(broker, json!({}));
    let echo = json!({"type": "echo"});
    let told = async |own: Value, expected: &str, code: i32| {
        let worker = scene.begin_worker(echo.clone(), &own);
        let ended = worker.process.wait(PATIENCE).await;
        assert_eq!(ended.code, code, "{}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    };
    told(json!({"tls": true, "nkeyFile": file}), "certificate", 1).await;
    told(json!({"caFile": ca, "tls": true}), "does not let us in", 1).await;
    told(
        json!({"caFile": "nowhere.pem", "tls": true}),
        "nowhere.pem",
        78,
    )
    .await;
    told(json!({"credentialsFile": ca}), "not a credentials file", 78).await;
    let good = json!({"caFile": ca, "tls": true, "nkeyFile": file});
    let gateway = scene.gateway_with(&good);
    let worker = scene.begin_worker(echo.clone(), &good);
    worker.process.expect_line("is ready", PATIENCE).await;
    assert_eq!(
        words(ask(&gateway, question("one", "hello"))).await,
        "hello"
    );
    worker.home.assert_no_secret(&[SEED]);
}

/// A broker that says what an old one says.
async fn old_broker() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let info = json!({
            "server_id": "x", "server_name": "x", "version": "2.9.25", "go": "x", "proto": 1,
            "host": "127.0.0.1", "port": 1, "headers": true, "max_payload": 1 << 20, "client_id": 1,
        });
        let (mut client, _) = listener.accept().await.unwrap();
        let info = format!("INFO {info}\r\n");
        client.write_all(info.as_bytes()).await.unwrap();
        let mut lines = BufReader::new(client).lines();
        while let Some(line) = lines.next_line().await.unwrap() {
            if line == "PING" {
                lines.get_mut().write_all(b"PONG\r\n").await.unwrap();
            }
        }
    });
    format!("nats://{address}")
}

#[tokio::test]
async fn a_broker_that_is_too_old_is_named() {
    let scene = Scene::new().await;
    let own = json!({"servers": [old_broker().await]});
    let worker = scene.begin_worker(json!({"type": "echo"}), &own);
    let ended = worker.process.wait(PATIENCE).await;
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    let said = ended.stderr;
    assert!(said.contains("is NATS 2.9.25, which is too old"), "{said}");
}

#[tokio::test]
async fn a_broker_sees_no_words_where_they_are_sealed() {
    let scene = Scene::new().await;
    let sealed = json!({"sealingKey": KEY});
    let gateway = scene.gateway_with(&sealed);
    until(&gateway, "the queue", |known| known.queue.is_some()).await;
    for (own, why) in [
        (json!({}), "the gateway seals what it sends"),
        (json!({"sealingKey": OTHER_KEY}), "with another sealingKey"),
    ] {
        let worker = scene.begin_worker(json!({"type": "echo"}), &own);
        let ended = worker.process.wait(PATIENCE).await;
        assert_eq!(ended.code, 78);
        assert!(ended.stderr.contains(why), "{}", ended.stderr);
    }
    let client = async_nats::connect(scene.broker.address()).await.unwrap();
    let mut all = client.subscribe(">").await.unwrap();
    let worker = scene.begin_worker(json!({"type": "echo"}), &sealed);
    worker.process.expect_line("is ready", PATIENCE).await;
    let mut asked = question("one", "canary-word");
    let path = scene.home.path().join("in.txt");
    fs::write(&path, "canary-file").unwrap();
    asked.attachments = vec![Attachment {
        sort: Sort::File,
        name: "canary-name".to_owned(),
        mimetype: "text/plain".to_owned(),
        voice_ms: None,
        quoted: false,
        content: Content::Kept { path, size: 11 },
    }];
    let answer = words(ask(&gateway, asked)).await;
    assert!(answer.starts_with("canary-word"), "{answer}");
    until(&gateway, "the worker", |known| !known.running.is_empty()).await;
    let mut seen = 0;
    while let Some(Some(message)) = all.next().now_or_never() {
        seen += 1;
        let text = String::from_utf8_lossy(&message.payload);
        assert!(!text.contains("canary"), "{}: {text}", message.subject);
    }
    assert!(seen > 5, "{seen}");
    for entry in walk(&scene.broker.path().join("store")) {
        let bytes = fs::read(&entry).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("canary"), "{}", entry.display());
    }
}

#[tokio::test]
async fn what_may_not_be_done_twice_is_done_by_no_worker() {
    let scene = Scene::new().await;
    for (agent, why) in [
        (
            json!({"type": "command", "shell": "x"}),
            "agent.repeatable true",
        ),
        (
            scene.settings(&json!({"type": "nats"})),
            "which asks workers itself",
        ),
    ] {
        let worker = scene.begin_worker(agent, &json!({}));
        let ended = worker.process.wait(PATIENCE).await;
        assert_eq!(ended.code, 78);
        assert!(ended.stderr.contains(why), "{}", ended.stderr);
    }
}

fn walk(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(directory).unwrap();
    entries
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}
