//! `gateway.sending` and `gateway.parked`: what the homeserver does not take.

use nanobot::testing::ipc::{Backlog, Newest, ParkedMessage, Pause, Refusal, Status, now};

use super::examined::examine;
use super::gateway::{MINUTE, bot, gateway_that_says};

#[tokio::test]
async fn what_the_homeserver_does_not_take_is_told_with_its_own_words() {
    let bot = bot().await;
    let refused = |status: &mut Status| {
        status.pauses = vec![Pause {
            of: "sending".to_owned(),
            since: now() - 5 * MINUTE,
            until: now() + MINUTE,
            why: "the homeserver takes nothing from this account (M_CONSENT_NOT_GIVEN): agree \
                  first (https://example.org/consent)"
                .to_owned(),
            refusal: Some(Refusal {
                errcode: "M_CONSENT_NOT_GIVEN".to_owned(),
                message: "agree first".to_owned(),
                link: Some("https://example.org/consent".to_owned()),
                ..Refusal::default()
            }),
        }];
    };
    let gateway = gateway_that_says(&bot, refused).await;
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("gateway.sending", "fail", "agree first")
        .expect(
            "gateway.sending",
            "fail",
            "sending has been waiting for 5 min",
        )
        .expect_failed(&["gateway.sending"])
        .expect_remedy("gateway.sending", "what the homeserver says", &[]);
    let evidence = &examined.row("gateway.sending")["evidence"];
    assert_eq!(evidence["link"], "https://example.org/consent");
    drop(gateway);

    let limited = |since: u64| {
        move |status: &mut Status| {
            status.pauses = vec![Pause {
                of: "sending".to_owned(),
                since: now() - since,
                until: now() + 1000,
                why: "the homeserver limits how fast the bot may go".to_owned(),
                refusal: None,
            }];
        }
    };
    for (since, verdict) in [(2 * MINUTE, "warn"), (3000, "pass")] {
        let gateway = gateway_that_says(&bot, limited(since)).await;
        let examined = examine(&bot.home, &[]).await;
        examined
            .expect("gateway.sending", verdict, "")
            .expect_failed(&[]);
        drop(gateway);
    }
}

#[tokio::test]
async fn what_was_given_up_is_told_with_its_reason() {
    let bot = bot().await;
    let parked = |status: &mut Status| {
        status.backlog = Some(Backlog {
            parked: Newest {
                count: 2,
                recent: vec![ParkedMessage {
                    room_id: "!room".to_owned(),
                    reason: "cannot send the reply: 403".to_owned(),
                    ..ParkedMessage::default()
                }],
            },
            ..Backlog::default()
        });
    };
    let _gateway = gateway_that_says(&bot, parked).await;
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("gateway.parked", "warn", "2 messages without an answer")
        .expect("gateway.parked", "warn", "cannot send the reply: 403")
        .expect_failed(&[]);
    let commands = examined.commands("gateway.parked");
    assert_eq!(commands, ["nanobot queue list"]);
}
