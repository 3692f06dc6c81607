//! A homeserver with limits, and one that goes away.

use std::time::{Duration, Instant};

use nanobot::testing::error::Kind;
use nanobot::testing::ipc::TestOutcome;

use super::scene::{Device, LIMIT, assert_passed, failure};
use crate::harness::room::RoomSpec;
use crate::harness::shared::own_synapse;
use crate::harness::synapse::Config;

#[tokio::test]
async fn limits_are_respected_and_a_refused_file_is_told() {
    let synapse = own_synapse(Config {
        default_rate_limits: true,
        max_upload_size: Some(100),
        ..Config::default()
    })
    .await;
    let device = Device::new(&synapse).await;
    // As many messages as may be sent at once, so that the test has to wait for its own.
    let room = device.person.create_room(&RoomSpec::group(&[])).await;
    let exhausted = async {
        for number in 0..50 {
            let path = [
                "v3",
                "rooms",
                &room,
                "send",
                "m.room.message",
                &number.to_string(),
            ];
            let body = serde_json::json!({"msgtype": "m.text", "body": "x"});
            let put = reqwest::Method::PUT;
            if let Err(refused) = device.person.try_call(put, &path, Some(&body)).await {
                return refused.status == 429;
            }
        }
        false
    };
    assert!(exhausted.await);
    let session = device.open().await;
    let limit = Duration::from_mins(1);
    let begun = Instant::now();
    let test = session.self_test(true, limit).await;
    assert_passed(&test.one_time_key);
    assert_passed(&test.round_trip);
    let TestOutcome::Passed { millis, .. } = test.round_trip else {
        panic!("just seen");
    };
    // Waiting for leave to send is not latency.
    assert!(u128::from(millis) * 2 < begun.elapsed().as_millis());
    let (kind, words) = failure(&test.media);
    assert_eq!(kind, Kind::Failure);
    assert!(words.contains("cannot upload a file"), "{words}");
    assert!(words.contains("M_TOO_LARGE"), "{words}");
}

#[tokio::test]
async fn a_homeserver_that_hangs_or_is_gone_ends_the_test() {
    let mut synapse = own_synapse(Config::default()).await;
    let device = Device::new(&synapse).await;
    let limit = Duration::from_secs(2);

    let session = device.open().await;
    synapse.pause();
    let begun = Instant::now();
    let test = session.self_test(true, limit).await;
    assert!(begun.elapsed() < limit * 2, "{:?}", begun.elapsed());
    for outcome in [&test.one_time_key, &test.round_trip, &test.media] {
        let (kind, words) = failure(outcome);
        assert_eq!(kind, Kind::Unreachable);
        assert!(words.contains("2 s for the test"), "{words}");
    }
    synapse.resume();

    synapse.stop().await.unwrap();
    let session = device.open().await;
    let begun = Instant::now();
    let test = session.self_test(true, LIMIT).await;
    assert!(begun.elapsed() < LIMIT / 2, "{:?}", begun.elapsed());
    for outcome in [&test.one_time_key, &test.round_trip, &test.media] {
        assert_eq!(failure(outcome).0, Kind::Unreachable);
    }

    synapse.restart().await.unwrap();
    let session = device.open().await;
    let test = session.self_test(true, LIMIT).await;
    assert_passed(&test.round_trip);
}
