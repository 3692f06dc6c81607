//! A bot that is well: nothing to say about it.

use super::examined::examine;
use crate::{harness::account::Bot, harness::shared::shared_synapse};

#[tokio::test]
async fn a_healthy_bot_is_all_green() {
    let bot = Bot::new(shared_synapse().await).await;
    let _gateway = bot.run().await;
    let output = bot.home.run(&["doctor", "-v"], "").await;
    println!("{}\n{}", output.stdout, output.stderr);
    let examined = examine(&bot.home, &[]).await;
    assert_eq!(examined.exit_code(), 0, "{:#}", examined.report);
    assert_eq!(examined.ids("warn"), [""; 0], "{:#}", examined.report);
    assert_eq!(examined.ids("fail"), [""; 0]);
}
