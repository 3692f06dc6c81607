use super::*;
use crate::{
    config::Paths,
    doctor::{
        Examination, Report, Selection, Subject,
        check::{Advice, Explanation},
        checks::catalogue,
        engine::{Work, ask},
        probes,
    },
};

const EXPLANATION: Explanation = Explanation {
    meaning: "",
    matters: "",
    causes: &[],
};
const REMEDY: Advice = Advice {
    text: "mend it",
    commands: &["nanobot doctor"],
};

const fn check(
    id: &'static str,
    probe: &'static str,
    needs: &'static [&'static str],
    judge: fn(&Facts) -> Option<Verdict>,
) -> Check {
    Check {
        id,
        title: "",
        probe,
        needs,
        judge,
        explanation: EXPLANATION,
        remedy: REMEDY,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a judgement of the table")]
fn well(_: &Facts) -> Option<Verdict> {
    Some(Verdict::pass("well"))
}

/// A server, a token that needs it, keys that need the token; and two files beside.
static CHECKS: [Check; 6] = [
    check("file.there", "file", &[], well),
    check("server.there", "server", &[], |_| {
        Some(Verdict::fail("gone").kind(Kind::Unreachable))
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
];

fn answered() -> Option<Work> {
    ask(std::future::ready(()), |_, ()| {})
}

const PROBES: [Probe; 4] = [
    Probe::local("file", &[], |_, _| answered()),
    Probe::online("server", &[], |_, _| answered()),
    Probe::online("token", &["server"], |_, _| None),
    Probe::online("keys", &["token"], |_, _| None),
];

fn examination(only: &[&str]) -> Examination {
    Examination {
        subject: Subject {
            paths: Paths::of("/nowhere/config.json".into()),
            environment: |_| None,
            variables: Vec::new(),
            live: false,
            patience: Duration::from_secs(10),
        },
        selection: Selection {
            only: only.iter().map(ToString::to_string).collect(),
            skip: Vec::new(),
        },
        offline: false,
        strict: false,
        limit: Duration::from_millis(500),
    }
}

async fn examine(examination: &Examination, checks: &'static [Check], probes: &[Probe]) -> Report {
    let checks: Vec<_> = checks.iter().collect();
    examination.run_over(&checks, probes).await
}

/// Each row as `id status because`.
fn told(report: &Report) -> Vec<String> {
    let rows = report.checks().iter();
    rows.map(|row| {
        let words = format!("{} {} {}", row.id, row.status.name(), row.because.join(","));
        words.trim_end().to_owned()
    })
    .collect()
}

#[tokio::test]
async fn a_dead_server_is_one_failure_and_a_row_of_skips() {
    let report = examine(&examination(&[]), &CHECKS, &PROBES).await;
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
    assert_eq!(report.exit_code(), 69);
    assert!(report.may_recover());
}

#[tokio::test]
async fn the_root_is_told_and_decides_where_it_was_not_asked_for() {
    for only in [&["keys"][..], &["keys.there", "keys.ours"]] {
        let report = examine(&examination(only), &CHECKS, &PROBES).await;
        let expected = [
            "server.there fail",
            "keys.there skip server.there",
            "keys.ours skip server.there",
        ];
        assert_eq!(told(&report), expected);
        assert_eq!(report.exit_code(), 69);
    }
    // What passes and was not asked for is not told.
    let report = examine(&examination(&["file"]), &CHECKS, &PROBES).await;
    assert_eq!(told(&report), ["file.there pass"]);
    assert_eq!(report.exit_code(), 0);
}

#[tokio::test]
async fn a_question_that_panics_is_one_failure_too() {
    let mut probes = PROBES;
    probes[1].start = |_, _| ask(async { panic!("oh") }, |_, ()| {});
    let report = examine(&examination(&[]), &CHECKS, &probes).await;
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
    let report = examine(&examination(&["keys"]), &CHECKS, &probes).await;
    let expected = [
        "keys.there skip doctor.complete",
        "keys.ours skip doctor.complete",
        "doctor.complete fail",
    ];
    assert_eq!(told(&report), expected);
    assert_eq!(report.exit_code(), 1);
    assert!(!report.may_recover());
    let detail = &report.checks()[2].detail;
    assert_eq!(detail, "server: a mistake in nanobot: oh");
}

#[tokio::test]
async fn a_question_without_an_answer_is_named_and_may_recover() {
    static CHECKS: [Check; 2] = [
        check("token.valid", "token", &[], well),
        check("keys.there", "keys", &[], well),
    ];
    let mut probes = PROBES;
    probes[2].start = |_, _| ask(std::future::pending(), |_, ()| {});
    let report = examine(&examination(&[]), &CHECKS, &probes).await;
    let expected = [
        "token.valid skip doctor.complete",
        "keys.there skip doctor.complete",
    ];
    assert_eq!(told(&report)[..2], expected);
    assert_eq!(report.exit_code(), 69);
    assert!(report.may_recover());
    let detail = &report.checks()[2].detail;
    assert_eq!(detail, "token: no answer within 0.5 s");

    // A question on this machine is no matter of the homeserver.
    probes[2].online = false;
    let report = examine(&examination(&[]), &CHECKS, &probes).await;
    assert_eq!(report.exit_code(), 1);
}

#[tokio::test]
async fn a_judgement_that_panics_is_a_failure_of_its_check() {
    static CHECKS: [Check; 2] = [
        check("file.there", "file", &[], |_| panic!("oh")),
        check("file.whole", "file", &["file.there"], well),
    ];
    let report = examine(&examination(&[]), &CHECKS, &PROBES).await;
    assert_eq!(
        told(&report)[..2],
        ["file.there fail", "file.whole skip file.there"]
    );
    assert_eq!(report.exit_code(), 1);
    assert_eq!(report.checks()[0].detail, "a mistake in nanobot: oh");
}

#[tokio::test]
async fn offline_the_rest_is_told() {
    let examination = Examination {
        offline: true,
        ..examination(&[])
    };
    let report = examine(&examination, &CHECKS, &PROBES).await;
    assert_eq!(report.exit_code(), 0);
    let rows = report.checks();
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
