use super::*;
use crate::doctor::{
    check::{Judgement, Status, Verdict},
    facts::Facts,
    probe::{Work, ask},
};
use crate::error::Kind;

fn check(
    id: &'static str,
    probe: &'static str,
    needs: &'static [&'static str],
    judge: fn(&Facts) -> Judgement,
) -> Check {
    Check::new(id, probe, needs).judge(judge)
}

#[expect(clippy::unnecessary_wraps, reason = "a judgement of the table")]
fn well(_: &Facts) -> Judgement {
    Ok(Verdict::pass("well"))
}

/// A server, a token that needs it, keys that need the token; and two files beside.
fn checks() -> [Check; 6] {
    [
        check("file.there", "file", &[], well),
        check("server.there", "server", &[], |_| {
            Ok(Verdict::fail("gone").kind(Kind::Unreachable))
        }),
        check("token.valid", "token", &["server.there"], well),
        check(
            "token.fresh",
            "token",
            &["server.there", "file.there"],
            well,
        ),
        check("keys.there", "keys", &["token.valid"], well),
        check("keys.ours", "keys", &["keys.there", "file.there"], well),
    ]
}

fn answered() -> Option<Work> {
    asked(async {})
}

/// A question of which only matters that it is asked.
fn asked(question: impl Future<Output = ()> + Send + 'static) -> Option<Work> {
    ask(|facts| &mut facts.one_time_keys, async {
        question.await;
        Ok(50)
    })
}

fn probes() -> [Probe; 4] {
    [
        Probe::local("file", &[], |_, _| answered()),
        Probe::online("server", &[], |_, _| answered()),
        Probe::online("token", &["server"], |_, _| None),
        Probe::online("keys", &["token"], |_, _| None),
    ]
}

fn examination(only: &[&str]) -> Examination {
    Examination {
        selection: Selection {
            only: only.iter().map(ToString::to_string).collect(),
            skip: Vec::new(),
        },
        limit: Duration::from_millis(500),
        ..Examination::new(Paths::of("/nowhere/config.json".into()), false)
    }
}

async fn examine(examination: &Examination, checks: &[Check], probes: &[Probe]) -> Report {
    let checks: Vec<_> = checks.iter().collect();
    examination.run_over(&checks, probes).await
}

/// Each row as `id status because`.
fn told(report: &Report) -> Vec<String> {
    let rows = report.checks.iter();
    rows.map(|row| {
        let status = format!("{:?}", row.status).to_lowercase();
        let words = format!("{} {status} {}", row.id, row.because.join(","));
        words.trim_end().to_owned()
    })
    .collect()
}

#[tokio::test]
async fn a_dead_server_is_one_failure_and_a_row_of_skips() {
    let report = examine(&examination(&[]), &checks(), &probes()).await;
    let expected = [
        "file.there pass",
        "server.there fail",
        "token.valid skip server.there",
        "token.fresh skip server.there",
        "keys.there skip server.there",
        "keys.ours skip server.there",
        "doctor.complete pass",
    ];
    assert_eq!(told(&report), expected);
    assert_eq!(report.exit_code, 69);
    assert!(report.awaited().is_some());
}

#[tokio::test]
async fn the_root_is_told_and_decides_where_it_was_not_asked_for() {
    for only in [&["keys"][..], &["keys.there", "keys.ours"]] {
        let report = examine(&examination(only), &checks(), &probes()).await;
        let expected = [
            "server.there fail",
            "keys.there skip server.there",
            "keys.ours skip server.there",
        ];
        assert_eq!(told(&report), expected);
        assert_eq!(report.exit_code, 69);
    }
    // What passes and was not asked for is not told.
    let report = examine(&examination(&["file"]), &checks(), &probes()).await;
    assert_eq!(told(&report), ["file.there pass"]);
    assert_eq!(report.exit_code, 0);
}

#[tokio::test]
async fn a_question_that_panics_is_one_failure_too() {
    let mut probes = probes();
    probes[1] = Probe::online("server", &[], |_, _| asked(async { panic!("oh") }));
    let report = examine(&examination(&[]), &checks(), &probes).await;
    let expected = [
        "file.there pass",
        "server.there skip doctor.complete",
        "token.valid skip doctor.complete",
        "token.fresh skip doctor.complete",
        "keys.there skip doctor.complete",
        "keys.ours skip doctor.complete",
        "doctor.complete fail",
    ];
    assert_eq!(told(&report), expected);
    let report = examine(&examination(&["keys"]), &checks(), &probes).await;
    let expected = [
        "keys.there skip doctor.complete",
        "keys.ours skip doctor.complete",
        "doctor.complete fail",
    ];
    assert_eq!(told(&report), expected);
    assert_eq!(report.exit_code, 1);
    assert!(report.awaited().is_none());
    let detail = &report.checks[2].detail;
    assert_eq!(detail, "server: a bug in nanobot: oh");
}

#[tokio::test]
async fn a_question_without_an_answer_is_named_and_may_recover() {
    let checks = [
        check("token.valid", "token", &[], well),
        check("keys.there", "keys", &[], well),
    ];
    let mut probes = probes();
    probes[2] = Probe::online("token", &["server"], |_, _| asked(std::future::pending()));
    let report = examine(&examination(&[]), &checks, &probes).await;
    let expected = [
        "token.valid skip doctor.complete",
        "keys.there skip doctor.complete",
    ];
    assert_eq!(told(&report)[..2], expected);
    assert_eq!(report.exit_code, 69);
    assert!(report.awaited().is_some());
    let detail = &report.checks[2].detail;
    assert_eq!(detail, "token: no answer within 0.5 s");

    // A question on this machine is no matter of the homeserver.
    probes[2].online = false;
    let report = examine(&examination(&[]), &checks, &probes).await;
    assert_eq!(report.exit_code, 1);
}

#[tokio::test]
async fn a_judgement_that_panics_is_a_failure_of_its_check() {
    let checks = [
        check("file.there", "file", &[], |_| panic!("oh")),
        check("file.whole", "file", &["file.there"], well),
    ];
    let report = examine(&examination(&[]), &checks, &probes()).await;
    assert_eq!(
        told(&report)[..2],
        ["file.there fail", "file.whole skip file.there"]
    );
    assert_eq!(report.exit_code, 1);
    assert_eq!(report.checks[0].detail, "a bug in nanobot: oh");
}

#[tokio::test]
async fn offline_the_rest_is_told() {
    let examination = Examination {
        offline: true,
        ..examination(&[])
    };
    let report = examine(&examination, &checks(), &probes()).await;
    assert_eq!(report.exit_code, 0);
    let rows = &report.checks;
    assert_eq!(rows[0].status, Status::Pass);
    assert!(rows[1..6].iter().all(|row| row.status == Status::Skip));
    assert!(
        rows[1..6]
            .iter()
            .all(|row| row.detail.contains("--offline"))
    );
}

#[test]
fn the_tables_fit_together() {
    let probes = probes::all();
    let mut ended: Vec<&str> = Vec::new();
    while ended.len() < probes.len() {
        let is_ready = |probe: &&Probe| {
            let is_new = !ended.contains(&probe.name);
            is_new && probe.needs.iter().all(|need| ended.contains(need))
        };
        let next = probes.iter().find(is_ready);
        ended.push(
            next.expect("a name is there twice, or a need is never met")
                .name,
        );
    }
    let mut before: Vec<&str> = Vec::new();
    for check in catalogue() {
        let id = check.id;
        assert!(ended.contains(&check.probe) || id == COMPLETE, "{id}");
        assert!(!before.contains(&id), "{id} is there twice");
        // It is judged after them.
        assert!(check.needs.iter().all(|need| before.contains(need)), "{id}");
        before.push(id);
    }
}
