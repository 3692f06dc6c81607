//! Whether a reset of the encryption store is under way.

use std::path::Path;

/// The journal that a reset keeps in the data directory until it is done.
pub const RESET_JOURNAL: &str = "store-reset.json";

/// Whether a reset was begun in this data directory and not finished: store and configuration may
/// belong to different devices.
#[must_use]
pub fn is_reset_unfinished(directory: &Path) -> bool {
    directory.join(RESET_JOURNAL).exists()
}
