//! Every turn that an invitation may take.

use tempfile::TempDir;

use super::{
    state::{Action, Event, Inviter, MOST_KEPT, Open, State, next},
    *,
};
use crate::inbox::Batch;

#[test]
fn every_event_leads_from_every_state_to_another() {
    use {Action as A, Event as E, Inviter as I, State as S};
    let table = [
        (None, E::Seen(I::Allowed), Some(S::Joining), Some(A::Join)),
        (None, E::Seen(I::Stranger), Some(S::Kept), Some(A::Mention)),
        (
            None,
            E::Seen(I::Contradicted),
            Some(S::Declining),
            Some(A::Decline),
        ),
        (None, E::Crowded, None, None),
        (None, E::Refused, None, None),
        (
            Some(S::Joining),
            E::Seen(I::Allowed),
            Some(S::Joining),
            None,
        ),
        (Some(S::Joining), E::Crowded, Some(S::Joining), None),
        (Some(S::Joining), E::Refused, Some(S::GivenUp), None),
        (Some(S::Kept), E::Seen(I::Stranger), Some(S::Kept), None),
        (
            Some(S::Kept),
            E::Crowded,
            Some(S::Declining),
            Some(A::Decline),
        ),
        (Some(S::Kept), E::Refused, Some(S::Kept), None),
        (
            Some(S::Declining),
            E::Seen(I::Contradicted),
            Some(S::Declining),
            None,
        ),
        (Some(S::Declining), E::Crowded, Some(S::Declining), None),
        (Some(S::Declining), E::Refused, Some(S::GivenUp), None),
        (
            Some(S::GivenUp),
            E::Seen(I::Allowed),
            Some(S::GivenUp),
            None,
        ),
        (Some(S::GivenUp), E::Crowded, Some(S::GivenUp), None),
        (Some(S::GivenUp), E::Refused, Some(S::GivenUp), None),
    ];
    for (state, event, following, action) in table {
        assert_eq!(
            next(state, event),
            (following, action),
            "{state:?} {event:?}"
        );
    }
}

/// The journal, and what becomes of the invitations in it.
struct Bench {
    inbox: Inbox,
    open: Open,
    _directory: TempDir,
}

impl Bench {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let inbox = Inbox::open(directory.path(), "@bot:h", "BOT")
            .await
            .unwrap();
        Self {
            inbox,
            open: Open::default(),
            _directory: directory,
        }
    }

    /// One sync that says this, and what is then to be done.
    async fn sync(&mut self, membership: &str) -> Vec<Action> {
        let room = || vec!["!r".to_owned()];
        let mut batch = Batch::default();
        match membership {
            "join" => batch.joined = room(),
            "leave" | "ban" => batch.left = room(),
            "forged" => batch.invited = vec![("!r".to_owned(), None)],
            inviter => batch.invited = vec![("!r".to_owned(), Some(inviter.to_owned()))],
        }
        self.inbox.commit(batch).await.unwrap();
        self.look().await
    }

    async fn look(&mut self) -> Vec<Action> {
        let open = self.inbox.invitations().await.unwrap();
        let who = |invitation: &Invitation| match invitation.inviter.as_deref() {
            None => Inviter::Contradicted,
            Some("@ann") => Inviter::Allowed,
            Some(_) => Inviter::Stranger,
        };
        let actions = self.open.see(open, who).into_iter();
        actions.map(|(_, action)| action).collect()
    }
}

#[tokio::test]
async fn whatever_happened_before_each_invitation_counts_once() {
    use Action as A;
    let histories: [&[(&str, &[Action])]; 8] = [
        // Kicked, then invited again.
        &[
            ("@ann", &[A::Join]),
            ("join", &[]),
            ("leave", &[]),
            ("@ann", &[A::Join]),
        ],
        // In one sync, nothing is seen of the kick.
        &[("@ann", &[A::Join]), ("join", &[]), ("@ann", &[A::Join])],
        // Banned, then let in again.
        &[
            ("@ann", &[A::Join]),
            ("join", &[]),
            ("ban", &[]),
            ("@ann", &[A::Join]),
        ],
        // Taken back before the bot came, and sent again, with and without a sync in between.
        &[("@ann", &[A::Join]), ("leave", &[]), ("@ann", &[A::Join])],
        &[("@ann", &[A::Join]), ("@ann", &[A::Join])],
        // A stranger's, and then by somebody who may.
        &[("@eve", &[A::Mention]), ("@ann", &[A::Join])],
        &[
            ("@eve", &[A::Mention]),
            ("leave", &[]),
            ("@eve", &[A::Mention]),
        ],
        &[
            ("forged", &[A::Decline]),
            ("leave", &[]),
            ("@ann", &[A::Join]),
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
    assert_eq!(bench.sync("@ann").await, [Action::Join]);
    let open = bench.inbox.invitations().await.unwrap();
    bench.open.refused(open[0].id);
    assert_eq!(bench.look().await, []);
    assert!(bench.open.contains(open[0].id));
    assert_eq!(bench.sync("@ann").await, [Action::Join]);
    assert!(!bench.open.contains(open[0].id));
}

#[test]
fn of_many_strangers_only_the_newest_are_kept() {
    let invitation = |id: i64| Invitation {
        id,
        room_id: format!("!{id}"),
        inviter: Some("@eve".to_owned()),
    };
    let count = i64::try_from(MOST_KEPT).unwrap();
    let mut open = Open::default();
    let all = |from: i64, to: i64| (from..to).map(invitation).collect();
    let actions = |open: &mut Open, invitations| {
        let actions = open.see(invitations, |_| Inviter::Stranger).into_iter();
        actions.map(|(invitation, action)| (invitation.id, action))
    };
    let first: Vec<_> = actions(&mut open, all(0, count)).collect();
    assert!(first.iter().all(|(_, action)| *action == Action::Mention));
    assert_eq!(first.len(), MOST_KEPT);
    let second: Vec<_> = actions(&mut open, all(0, count + 2)).collect();
    let expected = [
        (0, Action::Decline),
        (1, Action::Decline),
        (count, Action::Mention),
        (count + 1, Action::Mention),
    ];
    assert_eq!(second, expected);
    let third: Vec<_> = actions(&mut open, all(0, count + 2)).collect();
    assert_eq!(third, []);
}
