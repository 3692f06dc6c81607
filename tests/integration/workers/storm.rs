//! Deaths without end: each second a worker or the broker is killed, and the gateway's questions are
//! dropped as by its death and asked again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::Mutex;

use super::scene::{Marks, Scene, ask, command, question};
use crate::harness::eventually::PATIENCE;

/// How much is asked, of whom, and for how long somebody dies each second.
struct Storm {
    conversations: usize,
    questions: usize,
    workers: usize,
    agent_takes: f64,
    lasts: Duration,
}

#[tokio::test]
async fn a_short_storm_loses_nothing_and_doubles_nothing() {
    let storm = Storm {
        conversations: 12,
        questions: 3,
        workers: 3,
        agent_takes: 0.5,
        lasts: Duration::from_secs(12),
    };
    storm.rage().await;
}

/// Five minutes; its figures are in docs/scale.md.
#[tokio::test]
#[ignore = "takes six minutes"]
async fn a_long_storm_loses_nothing_and_doubles_nothing() {
    let storm = Storm {
        conversations: 200,
        questions: 2,
        workers: 4,
        agent_takes: 2.0,
        lasts: Duration::from_mins(5),
    };
    storm.rage().await;
}

impl Storm {
    async fn rage(&self) {
        let mut scene = Scene::new().await;
        let marks = Marks::new();
        let agent = command(&format!(
            "q=$(cat); sleep {}; echo x >>{}; echo \"$$ $(printf %s \"$q\" | sed 's/.*\"text\":\"\\([^\"]*\\)\".*/\\1/')\"",
            self.agent_takes,
            marks.path().display()
        ));
        let mut workers = Vec::new();
        let mut gateway = scene.gateway();
        for _ in 0..self.workers {
            workers.push(scene.worker(agent.clone()).await);
        }
        let total = self.conversations * self.questions;
        // What a gateway has written down: the first answer to each.
        let journal: Arc<Mutex<HashMap<String, String>>> = Arc::default();
        let doubled: Arc<Mutex<Vec<String>>> = Arc::default();
        let mut talks = Vec::new();
        let begin = |gateway: &Arc<dyn nanobot::testing::agent::Agent>| {
            let begin = |talk: usize| {
                let (gateway, journal) = (gateway.clone(), journal.clone());
                let (questions, doubled) = (self.questions, doubled.clone());
                tokio::spawn(async move {
                    for number in 0..questions {
                        let id = format!("{talk}-{number}");
                        if journal.lock().await.contains_key(&id) {
                            continue;
                        }
                        let mut asked = question(&id, &id);
                        asked.room.id = format!("cli:{talk}");
                        let answer = ask(&gateway, asked).await.unwrap().unwrap().text;
                        if journal.lock().await.insert(id.clone(), answer).is_some() {
                            doubled.lock().await.push(id);
                        }
                    }
                })
            };
            (0..self.conversations).map(begin).collect::<Vec<_>>()
        };
        talks.extend(begin(&gateway));
        let started = Instant::now();
        let mut deaths = [0; 3];
        for second in 1.. {
            if started.elapsed() > self.lasts {
                break;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            let victim = second % 3;
            deaths[victim] += 1;
            match victim {
                0 => {
                    let worker = &mut workers[second / 3 % self.workers];
                    worker.process.kill().await;
                    worker.restart().await;
                }
                1 => {
                    scene.broker.kill().await;
                    scene.broker.restart().await;
                }
                _ => {
                    talks.drain(..).for_each(|talk| talk.abort());
                    gateway = scene.gateway();
                    talks.extend(begin(&gateway));
                }
            }
        }
        let stormed = started.elapsed();
        for talk in talks {
            let ended = tokio::time::timeout(10 * PATIENCE, talk).await;
            ended.expect("every question is answered").unwrap();
        }
        let journal = journal.lock().await;
        let figures = json!({
            "questions": total, "answered": journal.len(), "worked": marks.lines(),
            "doubled": doubled.lock().await.len(),
            "killed": {"workers": deaths[0], "broker": deaths[1], "gateway": deaths[2]},
            "storm_s": stormed.as_secs(), "all_s": started.elapsed().as_secs(),
        });
        println!("{figures}");
        assert_eq!(journal.len(), total);
        assert!(doubled.lock().await.is_empty());
        for (id, answer) in journal.iter() {
            assert!(answer.ends_with(&format!(" {id}")), "{id}: {answer}");
            // The broker still has the same.
            if id.ends_with("-0") {
                let again = ask(&gateway, question(id, id)).await.unwrap().unwrap();
                assert_eq!(&again.text, answer);
            }
        }
        assert!(deaths.iter().all(|count| *count > 0));
    }
}
