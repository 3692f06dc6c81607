//! Three brokers, of which one at a time may die.

use std::net::{Ipv4Addr, TcpListener};

use serde_json::json;

use super::scene::{Scene, ask, question, words};
use crate::harness::nats::Broker;

#[tokio::test]
async fn of_three_brokers_each_may_die() {
    let ports = free_ports();
    let routes = ports
        .map(|port| format!("nats://127.0.0.1:{port}"))
        .join(", ");
    // Each waits for the others.
    let [first, second, third] = ports.map(|port| {
        format!(
            "server_name: broker-{port}\n\
             cluster {{ name: three, listen: \"127.0.0.1:{port}\", routes: [{routes}] }}\n"
        )
    });
    let (first, second, third) = tokio::join!(
        Broker::with(&first, &[]),
        Broker::with(&second, &[]),
        Broker::with(&third, &[])
    );
    let servers = json!([first.address(), second.address(), third.address()]);
    let mut others = [second, third];
    let mut scene = Scene::of(first, json!({"servers": servers}));
    let gateway = scene.gateway_with(&json!({"replicas": 3}));
    let _worker = scene.worker(json!({"type": "echo"})).await;
    words(ask(&gateway, question("first", "hello"))).await;
    for number in 0..3 {
        let dying = match number {
            0 => &mut scene.broker,
            more => &mut others[more - 1],
        };
        dying.kill().await;
        let text = format!("without {number}");
        let said = words(ask(&gateway, question(&text, &text))).await;
        assert_eq!(said, text);
        dying.restart().await;
        let text = format!("with {number}");
        assert_eq!(words(ask(&gateway, question(&text, &text))).await, text);
    }
    // They still have what was answered first.
    let again = words(ask(&gateway, question("first", "another"))).await;
    assert_eq!(again, "hello");
}

fn free_ports() -> [u16; 3] {
    let listeners = [(); 3].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}
