//! Old messages are never answered, and none is lost, whichever device takes over.

use crate::harness::account::{Bot, LONG, PASSWORD, http_person};
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::http_person::HttpPerson;
use crate::harness::message;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;
use crate::mishap::copy_store;

/// A room that the bot's account is in, without any device of the program's.
struct Chat {
    bot: Bot,
    ann: HttpPerson,
    room: String,
}

impl Chat {
    async fn new() -> Self {
        let synapse = shared_synapse().await;
        let bot = Bot::registered(synapse).await;
        let ann = http_person(synapse, "ann").await;
        let room = ann.create_room(&RoomSpec::direct(&bot.user_id)).await;
        let elsewhere = HttpPerson::login(&synapse.base_url(), &bot.user_id, PASSWORD).await;
        elsewhere.join(&room).await;
        Self { bot, ann, room }
    }

    async fn log_in(&self) {
        let login = self.bot.log_in(&["--allow-from", "*"]).await;
        login.expect_code(0);
    }

    async fn say(&self, count: usize) -> Vec<String> {
        let mut questions = Vec::new();
        for number in 0..count {
            let text = format!("message {number}");
            questions.push(self.ann.send_text(&self.room, &text).await);
        }
        questions
    }

    /// Which questions have been answered, in the order of the answers.
    async fn answered(&self) -> Vec<String> {
        let events = self.ann.events(&self.room).await;
        let own = events
            .iter()
            .filter(|event| event["sender"] == self.bot.user_id.as_str());
        own.filter_map(|event| message::answers(&event["content"]))
            .map(str::to_owned)
            .collect()
    }

    /// Waits until all these are answered, and one more that is asked last; these and no others.
    async fn expect_answered(&self, questions: &[String]) {
        let last = self.ann.send_text(&self.room, "the last one").await;
        let mut expected = questions.to_vec();
        expected.push(last.clone());
        eventually("the last answer", LONG, || async {
            let answered = self.answered().await;
            let is_there = answered.contains(&last);
            is_there.then_some(()).ok_or(answered.len())
        })
        .await;
        let answered = self.answered().await;
        assert_eq!(answered.len(), expected.len());
        assert_eq!(answered, expected);
    }
}

#[tokio::test]
async fn the_first_device_answers_only_what_came_after_its_login() {
    let chat = Chat::new().await;
    chat.say(60).await;
    chat.log_in().await;
    let questions = chat.say(150).await;
    let _gateway = chat.bot.run().await;
    chat.expect_answered(&questions).await;
}

#[tokio::test]
async fn a_reset_device_answers_what_the_old_one_did_not_and_nothing_twice() {
    let chat = Chat::new().await;
    chat.say(30).await;
    chat.log_in().await;
    let gateway = chat.bot.run().await;
    let mut questions = chat.say(60).await;
    let last = questions.last().unwrap();
    chat.ann
        .wait_for_reply(&chat.room, last, &chat.bot.user_id)
        .await;
    assert_eq!(gateway.terminate().await, 0);
    questions.extend(chat.say(70).await);
    chat.bot.reset(&["--force"]).await.expect_code(0);
    questions.extend(chat.say(80).await);
    let _gateway = chat.bot.run().await;
    chat.expect_answered(&questions).await;
}

#[tokio::test]
async fn a_device_that_a_login_makes_goes_on_where_the_old_one_stopped() {
    let chat = Chat::new().await;
    chat.say(5).await;
    chat.log_in().await;
    let gateway = chat.bot.run().await;
    let mut questions = chat.say(5).await;
    let last = questions.last().unwrap();
    chat.ann
        .wait_for_reply(&chat.room, last, &chat.bot.user_id)
        .await;
    assert_eq!(gateway.terminate().await, 0);
    let before = chat.bot.device_id();
    chat.bot.account().await.logout().await;
    questions.extend(chat.say(20).await);
    chat.log_in().await;
    assert_ne!(chat.bot.device_id(), before);
    questions.extend(chat.say(5).await);
    let _gateway = chat.bot.run().await;
    chat.expect_answered(&questions).await;
}

/// What was answered since the copy was made has its answer in the room.
#[tokio::test]
async fn an_old_copy_of_the_store_is_refused_and_a_new_device_answers_nothing_twice() {
    let chat = Chat::new().await;
    chat.log_in().await;
    let store = chat.bot.home.path().join("matrix-store");
    let backup = chat.bot.home.user_dir().join("backup");
    let gateway = chat.bot.run().await;
    assert_eq!(gateway.terminate().await, 0);
    copy_store(&store, &backup);

    let gateway = chat.bot.run().await;
    let questions = chat.say(20).await;
    let last = questions.last().unwrap();
    chat.ann
        .wait_for_reply(&chat.room, last, &chat.bot.user_id)
        .await;
    assert_eq!(gateway.terminate().await, 0);
    copy_store(&backup, &store);
    let refused = chat.bot.home.run(&["gateway"], "").await.expect_code(1);
    assert!(refused.stderr.contains("older copy"), "{refused}");
    assert!(refused.stderr.contains("nanobot store reset"), "{refused}");
    chat.bot.reset(&[]).await.expect_code(0);
    let _gateway = chat.bot.run().await;
    chat.expect_answered(&questions).await;
}

/// Whoever is invited again is not answered what was said before.
#[tokio::test]
async fn nothing_before_the_latest_invitation_is_answered() {
    let chat = Chat::new().await;
    chat.log_in().await;
    let gateway = chat.bot.run().await;
    let mut questions = chat.say(1).await;
    chat.ann
        .wait_for_reply(&chat.room, &questions[0], &chat.bot.user_id)
        .await;
    assert_eq!(gateway.terminate().await, 0);
    chat.say(5).await;
    chat.bot.account().await.leave(&chat.room).await;
    chat.say(130).await;
    chat.ann.invite(&chat.room, &chat.bot.user_id).await;
    questions.extend(chat.say(3).await);
    let _gateway = chat.bot.run().await;
    chat.ann
        .wait_for_member(&chat.room, &chat.bot.user_id)
        .await;
    chat.expect_answered(&questions).await;
}

#[tokio::test]
async fn what_a_new_device_cannot_read_is_counted_aloud() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let gateway = bot.run().await;
    let ann = crate::harness::account::person(synapse, "ann").await;
    let room = RoomSpec::direct(&bot.user_id).encrypted();
    let room = ann.create_room(&room).await;
    ann.wait_for_member(&room, &bot.user_id).await;
    let first = ann.send_text(&room, "read by the old device").await;
    ann.wait_for_reply(&room, &first, &bot.user_id).await;
    assert_eq!(gateway.terminate().await, 0);
    // In the same session, whose key the old device has, and in one that it never gets.
    let second = ann.send_text(&room, "its key is taken over").await;
    ann.rotate_session(&room).await;
    ann.send_text(&room, "for the old device alone").await;
    bot.reset(&["--force"]).await.expect_code(0);
    let gateway = bot.run().await;
    ann.wait_for_reply(&room, &second, &bot.user_id).await;
    gateway
        .expect_line("messages from before this device cannot be read", PATIENCE)
        .await;
}
