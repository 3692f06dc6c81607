//! Whoever asks harms nobody but themselves.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};

use super::scene::Endpoint;
use crate::harness::account::Bot;
use crate::harness::bot::Gateway;
use crate::harness::eventually::PATIENCE;
use crate::harness::shared::shared_synapse;

/// What comes back for these bytes, until the connection ends.
async fn say(to: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(to).await.unwrap();
    // Whoever has heard enough may have hung up.
    let _ = stream.write_all(bytes).await;
    let mut heard = Vec::new();
    let reading = stream.read_to_end(&mut heard);
    let _ = tokio::time::timeout(PATIENCE, reading).await.unwrap();
    String::from_utf8_lossy(&heard).into_owned()
}

fn request(method: &str, path: &str, more: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nHost: here\r\n{more}\r\n")
}

#[tokio::test]
async fn what_is_no_good_request_is_refused_and_the_rest_is_answered() {
    let bot = Bot::new(shared_synapse().await).await;
    let endpoint = Endpoint::start(&bot, &[]).await;
    let to = endpoint.base.strip_prefix("http://").unwrap();
    // More who say nothing than there are places.
    let mut silent = Vec::new();
    for _ in 0..40 {
        silent.push(TcpStream::connect(to).await.unwrap());
    }
    for (asked, status) in [
        (request("HEAD", "/readyz", ""), "HTTP/1.1 200"),
        (request("GET", "/livez", ""), "HTTP/1.1 200"),
        (request("GET", "/health", ""), "HTTP/1.1 200"),
        (request("GET", "/", ""), "HTTP/1.1 404"),
        (
            request("POST", "/readyz", "Content-Length: 0\r\n"),
            "HTTP/1.1 405",
        ),
        (request("GET", "/readyz?exclude=sink", ""), "HTTP/1.1 400"),
        (
            request("GET", "/livez", &"x: y\r\n".repeat(100)),
            "HTTP/1.1 431",
        ),
        (
            request("GET", "/livez", &format!("x: {}\r\n", "y".repeat(20_000))),
            "HTTP/1.1 431",
        ),
        ("\r\n\0\x01 nonsense\r\n\r\n".to_owned(), "HTTP/1.1 400"),
    ] {
        let heard = say(to, asked.as_bytes()).await;
        assert!(heard.starts_with(status), "{asked:.200}: {heard}");
        if asked.starts_with("HEAD") {
            assert!(heard.ends_with("\r\n\r\n"), "{heard}");
        }
    }
    // They are not waited for.
    for mut stream in silent {
        let mut heard = Vec::new();
        let reading = stream.read_to_end(&mut heard);
        let _ = tokio::time::timeout(PATIENCE, reading).await.unwrap();
    }
    let health = endpoint.get("/health").await.json();
    assert_eq!(
        health,
        json!({"status": "ok", "ready": true, "reasons": []})
    );
    assert_eq!(endpoint.gateway.terminate().await, 0);
}

#[tokio::test]
async fn a_unix_socket_is_private_and_follows_one_that_was_left() {
    let bot = Bot::new(shared_synapse().await).await;
    bot.set("health", json!({"listen": "unix:health.sock"}));
    let path = bot.home.path().join("health.sock");
    let gateway = bot.run().await;
    gateway.expect_line("health.sock", PATIENCE).await;
    gateway.kill().await;
    assert!(path.exists());

    let gateway = bot.run().await;
    let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let mut stream = UnixStream::connect(&path).await.unwrap();
    let asked = request("GET", "/livez", "");
    stream.write_all(asked.as_bytes()).await.unwrap();
    let mut heard = String::new();
    let reading = stream.read_to_string(&mut heard);
    tokio::time::timeout(Duration::from_secs(10), reading)
        .await
        .unwrap()
        .unwrap();
    assert!(heard.starts_with("HTTP/1.1 200"), "{heard}");
    assert_eq!(gateway.terminate().await, 0);
    assert!(!path.exists());
}

#[tokio::test]
async fn an_address_that_is_taken_is_a_warning() {
    let bot = Bot::new(shared_synapse().await).await;
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let gateway = Gateway::connected(&bot.home, &["--listen", &address]).await;
    let line = gateway.expect_line("health endpoint unavailable", PATIENCE);
    let line = line.await.text;
    assert!(line.contains(&address) && line.contains("in use"), "{line}");
    assert_eq!(gateway.terminate().await, 0);
}
