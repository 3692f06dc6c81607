//! The bot's owner, logged in as the bot in Element.

use crate::harness::account::{Bot, LONG, PASSWORD};
use crate::harness::eventually::eventually;
use crate::harness::js_person::JsPerson;
use crate::harness::shared::shared_synapse;
use crate::harness::synapse::Synapse;
use crate::verification::scene::{at, shown_in};

/// Nobody but its own account may talk to the bot.
async fn closed_bot(synapse: &Synapse) -> Bot {
    let bot = Bot::registered(synapse).await;
    let login = bot.log_in(&["--allow-from", "@nobody:localhost"]).await;
    login.expect_code(0);
    bot
}

async fn element(synapse: &Synapse, bot: &Bot, identity: bool) -> Option<JsPerson> {
    JsPerson::login(&synapse.base_url(), &bot.user_id, PASSWORD, identity).await
}

#[tokio::test]
async fn a_new_session_of_the_account_is_verified_by_the_bot_and_can_verify_it() {
    let synapse = shared_synapse().await;
    let bot = closed_bot(synapse).await;
    let gateway = bot.run().await;
    let Some(element) = element(synapse, &bot, false).await else {
        return;
    };
    let sees_itself = || element.sees_device_verified(&bot.user_id, element.device_id());
    assert!(!sees_itself().await);
    let unsigned = bot.home.run(&["verify", &bot.user_id], "").await;
    let unsigned = unsigned.expect_code(1);
    assert!(unsigned.stderr.contains("--device"), "{unsigned}");

    let request = element.ask_own_devices().await;
    element.start(request).await;
    let shown = element.compare(request).await;
    assert_eq!(shown_in(&at(&bot, "compare").await), shown);
    let (confirmed, ()) = tokio::join!(
        bot.home.run(&["verify", "confirm"], ""),
        element.confirm(request)
    );
    let words = "are both verified by their owner";
    let confirmed = confirmed.expect_code(0);
    assert!(confirmed.stdout.contains(words), "{confirmed}");
    eventually("a verified session", LONG, || async {
        sees_itself().await.then_some(()).ok_or("not verified")
    })
    .await;

    // Now the bot may ask it, too.
    assert_eq!(gateway.terminate().await, 0);
    let terminal = bot.home.terminal(&["verify", &bot.user_id]);
    let (request, _) = element.wait_for_request(&bot.user_id).await;
    element.accept(request).await;
    element.compare(request).await;
    element.confirm(request).await;
    terminal.expect("show the same?", LONG).await;
    terminal.send_line("yes").await;
    assert_eq!(terminal.wait(LONG).await, 0);
}

#[tokio::test]
async fn an_owner_whose_identity_the_bot_does_not_have_vouches_for_it() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    // The account is Element's first.
    let Some(element) = element(synapse, &bot, true).await else {
        return;
    };
    bot.log_in(&["--allow-from", "@nobody:localhost"])
        .await
        .expect_code(0);
    // Not for its own account, whose devices may ask for its secrets.
    bot.set("sasVerification", true);
    let gateway = bot.run().await;
    let request = element
        .ask_device(None, &bot.user_id, &bot.device_id())
        .await;
    element.start(request).await;
    element.compare(request).await;
    at(&bot, "compare").await;
    let (confirmed, ()) = tokio::join!(
        bot.home.run(&["verify", "confirm", "--json"], ""),
        element.confirm(request)
    );
    let confirmed = confirmed.expect_code(0).json();
    assert_eq!(confirmed["verification"]["signed"], true, "{confirmed}");
    gateway
        .expect_line("is verified by its owner again", LONG)
        .await;
    let keys = bot.account().await.query_keys(&bot.user_id).await;
    let device = &keys["device_keys"][&bot.user_id][bot.device_id()];
    let signatures = device["signatures"][&bot.user_id].as_object().unwrap();
    assert_eq!(signatures.len(), 2, "{device}");
}
