//! What was said, and how much of it a model is told.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A question and its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The question's event; empty where it has none.
    pub event: String,
    pub question: String,
    pub answer: String,
    /// Pictures of the question that the agent was shown, on this machine.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<PathBuf>,
}

impl Turn {
    /// Whether this very question was answered before: its answer may not have gone out.
    pub fn is_of(&self, event: &str, text: &str) -> bool {
        self.is_of_event(event) && self.question == text
    }

    pub fn is_of_event(&self, event: &str) -> bool {
        !event.is_empty() && self.event == event
    }
}

/// What every message costs beside its words, in tokens.
const EACH: usize = 4;

/// The most that is told of what was said before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// In tokens, as they are estimated.
    pub tokens: usize,
    /// In messages; a question and its answer are two.
    pub messages: usize,
}

/// How many tokens a text is, estimated: three bytes each. English has four and more, code and
/// most other languages come near three, so this is seldom too few.
pub fn tokens(text: &str) -> usize {
    text.len().div_ceil(3) + EACH
}

/// The newest turns that are within the budget.
pub fn newest(turns: &[Turn], budget: Budget) -> &[Turn] {
    let mut left = budget.tokens;
    let most = budget.messages / 2;
    let fits = |turn: &&Turn| match left.checked_sub(cost(turn)) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    let count = turns.iter().rev().take(most).take_while(fits).count();
    &turns[turns.len() - count..]
}

/// A quarter of what these turns cost.
pub fn quarter(turns: &[Turn]) -> Budget {
    Budget {
        tokens: turns.iter().map(cost).sum::<usize>() / 4,
        messages: usize::MAX,
    }
}

fn cost(turn: &Turn) -> usize {
    tokens(&turn.question) + tokens(&turn.answer)
}

#[cfg(test)]
mod unit {
    use super::*;

    fn turn(length: usize) -> Turn {
        Turn {
            event: String::new(),
            question: "x".repeat(length),
            answer: "y".repeat(length),
            ..Turn::default()
        }
    }

    #[test]
    fn the_newest_fit() {
        let turns: Vec<_> = [300, 30, 3].map(turn).into();
        let fitting = |tokens, messages| newest(&turns, Budget { tokens, messages }).len();
        // 2 × (1 + 4), 2 × (10 + 4), 2 × (100 + 4)
        assert_eq!(fitting(9, 100), 0);
        assert_eq!(fitting(10, 100), 1);
        assert_eq!(fitting(38, 100), 2);
        assert_eq!(fitting(246, 100), 3);
        assert_eq!(fitting(246, 4), 2);
        assert_eq!(fitting(246, 1), 0);
        assert_eq!(newest(&turns, quarter(&turns)).len(), 2);
        assert_eq!(newest(&turns[..1], quarter(&turns[..1])).len(), 0);
    }
}
