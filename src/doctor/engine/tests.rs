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

fn subject() -> Arc<Subject> {
    Arc::new(Subject {
        paths: Paths::of("/nowhere/config.json".into()),
        environment: |_| None,
        variables: Vec::new(),
        live: false,
        patience: LONG,
    })
}

async fn run(probes: &[Probe], each: Duration) -> (Facts, BTreeMap<&'static str, Ending>) {
    let patience = Patience { each, all: LONG };
    gather(probes, subject(), false, patience).await
}

/// A question that is answered at once.
fn answered() -> Option<Work> {
    ask(std::future::ready(()), |facts, ()| {
        facts.one_time_keys = Some(Ok(50));
    })
}

const ANSWERED: Probe = Probe::local("answered", &[], |_, _| answered());

fn is_answered(endings: &BTreeMap<&'static str, Ending>, name: &str) -> bool {
    matches!(endings[name], Ending::Answered(_))
}

#[tokio::test]
async fn an_answer_is_written_into_the_facts() {
    let (facts, endings) = run(&[ANSWERED], LONG).await;
    assert!(matches!(facts.one_time_keys, Some(Ok(50))));
    assert!(is_answered(&endings, "answered"));
}

#[tokio::test]
async fn questions_are_asked_at_the_same_time() {
    // Nobody passes before all three are there.
    static ALL: LazyLock<Barrier> = LazyLock::new(|| Barrier::new(3));
    let meeting = |name| Probe::online(name, &[], |_, _| ask(ALL.wait(), |_, _| {}));
    let (_, endings) = run(&[meeting("a"), meeting("b"), meeting("c")], LONG).await;
    assert!(endings.keys().all(|name| is_answered(&endings, name)));
}

#[tokio::test]
async fn questions_that_keep_their_threads_are_too() {
    static BOTH: LazyLock<ThreadBarrier> = LazyLock::new(|| ThreadBarrier::new(2));
    let meeting = |name| Probe::local(name, &[], |_, _| ask_blocking(|| BOTH.wait(), |_, _| {}));
    let (_, endings) = run(&[meeting("a"), meeting("b")], LONG).await;
    assert!(endings.keys().all(|name| is_answered(&endings, name)));
}

#[tokio::test]
async fn a_panic_is_an_ending_like_others() {
    let probes = [
        ANSWERED,
        Probe::local("async", &[], |_, _| {
            ask(async { panic!("at {}", "work") }, |_, ()| {})
        }),
        Probe::local("blocking", &[], |_, _| {
            ask_blocking(|| panic!("on a thread"), |_, ()| {})
        }),
        Probe::local("starting", &[], |_, _| panic!("before\u{1b}[31m it began")),
        Probe::local("writing", &[], |_, _| {
            ask(std::future::ready(()), |_, ()| std::panic::panic_any(7))
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
    assert_eq!(endings["writing"], panicked("it did not say what happened"));
    assert_eq!(endings["after"], Ending::Bereft);
    assert_eq!(endings["after it"], Ending::Bereft);
    assert!(is_answered(&endings, "answered"));
    assert!(facts.one_time_keys.is_some());
}

#[tokio::test]
async fn what_hangs_is_left_at_its_deadline() {
    static RELEASE: Mutex<Option<mpsc::Receiver<()>>> = Mutex::new(None);
    let (release, released) = mpsc::channel();
    *RELEASE.lock().unwrap() = Some(released);
    let probes = [
        ANSWERED,
        Probe::online("async", &[], |_, _| ask(std::future::pending(), |_, ()| {})),
        Probe::local("blocking", &[], |_, _| {
            let released = RELEASE.lock().unwrap().take().unwrap();
            ask_blocking(move || released.recv(), |_, _| {})
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
    assert_eq!(endings["after"], Ending::Bereft);
    assert!(is_answered(&endings, "answered"));
    assert!(is_answered(&endings, "later"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_never_gives_its_thread_back_is_left_too() {
    static RELEASE: Mutex<Option<mpsc::Receiver<()>>> = Mutex::new(None);
    let (release, released) = mpsc::channel();
    *RELEASE.lock().unwrap() = Some(released);
    let probes = [
        ANSWERED,
        Probe::local("stuck", &[], |_, _| {
            let released = RELEASE.lock().unwrap().take().unwrap();
            ask(async move { released.recv() }, |_, _| {})
        }),
        Probe::local("after", &["stuck"], |_, _| answered()),
    ];
    let patience = Patience {
        each: SHORT,
        all: SHORT,
    };
    let (_, endings) = gather(&probes, subject(), false, patience).await;
    release.send(()).unwrap();
    assert!(matches!(endings["stuck"], Ending::TimedOut(_)));
    assert_eq!(endings["after"], Ending::Bereft);
    assert!(is_answered(&endings, "answered"));
}

#[tokio::test]
async fn who_comes_too_late_is_not_asked() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let probes = [
        Probe::local("slow", &[], |_, _| ask(std::future::pending(), |_, ()| {})),
        Probe::local("late", &["slow"], |_, _| {
            ask(
                async {
                    ASKED.fetch_add(1, Ordering::Relaxed);
                },
                |_, ()| {},
            )
        }),
    ];
    let patience = Patience {
        each: SHORT,
        all: SHORT,
    };
    let (_, endings) = gather(&probes, subject(), false, patience).await;
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
    let patience = Patience {
        each: LONG,
        all: LONG,
    };
    let (_, endings) = gather(&probes, subject(), true, patience).await;
    assert_eq!(*ASKED.lock().unwrap(), ["local", "after it"]);
    assert_eq!(endings["online"], Ending::Offline);
    assert_eq!(endings["behind it"], Ending::Offline);
    assert!(is_answered(&endings, "after it"));
}

#[tokio::test]
async fn what_is_needed_is_asked_before() {
    static ASKED: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    fn note(name: &'static str) -> Option<Work> {
        ask(std::future::ready(name), |_, name| {
            ASKED.lock().unwrap().push(name);
        })
    }
    let probes = [
        Probe::local("last", &["second", "first"], |_, _| note("last")),
        Probe::local("second", &["first"], |_, _| note("second")),
        Probe::local("first", &[], |_, _| note("first")),
    ];
    run(&probes, LONG).await;
    assert_eq!(*ASKED.lock().unwrap(), ["first", "second", "last"]);
}
