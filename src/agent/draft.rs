//! What an agent has so far, for those who watch it write.

use tokio::sync::watch;

/// Where an agent puts the whole of what it has so far, while it writes.
#[derive(Clone, Debug)]
pub struct Draft(watch::Sender<String>);

impl Draft {
    /// A draft, and the place where it can be watched. Where nobody watches, drop that.
    #[must_use]
    pub fn new() -> (Self, watch::Receiver<String>) {
        let (sender, receiver) = watch::channel(String::new());
        (Self(sender), receiver)
    }

    /// Whether anybody watches. Where nobody does, nothing need be put here.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        !self.0.is_closed()
    }

    /// Replaces what there is so far.
    pub fn show(&self, text: &str) {
        self.0.send_modify(|shown| text.clone_into(shown));
    }

    /// Adds to what there is so far.
    pub fn add(&self, text: &str) {
        self.0.send_modify(|shown| shown.push_str(text));
    }
}
