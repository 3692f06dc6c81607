use std::sync::{
    Barrier as ThreadBarrier, LazyLock, Mutex,
    atomic::{AtomicUsize, Ordering},
    mpsc,
};

use tokio::sync::Barrier;

use super::*;
use crate::config::Paths;

/// Longer than any answer takes, and what a test that is wrong waits.
const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(200);

fn context() -> Context {
    Context {
        paths: Paths::of("/nowhere/config.json".into()),
        environment: |_| None,
        variables: Vec::new(),
        live: false,
        timeout: LONG,
    }
}

fn limits(each: Duration, all: Duration) -> Limits {
    Limits {
        each,
        all,
        offline: false,
    }
}

async fn run(probes: &[Probe], each: Duration) -> (Facts, Endings) {
    gather(probes, context(), limits(each, LONG)).await
}

/// A question that is answered at once.
fn answered() -> Option<Work> {
    asked(std::future::ready(()))
}

/// A question of which only matters that it is asked.
fn asked<T>(question: impl Future<Output = T> + Send + 'static) -> Option<Work> {
    ask(|facts| &mut facts.one_time_keys, async {
        question.await;
        Ok(50)
    })
}

/// The same on a thread of its own.
fn asked_blocking<T>(question: impl FnOnce() -> T + Send + 'static) -> Option<Work> {
    ask_blocking(
        |facts| &mut facts.one_time_keys,
        || {
            question();
            Ok(50)
        },
    )
}

/// A probe of it.
fn easy() -> Probe {
    Probe::local("answered", &[], |_, _| answered())
}

fn is_answered(endings: &Endings, name: &str) -> bool {
    matches!(endings[name], Ending::Answered(_))
}

#[tokio::test]
async fn an_answer_is_written_into_the_facts() {
    let (facts, endings) = run(&[easy()], LONG).await;
    assert!(matches!(facts.one_time_keys, Some(Ok(50))));
    assert!(is_answered(&endings, "answered"));
}

#[tokio::test]
async fn questions_are_asked_at_the_same_time() {
    // Nobody passes before all three are there.
    static ALL: LazyLock<Barrier> = LazyLock::new(|| Barrier::new(3));
    let meeting = |name| Probe::online(name, &[], |_, _| asked(ALL.wait()));
    let (_, endings) = run(&[meeting("a"), meeting("b"), meeting("c")], LONG).await;
    assert!(endings.keys().all(|name| is_answered(&endings, name)));
}

#[tokio::test]
async fn questions_that_keep_their_threads_are_too() {
    static BOTH: LazyLock<ThreadBarrier> = LazyLock::new(|| ThreadBarrier::new(2));
    let meeting = |name| Probe::local(name, &[], |_, _| asked_blocking(|| BOTH.wait()));
    let (_, endings) = run(&[meeting("a"), meeting("b")], LONG).await;
    assert!(endings.keys().all(|name| is_answered(&endings, name)));
}

#[tokio::test]
async fn a_panic_is_an_ending_like_others() {
    let probes = [
        easy(),
        Probe::local("async", &[], |_, _| {
            asked(async { panic!("at {}", "work") })
        }),
        Probe::local("blocking", &[], |_, _| {
            asked_blocking(|| panic!("on a thread"))
        }),
        Probe::local("starting", &[], |_, _| panic!("before\u{1b}[31m it began")),
        Probe::local("writing", &[], |_, _| {
            let slot: Slot<bool> = |_| std::panic::panic_any(7);
            ask(slot, std::future::ready(true))
        }),
        Probe::local("after", &["async"], |_, facts| {
            facts.flows.as_ref()?;
            answered()
        }),
        Probe::local("after it", &["after"], |_, facts| {
            facts.flows.as_ref()?;
            answered()
        }),
    ];
    let (facts, endings) = run(&probes, LONG).await;
    let panicked = |words: &str| Ending::Panicked(words.to_owned());
    assert_eq!(endings["async"], panicked("at work"));
    assert_eq!(endings["blocking"], panicked("on a thread"));
    assert_eq!(endings["starting"], panicked("before [31m it began"));
    assert_eq!(endings["writing"], panicked("it does not say why"));
    assert_eq!(endings["after"], Ending::Blocked);
    assert_eq!(endings["after it"], Ending::Blocked);
    assert!(is_answered(&endings, "answered"));
    assert!(facts.one_time_keys.is_some());
}

#[tokio::test]
async fn what_hangs_is_left_at_its_deadline() {
    static RELEASE: Mutex<Option<mpsc::Receiver<()>>> = Mutex::new(None);
    let (release, released) = mpsc::channel();
    *RELEASE.lock().unwrap() = Some(released);
    let probes = [
        easy(),
        Probe::online("async", &[], |_, _| asked(std::future::pending::<()>())),
        Probe::local("blocking", &[], |_, _| {
            let released = RELEASE.lock().unwrap().take().unwrap();
            asked_blocking(move || released.recv())
        }),
        Probe::online("after", &["async"], |_, facts| {
            facts.flows.as_ref()?;
            answered()
        }),
        // Its answer does not depend on the one that is missing.
        Probe::online("later", &["async"], |_, _| answered()),
    ];
    let (_, endings) = run(&probes, SHORT).await;
    // A thread cannot be ended: the test's own would be waited for.
    release.send(()).unwrap();
    assert_eq!(endings["async"], Ending::TimedOut(SHORT));
    assert_eq!(endings["blocking"], Ending::TimedOut(SHORT));
    assert_eq!(endings["after"], Ending::Blocked);
    assert!(is_answered(&endings, "answered"));
    assert!(is_answered(&endings, "later"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_never_gives_its_thread_back_is_left_too() {
    static RELEASE: Mutex<Option<mpsc::Receiver<()>>> = Mutex::new(None);
    let (release, released) = mpsc::channel();
    *RELEASE.lock().unwrap() = Some(released);
    let probes = [
        easy(),
        Probe::local("stuck", &[], |_, _| {
            let released = RELEASE.lock().unwrap().take().unwrap();
            asked(async move { released.recv() })
        }),
        Probe::local("after", &["stuck"], |_, _| answered()),
    ];
    let (_, endings) = gather(&probes, context(), limits(SHORT, SHORT)).await;
    release.send(()).unwrap();
    assert!(matches!(endings["stuck"], Ending::TimedOut(_)));
    assert_eq!(endings["after"], Ending::Blocked);
    assert!(is_answered(&endings, "answered"));
}

#[tokio::test]
async fn who_comes_too_late_is_not_asked() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let probes = [
        Probe::local("slow", &[], |_, _| asked(std::future::pending::<()>())),
        Probe::local("late", &["slow"], |_, _| {
            asked(async { ASKED.fetch_add(1, Ordering::Relaxed) })
        }),
    ];
    let (_, endings) = gather(&probes, context(), limits(SHORT, SHORT)).await;
    assert_eq!(endings["late"], Ending::TimedOut(Duration::ZERO));
    assert_eq!(ASKED.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn offline_nobody_on_the_network_is_asked() {
    static ASKED: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    let probes = [
        Probe::local("local", &[], |_, _| {
            ASKED.lock().unwrap().push("local");
            answered()
        }),
        Probe::online("online", &[], |_, _| {
            ASKED.lock().unwrap().push("online");
            answered()
        }),
        Probe::online("behind it", &["local"], |_, _| {
            ASKED.lock().unwrap().push("behind it");
            answered()
        }),
        Probe::local("after it", &["online"], |_, _| {
            ASKED.lock().unwrap().push("after it");
            answered()
        }),
    ];
    let limits = Limits {
        offline: true,
        ..limits(LONG, LONG)
    };
    let (_, endings) = gather(&probes, context(), limits).await;
    assert_eq!(*ASKED.lock().unwrap(), ["local", "after it"]);
    assert_eq!(endings["online"], Ending::Offline);
    assert_eq!(endings["behind it"], Ending::Offline);
    assert!(is_answered(&endings, "after it"));
}

#[tokio::test]
async fn what_is_needed_is_asked_before() {
    static ASKED: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    fn note(name: &'static str) -> Option<Work> {
        asked(async move { ASKED.lock().unwrap().push(name) })
    }
    let probes = [
        Probe::local("last", &["second", "first"], |_, _| note("last")),
        Probe::local("second", &["first"], |_, _| note("second")),
        Probe::local("first", &[], |_, _| note("first")),
    ];
    run(&probes, LONG).await;
    assert_eq!(*ASKED.lock().unwrap(), ["first", "second", "last"]);
}
