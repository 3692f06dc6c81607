//! Deaths without end: each second a worker, the broker or the gateway is killed, or a worker's cable
//! pulled, while somebody asks.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::scene::{Marks, Scene, Worker, command};
use crate::harness::account::{Bot, LONG, person};
use crate::harness::bot::Gateway;
use crate::harness::entry::{Entry, Wanted};
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::machine::Machine;
use crate::harness::message::in_thread;
use crate::harness::person::Person;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

/// How much is asked, of whom, and for how long somebody dies each second.
struct Storm {
    /// Threads of an encrypted room. Each is asked two questions at once, and two more later.
    conversations: usize,
    workers: usize,
    agent_takes: f64,
    lasts: Duration,
}

#[tokio::test]
async fn a_short_storm_loses_nothing_and_doubles_nothing() {
    let storm = Storm {
        conversations: 6,
        workers: 2,
        agent_takes: 0.5,
        lasts: Duration::from_secs(12),
    };
    storm.rage().await;
}

/// Five minutes; its figures are in docs/scale.md.
#[tokio::test]
#[ignore = "takes ten minutes"]
async fn a_long_storm_loses_nothing_and_doubles_nothing() {
    let storm = Storm {
        conversations: 200,
        workers: 4,
        agent_takes: 2.0,
        lasts: Duration::from_mins(5),
    };
    storm.rage().await;
}

/// Who is out in it.
struct Stage {
    scene: Scene,
    bot: Bot,
    gateway: Gateway,
    workers: Vec<Worker>,
    marks: Marks,
}

/// How often each of them was hit.
#[derive(Debug, Default, serde::Serialize)]
struct Hits {
    workers: usize,
    broker: usize,
    gateway: usize,
    cables: usize,
}

impl Storm {
    async fn rage(&self) {
        let synapse = shared_synapse().await;
        let mut stage = self.stage(Bot::new(synapse).await).await;
        let ann = person(synapse, "ann").await;
        let bot = stage.bot.user_id.clone();
        let room = ann.create_room(&RoomSpec::direct(&bot).encrypted()).await;
        ann.wait_for_member(&room, &bot).await;
        let mut threads = Vec::new();
        for talk in 0..self.conversations {
            // What is no question.
            let notice = json!({"msgtype": "m.notice", "body": talk.to_string()});
            threads.push(ann.send(&room, "m.room.message", notice).await);
        }

        let began = Instant::now();
        let (asked, hits) = tokio::join!(self.ask(&ann, &room, &threads), self.strike(&mut stage));
        let stormed = began.elapsed();
        let answers = answers(&ann, &room, &stage, 4 * self.conversations).await;
        let took = began.elapsed();
        stage.expect_rest().await;
        let late = ann.send_text(&room, "after the storm").await;
        ann.wait_for_reply(&room, &late, &bot).await;
        let figures = json!({
            "questions": 4 * self.conversations, "answers": answers.len(),
            "worked": stage.marks.lines(), "hits": hits,
            "storm_s": stormed.as_secs(), "all_s": took.as_secs(),
        });
        println!("{figures}");

        let timeline = ann.timeline(&room).await;
        let of_bot = |entry: &&Entry| entry.sender == bot && entry.msgtype.is_some();
        let said: Vec<_> = timeline.iter().filter(of_bot).collect();
        assert_eq!(said.len(), 4 * self.conversations + 1, "one answer to each");
        for (talk, (root, questions)) in threads.iter().zip(&asked).enumerate() {
            let here = said.iter().filter(|entry| is_in(entry, root));
            let (answered, bodies): (Vec<_>, Vec<_>) = here
                .map(|entry| (entry.in_reply_to.clone(), entry.body.clone()))
                .unzip();
            let wanted: Vec<_> = questions.iter().cloned().map(Some).collect();
            assert_eq!(answered, wanted, "in order, in conversation {talk}");
            for (number, body) in bodies.into_iter().enumerate() {
                assert_eq!(body.unwrap(), format!("answer {talk}-{number}"));
            }
        }
    }

    async fn stage(&self, bot: Bot) -> Stage {
        let mut scene = Scene::new().await;
        let machines: Vec<_> = (0..self.workers).map(|_| Machine::new()).collect();
        if machines.iter().any(Option::is_some) {
            scene.broker.kill().await;
            scene.broker.host = std::net::Ipv4Addr::UNSPECIFIED;
            scene.broker.restart().await;
        }
        bot.set(
            "agent",
            json!({
                "type": "nats", "servers": [scene.broker.address()], "workerTimeoutSeconds": 5,
            }),
        );
        let gateway = bot.run().await;
        let marks = Marks::new();
        let agent = command(&format!(
            "q=$(cat); sleep {}; echo x >>{}; \
             printf %s \"$q\" | sed 's/.*\"text\":\"\\([^\"]*\\)\".*/answer \\1/'",
            self.agent_takes,
            marks.path().display()
        ));
        let begin = |machine| scene.place_worker(agent.clone(), &json!({}), machine);
        let workers: Vec<_> = machines.into_iter().map(begin).collect();
        for worker in &workers {
            worker.process.expect_line("is ready", PATIENCE).await;
        }
        Stage {
            scene,
            bot,
            gateway,
            workers,
            marks,
        }
    }

    /// Asks; the questions of each thread.
    async fn ask(&self, ann: &Person, room: &str, threads: &[String]) -> Vec<Vec<String>> {
        let mut asked = vec![Vec::new(); threads.len()];
        for is_late in [false, true] {
            for (talk, root) in threads.iter().enumerate() {
                for _ in 0..2 {
                    let text = format!("{talk}-{}", asked[talk].len());
                    let question = in_thread(root, root, &text);
                    asked[talk].push(ann.send(room, "m.room.message", question).await);
                }
                if is_late {
                    // Until the storm is almost over.
                    sleep(self.lasts.mul_f64(0.7) / u32::try_from(threads.len()).unwrap()).await;
                }
            }
        }
        asked
    }

    /// Hits somebody each second.
    async fn strike(&self, stage: &mut Stage) -> Hits {
        let began = Instant::now();
        let mut seconds = interval(Duration::from_secs(1));
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        seconds.tick().await;
        let mut hits = Hits::default();
        let mut cut = None;
        while began.elapsed() < self.lasts {
            seconds.tick().await;
            let [what, which] = chance();
            let which = usize::from(which) % self.workers;
            match what % 4 {
                0 => {
                    hits.workers += 1;
                    stage.workers[which].process.kill().await;
                    stage.workers[which].restart();
                }
                1 => {
                    hits.broker += 1;
                    stage.scene.broker.kill().await;
                    stage.scene.broker.restart().await;
                }
                2 => {
                    hits.gateway += 1;
                    stage.gateway.kill().await;
                    stage.gateway = Gateway::start(&stage.bot.home, &[]);
                }
                _ => {
                    // One at a time, until the next is cut.
                    stage.plug(cut.take(), true);
                    cut = Some(which);
                    hits.cables += usize::from(stage.plug(cut, false));
                }
            }
        }
        stage.plug(cut, true);
        hits
    }
}

impl Stage {
    /// Pulls or plugs in the cable of a worker, if it has one.
    fn plug(&self, which: Option<usize>, is_in: bool) -> bool {
        let machine = which.and_then(|which| self.workers[which].machine.as_ref());
        machine
            .inspect(|machine| machine.plug(is_in).unwrap())
            .is_some()
    }

    /// Waits until nothing is to be done any more.
    async fn expect_rest(&self) {
        eventually("rest", PATIENCE, || async {
            let told = self.bot.home.run(&["status", "--json"], "").await;
            let status: Value = serde_json::from_str(&told.stdout).unwrap();
            let queue = &status["workers"]["queue"];
            let is_empty = queue["waiting"] == 0 && queue["in_progress"] == 0;
            is_empty.then_some(()).ok_or(told.stdout)
        })
        .await;
    }
}

/// Waits for so many answers.
async fn answers(ann: &Person, room: &str, stage: &Stage, count: usize) -> Vec<Entry> {
    let wanted = Wanted {
        sender: Some(&stage.bot.user_id),
        msgtype: Some("m.text"),
        ..Wanted::default()
    };
    let waiting = ann.wait_for_many(room, &wanted, count, 2 * LONG);
    if let Ok(answers) = timeout(LONG, waiting).await {
        return answers;
    }
    let status = stage.bot.home.run(&["status"], "").await;
    let workers = stage.workers.iter();
    let workers: Vec<_> = workers.map(|worker| worker.process.stderr()).collect();
    panic!(
        "not all are answered\n{}\n{}\n{}",
        status.stdout,
        stage.gateway.stderr(),
        workers.join("\n---\n")
    );
}

fn is_in(entry: &Entry, root: &str) -> bool {
    entry.content["m.relates_to"]["event_id"] == root
}

fn chance() -> [u8; 2] {
    let mut bytes = [0; 2];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}
