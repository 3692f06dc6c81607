//! `nanobot store status`: what it says is what the homeserver, the store and the gateway say.

use serde_json::{Value, json};

use crate::harness::account::{Bot, person};
use crate::harness::output::Output;
use crate::harness::room::RoomSpec;
use crate::harness::shared::{own_synapse, shared_synapse};
use crate::harness::synapse::Config;

async fn status(bot: &Bot) -> Value {
    let output = bot.home.run(&["store", "status", "--json"], "").await;
    output.expect_code(0).json()
}

async fn shown(bot: &Bot) -> Output {
    bot.home.run(&["store", "status"], "").await
}

#[tokio::test]
async fn it_tells_what_the_homeserver_and_the_store_tell() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let account = bot.account().await;
    let server = account.query_keys(&bot.user_id).await;
    let keys = &server["device_keys"][&bot.user_id][bot.device_id()]["keys"];
    let fingerprint = keys[format!("ed25519:{}", bot.device_id())]
        .as_str()
        .unwrap();

    let stopped = status(&bot).await;
    assert_eq!(stopped["ed25519"], fingerprint);
    assert_eq!(stopped["published"], true);
    assert_eq!(stopped["verified"], true);
    assert_eq!(stopped["one_time_keys"], account.one_time_key_count().await);
    assert_eq!(stopped["key_backup"], json!(null));
    assert_eq!(stopped["secret_storage"], false);
    assert_eq!(stopped["room_keys"], 0);
    assert_eq!(stopped["journal"]["waiting"], 0);
    assert_eq!(stopped["gateway_pid"], json!(null));
    assert_eq!(stopped["store_errors"], json!([]));
    assert_eq!(stopped["archives"], json!([]));
    let bytes = |part: &str| stopped["bytes"][part].as_u64().unwrap();
    assert!(bytes("keys") > 0 && bytes("rooms") > 0 && bytes("journal") > 0);
    assert_eq!(
        bytes("total"),
        bytes("keys") + bytes("rooms") + bytes("journal") + bytes("other")
    );
    let text = shown(&bot).await.expect_code(0).stdout;
    let grouped = format!("{} {}", &fingerprint[..4], &fingerprint[4..8]);
    assert!(text.contains(&grouped), "{text}");
    assert!(text.contains("by its owner"), "{text}");

    let gateway = bot.run().await;
    let ann = person(synapse, "ann").await;
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    let question = ann.send_text(&room, "hello").await;
    ann.wait_for_reply(&room, &question, &bot.user_id).await;
    let running = status(&bot).await;
    assert_eq!(running["gateway_pid"], gateway.pid());
    assert_eq!(running["ed25519"], fingerprint);
    assert_eq!(running["room_keys"], json!(null));
    assert_eq!(running["verified"], true);
    assert_eq!(gateway.terminate().await, 0);
    assert!(status(&bot).await["room_keys"].as_u64() >= Some(1));
    bot.assert_no_secret();
}

#[tokio::test]
async fn without_a_homeserver_it_says_what_it_knows_and_what_not() {
    let synapse = own_synapse(Config::default()).await;
    let bot = Bot::new(&synapse).await;
    drop(synapse);
    let away = status(&bot).await;
    assert!(away["ed25519"].is_string());
    assert_eq!(away["verified"], json!(null));
    assert_eq!(away["published"], json!(null));
    assert!(away["homeserver_error"].is_string(), "{away}");
    assert_eq!(away["room_keys"], 0);
    let text = shown(&bot).await.expect_code(0).stdout;
    assert!(text.contains("Verified        unknown"), "{text}");
}

#[tokio::test]
async fn without_a_login_it_fails_and_a_dead_token_is_none() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    shown(&bot).await.expect_code(4);

    let bot = Bot::new(synapse).await;
    let token = bot.token();
    bot.account().await.logout().await;
    let dead = shown(&bot).await.expect_code(4);
    assert!(dead.stdout.contains("Fingerprint"), "{dead}");
    assert!(!dead.stdout.contains(&token));
    let json = bot.home.run(&["store", "status", "--json"], "").await;
    let json = json.expect_code(4).json();
    assert_eq!(json["ok"], false);
    assert!(json["homeserver_error"].is_string(), "{json}");
}
