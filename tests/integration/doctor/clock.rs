//! `clock.*`: the homeserver tells another time.

use std::time::{Duration, SystemTime};

use super::{
    front::{Deed, Front},
    patient::Patient,
};

/// A homeserver whose clock is ahead of ours by this.
async fn ahead(by: Duration) -> Front {
    let date = httpdate::fmt_http_date(SystemTime::now() + by);
    Front::new(move |_| Deed::Label("date", date.clone())).await
}

#[tokio::test]
async fn a_clock_that_is_an_hour_off_is_a_failure() {
    let front = ahead(Duration::from_hours(1)).await;
    let examined = Patient::at(&front.http()).await.examine(&[]).await;
    examined
        .expect(
            "clock.skew",
            "fail",
            "this machine's clock is 60 minutes behind the homeserver's",
        )
        .expect_failed(&["clock.skew"])
        .expect_remedy("clock.skew", "set the clock", &["timedatectl set-ntp true"]);
    assert_eq!(examined.exit_code(), 1);
    let ahead_ms = examined.row("clock.skew")["evidence"]["ahead_ms"].as_i64();
    assert!(ahead_ms.unwrap() < -3_500_000, "{ahead_ms:?}");
}

#[tokio::test]
async fn a_clock_that_is_two_minutes_off_is_a_warning() {
    let front = ahead(Duration::from_mins(2)).await;
    let examined = Patient::at(&front.http()).await.examine(&[]).await;
    examined
        .expect("clock.skew", "warn", "behind the homeserver's")
        .expect_failed(&[]);
    assert_eq!(examined.exit_code(), 0);
}
