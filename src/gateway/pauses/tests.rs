//! Pauses of every kind, and what goes on beside them.

use super::*;
use crate::ipc::Refusal;

fn limit(seconds: u64) -> RoomFailure {
    let after = Some(Duration::from_secs(seconds));
    RoomFailure::Later(Error::failure("429").because(Restraint::RateLimit { after }))
}

fn refusal() -> RoomFailure {
    let refusal = Refusal {
        errcode: "M_CONSENT_NOT_GIVEN".to_owned(),
        message: "agree first".to_owned(),
        link: Some("https://example.org/consent".to_owned()),
        ..Refusal::default()
    };
    RoomFailure::Later(Error::failure("403").because(Restraint::Account(refusal)))
}

async fn fails(pauses: &Pauses, endpoint: Endpoint, failure: RoomFailure) {
    let outcome = pauses.attempt(endpoint, async { Err::<(), _>(failure) });
    assert!(matches!(outcome.await, Some(Err(_))));
}

async fn passes(pauses: &Pauses, endpoint: Endpoint) -> bool {
    let outcome = pauses.attempt(endpoint, async { Ok::<_, RoomFailure>(()) });
    outcome.await.is_some()
}

/// How long this endpoint still waits, in seconds.
fn left(pauses: &Pauses, endpoint: Endpoint) -> f64 {
    let until = until(&lock(&pauses.0.state), endpoint).unwrap();
    (until - Instant::now()).as_secs_f64()
}

/// As if this much time had passed.
fn pass_time(pauses: &Pauses, time: Duration) {
    for paused in lock(&pauses.0.state).values_mut() {
        paused.until -= time;
        paused.began -= time;
    }
}

#[tokio::test]
async fn a_limit_pauses_its_endpoint_as_long_as_it_asks() {
    let pauses = Pauses::default();
    fails(&pauses, Endpoint::Send, limit(60)).await;
    assert!(!passes(&pauses, Endpoint::Send).await);
    let left = left(&pauses, Endpoint::Send);
    assert!((59.0..76.0).contains(&left), "{left}");
    for other in [
        Endpoint::Sync,
        Endpoint::Typing,
        Endpoint::Receipts,
        Endpoint::Upload,
    ] {
        assert!(passes(&pauses, other).await, "{other:?}");
    }
    let [pause] = &pauses.all()[..] else {
        panic!("{pauses:?}");
    };
    assert_eq!((&*pause.of, &pause.refusal), ("sending", &None));
    assert!(pause.until > pause.since + 59_000, "{pause:?}");
    pass_time(&pauses, Duration::from_secs(80));
    assert!(passes(&pauses, Endpoint::Send).await);
    assert!(pauses.all().is_empty());
}

#[tokio::test]
async fn no_pause_is_longer_than_ten_minutes() {
    let pauses = Pauses::default();
    fails(&pauses, Endpoint::Send, limit(86_400)).await;
    assert!(left(&pauses, Endpoint::Send) <= 600.0);
    let mut longest = 0.0_f64;
    let pauses = Pauses::default();
    for _ in 0..20 {
        fails(&pauses, Endpoint::Send, refusal()).await;
        longest = longest.max(left(&pauses, Endpoint::Send));
        pass_time(&pauses, Duration::from_mins(11));
    }
    assert!((590.0..=600.0).contains(&longest), "{longest}");
}

#[tokio::test]
async fn what_is_of_the_account_pauses_all_but_the_sync() {
    let pauses = Pauses::default();
    fails(&pauses, Endpoint::Send, refusal()).await;
    for paused in [
        Endpoint::Send,
        Endpoint::Typing,
        Endpoint::Receipts,
        Endpoint::Upload,
    ] {
        assert!(!passes(&pauses, paused).await, "{paused:?}");
        assert!(pauses.is_paused(paused));
    }
    assert!(passes(&pauses, Endpoint::Sync).await);
    let told = pauses.all()[0].refusal.clone().unwrap();
    assert_eq!(told.errcode, "M_CONSENT_NOT_GIVEN");
    assert_eq!(told.message, "agree first");
    assert_eq!(told.link.as_deref(), Some("https://example.org/consent"));
}

#[tokio::test]
async fn one_request_tries_whether_a_pause_is_over() {
    let pauses = Pauses::default();
    fails(&pauses, Endpoint::Send, refusal()).await;
    let first = left(&pauses, Endpoint::Send);
    pass_time(&pauses, Duration::from_secs(5));
    let trial = pauses.enter(Endpoint::Send).unwrap();
    for other in [Endpoint::Send, Endpoint::Typing] {
        assert!(!passes(&pauses, other).await, "{other:?} beside the trial");
    }
    pauses.begin(Endpoint::Send, &refusal().restraint().unwrap().clone());
    drop(trial);
    let second = left(&pauses, Endpoint::Send);
    assert!(second > first && second < first * 3.0, "{first} {second}");
    pass_time(&pauses, Duration::from_secs(10));
    // A trial that shows nothing leaves it to the next.
    fails(
        &pauses,
        Endpoint::Send,
        RoomFailure::Doubtful(Error::failure("502")),
    )
    .await;
    assert!(passes(&pauses, Endpoint::Send).await);
    assert!(passes(&pauses, Endpoint::Typing).await);
}

#[tokio::test]
async fn a_trial_that_is_given_up_leaves_it_to_the_next() {
    let pauses = Pauses::default();
    fails(&pauses, Endpoint::Send, refusal()).await;
    pass_time(&pauses, Duration::from_secs(5));
    let pending = std::future::pending::<Result<(), RoomFailure>>();
    let trial = pauses.attempt(Endpoint::Send, pending);
    assert!(futures_util::FutureExt::now_or_never(trial).is_none());
    assert!(passes(&pauses, Endpoint::Send).await);
}

#[tokio::test]
async fn many_refusals_at_once_are_one() {
    let pauses = Pauses::default();
    let began = Instant::now();
    for _ in 0..16 {
        pauses.begin(Endpoint::Send, &refusal().restraint().unwrap().clone());
    }
    assert!(left(&pauses, Endpoint::Send) < 3.0);
    // What was taken before says nothing either.
    pauses.succeeded(Endpoint::Send, began);
    assert!(pauses.is_paused(Endpoint::Send));
}

#[tokio::test]
async fn whoever_waits_goes_on_when_the_trial_succeeds() {
    let pauses = Pauses::default();
    fails(&pauses, Endpoint::Send, refusal()).await;
    pass_time(&pauses, Duration::from_secs(5));
    let trial = pauses.enter(Endpoint::Send).unwrap();
    let waiting = pauses.clone();
    let waiting = tokio::spawn(async move { waiting.over(Endpoint::Receipts).await });
    tokio::task::yield_now().await;
    pauses.succeeded(Endpoint::Send, Instant::now());
    drop(trial);
    let over = tokio::time::timeout(Duration::from_secs(20), waiting).await;
    over.unwrap().unwrap();
}

#[tokio::test]
async fn a_patient_request_is_made_again() {
    let pauses = Pauses::default();
    let mut limits = vec![limit(0)];
    let outcome = pauses.patiently(Endpoint::Upload, || {
        let limit = limits.pop();
        async { limit.map_or(Ok(5), Err) }
    });
    assert!(matches!(outcome.await, Ok(5)));
}
