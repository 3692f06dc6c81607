//! What is held in memory of what came while the bot was down.

use std::time::Duration;

use futures_util::future::join_all;

use crate::harness::account::{Bot, http_person};
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

const ROOMS: usize = 12;
const MESSAGES: usize = 60;
const BYTES: usize = 40_000;
/// Anonymous memory in KiB that this may take: all texts held at once, and only once, would take
/// nearly as much.
const MOST: u64 = 24_000;

/// What is written by those who may never be answered, and by one who may.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_while_the_bot_is_down_is_read_bit_by_bit() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let ann = http_person(synapse, "ann").await;
    let eve = http_person(synapse, "eve").await;
    bot.set("allowFrom", vec![ann.user_id()]);
    bot.set("groupPolicy", "mention");
    let gateway = bot.run().await;
    let mut rooms = Vec::new();
    for _ in 0..ROOMS {
        let room = RoomSpec::group(&[&bot.user_id, eve.user_id()]);
        rooms.push(ann.create_room(&room).await);
    }
    for room in &rooms {
        eve.join(room).await;
        ann.wait_for_member(room, &bot.user_id).await;
    }
    assert_eq!(gateway.terminate().await, 0);
    let words = "x".repeat(BYTES);
    for _ in 0..MESSAGES {
        join_all(rooms.iter().map(|room| eve.send_text(room, &words))).await;
    }
    let direct = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
    let question = ann.send_text(&direct, &words).await;
    let gateway = bot.run().await;
    ann.wait_for_member(&direct, &bot.user_id).await;
    ann.wait_for_reply(&direct, &question, &bot.user_id).await;
    let (_, anonymous) = gateway.memory();
    let limit = 16_000 + MOST;
    assert!(anonymous < limit, "{anonymous} KiB");
    tokio::time::timeout(Duration::from_secs(10), gateway.terminate())
        .await
        .expect("it ends");
}
