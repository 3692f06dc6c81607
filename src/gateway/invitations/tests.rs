//! Every turn that an invitation may take.

use tempfile::TempDir;

use super::*;
use crate::journal::Batch;

fn invitation(id: i64) -> Invitation {
    Invitation {
        id,
        room_id: format!("!{id}"),
        inviter: Some("@eve".to_owned()),
    }
}

#[test]
fn every_state_is_entered_once_and_only_work_can_be_given_up() {
    use State as S;
    for (first, refused) in [
        (S::Joining, S::GivenUp),
        (S::Kept, S::Kept),
        (S::Declining, S::GivenUp),
        (S::GivenUp, S::GivenUp),
    ] {
        let mut open = Open::default();
        open.refused(1);
        assert!(!open.is_wanted(1), "not known yet");
        let seen = open.see(vec![invitation(1)], |_| first);
        assert_eq!(seen, [(first, invitation(1))]);
        let wanted = matches!(first, S::Joining | S::Declining);
        assert_eq!(open.is_wanted(1), wanted);
        assert_eq!(open.see(vec![invitation(1)], |_| first), []);
        open.refused(1);
        assert_eq!(open.see(vec![invitation(1)], |_| first), []);
        // Only one that is kept is crowded out by strangers.
        let count = i64::try_from(MOST_KEPT).unwrap();
        let all = (1..=count + 1).map(invitation).collect();
        let seen = open.see(all, |_| S::Kept);
        let declined = (refused == S::Kept).then_some((S::Declining, invitation(1)));
        let kept = (2..=count + 1).map(|id| (S::Kept, invitation(id)));
        let expected: Vec<_> = declined.into_iter().chain(kept).collect();
        assert_eq!(seen, expected, "{first:?}");
        assert_eq!(open.see(vec![], |_| S::Joining), []);
        assert!(!open.is_wanted(1));
    }
}

#[test]
fn who_may_come_in_counts_as_long_as_nothing_was_decided() {
    use State as S;
    let mut open = Open::default();
    let mut see = |who| {
        let seen = open.see(vec![invitation(1)], |_| who);
        let seen: Vec<_> = seen.into_iter().map(|(state, _)| state).collect();
        (seen, open.is_wanted(1))
    };
    assert_eq!(see(S::Kept), (vec![S::Kept], false));
    assert_eq!(see(S::Joining), (vec![S::Joining], true));
    assert_eq!(see(S::Kept), (vec![S::Kept], false));
    for decided in [S::Declining, S::GivenUp] {
        let mut open = Open::default();
        open.see(vec![invitation(1)], |_| decided);
        assert_eq!(open.see(vec![invitation(1)], |_| S::Joining), []);
    }
}

/// The journal, and what becomes of the invitations in it.
struct Bench {
    journal: Journal,
    open: Open,
    _directory: TempDir,
}

impl Bench {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::open(directory.path(), "@bot:h", "BOT")
            .await
            .unwrap();
        Self {
            journal,
            open: Open::default(),
            _directory: directory,
        }
    }

    /// One sync that says this, and what is then to be done.
    async fn sync(&mut self, membership: &str) -> Vec<State> {
        let room = || vec!["!r".to_owned()];
        let mut batch = Batch::default();
        match membership {
            "join" => batch.joined = room(),
            "leave" | "ban" => batch.left = room(),
            "forged" => batch.invited = vec![("!r".to_owned(), None)],
            inviter => batch.invited = vec![("!r".to_owned(), Some(inviter.to_owned()))],
        }
        self.journal.commit(batch).await.unwrap();
        self.look().await
    }

    async fn look(&mut self) -> Vec<State> {
        let open = self.journal.invitations().await.unwrap();
        let who = |invitation: &Invitation| match invitation.inviter.as_deref() {
            None => State::Declining,
            Some("@ann") => State::Joining,
            Some(_) => State::Kept,
        };
        let actions = self.open.see(open, who).into_iter();
        actions.map(|(state, _)| state).collect()
    }
}

#[tokio::test]
async fn whatever_happened_before_each_invitation_counts_once() {
    use State as S;
    let histories: [&[(&str, &[State])]; 8] = [
        // Kicked, then invited again.
        &[
            ("@ann", &[S::Joining]),
            ("join", &[]),
            ("leave", &[]),
            ("@ann", &[S::Joining]),
        ],
        // In one sync, nothing is seen of the kick.
        &[
            ("@ann", &[S::Joining]),
            ("join", &[]),
            ("@ann", &[S::Joining]),
        ],
        // Banned, then let in again.
        &[
            ("@ann", &[S::Joining]),
            ("join", &[]),
            ("ban", &[]),
            ("@ann", &[S::Joining]),
        ],
        // Taken back before the bot came, and sent again, with and without a sync in between.
        &[
            ("@ann", &[S::Joining]),
            ("leave", &[]),
            ("@ann", &[S::Joining]),
        ],
        &[("@ann", &[S::Joining]), ("@ann", &[S::Joining])],
        // A stranger's, and then by somebody who may.
        &[("@eve", &[S::Kept]), ("@ann", &[S::Joining])],
        &[("@eve", &[S::Kept]), ("leave", &[]), ("@eve", &[S::Kept])],
        &[
            ("forged", &[S::Declining]),
            ("leave", &[]),
            ("@ann", &[S::Joining]),
        ],
    ];
    for history in histories {
        let mut bench = Bench::new().await;
        for (index, (membership, actions)) in history.iter().enumerate() {
            assert_eq!(
                bench.sync(membership).await,
                *actions,
                "{history:?} at {index}"
            );
            assert_eq!(bench.look().await, [], "{history:?} at {index}, seen again");
        }
        // After a start, what is open is looked at as if it was new.
        bench.open = Open::default();
        let (_, last) = history.last().unwrap();
        assert_eq!(bench.look().await, *last, "{history:?} after a start");
    }
}

#[tokio::test]
async fn what_is_given_up_is_not_begun_again_before_another_invitation() {
    let mut bench = Bench::new().await;
    assert_eq!(bench.sync("@ann").await, [State::Joining]);
    let open = bench.journal.invitations().await.unwrap();
    bench.open.refused(open[0].id);
    assert_eq!(bench.look().await, []);
    assert_eq!(bench.sync("@ann").await, [State::Joining]);
}

#[test]
fn of_many_strangers_only_the_newest_are_kept() {
    let count = i64::try_from(MOST_KEPT).unwrap();
    let mut open = Open::default();
    let all = |from: i64, to: i64| (from..to).map(invitation).collect();
    let actions = |open: &mut Open, invitations| {
        let actions = open.see(invitations, |_| State::Kept).into_iter();
        actions.map(|(state, invitation)| (invitation.id, state))
    };
    let first: Vec<_> = actions(&mut open, all(0, count)).collect();
    assert!(first.iter().all(|(_, action)| *action == State::Kept));
    assert_eq!(first.len(), MOST_KEPT);
    let second: Vec<_> = actions(&mut open, all(0, count + 2)).collect();
    let expected = [
        (0, State::Declining),
        (1, State::Declining),
        (count, State::Kept),
        (count + 1, State::Kept),
    ];
    assert_eq!(second, expected);
    let third: Vec<_> = actions(&mut open, all(0, count + 2)).collect();
    assert_eq!(third, []);
}
