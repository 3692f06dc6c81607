use std::path::Path;

use super::*;
use crate::{
    config::{Document, GroupPolicy, SenderTrust},
    session::Trust,
};

const ANN: &str = "@ann:example.org";

fn policy(group_policy: GroupPolicy) -> Policy {
    let nothing = Document::load(Path::new("/nowhere/config.json")).unwrap();
    Policy {
        allow_from: AllowFrom::Users(vec![ANN.into()]),
        group_policy,
        group_allow_from: vec!["!listed".into()],
        ..Policy::new(&nothing.matrix(&|_| None).unwrap()).unwrap()
    }
}

fn group(room_id: &str) -> Situation<'_> {
    Situation {
        sender: ANN,
        room_id,
        known_as: &[],
        members: 3,
        encrypted: true,
        protection: Protection::Encrypted(Trust::Signed),
        mentions_bot: false,
        mentions_room: false,
        is_reaction: false,
        in_own_thread: false,
    }
}

#[test]
fn the_sender_must_be_allowed_everywhere() {
    for members in [2, 3] {
        let situation = Situation {
            sender: "@eve:example.org",
            members,
            mentions_bot: true,
            ..group("!listed")
        };
        for group_policy in [
            GroupPolicy::Open,
            GroupPolicy::Mention,
            GroupPolicy::Allowlist,
        ] {
            assert_eq!(
                policy(group_policy).objection(&situation),
                Some(Rule::SenderNotAllowed)
            );
        }
    }
}

#[test]
fn a_reaction_needs_no_mention_and_proves_nothing() {
    let situation = Situation {
        is_reaction: true,
        protection: Protection::NeverEncrypted,
        ..group("!anywhere")
    };
    let mut policy = policy(GroupPolicy::Mention);
    assert!(!policy.hears_reactions(ANN));
    policy.answer_reactions = true;
    assert!(policy.hears_reactions(ANN) && !policy.hears_reactions("@eve:example.org"));
    assert_eq!(policy.objection(&situation), None);
    assert_eq!(policy.grounds(&situation)[2].key, "answerReactions");
    policy.sender_trust = SenderTrust::Signed;
    assert_eq!(policy.objection(&situation), Some(Rule::Unproved));
    policy.group_policy = GroupPolicy::Allowlist;
    let rule = policy.objection(&situation);
    assert_eq!(rule, Some(Rule::RoomNotAllowed));
}

#[test]
fn a_thread_that_the_bot_takes_part_in_needs_no_mention_where_that_is_configured() {
    let situation = Situation {
        in_own_thread: true,
        ..group("!listed")
    };
    let mut policy = policy(GroupPolicy::Mention);
    assert_eq!(policy.objection(&situation), Some(Rule::NotMentioned));
    policy.follow_threads = true;
    assert_eq!(policy.objection(&situation), None);
    assert_eq!(
        policy.objection(&group("!listed")),
        Some(Rule::NotMentioned)
    );
    let said = policy.describe();
    assert!(
        said.ends_with("is mentioned, and in threads that it takes part in."),
        "{said}"
    );
}

#[test]
fn a_direct_chat_needs_no_mention_and_no_listing() {
    for members in [1, 2] {
        let situation = Situation {
            members,
            ..group("!unlisted")
        };
        for group_policy in [GroupPolicy::Mention, GroupPolicy::Allowlist] {
            assert_eq!(policy(group_policy).objection(&situation), None);
        }
    }
}

#[test]
fn a_group_is_answered_by_its_policy() {
    assert_eq!(policy(GroupPolicy::Open).objection(&group("!any")), None);
    let allowlist = policy(GroupPolicy::Allowlist);
    assert_eq!(allowlist.objection(&group("!listed")), None);
    assert_eq!(
        allowlist.objection(&group("!any")),
        Some(Rule::RoomNotAllowed)
    );
    let known_as = |name: &str| {
        let known_as = [name.to_owned()];
        let situation = Situation {
            known_as: &known_as,
            ..group("!any")
        };
        allowlist.objection(&situation)
    };
    assert_eq!(known_as("!listed"), None);
    assert_eq!(known_as("!other"), Some(Rule::RoomNotAllowed));
    let mention = policy(GroupPolicy::Mention);
    assert_eq!(mention.objection(&group("!any")), Some(Rule::NotMentioned));
    let mentioned = Situation {
        mentions_bot: true,
        ..group("!any")
    };
    assert_eq!(mention.objection(&mentioned), None);
}

#[test]
fn a_room_mention_counts_only_when_allowed() {
    let situation = Situation {
        mentions_room: true,
        ..group("!any")
    };
    let mut policy = policy(GroupPolicy::Mention);
    assert_eq!(policy.objection(&situation), Some(Rule::NotMentioned));
    policy.allow_room_mentions = true;
    assert_eq!(policy.objection(&situation), None);
}

#[test]
fn without_encryption_an_encrypted_room_is_not_answered() {
    let policy = Policy {
        e2ee_enabled: false,
        ..policy(GroupPolicy::Open)
    };
    assert_eq!(
        policy.objection(&group("!any")),
        Some(Rule::EncryptionDisabled)
    );
    let plain = Situation {
        encrypted: false,
        protection: Protection::Clear,
        ..group("!any")
    };
    assert_eq!(policy.objection(&plain), None);
}

#[test]
fn a_device_is_trusted_as_far_as_the_configuration_asks() {
    use {Rule as R, SenderTrust as S, Trust as T};
    let table = [
        (T::Verified, [None, None, None]),
        (T::Signed, [None, None, Some(R::SenderNotVerified)]),
        (
            T::Unsigned,
            [None, Some(R::DeviceNotSigned), Some(R::DeviceNotSigned)],
        ),
        (
            T::Unknown,
            [None, Some(R::DeviceUnknown), Some(R::DeviceUnknown)],
        ),
        (T::Imported, [None, None, None]),
        (T::IdentityChanged, [Some(R::IdentityChanged); 3]),
        (T::Mismatched, [Some(R::SenderMismatch); 3]),
    ];
    assert_eq!(
        table.map(|(trust, _)| trust),
        Trust::NAMES.map(|(trust, _)| trust)
    );
    for (trust, rules) in table {
        let levels = [S::Any, S::Signed, S::Verified];
        for (sender_trust, rule) in levels.into_iter().zip(rules) {
            let policy = Policy {
                sender_trust,
                ..policy(GroupPolicy::Open)
            };
            let situation = Situation {
                protection: Protection::Encrypted(trust),
                ..group("!any")
            };
            assert_eq!(
                policy.objection(&situation),
                rule,
                "{trust:?} {sender_trust:?}"
            );
        }
    }
}

#[test]
fn a_clear_message_is_answered_where_the_room_was_clear_or_the_configuration_says_so() {
    for (protection, allow_plaintext, verdict) in [
        (Protection::Clear, false, None),
        (Protection::Exposed, true, None),
        (Protection::Exposed, false, Some(Rule::Plaintext)),
    ] {
        for sender_trust in [SenderTrust::Any, SenderTrust::Verified] {
            let policy = Policy {
                sender_trust,
                allow_plaintext,
                ..policy(GroupPolicy::Open)
            };
            let situation = Situation {
                protection,
                ..group("!any")
            };
            assert_eq!(policy.objection(&situation), verdict);
        }
    }
}

#[test]
fn what_would_not_be_answered_anyway_is_no_matter_of_trust() {
    for protection in [
        Protection::Exposed,
        Protection::Encrypted(Trust::Mismatched),
    ] {
        let situation = Situation {
            protection,
            ..group("!any")
        };
        assert_eq!(
            policy(GroupPolicy::Mention).objection(&situation),
            Some(Rule::NotMentioned)
        );
    }
}

#[test]
fn the_effective_meaning_is_said() {
    assert_eq!(
        Policy {
            allow_from: AllowFrom::new(&[]),
            ..policy(GroupPolicy::Open)
        }
        .describe(),
        "Everyone may talk to this bot, in any room."
    );
    assert_eq!(
        policy(GroupPolicy::Mention).describe(),
        "@ann:example.org may talk to this bot, in groups when it is mentioned."
    );
}
