//! Whether everything that was asked was answered.

use crate::doctor::{
    check::{Advice, Check, Explanation},
    evaluate::COMPLETE,
};

pub(super) const CHECKS: &[Check] = &[Check {
    id: COMPLETE,
    title: "Every question was answered",
    probe: "",
    needs: &[],
    // It is told by the engine itself.
    judge: |_| None,
    explanation: Explanation {
        meaning: "Each question of the doctor has a time limit. This check fails when one was not \
                  answered in time, or when nanobot itself made a mistake while asking.",
        matters: "The checks that read the missing answer are skipped, so a fault may be hidden.",
        causes: &[
            "a homeserver that is overloaded or far away",
            "a network that swallows packets",
            "a disk that does not answer, such as a network share that is gone",
        ],
    },
    remedy: Advice {
        text: "give it more time; report a mistake of nanobot with the report it writes",
        commands: &["nanobot doctor --timeout 60"],
    },
}];
